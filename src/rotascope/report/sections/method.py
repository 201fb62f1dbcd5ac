"""How the figures are made, what they are not, and how to check them."""

from __future__ import annotations

from rotascope.report.parts import Part, Parts, heading, paragraph
from rotascope.report.story import Story


def write(story: Story) -> Parts:
    """State bases, proxies, data dates and the disclaimer."""
    p = story.prose
    sentences = [
        p.say(
            "Changes are price returns between the closes named, without dividends; the difference between percent changes "
            "is in points."
        ),
        p.say(
            "Nothing published or dated after {as_of} was used {db}.",
            as_of=story.report_day(),
            db=p.database(),
        ),
    ]
    if story.styles or story.sectors:
        sentences.append(
            p.say("Funds stand in for the indices they track, and their fees and tracking come with them.")
        )
    if story.case is not None:
        sentences.append(
            p.say("Figures that carry a number in brackets are cited as their publications printed them.")
        )
    return [
        heading("Method"),
        paragraph(p.join(*sentences)),
        paragraph(
            p.say(
                "Each number opens to the rows it was made from. Whoever wants to check the page runs verify.py, which shares "
                "no code with the program that wrote it."
            )
        ),
        Part(
            "note",
            p.say(
                "Information, not advice: nothing here is a recommendation to buy or sell. The past says little of the "
                "future."
            ),
        ),
    ]
