"""Small companies against big ones, and how evenly the lead was earned."""

from __future__ import annotations

from datetime import date, timedelta

from rotascope.facts.metrics.lists import parameter_of
from rotascope.ingest.calendar import next_session
from rotascope.model.documents import Inline
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.report.charts import spreads
from rotascope.report.parts import Parts, heading, paragraph
from rotascope.report.prose import day, number
from rotascope.report.sections import families, legs, pure, reported, weights
from rotascope.report.sections.rarity import factor_rarity, rarity, short_names
from rotascope.report.story import Story
from rotascope.report.words import is_flat, moved, versus
from rotascope.store.series import to_date

_LONG_STREAK = 5  # a shorter run is no news


def write(story: Story) -> Parts:
    """The spread, its rarity, and its course session by session."""
    if not story.sizes:
        return _without_families(story)
    parts: Parts = [heading("Small and big companies", 3)]
    first = story.sizes[0]
    names = tuple("Small companies" if n == "small companies" else n for n in short_names(story, first))
    parts.append(
        paragraph(
            story.prose.join(
                legs.lead(story, first, (names[0], names[1])), legs.sides(story, first), rarity(story, first)
            )
        )
    )
    told = (
        story.prose.join(_other_family(story), *_course(story)),
        pure.both(story),
        story.prose.join(weights.earnings(story)),
    )
    for text in told:
        if text.text:
            parts.append(paragraph(text))
    parts += spreads.sizes(story)
    if len(story.sizes) > 1:
        parts.append(legs.table(story, story.sizes, "Small minus big by index family", ("Small", "Big")))
    return parts


def _other_family(story: Story) -> Inline | None:
    """Name the family whose size gap tells another story."""
    far = families.furthest(story.sizes)
    if far is None:
        return None
    return story.prose.say(
        "The {family} pair of funds tells another story: there {gap}.",
        family=families.label(story, far.family),
        gap=families.gap_of(story, far),
    )


def _course(story: Story) -> list[Inline | None]:
    """Tell how the lead was earned: in one run, or here and there."""
    pair = story.size_indices
    run = story.maybe("outperformance_streak", *pair)
    if run is None:
        return []
    total = story.fact("sessions_counted", *pair)
    if run.value < _LONG_STREAK:
        return [_tally(story, pair, total)]
    return [_run(story, pair, run), _after(story, pair, run, total)]


def _tally(story: Story, pair: tuple[str, str], total: Fact) -> Inline | None:
    """Say on how many days the small index was in front; a majority of days and the lead may part."""
    won, spread = story.fact("sessions_won", *pair), story.maybe("return_spread", *pair)
    if total.value < _LONG_STREAK or spread is None or is_flat(spread):
        return None
    p = story.prose
    most = won.value > total.value / 2
    odd = won.value != total.value / 2 and most != (spread.value > 0)
    part: Inline | str = ""
    if odd:
        word = "majority" if most else "minority"
        part = p.say("a {word} of days all the same, ", word=p.claim(word, word, won, total))
    return p.say(
        "Session by session, the {small} finished in front of the {broad} on {part}{won} of {total}"
        + ("." if odd else " days."),
        small=p.name(pair[0]),
        broad=p.name(pair[1]),
        part=part,
        won=number(won),
        total=number(total),
    )


def _run(story: Story, pair: tuple[str, str], run: Fact) -> Inline:
    p = story.prose
    beat = p.claim("beat", "positive", run, subject=pair[0], object=pair[1])
    return p.say(
        "The {small} {beat} the {broad} on each of the first {run}.",
        small=p.name(pair[0], of=beat, role="subject"),
        beat=beat,
        broad=p.name(pair[1], of=beat, role="object"),
        run=number(run),
    )


def _after(story: Story, pair: tuple[str, str], run: Fact, total: Fact) -> Inline | None:
    rest = int(total.value - run.value)
    if rest < 2:
        return None
    p = story.prose
    late = story.fact("sessions_won_last", *pair, k=rest)
    return p.say(
        "The run broke on {day}; of the {left} that remained it won "
        + ("none." if late.value == 0 else "{late}."),
        day=number(story.fact("streak_broken_on", *pair), "plain", "day_month"),
        left=number(parameter_of(story.desk, late, "k", Unit.SESSIONS), "word"),
        late=number(late, "word"),
    )


def _without_families(story: Story) -> Parts:
    text = story.prose.join(
        *reported.spreads(story, "small_minus_large"),
        _index_gap(story),
        *(_course(story) or [_printed_days(story)]),
        _factor(story),
        factor_rarity(story, story.size_factor),
    )
    if not text.text:
        story.absent.append("prices of size funds")
        return []
    return [heading("Small and big companies", 3), paragraph(text)]


def _index_gap(story: Story) -> Inline | None:
    """Compute the gap between the small and the broad index, where their closes are known."""
    pair = story.size_indices
    spread = story.maybe("return_spread", *pair)
    if spread is None:
        return None
    p = story.prose
    verb, amount = versus(p, spread)
    return p.say(
        "From the printed closes it can be computed that the {small} {verb} the {broad} by {amount}."
        if story.desk.is_reported(pair[0])
        else "The {small} {verb} the {broad} by {amount}.",
        small=p.name(pair[0], of=verb, role="subject"),
        verb=verb,
        broad=p.name(pair[1], of=verb, role="object"),
        amount=amount,
    )


def _printed_days(story: Story) -> Inline | None:
    """Check a reported streak against the day changes that were printed, as far as those go."""
    if story.case is None:
        return None
    pair = story.size_indices
    days = [f"{s}.DAY" for s in pair]
    until = _last_common_day(story, days)
    if until is None:
        return None
    window = Window(story.window.start, until)
    run = story.maybe("outperformance_streak", *days, window=window, kind="returns")
    total = story.maybe("sessions_counted", *days, window=window, kind="returns")
    if run is None or total is None or run.value < _LONG_STREAK or run.value != total.value:
        return None
    p = story.prose
    told = story.maybe("reported", story.case.reported_streak)
    source = told.sources[0] if told is not None and told.sources[0] in run.sources else run.sources[0]
    return p.say(
        "Day changes of the pair were printed for {run} up to {end} {cite}{told}; on each of these days the {small} was in "
        "front.",
        run=number(run),
        end=day(run, "end", "day_month"),
        cite=p.cite(source),
        told="" if told is None else p.say(", where {n} in a row are reported", n=number(told, decimals=0)),
        small=p.name(days[0]),
    )


def _last_common_day(story: Story, names: list[str]) -> date | None:
    """Return the last day of the unbroken run of sessions with a printed change for both, if there is one."""
    try:
        known = [{to_date(d) for d in story.desk.series(n, Field.VALUE).dates} for n in names]
    except NotAvailableError:
        return None
    last: date | None = None
    on = next_session(story.window.start + timedelta(days=1))
    while all(on in days for days in known):
        last, on = on, next_session(on + timedelta(days=1))
    return last


def _factor(story: Story) -> Inline | None:
    fact = story.size_factor
    if fact is None:
        return None
    p = story.prose
    verb, amount = moved(p, fact, "gained", "lost", subject=fact.series[0])
    return p.say(
        "{smb}, small companies less big ones in the same way, {verb} {amount}.",
        smb=p.name(fact.series[0], 0, of=verb, role="subject"),
        verb=verb,
        amount=amount,
    )
