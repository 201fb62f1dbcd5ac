"""FRED: without a key the newest values as CSV, with a key those of every real-time period as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.parsing import finish, need, only, read, refused
from rotascope.ingest.providers.sanity import implausible_rates, rate_jumps
from rotascope.ingest.readers import fred
from rotascope.ingest.readers.known import fred_kind
from rotascope.ingest.readers.sample import Sample
from rotascope.model.findings import Finding, Severity
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, to_date

CSV_URL = "https://fred.stlouisfed.org/graph/fredgraph.csv"
API_URL = "https://api.stlouisfed.org/fred/series/observations"
KEY_NAME = "FRED_API_KEY"
PAGE = 100_000  # rows that the API sends at most
DEFAULTS = (
    *("DGS10", "DGS2", "DGS30", "DFII10", "T10Y2Y", "T10YIE", "AAA", "BAA", "BAMLH0A0HYM2", "FEDFUNDS"),
    *("DCOILWTICO", "VIXCLS", "CPIAUCSL", "CPILFESL", "UNRATE", "USREC"),
)
_ID = re.compile(r"[A-Z][A-Z0-9_]{1,29}")
_AROUND_ZERO = re.compile(r"STLFSI|NFCI|PPI|WILL")  # indices of conditions, and changes, cross zero
_NOMINAL = re.compile(r"DGS\d+(MO)?|GS\d+M?|TB\d+MS|DTB\d+|FEDFUNDS|DFF|D?AAA|D?BAA|MORTGAGE\d+US|BAML\w+")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_FIX = f"Set {KEY_NAME} to a key from https://fred.stlouisfed.org/docs/api/api_key.html, or unset it."


class Fred:
    """One task for each series. `key`: the API key, or empty for the CSV downloads that need none.

    With a key and `since`, a revised series brings each vintage since that day; the first of them is what was
    known on that day. Without `since`, or without a key, the newest values, with the day of the fetch as
    vintage. Series that are not revised (yields, prices) have no vintages.
    """

    name = "fred"
    terms = Terms(
        publisher="Federal Reserve Bank of St. Louis (FRED)",
        what="rates, spreads, prices, activity; with a key the vintages of revised series",
        licence="differs from series to series; some belong to others and may not be passed on",
        terms_url="https://fred.stlouisfed.org/legal/",
        revisions="macro series are revised; rates and prices hardly ever",
        limits="120 requests a minute with a key, not stated without one; two a second at most are sent",
        needs="nothing; `FRED_API_KEY` for vintages",
        tested="files as downloaded, a recorded API answer, documented API answers with real-time periods",
    )

    def __init__(self, key: str = "", defaults: Sequence[str] = DEFAULTS) -> None:
        self._key = key.strip()
        self._defaults = tuple(defaults)

    def __repr__(self) -> str:
        return f"Fred({'with' if self._key else 'without'} a key)"

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each series that FRED is known to have, or that is asked for as `fred:ID`."""
        out = []
        for wanted in self._defaults if series is None else series:
            id = asked_for(self.name, wanted)
            if id is not None and _ID.fullmatch(id) and (":" in wanted or fred_kind(id).known):
                out.append(Task(self.name, f"{self.name}:{id}", (id,)))
        return list(dict.fromkeys(out))

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch the whole series: it is small, and a part of it would hide the rest."""
        id = task.series[0]
        if not self._key:
            return [fetcher.get(Request(CSV_URL, {"id": id}, accept="csv"))]
        params = {"series_id": id, "file_type": "json", "limit": str(PAGE)}
        if since is not None and fred_kind(id).revised:
            params |= {"realtime_start": since.isoformat(), "realtime_end": "9999-12-31"}
        responses: list[Response] = []
        while True:
            paged = params | ({"offset": str(PAGE * len(responses))} if responses else {})
            request = Request(API_URL, paged, secret_params={"api_key": self._key}, accept="json")
            responses.append(fetcher.get(request))
            if not _more(responses):
                return responses

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the series as it is known now."""
        return self.parse_vintages(task, responses)[-1]

    def parse_vintages(self, task: Task, responses: Sequence[Response]) -> list[ParsedFile]:
        """Return one file for each vintage, the oldest first; one in all where there are no vintages."""
        first = only(task, responses)
        if first.body.lstrip()[:1] not in (b"{", b"["):
            return [self._csv(task, responses)]
        rows = _observations(responses)
        vintages = _vintages(rows, fred_kind(task.series[0]).revised)
        return [self._json(task, responses, day, known) for day, known in vintages]

    def _csv(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        id, response = task.series[0], responses[0]
        sample = Sample(Path(f"{id}.csv"), response.body)
        if not sample.header or sample.names[0] not in ("observationdate", "date"):
            raise refused("unexpected_shape", "The first column is not one of dates.", responses)
        need("column", (id,), sample.header[1:], responses)
        parsed = read(fred.parse_csv, "fred-csv/1", f"{id}.csv", response.body, response.fetched_at)
        parsed.blocks[:] = [b for b in parsed.blocks if b.meta.series == id]
        return self._checked(parsed, task, responses)

    def _json(
        self, task: Task, responses: Sequence[Response], vintage: date | None, rows: list[dict[str, Any]]
    ) -> ParsedFile:
        id = task.series[0]
        fetched = max(r.fetched_at for r in responses)
        # The reader takes the day of retrieval for the vintage, and refuses what is dated after it.
        at = fetched if vintage is None else datetime.combine(vintage, time(12), UTC)
        body = json.dumps({"observations": rows}).encode()
        parsed = read(fred.parse_json, "fred-json/1", f"{id}.json", body, at)
        parsed.blocks[:] = [replace(b, meta=replace(b.meta, retrieved_at=fetched)) for b in parsed.blocks]
        identity = "" if vintage is None else f"fred:{id}:{vintage}"
        return self._checked(parsed, task, responses, identity)

    def _checked(
        self, parsed: ParsedFile, task: Task, responses: Sequence[Response], identity: str = ""
    ) -> ParsedFile:
        if parsed.blocks and not fred_kind(task.series[0]).revised:  # rates, not shares of people
            parsed.findings += implausible_rates(parsed.blocks) + rate_jumps(parsed.blocks)
        for block in parsed.blocks:
            if len(block) < 3 and bool(np.all(block.dates == block.dates.astype("datetime64[M]"))):
                # First days of months: of months, of quarters? The wrong answer would date them wrong.
                raise refused(
                    "unexpected_shape",
                    f"{len(block)} values do not tell how often {block.meta.series} has one.",
                    responses,
                )
        parsed.findings += _below_zero(parsed)
        return finish(parsed, task, responses, identity=identity)


def _document(response: Response) -> Mapping[str, Any]:
    try:
        document = json.loads(response.body)
    except ValueError:
        raise refused("not_json", "The answer is damaged JSON.", [response]) from None
    rows = document.get("observations") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise refused("unexpected_shape", "The answer has no list of observations.", [response])
    return document  # type: ignore[no-any-return]


def _more(responses: Sequence[Response]) -> bool:
    """Return whether the API has further pages."""
    document = _document(responses[-1])
    count = document.get("count")
    done = sum(len(_document(r)["observations"]) for r in responses)
    return isinstance(count, int) and bool(document["observations"]) and done < count


def _observations(responses: Sequence[Response]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for response in responses:
        rows += _document(response)["observations"]
    if not rows:
        raise refused("empty", "The answer has no observations.", responses)
    for row in rows:
        if not isinstance(row, dict) or not {"date", "value"} <= row.keys():
            raise refused(
                "unexpected_shape", f"An observation has no date or no value: {str(row)[:80]}.", responses
            )
    return rows


def _vintages(rows: list[dict[str, Any]], revised: bool) -> list[tuple[date | None, list[dict[str, Any]]]]:
    """Return what was known on each day on which something changed; None where that is not told or asked.

    A row is known from its `realtime_start` to its `realtime_end`, both included.
    """
    starts = sorted({str(row.get("realtime_start", "")) for row in rows})
    if not revised or not all(_ISO.fullmatch(start) for start in starts):
        return [(None, _newest(rows))]
    out: list[tuple[date | None, list[dict[str, Any]]]] = []
    for start in starts:
        known = [r for r in rows if r["realtime_start"] <= start <= str(r.get("realtime_end", "9999-12-31"))]
        out.append((date.fromisoformat(start), known))
    return out


def _newest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of several rows for one date the one that was known last."""
    newest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: str(r.get("realtime_start", ""))):
        newest[str(row["date"])] = row
    return [newest[day] for day in sorted(newest)]


def _below_zero(parsed: ParsedFile) -> list[Finding]:
    """Values below zero: quarantined where they cannot be, a warning for nominal rates, which could."""
    findings = []
    for block in parsed.blocks:
        series, unit = block.meta.series, fred_kind(block.meta.series).unit
        bad = block.values < 0.0
        impossible = (unit in (Unit.INDEX_LEVEL, Unit.COUNT) and not _AROUND_ZERO.match(series)) or (
            series == "UNRATE"
        )
        if bad.any() and (impossible or _NOMINAL.fullmatch(series)):
            days = block.dates[bad]
            findings.append(
                Finding(
                    "negative_value",
                    Severity.QUARANTINE if impossible else Severity.WARNING,
                    f"{len(days)} values of {series} are negative, the first on {days[0]}.",
                    series=series,
                    field=str(block.meta.field),
                    first=to_date(days[0]),
                    last=to_date(days[-1]),
                    count=len(days),
                )
            )
    return findings
