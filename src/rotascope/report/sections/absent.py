"""What the window lacks: one line for the parts of the article that have no data to speak from."""

from __future__ import annotations

from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.story import Story


def write(story: Story) -> Parts:
    """Name together what the sections before found missing; nothing where they lacked nothing."""
    what = story.absent
    if not what:
        return []
    listed = what[0] if len(what) == 1 else ", ".join(what[:-1]) + " and " + what[-1]
    text = story.missing("Not available for this window as of {as_of}: " + listed + ".")
    return [heading("Not in the data", 3), paragraph(text)]
