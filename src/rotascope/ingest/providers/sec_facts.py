"""Company facts as the SEC serves them: one value per fiscal period, and the filing that first said it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

QUARTER_DAYS = (75, 110)
"""Lengths of a period that counts as a quarter: thirteen or fourteen weeks, and odd first quarters."""
NINE_MONTHS_DAYS = (255, 290)
YEAR_DAYS = (345, 385)


@dataclass(frozen=True, slots=True)
class Concept:
    """What one of our series is called in the taxonomies, best first, and in which unit."""

    name: str
    tags: tuple[tuple[str, str], ...]
    unit: str
    adds_up: bool  # whether a fourth quarter is the year less nine months


CONCEPTS = (
    Concept(
        "EPS",
        (
            ("us-gaap", "EarningsPerShareDiluted"),
            ("us-gaap", "EarningsPerShareBasicAndDiluted"),
            ("ifrs-full", "DilutedEarningsLossPerShare"),
        ),
        "USD/shares",
        adds_up=False,  # each period has its own number of shares
    ),
    Concept(
        "NETINCOME",
        (
            ("us-gaap", "NetIncomeLoss"),
            ("us-gaap", "ProfitLoss"),
            ("ifrs-full", "ProfitLossAttributableToOwnersOfParent"),
            ("ifrs-full", "ProfitLoss"),
        ),
        "USD",
        adds_up=True,
    ),
    Concept(
        "REVENUE",
        (
            ("us-gaap", "RevenueFromContractWithCustomerExcludingAssessedTax"),
            ("us-gaap", "Revenues"),
            ("us-gaap", "SalesRevenueNet"),
            ("ifrs-full", "Revenue"),
        ),
        "USD",
        adds_up=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Filed:
    """A value of a period as one filing states it. `year_less`: derived from a year and nine months."""

    start: date
    end: date
    value: float
    filed: date
    accession: str
    form: str
    year_less: bool = False

    @property
    def days(self) -> int:
        """Return the length of the period in days, both ends included."""
        return (self.end - self.start).days + 1


@dataclass(slots=True)
class Quarters:
    """Quarterly values of one concept, by the last day of the quarter.

    first: as first reported, which never changes. last: as in the latest filing, only where that differs.
    """

    first: dict[date, Filed]
    last: dict[date, Filed]
    contradictions: int = 0
    unreadable: int = 0


def quarters(facts: Mapping[str, Any], concept: Concept) -> Quarters:
    """Return the quarterly values of a concept from the `facts` of a company-facts document.

    Where several tags cover a quarter, all its versions are those of the tag that was filed first for it; of
    tags filed on one day, the first of the concept's list.
    Two values of one filing for the same period contradict each other, and neither is used.
    """
    out = Quarters({}, {})
    chosen: dict[date, list[Filed]] = {}
    for taxonomy, tag in concept.tags:
        rows = _rows(facts, taxonomy, tag, concept.unit)
        versions, bad, contradictions = _versions(rows)
        out.unreadable += bad
        out.contradictions += contradictions
        found = _within(versions, QUARTER_DAYS)
        if concept.adds_up:
            for end, derived in _fourth_quarters(versions).items():
                found.setdefault(end, derived)
        for end, told in found.items():
            if end not in chosen or told[0].filed < chosen[end][0].filed:
                chosen[end] = told
    for end, told in chosen.items():
        out.first[end] = told[0]
        if told[-1].value != told[0].value:
            out.last[end] = _since_when(told)
    return out


def _since_when(told: Sequence[Filed]) -> Filed:
    """Return the first of the versions that state the latest value without a break."""
    since = told[-1]
    for version in reversed(told):
        if version.value != since.value:
            break
        since = version
    return since


def _rows(facts: Mapping[str, Any], taxonomy: str, tag: str, unit: str) -> Sequence[Any]:
    at: Any = facts
    for key in (taxonomy, tag, "units", unit):
        at = at.get(key) if isinstance(at, Mapping) else None
    return at if isinstance(at, list) else ()


def _versions(rows: Iterable[Any]) -> tuple[dict[tuple[date, date], list[Filed]], int, int]:
    """Return the versions of each period by date of filing, and how many rows were bad or contradictory."""
    by_period: dict[tuple[date, date], dict[tuple[date, str], Filed]] = defaultdict(dict)
    torn: set[tuple[tuple[date, date], tuple[date, str]]] = set()
    bad = 0
    for row in rows:
        fact = read_fact(row)
        if fact is None:
            bad += 1
            continue
        period, filing = (fact.start, fact.end), (fact.filed, fact.accession)
        earlier = by_period[period].setdefault(filing, fact)
        if earlier.value != fact.value:
            torn.add((period, filing))
    for period, filing in torn:
        del by_period[period][filing]
    kept = {period: [told[key] for key in sorted(told)] for period, told in by_period.items() if told}
    return kept, bad, len(torn)


def read_fact(row: Any) -> Filed | None:
    """Return a row of a duration as a value, None if a date or the value is missing or makes no sense."""
    if not isinstance(row, Mapping):
        return None
    value = row.get("val")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        start, end, filed = (date.fromisoformat(str(row[key])) for key in ("start", "end", "filed"))
    except (KeyError, ValueError):
        return None
    accession = row.get("accn")
    if not start < end <= filed or not isinstance(accession, str) or not accession.strip():
        return None
    return Filed(start, end, float(value), filed, accession.strip(), str(row.get("form", "")))


def _within(
    versions: Mapping[tuple[date, date], list[Filed]], days: tuple[int, int]
) -> dict[date, list[Filed]]:
    """Return the versions of periods of a length, by last day; of two with one end, the first filed."""
    out: dict[date, list[Filed]] = {}
    for told in sorted(versions.values(), key=lambda v: (v[0].filed, v[0].start)):
        if days[0] <= told[0].days <= days[1]:
            out.setdefault(told[0].end, told)
    return out


def _fourth_quarters(versions: Mapping[tuple[date, date], list[Filed]]) -> dict[date, list[Filed]]:
    """Return year less nine months, for years that have both, known when the year was filed."""
    out: dict[date, list[Filed]] = {}
    for years in _of_length(versions, YEAR_DAYS):
        for nine in _of_length(versions, NINE_MONTHS_DAYS):
            if nine[0].start == years[0].start and nine[0].end < years[0].end:
                out[years[0].end] = list(_differences(years, nine))
    return {end: told for end, told in out.items() if told}


def _of_length(
    versions: Mapping[tuple[date, date], list[Filed]], days: tuple[int, int]
) -> Iterator[list[Filed]]:
    return (told for told in versions.values() if days[0] <= told[0].days <= days[1])


def _differences(years: Sequence[Filed], nine: Sequence[Filed]) -> Iterator[Filed]:
    for year in years:
        known = [v for v in nine if v.filed <= year.filed]
        if known:
            yield Filed(
                known[-1].end + timedelta(days=1),
                year.end,
                year.value - known[-1].value,
                year.filed,
                year.accession,
                year.form,
                year_less=True,
            )
