"""Everything that can go wrong, for every source: one list for the tests and for the table in the manual."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, FetchError, Response
from rotascope.ingest.fetch.policy import Policy
from rotascope.ingest.providers.base import Provider, Task
from rotascope.ingest.providers.fred import API_URL, CSV_URL, Fred
from rotascope.ingest.providers.french import FOLDER, French
from rotascope.ingest.providers.sanity import compare_with_stored
from rotascope.ingest.providers.stooq import Stooq
from rotascope.ingest.providers.treasury import URL as TREASURY_URL
from rotascope.ingest.providers.treasury import Treasury
from rotascope.ingest.providers.yahoo import CHART_URL, Yahoo
from rotascope.ingest.quality import run_gates
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store.series import ParsedFile, SeriesBlock
from standin import answers, content
from standin.clock import NOON, FakeClock
from standin.server import SPOILERS, Reply, StandIn

KEY = "0123456789abcdef0123456789abcdef"
YEARS = (2025, 2026)
Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Subject:
    """A source under test: its provider, a task, its good answers by address, and how to spoil their content.

    spoils: by the name of the case. file: its bytes come from a person; nothing is fetched.
    """

    name: str
    provider: Provider
    task: Task
    good: Mapping[str, Reply]
    spoils: Mapping[str, Change]
    file: bool = False


@dataclass(frozen=True)
class Case:
    """One thing that goes wrong. transport: the server does it to any answer; otherwise content is spoilt."""

    name: str
    what: str
    transport: str = ""
    policy: Policy = field(default_factory=Policy)


CASES = (
    Case("429", "too many requests (429)", "429"),
    Case("429 seconds", "429 with Retry-After: 7", "429_retry_after"),
    Case("429 date", "429 with Retry-After as a date", "429_retry_after_date"),
    Case("429 hours", "429 with Retry-After: 7200", "429_retry_after_hours"),
    Case("401", "no or a wrong crumb or key (401)", "401_crumb"),
    Case("403", "the program is refused (403)", "403"),
    Case("404", "nothing there (404)", "404"),
    Case("500", "the server fails (500)", "500"),
    Case("503", "the server is busy (503)", "503"),
    Case("slow", "no answer in time", "slow", Policy(read=0.08)),
    Case("cut off", "the connection ends too early", "cut_off"),
    Case("gzip broken", "packed bytes are damaged", "gzip_broken"),
    Case("gzip cut", "packed bytes end too early", "gzip_cut"),
    Case("redirect loop", "redirected in circles", "redirect_loop"),
    Case("html wall", "a page for browsers, with status 200", "html_wall"),
    Case("quota text", "a line about a quota, with status 200", "quota_text"),
    Case("empty", "nothing, with status 200", "empty"),
    Case("json null", "the JSON value null", "json_null"),
    Case("renamed", "columns have other names"),
    Case("reordered", "columns stand in another order"),
    Case("other units", "all values a hundredth of what they were"),
    Case("hundredfold", "some values a hundred times too large"),
    Case("negative", "a negative price or value"),
    Case("nan", "NaN in place of values"),
    Case("text", "a word in place of values"),
    Case("missing split", "a split is not stated, and prices before it are as traded"),
    Case("same again", "yesterday's bytes again"),
)
BY_NAME = {case.name: case for case in CASES}


@dataclass(frozen=True)
class Outcome:
    """What became of a case. error: its code, or empty. findings: of warning and above, and what was lost."""

    error: str = ""
    message: str = ""
    tries: int = 0
    waited: float = 0.0
    unchanged: bool = False
    findings: tuple[Finding, ...] = ()
    before: tuple[SeriesBlock, ...] = ()
    after: tuple[SeriesBlock, ...] = ()
    kept: bool = True  # whether the last good bytes are still those of their address

    @property
    def codes(self) -> dict[str, Severity]:
        """Return the findings' codes with the gravest severity of each."""
        order = list(Severity)
        out: dict[str, Severity] = {}
        for found in self.findings:
            if found.code not in out or order.index(found.severity) > order.index(out[found.code]):
                out[found.code] = found.severity
        return out


# ---- the sources ---------------------------------------------------------------------------------------


def _of_chart(change: Callable[[content.Chart], None]) -> Change:
    return lambda body: answers.as_json(content.changed(json.loads(body), change))


def _of_table(change: Callable[[content.Rows], None], header: str) -> Change:
    return lambda body: content.table(body.decode(), change, header).encode()


def _of_zip(change: Callable[[content.Rows], None]) -> Change:
    return lambda body: answers.zipped(content.table(answers.unzipped(body), change, ",Mkt-RF"))


def _of_api(change: Callable[[list[dict[str, str]]], None]) -> Change:
    def changed(body: bytes) -> bytes:
        document = json.loads(body)
        change(document["observations"])
        return answers.as_json(document)

    return changed


def _api_scale(factor: float, first: int, last: int | None = None) -> Change:
    def change(rows: list[dict[str, str]]) -> None:
        for row in rows[first:last]:
            row["value"] = f"{float(row['value']) * factor:.6g}"

    return _of_api(change)


def _api_put(text: str) -> Change:
    return _of_api(lambda rows: rows[40].update(value=text))


def _api_rename(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["observation"] = row.pop("value")


def _api_reorder(rows: list[dict[str, str]]) -> None:
    rows.reverse()
    for row in rows:
        row["date"] = row.pop("date")


def _tables(wrap: Callable[[Callable[[content.Rows], None]], Change]) -> dict[str, Change]:
    return {
        "renamed": wrap(content.rename),
        "reordered": wrap(content.reorder),
        "other units": wrap(content.scale(0.01)),
        "hundredfold": wrap(content.scale(100.0, 30, 35)),
        "negative": wrap(content.negate),
        "nan": wrap(content.put("NaN")),
        "text": wrap(content.put("n.m.")),
        "same again": lambda body: body,
    }


def subjects() -> list[Subject]:
    """Return the sources, each with small answers of its own."""
    return [_yahoo(), _fred(), _fred_api(), _french(), _treasury(), _stooq()]


def _yahoo() -> Subject:
    provider = Yahoo()
    chart = answers.chart("IWM", split=(150, 4.0))
    session = {
        "https://fc.yahoo.com/": Reply(b"", 404, headers=(("Set-Cookie", "A3=d=abcdef&S=xyz; Path=/"),)),
        "https://query1.finance.yahoo.com/v1/test/getcrumb": Reply(b"nEwCrumb.12"),
    }
    spoils = {
        "renamed": _of_chart(content.chart_rename),
        "reordered": _of_chart(content.chart_reorder),
        "other units": _of_chart(content.chart_scale(0.01, 0)),
        "hundredfold": _of_chart(content.chart_scale(100.0, 30, 35)),
        "negative": _of_chart(content.chart_scale(-1.0, 40, 41)),
        "nan": _of_chart(content.chart_put(float("nan"), 40)),
        "text": _of_chart(content.chart_put("n.m.", 40)),  # type: ignore[arg-type]
        "missing split": _of_chart(content.chart_unsplit(150, 4.0)),
        "same again": lambda body: body,
    }
    good = {CHART_URL.format(symbol="IWM"): Reply.json(chart), **session}
    return Subject("Yahoo", provider, provider.tasks(["IWM"])[0], good, spoils)


def _fred() -> Subject:
    provider = Fred()
    good = {CSV_URL: Reply.csv(answers.fredgraph())}
    spoils = _tables(lambda change: _of_table(change, "observation_date"))
    del spoils["reordered"]  # there is one column
    return Subject("FRED, CSV", provider, provider.tasks(["DGS10"])[0], good, spoils)


def _fred_api() -> Subject:
    provider = Fred(KEY)
    spoils = {
        "renamed": _of_api(_api_rename),
        "reordered": _of_api(_api_reorder),
        "other units": _api_scale(0.01, 0),
        "hundredfold": _api_scale(100.0, 30, 35),
        "negative": _api_scale(-1.0, 40, 41),
        "nan": _api_put("NaN"),
        "text": _api_put("n.m."),
        "same again": lambda body: body,
    }
    good = {API_URL: Reply.json(answers.api_rates())}
    return Subject("FRED, API", provider, provider.tasks(["DGS10"])[0], good, spoils)


def _french() -> Subject:
    provider = French()
    task = next(t for t in provider.tasks(["FF.HML.M"]))
    good = {f"{FOLDER}*": Reply(answers.zipped(answers.factors()), content_type="application/zip")}
    return Subject("Ken French", provider, task, good, _tables(_of_zip))


def _treasury() -> Subject:
    provider = Treasury(date(2026, 10, 1), first_year=YEARS[0])
    good = {TREASURY_URL.format(year=year): Reply.csv(answers.par_yields(year)) for year in YEARS}
    spoils = _tables(lambda change: _of_table(change, "Date"))
    return Subject("Treasury", provider, provider.tasks()[0], good, spoils)


def _stooq() -> Subject:
    provider = Stooq()
    spoils = _tables(lambda change: _of_table(change, "Date"))
    good = {"file": Reply.csv(answers.stooq())}
    return Subject("Stooq, file", provider, provider.tasks(["stooq:IWM"])[0], good, spoils, file=True)


# ---- running a case ------------------------------------------------------------------------------------


def applies(case: Case, subject: Subject) -> bool:
    """Return whether a case makes sense for a source."""
    if case.transport:
        return not subject.file or case.transport in ("html_wall", "quota_text", "empty", "json_null")
    return case.name in subject.spoils


def run(case: Case, subject: Subject) -> Outcome:
    """Fetch well, then let it go wrong a day later, and return what became of the second fetch."""
    with StandIn() as server, tempfile.TemporaryDirectory() as folder:
        for url, reply in subject.good.items():
            server.add(url, reply)
        clock = FakeClock(NOON - timedelta(days=1))
        if subject.file:
            first = _file(subject, "")
        else:
            first = subject.provider.fetch(subject.task, server.fetcher(Path(folder), clock))
        good = subject.provider.parse(subject.task, first)
        _spoil(server, case, subject)
        server.seen.clear()
        clock.passed = 86_400.0
        clock.slept.clear()
        fetcher = server.fetcher(Path(folder), clock, policy=case.policy)
        outcome = _second(case, subject, good, fetcher)
        rows = [fetcher.evidence.row(r.url) for r in first]
        kept = all(row is not None and row.sha256 == r.sha256 for row, r in zip(rows, first, strict=True))
        return replace(
            outcome, tries=len(server.seen), waited=sum(clock.slept), kept=kept, before=tuple(good.blocks)
        )


def _spoil(server: StandIn, case: Case, subject: Subject) -> None:
    if case.transport:
        server.spoil(case.transport)
        return
    change = subject.spoils[case.name]
    main = next(iter(subject.good)) if subject.name != "Treasury" else list(subject.good)[-1]
    server.spoil(lambda reply: replace(reply, body=change(reply.body)), main)


def _file(subject: Subject, case: str) -> list[Response]:
    reply = subject.good["file"]
    if case in SPOILERS:
        reply = SPOILERS[case](reply)
    elif case:
        reply = replace(reply, body=subject.spoils[case](reply.body))
    return [Response("file:iwm_us_d.csv", 200, {}, reply.body, NOON)]


def _second(case: Case, subject: Subject, good: ParsedFile, fetcher: Fetcher) -> Outcome:
    known = {(b.meta.series, b.meta.field): b for b in good.blocks}

    def stored(series: str, field: Field) -> SeriesBlock | None:
        return known.get((series, field))

    try:
        if subject.file:
            responses = _file(subject, case.transport or case.name)
        else:
            responses = subject.provider.fetch(subject.task, fetcher)
        parsed = subject.provider.parse(subject.task, responses)
    except FetchError as error:
        return Outcome(error.code, str(error))
    found = [*parsed.findings, *run_gates(parsed, today=NOON.date(), known=stored)]
    found += compare_with_stored(parsed.blocks, stored)
    return Outcome(
        unchanged=all(r.unchanged for r in responses) or (case.name == "same again" and subject.file),
        findings=tuple(found),
        after=tuple(parsed.blocks),
    )


def silent_changes(outcome: Outcome) -> list[str]:
    """Return what differs between the good values and those read, without a finding about that series.

    A value that changed needs a warning at least; one that is gone needs any finding.
    """
    grave = {f.series for f in outcome.findings if f.severity is not Severity.INFO}
    noted = {f.series for f in outcome.findings}
    out = []
    after = {(b.meta.series, b.meta.field): b for b in outcome.after}
    for block in outcome.before:
        new = after.get((block.meta.series, block.meta.field))
        name = f"{block.meta.series} {block.meta.field}"
        if new is None:
            if not ({block.meta.series, ""} & noted):
                out.append(f"{name} is gone")
            continue
        _, left, right = np.intersect1d(block.dates, new.dates, return_indices=True)
        if len(left) < len(block.dates) and not ({block.meta.series, ""} & noted):
            out.append(f"{name} has lost rows")
        same = np.isclose(block.values[left], new.values[right], rtol=1e-9, equal_nan=True)
        if not bool(same.all()) and not ({block.meta.series, ""} & grave):
            out.append(f"{name} has changed")
    return out


def cell(outcome: Outcome) -> str:
    """Return an outcome as a cell of the table."""
    if outcome.error:
        tries = f", {outcome.tries} tries" if outcome.tries > 1 else ""
        return f"error `{outcome.error}`{tries}"
    order = {
        Severity.REJECTED: "rows rejected",
        Severity.QUARANTINE: "quarantine",
        Severity.WARNING: "warning",
    }
    parts = []
    for severity, word in order.items():
        codes = sorted(code for code, level in outcome.codes.items() if level is severity)
        if codes:
            parts.append(f"{word} {', '.join(f'`{code}`' for code in codes)}")
    if not parts and outcome.unchanged:
        return "known to be unchanged"
    if not parts:
        infos = sorted(outcome.codes)
        return f"noted {', '.join(f'`{code}`' for code in infos)}" if infos else "read correctly"
    return "; ".join(parts)
