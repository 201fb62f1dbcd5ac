"""How often size has paid over ten years, in the whole record and in its later part."""

from __future__ import annotations

from datetime import date

from rotascope.facts.metrics.lists import parameter_of
from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.prose import day, number
from rotascope.report.story import Story

MODERN = date(1988, 12, 31)  # windows ending later have seen the papers and funds that made size famous
_STALE_DAYS = 100  # by which the record may end before the window does without a word about it
_WORN = 0.05  # by how much the later share must be below the whole one to be news
_SELDOM = 0.25
_EVEN = 0.5
_LEAST_LEAD = 1.0  # points; for less nobody calls on the long record


def size_series(story: Story) -> tuple[str, ...]:
    """Return French's portfolios if they are there, otherwise the size factor, otherwise nothing."""
    french = story.desk.universe.roles["french"]
    portfolios = (*french["small_legs"], *french["big_legs"])
    if all(story.desk.has(s, Field.VALUE) for s in portfolios):
        return portfolios
    factor = str(french["size_factor"])
    return (factor,) if story.desk.has(factor, Field.VALUE) else ()


def ten_years(story: Story) -> list[Inline | None]:
    """Say how often size paid over ten years, and whether that has worn off; nothing without the record."""
    series = size_series(story)
    share = story.maybe("rolling_win_share", *series) if series else None
    if share is None:
        return []
    modern = story.maybe("rolling_win_share", *series, end_after=MODERN.isoformat())
    if modern is not None and modern.value < share.value - _WORN and _small_led(story):
        story.objections.append(_worn(story, share, modern))
    if modern is not None and modern.value <= _EVEN < share.value:
        told = [_long_record(story, series, share, modern), _since_then(story, share, modern)]
        return [*told, _edition(story, share)]
    return [_in_short(story, series, share, modern)]


def _in_short(story: Story, series: tuple[str, ...], share: Fact, modern: Fact | None) -> Inline:
    """Give both shares and where the record stops, in one sentence: the later part does not turn the verdict over."""
    p = story.prose
    later: Inline | str = ""
    if modern is not None:
        cut = number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year")
        later = p.say(", and in {y} of those that end after {cut}", y=number(modern), cut=cut)
    span = " from {a} to {b}, where the record at hand stops" if _stops(story, share) else " since {a}"
    return p.say(
        "{who} in {x} of {n} overlapping ten-year windows" + span + "{later}.",
        who=_who(story, series, first=True),
        x=number(share),
        n=number(story.fact("rolling_window_count", *series)),
        a=day(share, "start_used", "month"),
        b=day(share, "end_used", "month"),
        later=later,
    )


def _long_record(story: Story, series: tuple[str, ...], share: Fact, modern: Fact) -> Inline:
    """Open with what the record and its later part say against each other."""
    p = story.prose
    how = "but not" if modern.value > _SELDOM else "but seldom"
    return p.say(
        "Over ten-year stretches size paid more often than not, "
        + how
        + " in the later part of the record: {who} in {x} of the "
        "{n} overlapping windows from {a} to {b}.",
        who=_who(story, series),
        x=number(share),
        n=number(story.fact("rolling_window_count", *series)),
        a=day(share, "start_used", "month"),
        b=day(share, "end_used", "month"),
    )


def _who(story: Story, series: tuple[str, ...], first: bool = False) -> Inline:
    p = story.prose
    if len(series) > 1:
        where = "In French's portfolios " if first else ""
        return p.say(where + "small companies finished in front of big ones")
    return p.say("{smb}, small companies less big ones, came out positive", smb=p.name(series[0]))


def _since_then(story: Story, share: Fact, modern: Fact) -> Inline:
    p = story.prose
    return p.say(
        "Among those that end after {cut} the share is {y}, {below} the long record.",
        cut=number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year"),
        y=number(modern),
        below=p.claim("below", "lt", modern, share),
    )


def _small_led(story: Story) -> bool:
    """Say whether small companies were in front, so that somebody may point to the long record of size."""
    if story.sizes:
        return story.sizes[0].spread.value >= _LEAST_LEAD
    if story.size_factor is not None:
        return story.size_factor.value >= _LEAST_LEAD
    gap = story.maybe("return_spread", *story.size_indices)
    return gap is not None and gap.value >= _LEAST_LEAD


def _worn(story: Story, share: Fact, modern: Fact) -> Inline:
    p = story.prose
    return p.say(
        "That the long record speaks for small companies as it once did: of the ten-year windows that end after {cut} they won "
        "{y}, {below} their share of all.",
        y=number(modern),
        below=p.claim("below", "lt", modern, share),
        cut=number(parameter_of(story.desk, modern, "end_after", Unit.DATE), "plain", "year"),
    )


def _stops(story: Story, share: Fact) -> bool:
    """Say whether the record in hand ends long before the window does."""
    assert share.window is not None
    end = share.window.end_used
    return end is not None and (story.window.end - end).days >= _STALE_DAYS


def _edition(story: Story, share: Fact) -> Inline | None:
    """Say so where the record in hand ends long before the window does."""
    if not _stops(story, share):
        return None
    p = story.prose
    return p.say(
        "The edition known on {as_of} stops in {end}, so the years since are not in these shares.",
        as_of=story.report_day(),
        end=day(share, "end_used", "month"),
    )
