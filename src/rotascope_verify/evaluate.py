"""Recompute every fact from the observations and compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rotascope_verify import (  # noqa: F401  they register their operations
    ops_engine_inference,
    ops_engine_lists,
    ops_engine_members,
    ops_engine_past,
    ops_engine_rotation,
    ops_engine_signals,
    ops_engine_standing,
    ops_engine_states,
    ops_engine_switching,
    ops_paths,
    ops_sequels,
    ops_windows,
)
from rotascope_verify.consistency import check_asked, check_series, check_unit, check_window
from rotascope_verify.events import check_event
from rotascope_verify.facts import Fact, in_order
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.numerals import render
from rotascope_verify.observations import Observations, Rows, RowsInput
from rotascope_verify.ops import Call, FactInput, run_op
from rotascope_verify.ops_engine_about import check_engine_series, check_engine_unit, check_engine_window
from rotascope_verify.reading import round12
from rotascope_verify.sources import Source

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a fact after its check.

    value: recomputed, rounded to 12 significant digits; None if it cannot be recomputed. series: its
    own and those of its input facts at any depth. known_by: the latest date, vintage or publication
    among its rows at any depth. sources: recomputed.
    """

    fact: Fact
    value: float | None
    series: frozenset[str]
    known_by: str
    sources: frozenset[str]


class Facts:
    """All facts of a bundle, recomputed once."""

    def __init__(
        self, facts: dict[str, Fact], observations: Observations, sources: dict[str, Source], log: Log
    ) -> None:
        self.stated = facts
        self.checked: dict[str, Checked] = {}
        self._observations = observations
        self._sources = sources
        self._log = log
        self._memo: dict[Any, Any] = {}
        for fact in in_order(facts, log):
            with log.guard("fact-bad", fact.id):
                self._check(fact)

    def fact(self, name: object) -> Fact:
        """Return a fact by id. Raises CheckError (ref-missing)."""
        if not isinstance(name, str) or name not in self.stated:
            raise CheckError(f"there is no fact {quote(name)}", "ref-missing")
        return self.stated[name]

    def value(self, name: str) -> float:
        """Return a recomputed value. Raises CheckError (fact-failed)."""
        found = self.checked.get(self.fact(name).id)
        if found is None or found.value is None:
            raise CheckError(f"the fact {quote(name)} cannot be recomputed", "fact-failed")
        return found.value

    def series(self, name: str) -> frozenset[str]:
        """Return the series of a fact and of its input facts, at any depth."""
        found = self.checked.get(name)
        return found.series if found else frozenset(self.fact(name).series)

    def check_report_days(self, days: dict[str, str]) -> None:
        """Every fact looks from the day of the report, and its window is explained by report or rows.

        days: `as_of`, `window.start` and `window.end` of the report. Failures: as-of-differs, window-differs.
        """
        for fact in self.stated.values():
            if (day := days.get("as_of", fact.as_of)) != fact.as_of:
                self._log.add("as-of-differs", fact.id, f"is as of {fact.as_of}, the report as of {day}")
            with self._log.guard("window-differs", fact.id):
                check_asked(fact, days)

    def call(self, fact: Fact, params: dict[str, Any] | None = None) -> Call:
        """Return the call that a fact's recipe makes, with its own or other parameters."""
        wants = fact.rows_inputs()
        inputs = []
        for name in fact.fact_inputs():
            found = self.checked.get(name)
            if found is None or found.value is None:
                raise CheckError(f"its input {quote(name)} cannot be recomputed", "input-failed")
            inputs.append(FactInput(name, found.value, found.fact.window, found.fact.params))
        return Call(
            params=fact.params if params is None else params,
            wants=wants,
            rows=tuple(self._observations.read(w) for w in wants),
            facts=tuple(inputs),
            memo=self._memo,
        )

    def path_call(self, wants: Sequence[RowsInput], params: dict[str, Any], where: str, as_of: str) -> Call:
        """Return the call that a path of a chart makes, after a look at its inputs.

        Failures: those of the inputs of a fact, and as-of-late.
        """
        rows = tuple(self._observations.read(want) for want in wants)
        for want, got in zip(wants, rows, strict=True):
            self._check_rows(want, got, where)
            if as_of and (late := self._known_by(got)) > as_of:
                self._log.add("as-of-late", where, f"an input is known only on {late}, after {as_of}")
        return Call(params=params, wants=tuple(wants), rows=rows, facts=(), memo=self._memo)

    def path_units(self, want: RowsInput) -> frozenset[str]:
        """Return the units of the rows of an input."""
        return self._observations.read(want).units

    def _check(self, fact: Fact) -> None:
        log, where = self._log, fact.id
        rows = [self._observations.read(want) for want in fact.rows_inputs()]
        for want, got in zip(fact.rows_inputs(), rows, strict=True):
            self._check_rows(want, got, where)
            with log.guard("event-bad", where):
                check_event(want, got)
        inputs = [self.checked[n] for n in fact.fact_inputs() if n in self.checked]
        value: float | None = None
        with log.guard("op-failed", where):
            value = round12(run_op(fact.op, self.call(fact)))
        checked = Checked(
            fact=fact,
            value=value,
            series=frozenset(fact.series).union(*(c.series for c in inputs)),
            known_by=max([*(self._known_by(r) for r in rows), *(c.known_by for c in inputs)], default=""),
            sources=frozenset().union(*(r.sources for r in rows), *(c.sources for c in inputs)),
        )
        self.checked[fact.id] = checked
        self._check_stated(checked)
        with log.guard("unit-differs", where):
            units = frozenset(c.fact.unit for c in inputs)
            check_unit(fact, rows, units)
            check_engine_unit(fact, rows, units)
        with log.guard("series-differs", where):
            picked = self._picked_series(fact)
            check_series(fact, self.series, picked)
            check_engine_series(fact, self.series, picked)
        with log.guard("window-differs", where):
            check_window(fact, [c.fact.window for c in inputs])
            if fact.window and rows:
                check_engine_window(fact, self.call(fact))

    def _picked_series(self, fact: Fact) -> tuple[str, ...] | None:
        index, inputs = fact.params.get("index"), fact.fact_inputs()
        if fact.op == "trigger" and len(inputs) == 1:
            return self.fact(inputs[0]).series
        if (
            fact.op not in ("rank_of", "adjusted_p", "deflated_sharpe")
            or not isinstance(index, int)
            or not 0 <= index < len(inputs)
        ):
            return None
        return self.fact(inputs[index]).series

    def _known_by(self, rows: Rows) -> str:
        published = (self._sources[k].published for k in rows.sources if k in self._sources)
        return max([*rows.days[-1:], *rows.vintages, *published], default="")

    def _check_rows(self, want: RowsInput, got: Rows, where: str) -> None:
        """Compare what an input says of its rows with the rows."""
        log, name = self._log, f"{quote(want.series)}/{quote(want.field)} {want.first}..{want.last}"
        if want.rows != len(got.days):
            log.add("rows-differ", where, f"{name} has {len(got.days)} rows, not {want.rows}")
        if got.days and (want.first, want.last) != (got.days[0], got.days[-1]):
            log.add("rows-differ", where, f"the rows of {name} run from {got.days[0]} to {got.days[-1]}")
        if want.sha256 != got.sha256:
            log.add("digest-differs", where, f"the rows of {name} have another sha256 than stated")
        sources = got.sources
        expected = next(iter(sources)) if len(sources) == 1 else "*"
        if sources and want.source != expected:
            log.add(
                "source-differs", where, f"{name} has the source {quote(expected)}, not {quote(want.source)}"
            )
        for key in sorted(sources - self._sources.keys()):
            log.add("source-unknown", where, f"{name} has the source {quote(key)}, which report.json lacks")
        stated = {want.vintage or ""}
        if got.vintages and got.vintages != stated and (want.vintage or len(got.vintages) == 1):
            log.add("vintage-differs", where, f"{name} has other vintages than {quote(want.vintage)}")

    def _check_stated(self, checked: Checked) -> None:
        """Compare value, display, as_of and sources with what was recomputed."""
        log, fact, value = self._log, checked.fact, checked.value
        if value is not None:
            if abs(value - fact.value) > TOLERANCE * max(1.0, abs(value)):
                log.add("value-differs", fact.id, f"{fact.op} gives {value!r}, not {fact.value!r}")
            with log.guard("display-differs", fact.id):
                style = "iso" if fact.unit == "date" else "short"
                text = render(value, fact.unit, "plain", style, fact.decimals)
                if text != fact.display:
                    raise CheckError(f"the display is {quote(text)}, not {quote(fact.display)}")
        if checked.known_by > fact.as_of:
            log.add(
                "as-of-late", fact.id, f"an input is known only on {checked.known_by}, after {fact.as_of}"
            )
        if list(fact.sources) != sorted(checked.sources):
            log.add(
                "sources-differ",
                fact.id,
                f"its inputs have the sources {quote(', '.join(sorted(checked.sources)))}",
            )
