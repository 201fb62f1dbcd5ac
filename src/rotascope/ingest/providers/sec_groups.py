"""Growth of earnings by size group: net income of the companies in a fund, against a year before.

`SEC.GROUP.<fund>.EARNINGS_GROWTH`, percent, quarterly: what the companies in the fund **today** earned
together in the calendar quarter, against the same companies a year before. Only companies with both values
count; `SEC.GROUP.<fund>.COMPANIES` says how many. Where fewer than half of the members count, or the sum of a
year before is not positive, the growth is unknown.

Frames hold one value for each company and period, the one filed last, and do not say when. The vintage is
therefore the day of the fetch: nothing is visible before. Members are those of that day, so companies that
left are missing, and history is kinder than it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, FetchError, Response
from rotascope.ingest.providers import ishares
from rotascope.ingest.providers.checks import need_columns, read_json, refuse
from rotascope.ingest.providers.sec_answers import TICKERS_URL, check_sec, ciks_by_ticker
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

FRAME_URL = "https://data.sec.gov/api/xbrl/frames/us-gaap/NetIncomeLoss/USD/{period}.json"
GROUPS = {"IWB": "large companies (Russell 1000)", "IWM": "small companies (Russell 2000)"}
SERIES = tuple(f"SEC.GROUP.{fund}.{what}" for fund in GROUPS for what in ("EARNINGS_GROWTH", "COMPANIES"))
QUARTERS = 8
"""Quarters of growth that an update brings."""
FILING_DAYS = 60
"""Days after a quarter's end until most companies have filed."""
LEAST_COVERED = 0.5
_APART = 20.0  # times what was earned a year before
_DECIDES = 0.2  # of what the group earned and lost, without signs
_ENOUGH = 5  # companies below which nothing is said of the usual one
READER = "sec-groups/1"

_PERIOD = re.compile(r"CY(\d{4})(?:Q([1-4]))?")
Quarter = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FrameValue:
    """One company's value for a period, by the dates the company uses."""

    start: date
    end: date
    value: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth of a group's earnings in percent, NaN if unknown; companies counted, and members in all."""

    percent: float
    companies: int
    members: int
    why: str = ""


def fetch(get: Callable[[str], Response], fetcher: Fetcher) -> list[Response]:
    """Fetch the list of tickers, the holdings of the groups, then the frames they need. Raises FetchError."""
    listed = get(TICKERS_URL)
    funds = [fetcher.get(ishares.request_of(fund)) for fund in GROUPS]
    today = max(r.fetched_at for r in (listed, *funds)).date()
    return [listed, *funds, *(get(FRAME_URL.format(period=p)) for p in periods_for(last_quarters(today)))]


def last_quarters(today: date, count: int = QUARTERS) -> list[Quarter]:
    """Return the newest calendar quarters for which most companies have filed, oldest first.

    >>> last_quarters(date(2026, 2, 28), 2), last_quarters(date(2026, 3, 2), 1)
    ([(2025, 2), (2025, 3)], [(2025, 4)])
    """
    day = today - timedelta(days=FILING_DAYS)
    ended = day.year * 4 + (day.month - 1) // 3  # quarters that began before the one `day` is in
    if quarter_end((day.year, (day.month - 1) // 3 + 1)) <= day:
        ended += 1
    return [(at // 4, at % 4 + 1) for at in range(ended - count, ended)]


def quarter_end(quarter: Quarter) -> date:
    """Return the last day of a calendar quarter."""
    year, number = quarter
    return date(year, 12, 31) if number == 4 else date(year, number * 3 + 1, 1) - timedelta(days=1)


def periods_for(wanted: Sequence[Quarter]) -> list[str]:
    """Return the frames that growth in these quarters needs.

    Fourth quarters are not reported: they are the year less its first three quarters.
    """
    names: dict[str, None] = {}
    for year, number in wanted:
        for y in (year - 1, year):
            parts = (1, 2, 3) if number == 4 else (number,)
            names.update({f"CY{y}Q{part}": None for part in parts})
            if number == 4:
                names[f"CY{y}"] = None
    return sorted(names)


def parse_frame(response: Response) -> tuple[str, dict[int, FrameValue], int]:
    """Return the period of a frame, one value by company number, and how many rows could not be used.

    Raises: FetchError `not_json`, `unexpected_shape`, or `empty`.
    """
    document = read_json(response, "The SEC")
    have = document if isinstance(document, dict) else {}
    need_columns(response, "The SEC", have, ("ccp", "uom", "data"))
    if document["uom"] != "USD" or not isinstance(document["data"], list):
        raise refuse(response, "unexpected_shape", f"A frame in {document['uom']!r} where USD should be.")
    values: dict[int, FrameValue] = {}
    torn: set[int] = set()
    bad = 0
    for row in document["data"]:
        read = _frame_row(row)
        if read is None:
            bad += 1
            continue
        cik, value = read
        if values.setdefault(cik, value) != value:
            torn.add(cik)
    if not values:
        message = f"None of the {bad} rows of the frame {document['ccp']} has a company, dates and a value."
        raise refuse(response, "unexpected_shape" if bad else "empty", message)
    return str(document["ccp"]), {c: v for c, v in values.items() if c not in torn}, bad + len(torn)


def _frame_row(row: Any) -> tuple[int, FrameValue] | None:
    if not isinstance(row, Mapping):
        return None
    cik, value = row.get("cik"), row.get("val")
    if isinstance(cik, bool) or not isinstance(cik, int) or isinstance(value, bool):
        return None
    if not isinstance(value, (int, float)):
        return None
    try:
        start, end = (date.fromisoformat(str(row[key])) for key in ("start", "end"))
    except (KeyError, ValueError):
        return None
    return (cik, FrameValue(start, end, float(value))) if start < end else None


def quarter_values(frames: Mapping[str, Mapping[int, FrameValue]], quarter: Quarter) -> dict[int, float]:
    """Return each company's net income in a calendar quarter, where it can be known.

    A fourth quarter is the year less three quarters, for companies whose year begins with the first of them.
    """
    year, number = quarter
    if number < 4:
        return {cik: v.value for cik, v in frames.get(f"CY{year}Q{number}", {}).items()}
    parts = [frames.get(f"CY{year}Q{n}", {}) for n in (1, 2, 3)]
    out = {}
    for cik, whole in frames.get(f"CY{year}", {}).items():
        known = [part[cik] for part in parts if cik in part]
        if len(known) == 3 and known[0].start == whole.start and known[2].end < whole.end:
            out[cik] = whole.value - sum(v.value for v in known)
    return out


def growth(now: Mapping[int, float], before: Mapping[int, float], members: Iterable[int]) -> Growth:
    """Return how much the members that have both values earned together, against the year before.

    A growth of one tenth is 10.0. Unknown (NaN) where fewer than half of the members count, or where they
    made no profit together a year before: a ratio to a loss has no meaning.
    """
    all_members = set(members)
    both = all_members & now.keys() & before.keys()
    total, base = sum(now[c] for c in both), sum(before[c] for c in both)
    if not all_members or len(both) < LEAST_COVERED * len(all_members):
        return Growth(float("nan"), len(both), len(all_members), "too few members have both values")
    if base <= 0:
        return Growth(float("nan"), len(both), len(all_members), "there was no profit a year before")
    return Growth(100.0 * (total / base - 1.0), len(both), len(all_members))


def other_units(quarter: Quarter, now: Mapping[int, float], before: Mapping[int, float]) -> list[Finding]:
    """Return a quarantine of all groups if companies usually earn a twentieth, or twenty times, of before."""
    ratios = [abs(now[c] / before[c]) for c in now.keys() & before.keys() if before[c]]
    usual = float(np.median(ratios)) if len(ratios) >= _ENOUGH else 1.0
    if 1.0 / _APART <= usual <= _APART:
        return []
    message = (
        f"In the quarter to {quarter_end(quarter)} companies usually earn {usual:.3g} times as much as "
        f"a year before: a frame is in other units, it seems."
    )
    return [Finding("implausible_units", Severity.QUARANTINE, message, first=quarter_end(quarter))]


def one_decides(
    fund: str, quarter: Quarter, now: Mapping[int, float], before: Mapping[int, float], members: Iterable[int]
) -> list[Finding]:
    """Return a quarantine of a group's growth that one company decides.

    It earns twenty times, or a twentieth, of before, and that is a fifth of all that the group earned or
    lost: thousands for dollars, more likely than not.
    """
    both = set(members) & now.keys() & before.keys()
    gross = sum(abs(before[c]) for c in both)
    odd = [
        c
        for c in sorted(both)
        if abs(now[c] - before[c]) >= _DECIDES * gross > 0.0
        and max(abs(now[c]), abs(before[c])) >= _APART * min(abs(now[c]), abs(before[c]))
    ]
    series = f"SEC.GROUP.{fund}.EARNINGS_GROWTH"
    return [
        Finding(
            "unit_jump",
            Severity.QUARANTINE,
            f"CIK {c} earned {now[c]:.6g} in the quarter to {quarter_end(quarter)} and {before[c]:.6g} "
            f"a year before, and decides the growth of {fund}: other units, it seems.",
            series=series,
            first=quarter_end(quarter),
        )
        for c in odd
    ]


def _pair(
    frames: Mapping[str, Mapping[int, FrameValue]], quarter: Quarter
) -> tuple[dict[int, float], dict[int, float]]:
    """Return each company's value in a quarter, and a year before."""
    return quarter_values(frames, quarter), quarter_values(frames, (quarter[0] - 1, quarter[1]))


def members_of(fund: str, response: Response, ciks: Mapping[str, int]) -> tuple[set[int], int]:
    """Return the company numbers of a fund's shares of companies, and how many have no number.

    Tickers are compared by letters and digits alone: an issuer writes BRKB, the SEC BRK-B.
    """
    ishares.check_holdings(response)
    by_letters = {_letters(ticker): cik for ticker, cik in ciks.items()}
    parsed = ishares.parse_day_file(fund, response)
    found: set[int] = set()
    unknown = 0
    for block in parsed.blocks:
        if block.meta.field is not Field.WEIGHT or block.meta.attributes.get("asset_class") != "Equity":
            continue
        cik = by_letters.get(_letters(block.meta.series.removeprefix(f"HOLD.{fund}.").split(".")[0]))
        if cik is None:
            unknown += 1
        else:
            found.add(cik)
    return found, unknown


def _letters(ticker: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", ticker.upper())


def parse(responses: Sequence[Response]) -> ParsedFile:
    """Return growth and number of companies of each group, for all quarters whose frames are there.

    responses: as `fetch` returned them. Raises: FetchError if one of them is not what it should be.
    """
    if len(responses) < 2 + len(GROUPS):
        raise FetchError("empty", "Growth of earnings needs tickers, holdings and frames.", url=FRAME_URL)
    for response in (responses[0], *responses[1 + len(GROUPS) :]):
        check_sec(response)  # the others are the issuer's
    ciks = ciks_by_ticker(responses[0])
    frames: dict[str, dict[int, FrameValue]] = {}
    last = responses[-1]
    source = Source(
        id=f"sec:groups:{last.sha256[:8]}",
        publisher="U.S. Securities and Exchange Commission",
        title="Net income in frames, by members of iShares funds",
        url=last.url,
        licence="public domain; lists of members: BlackRock, for your own research",
        retrieved_at=max(r.fetched_at for r in responses),
        sha256=last.sha256,
    )
    out = ParsedFile(source=source, reader=READER)
    for response in responses[1 + len(GROUPS) :]:
        period, values, bad = parse_frame(response)
        frames[period] = values
        out.rows_read += len(values) + bad
        if bad:
            message = f"{bad} rows of the frame {period} cannot be used."
            out.findings.append(Finding("unreadable_facts", Severity.REJECTED, message, count=bad))
    quarters = _complete(frames)
    for quarter in quarters:
        out.findings += other_units(quarter, *_pair(frames, quarter))
    for fund, response in zip(GROUPS, responses[1:], strict=False):
        members, unknown = members_of(fund, response, ciks)
        if unknown:
            message = f"{unknown} members of {fund} have no number at the SEC and do not count."
            out.findings.append(Finding("members_unknown", Severity.INFO, message, count=unknown))
        _add_group(out, fund, members, frames, quarters)
    return out


def _complete(frames: Mapping[str, Mapping[int, FrameValue]]) -> list[Quarter]:
    """Return the quarters that have all frames they need, in order."""
    years = {int(found[1]) for name in frames if (found := _PERIOD.fullmatch(name))}
    all_quarters = [(year, number) for year in sorted(years) for number in (1, 2, 3, 4)]
    return [q for q in all_quarters if frames.keys() >= set(periods_for([q]))]


def _add_group(
    out: ParsedFile,
    fund: str,
    members: set[int],
    frames: Mapping[str, Mapping[int, FrameValue]],
    quarters: Sequence[Quarter],
) -> None:
    found = [growth(*_pair(frames, q), members) for q in quarters]
    for quarter in quarters:
        out.findings += one_decides(fund, quarter, *_pair(frames, quarter), members)
    for quarter, one in zip(quarters, found, strict=True):
        if one.why:
            end = quarter_end(quarter)
            message = f"Earnings growth of {fund} in the quarter to {end} is unknown: {one.why}."
            series = f"SEC.GROUP.{fund}.EARNINGS_GROWTH"
            out.findings.append(
                Finding("growth_unknown", Severity.WARNING, message, series=series, first=end)
            )
    if not quarters:
        return
    retrieved = out.source.retrieved_at
    dates = np.array([quarter_end(q) for q in quarters], dtype="datetime64[D]")
    for what, unit, values in (
        ("EARNINGS_GROWTH", Unit.PERCENT, [g.percent for g in found]),
        ("COMPANIES", Unit.COUNT, [float(g.companies) for g in found]),
    ):
        meta = SeriesMeta(
            series=f"SEC.GROUP.{fund}.{what}",
            field=Field.VALUE,
            unit=unit,
            frequency=Frequency.QUARTERLY,
            source=out.source.id,
            vintage=retrieved.date() if retrieved else None,
            retrieved_at=retrieved,
            attributes={
                "group": GROUPS[fund],
                "members": f"{len(members)} members of {fund} on the day of the fetch",
                "basis": "net income against the same quarter a year before, same companies",
            },
        )
        out.blocks.append(SeriesBlock(meta, dates, np.array(values, dtype=np.float64)))
