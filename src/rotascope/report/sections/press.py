"""What the press printed: figures of cited articles, each beside what the data give, and their own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rotascope.model.documents import Inline
from rotascope.model.facts import Fact
from rotascope.model.press import Answer, CheckedArticle, CheckedFigure, Reading, Verdict, figure_series
from rotascope.model.units import Unit
from rotascope.report.parts import Part, Parts, TablePart, paragraph
from rotascope.report.prose import day, number
from rotascope.report.story import Story
from rotascope.report.words import tolerance

MOST_FIGURES, MOST_QUOTES = 5, 2
_ORDER = (Verdict.CONTRADICTED, Verdict.OTHER_BASE, Verdict.CONFIRMED, Verdict.ROUNDING)
_SHOWN = frozenset(
    ("price_return", "return_spread", "level", "level_change", "flow_on", "net_flow", "rate", "yield_change")
)
_MONEY_STEP = Decimal(1000)  # from a billion on, money in millions is printed in billions
_SLACK = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """A figure that can be shown: as printed, as the data give it, and by the reading that gives it."""

    article: CheckedArticle
    figure: CheckedFigure
    printed: Fact
    data: Fact
    matching: Fact | None


def write(story: Story) -> Parts:
    """Show at most five figures of the cited articles and quote at most two sentences; nothing without any."""
    rows = _choose(story)
    if not rows:
        return []
    p = story.prose
    cited = [p.cite(source) for source in dict.fromkeys(r.article.source.id for r in rows)]
    marks = p.say("{x}", x=cited[0])
    for mark in cited[1:]:
        marks = p.say("{a} {b}", a=marks, b=mark)
    lead = p.say(
        "Figures from the press {marks} are cited as reported. Each was checked with the data before it was "
        "cited, and the outcome stands beside it.",
        marks=marks,
    )
    parts: Parts = [Part("heading", Inline("What the press printed"), 3), paragraph(lead)]
    parts.append(_table(story, rows))
    return [*parts, *_quotations(story, rows)]


# -- choosing -------------------------------------------------------------------------------------------------


def _choose(story: Story) -> list[Row]:
    """Return the figures to show: those that the data do not give first, one for each question."""
    found: dict[tuple[object, ...], Row] = {}
    for verdict in _ORDER:
        for levels in (False, True):  # a change says more than its two ends
            for article in story.press:
                for figure in article.figures:
                    wanted = figure.verdict is verdict and figure.literal is not None
                    if not wanted or (figure.unit is Unit.INDEX_LEVEL) is not levels:
                        continue
                    row = _row(story, article, figure)
                    if row is not None:
                        found.setdefault((row.data.series, article.source.id), row)
    return list(found.values())[:MOST_FIGURES]


def _row(story: Story, article: CheckedArticle, figure: CheckedFigure) -> Row | None:
    literal = figure.literal
    if literal is None or literal.reading.metric not in _SHOWN or not _fits(figure, literal):
        return None
    data = _fact(story, literal.reading)
    printed = story.maybe("reported", figure_series(article, figure))
    if data is None or printed is None or (printed.unit is not data.unit and not _one_kind(printed, data)):
        return None
    matching = None
    if figure.verdict is Verdict.OTHER_BASE:
        matching = _fact(story, figure.matching.reading) if figure.matching else None
        if matching is None or not _within(matching, printed, figure, 1):
            return None
    return Row(article, figure, printed, data, matching)


def _fits(figure: CheckedFigure, literal: Answer) -> bool:
    """Return whether a figure is in the unit of its fact, and neither is zero, so that they can be compared."""
    return figure.unit is literal.unit and figure.printed != 0 and literal.value != 0


def _one_kind(a: Fact, b: Fact) -> bool:
    return {a.unit, b.unit} <= {Unit.PERCENT, Unit.PP}


def _fact(story: Story, reading: Reading) -> Fact | None:
    return story.maybe(reading.metric, *reading.series, window=reading.window, **dict(reading.params))


def _within(fact: Fact, printed: Fact, figure: CheckedFigure, units: float) -> bool:
    return abs(fact.value - printed.value) <= float(figure.quantum) * units / 2 * _SLACK


# -- writing --------------------------------------------------------------------------------------------------


def _table(story: Story, rows: Sequence[Row]) -> TablePart:
    p = story.prose
    head = ("From", "What", "Printed", "The data give", "Outcome")
    body = []
    for row in rows:
        places = _decimals(row.figure)
        form = (
            "signed"
            if row.data.unit in (Unit.PERCENT, Unit.PP, Unit.BP) and row.data.metric != "rate"
            else "plain"
        )
        body.append(
            (
                p.cell(p.cite(row.article.source.id)),
                _what(story, row.data),
                p.cell(number(row.printed, form, decimals=places)),
                p.cell(number(row.data, form, decimals=_own_decimals(row, places))),
                _outcome(story, row, form, places),
            )
        )
    return TablePart(
        caption=Inline("Figures as printed, and as the data give them"),
        header=tuple(p.cell(t) for t in head),
        rows=tuple(body),
        bound=False,
    )


def _what(story: Story, fact: Fact) -> Inline:
    p = story.prose
    names = [p.name(s) for s in fact.series]
    who = p.say("{a}", a=names[0]) if len(names) == 1 else p.say("{a} over {b}", a=names[0], b=names[1])
    end = day(fact, "end_used")
    if fact.metric in ("flow_on", "rate", "level") or fact.metric.startswith("level_o"):  # of one day
        return p.say("{who}, {end}", who=who, end=end)
    return p.say("{who}, {start} to {end}", who=who, start=day(fact, "start_used"), end=end)


def _outcome(story: Story, row: Row, form: str, places: int) -> Inline:
    """Say whether the figure agrees; the words are claims about the two numbers."""
    p = story.prose
    if row.matching is not None:
        verb = p.claim("agrees", "near", row.matching, row.printed, tol=_half(row, row.matching))
        return p.say("{verb} {how}", verb=verb, how=_how(story, row))
    half = _half(row, row.data)
    off = abs(row.data.value - row.printed.value)
    if off <= half:
        return p.cell(p.claim("agrees", "near", row.data, row.printed, tol=half))
    if row.figure.verdict is Verdict.ROUNDING:
        most = 0.15 * max(abs(row.data.value), abs(row.printed.value))
        near = tolerance(min(most, off * 1.01 + 1e-6))
        if off <= near:
            return p.say("{near} it", near=p.claim("close to", "near", row.data, row.printed, tol=near))
    if row.data.value > row.printed.value:
        return p.say("{more} what was printed", more=p.claim("above", "gt", row.data, row.printed))
    return p.say("{less} what was printed", less=p.claim("below", "lt", row.data, row.printed))


def _how(story: Story, row: Row) -> Inline:
    """Say by which other reading a figure holds."""
    p, other, own = story.prose, row.matching, row.data
    assert other is not None and other.window is not None and own.window is not None
    if other.metric.startswith("level"):
        field = row.figure.matching.reading.params.get("field", "close") if row.figure.matching else "close"
        return p.say("with the {field} of {day}", field=str(field), day=day(other, "end_used"))
    if other.window.base == "open":
        return p.say("only from the open of {day}", day=day(other, "start_used"))
    if other.series == own.series and other.metric != own.metric:
        return p.say("only with dividends")
    if other.window.start_used == own.window.start_used:
        return p.say("only to {day}", day=day(other, "end_used"))
    if other.metric == "flow_on" or other.window.start_used is None:
        return p.say("only on {day}", day=day(other, "end_used"))
    return p.say("only from {a} to {b}", a=day(other, "start_used"), b=day(other, "end_used"))


def _half(row: Row, fact: Fact) -> float:
    """Return half a unit of the last printed digit, held below what the claim's word allows."""
    most = 0.25 * max(abs(fact.value), abs(row.printed.value))
    return tolerance(min(float(row.figure.quantum) / 2 * _SLACK + 1e-6, most))


def _decimals(figure: CheckedFigure) -> int:
    """Return the decimals with which a figure was printed, in the unit in which it will stand here."""
    quantum = figure.quantum
    if figure.unit is Unit.USD_M and abs(figure.printed) >= _MONEY_STEP:
        quantum /= _MONEY_STEP
    exponent = quantum.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _own_decimals(row: Row, places: int) -> int:
    """Print the data as precisely as the figure, and with a decimal more where whole numbers would hide it."""
    if row.data.unit is Unit.USD_M:
        return 1 if abs(row.data.value) >= float(_MONEY_STEP) else 0
    return max(places, 1) if row.data.unit in (Unit.PERCENT, Unit.PP) else places


def _quotations(story: Story, rows: Sequence[Row]) -> Parts:
    """Quote, of the articles shown, the sentences with the figures shown; at most two, one for each article."""
    p = story.prose
    parts: Parts = []
    done: set[str] = set()
    for row in rows:
        source = row.article.source
        if source.id in done or row.figure.sentence not in row.article.quotations or not source.sha256:
            continue
        done.add(source.id)
        said = p.say(
            "In the words of {cite}: “{words}”",
            cite=p.cite(source.id),
            words=p.quote(source, row.figure.sentence),
        )
        parts.append(paragraph(said))
        if len(parts) == MOST_QUOTES:
            break
    return parts
