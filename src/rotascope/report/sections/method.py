"""How the figures are made, what they are not, and how to check them."""

from __future__ import annotations

from rotascope.report.parts import Part, Parts, heading, paragraph
from rotascope.report.story import Story

_CHANGES = "Changes are price returns between the closes named, without dividends; the difference between percent changes is in points."
_FUNDS = "Funds stand in for the indices they track, and their fees and tracking come with them."
_PRINTED = "Figures that carry a number in brackets are cited as their publications printed them."
_CHECK = (
    "On the page each number opens to the rows it was made from; verify.py checks them all, and shares no code with the program "
    "that wrote the page."
)
_NO_ADVICE = "Information, not advice: nothing here is a recommendation to buy or sell. The past says little of the future."


def write(story: Story) -> Parts:
    """State bases, proxies, data dates and the disclaimer."""
    p = story.prose
    known = p.say(
        "Nothing published or dated after {as_of} was used {db}.", as_of=story.report_day(), db=p.database()
    )
    sentences = [p.say(_CHANGES), known]
    if story.styles or story.sectors:
        sentences.append(p.say(_FUNDS))
    if story.case is not None:
        sentences.append(p.say(_PRINTED))
    return [
        heading("Method"),
        paragraph(p.join(*sentences)),
        paragraph(p.say(_CHECK)),
        Part("note", p.say(_NO_ADVICE)),
    ]
