"""Published changes that start from an opening price, beside the same change from the prior close."""

from __future__ import annotations

from dataclasses import dataclass

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.report.parts import Part, Parts, TablePart, paragraph
from rotascope.report.prose import day, number
from rotascope.report.story import MISSING, Story
from rotascope.report.words import is_flat, moved


@dataclass(frozen=True, slots=True)
class Row:
    """One index: the level printed as its start (an open), the prior close, and the change from each."""

    open_level: Fact
    prior_close: Fact
    end_level: Fact
    from_open: Fact
    from_close: Fact
    source: str


def circulating(story: Story) -> list[Row]:
    """Return the rows of the case that the data can answer; empty where the report is not about a case."""
    return [] if story.case is None else _rows(story)


def _rows(story: Story) -> list[Row]:
    assert story.case is not None
    rows = []
    for item in story.case.circulating:
        opened = Window(item.start, item.end, "open")
        closed = Window(story.window.start, item.end)
        try:
            rows.append(
                Row(
                    open_level=story.fact(
                        "level", item.series, window=Window(story.window.start, item.start), field=Field.OPEN
                    ),
                    prior_close=story.fact("level", item.series, window=_until(story)),
                    end_level=story.fact("level", item.series, window=closed),
                    from_open=story.fact("price_return", item.series, window=opened),
                    from_close=story.fact("price_return", item.series, window=closed),
                    source=item.source,
                )
            )
        except MISSING:
            continue
    return rows


def _until(story: Story) -> Window:
    """A window whose end is the base of the report: its level is the prior close."""
    start = story.window.start
    return Window(start.replace(day=1), start)


def write(story: Story) -> Parts:
    """Explain the published levels and show both bases side by side."""
    rows = circulating(story)
    if not rows:
        return []
    p = story.prose
    first = rows[0]
    series = first.from_close.series[0]
    up_open, open_amount = moved(p, first.from_open, "rise", "fall", decimals=2)
    up, amount = moved(p, first.from_close, subject=series, decimals=2)
    lead = p.say(
        "The {name} is quoted at {level} on {day} and credited with a {up_open} of {open_amount} to {end} {cite}. "
        "That level is the session's open. From the prior close, {prior} on {base}, the index {up} {amount}.",
        name=p.name(series, of=up, role="subject"),
        level=number(first.open_level),
        day=day(first.open_level, "end_used"),
        up_open=up_open,
        open_amount=open_amount,
        end=day(first.from_open, "end_used"),
        cite=p.cite(first.source),
        base=day(first.from_close, "start_used"),
        prior=number(first.prior_close),
        up=up,
        amount=amount,
    )
    return [
        Part("heading", Inline("Published levels"), 3),
        paragraph(p.join(lead, _sign(story, rows))),
        _table(story, rows),
    ]


def _sign(story: Story, rows: list[Row]) -> Inline | None:
    p = story.prose
    for row in rows:
        if is_flat(row.from_close) and not is_flat(row.from_open):
            series = row.from_close.series[0]
            flat = p.claim("flat", "near_zero", row.from_close, subject=series, tol=0.05)
            return p.say(
                "Measured from its prior close, the {name} was {flat} to {end}; the published change starts from the open.",
                name=p.name(series, of=flat, role="subject"),
                flat=flat,
                end=day(row.from_close, "end_used", "day_month"),
            )
    return None


def _table(story: Story, rows: list[Row]) -> TablePart:
    p = story.prose
    end = rows[0].from_close
    return TablePart(
        caption=p.say("The same closes of {end} measured from either base", end=day(end, "end_used")),
        header=tuple(
            p.cell(t)
            for t in (
                "Index",
                "Printed start (an open)",
                "Prior close",
                "End",
                "From the open",
                "From the prior close",
            )
        ),
        rows=tuple(
            (
                p.cell(p.name(r.from_close.series[0])),
                p.cell(number(r.open_level)),
                p.cell(number(r.prior_close)),
                p.cell(number(r.end_level)),
                p.cell(number(r.from_open, "signed", decimals=2)),
                p.cell(number(r.from_close, "signed", decimals=2)),
            )
            for r in rows
        ),
    )
