"""Rotation rules judged: what each would have earned over an even split, after costs, without hindsight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rotascope.facts import params as read
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import Metric, metric
from rotascope.facts.columns import Column
from rotascope.facts.metrics.engine_rows import SINCE, full_history, whole_months
from rotascope.facts.metrics.inference import rule_of_thumb
from rotascope.facts.metrics.prices import legs_of
from rotascope.facts.ops_engine_signals import held
from rotascope.model.errors import NotAvailableError, UnknownNameError
from rotascope.model.facts import Fact, Window
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.series import to_date

RULES = ("momentum", "crossing", "equal_weight", "thrust")
LEAST_MONTHS = 60  # five years: with less there is nothing to judge
_LONG_DAYS = 366 * 7  # the least number of months, and the year that a momentum looks back
COST_BP = 10.0  # of what is traded: half a spread and commission of a large fund, generously
_TAKES = "the two legs, or nothing for value and growth of the first family with data"
_PARAMS = {
    "rule": "momentum (of the spread, twelve months less the last), crossing (relative-rotation momentum "
    "above its centre), equal_weight (momentum of equal over cap weights), thrust (of sectors) (momentum)",
    "cost": "basis points of what is traded (10)",
    "long": "sessions that a momentum looks back (252)",
    "skip": "latest sessions that it leaves out (21)",
    "trend": "sessions of the trend of a crossing (63)",
    "momentum": "sessions of its momentum (21)",
    "length": "sessions of the average behind a thrust (50)",
    "low": "breadth that a thrust starts from, at most (0.25)",
    "high": "breadth that it reaches, at least (0.75)",
    "within": "sessions that it may take (20)",
    "field": "adjusted_close or close (adjusted_close where all have it)",
    "since": SINCE,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule on one pair, with its rows: what every fact about it is made from."""

    legs: tuple[str, str]
    rule: str
    recipe: Mapping[str, Any]
    columns: tuple[Column, ...]
    window: Window
    months: int

    def fact(self, desk: Desk, name: str, want: str, unit: Unit, decimals: int) -> Fact:
        """Return one number about the trial as a fact."""
        recipe = {**self.recipe, "want": want}
        if want == "t":
            recipe["lags"] = rule_of_thumb(self.months)
        return desk.make(
            name, self.legs, "signal", self.columns, params=recipe, unit=unit, decimals=decimals,
            window=self.window, notes=[_note(self.columns)],
        )  # fmt: skip


def _note(columns: Sequence[Column]) -> str:
    if columns[0].data.meta.field is Field.ADJUSTED_CLOSE:
        return (
            "Both legs with dividends; decided at the last close of a month, at that close, held for a month."
        )
    return (
        "Both legs without dividends; decided at the last close of a month, at that close, held for a month."
    )


def trial(
    desk: Desk, legs: tuple[str, str], rule: str, window: Window, params: Mapping[str, Any] | None = None
) -> Trial:
    """Return a rule on a pair with the rows that it needs, up to the last whole month of the window.

    Raises NotAvailableError where fewer than 60 months can be held.
    """
    given = params or {}
    recipe, others = _rule(desk, rule, given)
    names = [*legs, *others]
    field = _field(desk, names, given)
    with desk.looking_at(_long(window, field)):
        columns = full_history(desk, names, [field] * len(names), window, given.get("since"))
        columns = whole_months(desk, columns, window)
    recipe["cost"] = read.real(given, "cost", COST_BP, -1e-9)
    found = held(recipe, columns)
    if found.months < LEAST_MONTHS:
        raise NotAvailableError(
            f"The rule {rule} on {legs[0]} and {legs[1]} can be held for {found.months} months up to "
            f"{window.end}: fewer than {LEAST_MONTHS}."
        )
    used = Window(window.start, window.end, "prior_close", to_date(found.ends[0]), to_date(found.ends[-1]))
    return Trial(legs, rule, recipe, tuple(columns), used, found.months)


def _field(desk: Desk, names: Sequence[str], params: Mapping[str, Any]) -> Field:
    """Return the field of all series: with dividends where all have it, unless prices are asked for."""
    said = read.choice(params, "field", Field.ADJUSTED_CLOSE, (Field.ADJUSTED_CLOSE, Field.CLOSE))
    all_have = all(desk.has(name, Field.ADJUSTED_CLOSE) for name in names)
    return Field.ADJUSTED_CLOSE if said == Field.ADJUSTED_CLOSE and all_have else Field.CLOSE


def _long(window: Window, field: Field) -> Window:
    """Return the window that the data should reach across: years, where only this module reads the field.

    Closes are read by much else, and one report takes a series from one file only; so they are taken from the
    file that the window itself asks for.
    """
    if field is Field.CLOSE:
        return window
    return Window(window.end - timedelta(days=_LONG_DAYS), window.end)


def _rule(desk: Desk, rule: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the parameters of a rule, and the series that it looks at besides the legs."""
    look = {"long": read.whole(params, "long", 252, 1), "skip": read.whole(params, "skip", 21, 0)}
    if rule == "momentum":
        return {"rule": "momentum", **look}, []
    if rule == "equal_weight":
        roles = [desk.first_available(desk.universe.role("weighting", kind)) for kind in ("equal", "cap")]
        if None in roles:
            raise NotAvailableError(
                "Equal and cap weights are not in the database.", fix="Import RSP and SPY."
            )
        return {"rule": "momentum", **look}, [str(name) for name in roles]
    if rule == "crossing":
        trend, fast = read.whole(params, "trend", 63, 2), read.whole(params, "momentum", 21, 2)
        return {"rule": "crossing", "trend": trend, "momentum": fast}, []
    if rule == "thrust":
        return {
            "rule": "thrust",
            "length": read.whole(params, "length", 50, 1),
            "low": read.real(params, "low", 0.25, -1e-9),
            "high": read.real(params, "high", 0.75, 0.0),
            "within": read.whole(params, "within", 20, 1),
        }, list(desk.universe.role("breadth", "long_sectors"))
    raise UnknownNameError(f"There is no rule '{rule}'.", fix=f"Rules: {', '.join(RULES)}.")


def deflated_p(desk: Desk, trials: Sequence[Trial], index: int) -> Fact:
    """Return the p value of one trial's Sharpe ratio, deflated for all that were tried, as a fact.

    Every trial that was looked at belongs in the list, also the dull ones.
    """
    if len(trials) < 2:
        raise UnknownNameError("A deflated p value is one of several trials.", fix="Try two rules or more.")
    ratios = [t.fact(desk, "signal_monthly_sharpe", "sharpe", Unit.RATIO, 3) for t in trials]
    chosen = trials[index]
    about = [
        chosen.fact(desk, "signal_months", "count", Unit.MONTHS, 0),
        chosen.fact(desk, "signal_skewness", "skewness", Unit.RATIO, 2),
        chosen.fact(desk, "signal_kurtosis", "kurtosis", Unit.RATIO, 1),
    ]
    return desk.make(
        "signal_deflated_p", chosen.legs, "deflated_sharpe", [*ratios, *about],
        params={"index": index, "want": "p"}, unit=Unit.SHARE, decimals=1, window=chosen.window,
    )  # fmt: skip


def _one(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any], want: str
) -> Fact:
    legs = legs_of(desk, series, "value", "growth")
    rule = read.choice(params, "rule", "momentum", RULES)
    return trial(desk, legs, rule, window, params).fact(desk, m.name, want, m.unit, m.decimals)


@metric("signal_excess", Unit.PP, 2, _TAKES, "mean excess over half of each leg, a year", **_PARAMS)
def signal_excess(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What a rule earned over holding half of each leg, in points a year, after costs on both sides. It holds
    the first leg or the second, month by month, from data up to the month before."""
    return _one(m, desk, series, window, params, "mean_excess")


@metric("signal_over_first", Unit.PP, 2, _TAKES, "mean excess over the first leg, a year", **_PARAMS)
def signal_over_first(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What a rule earned over holding the first leg all along, in points a year, after costs."""
    return _one(m, desk, series, window, params, "against_first")


@metric("signal_over_second", Unit.PP, 2, _TAKES, "mean excess over the second leg, a year", **_PARAMS)
def signal_over_second(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What a rule earned over holding the second leg all along, in points a year, after costs."""
    return _one(m, desk, series, window, params, "against_second")


@metric("signal_sharpe", Unit.RATIO, 2, _TAKES, "mean / standard deviation of the excess, a year", **_PARAMS)
def signal_sharpe(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The Sharpe ratio of a rule's excess over half of each leg, in yearly terms."""
    return _one(m, desk, series, window, params, "sharpe_year")


@metric("signal_t", Unit.RATIO, 2, _TAKES, "t value of the excess, Newey and West", **_PARAMS)
def signal_t(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The t value of a rule's mean excess, allowing for months that resemble their neighbours."""
    return _one(m, desk, series, window, params, "t")


@metric("signal_beaten_shuffles", Unit.SHARE, 0, _TAKES, "share of its own turns that earned less", **_PARAMS)
def signal_beaten_shuffles(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """In what share of all shuffles the rule did better than its shuffle. A shuffle turns all positions by
    the same number of months: they last as long and cost as much, but stand on other dates. 50% is luck."""
    return _one(m, desk, series, window, params, "beaten")


@metric("signal_hit_rate", Unit.SHARE, 0, _TAKES, "share of months in which the leg held led", **_PARAMS)
def signal_hit_rate(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """In what share of the months the leg that the rule held beat the other."""
    return _one(m, desk, series, window, params, "hit_rate")


@metric("signal_exposure", Unit.SHARE, 0, _TAKES, "share of months in the first leg", **_PARAMS)
def signal_exposure(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """In what share of the months the rule held the first leg."""
    return _one(m, desk, series, window, params, "exposure")


@metric("signal_trades", Unit.COUNT, 0, _TAKES, "number of changes of leg", **_PARAMS)
def signal_trades(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How often the rule changed legs."""
    return _one(m, desk, series, window, params, "trades")


@metric("signal_position", Unit.COUNT, 0, _TAKES, "1: the first leg, 0: the second", **_PARAMS)
def signal_position(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """What the rule holds after the last whole month: 1 the first leg, 0 the second."""
    return _one(m, desk, series, window, params, "position")


@metric("signal_months", Unit.MONTHS, 0, _TAKES, "number of months held", **_PARAMS)
def signal_months(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """How many months the rule was walked forward."""
    return _one(m, desk, series, window, params, "count")


_TRIED = {k: v for k, v in _PARAMS.items() if k != "rule"} | {
    "rule": "the rule judged (momentum)",
    "rules": "all rules tried, separated by commas (momentum,crossing,equal_weight,thrust)",
}


@metric(
    "signal_deflated_p", Unit.SHARE, 1, "the two legs, or first and second leg of each pair tried",
    "1 - deflated Sharpe ratio", **_TRIED,
)  # fmt: skip
def signal_deflated_p(
    m: Metric, desk: Desk, series: tuple[str, ...], window: Window, params: Mapping[str, Any]
) -> Fact:
    """The chance that the best of as many rules without merit does as well as this one on the first pair,
    after Bailey and Lopez de Prado (2014). It counts every rule on every pair named."""
    if len(series) % 2:
        raise UnknownNameError(f"{m.name} takes {m.takes}; {len(series)} series were given.")
    named = series or legs_of(desk, series, "value", "growth")
    rules = str(params.get("rules") or ",".join(RULES)).split(",")
    rule = read.choice(params, "rule", rules[0], rules)
    pairs = [(named[i], named[i + 1]) for i in range(0, len(named), 2)]
    trials = [trial(desk, pair, name, window, params) for pair in pairs for name in rules]
    return deflated_p(desk, trials, rules.index(rule))
