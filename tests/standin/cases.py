"""Everything that can go wrong, for every source: one list for the tests and for the table in the manual."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, FetchError, Response
from rotascope.ingest.fetch.policy import Policy
from rotascope.ingest.providers.sanity import compare_with_stored
from rotascope.ingest.quality import run_gates
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store.series import ParsedFile, SeriesBlock
from standin.clock import NOON, FakeClock
from standin.server import SPOILERS, StandIn
from standin.subjects import Subject


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
    """What became of a case. error: its code, or empty. tries: how often one address was asked at most."""

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
        spoil(server, case, subject)
        server.seen.clear()
        clock.passed = 86_400.0
        clock.slept.clear()
        fetcher = server.fetcher(Path(folder), clock, policy=case.policy)
        outcome = _second(case, subject, good, fetcher)
        rows = [fetcher.evidence.row(r.url) for r in first]
        kept = all(row is not None and row.sha256 == r.sha256 for row, r in zip(rows, first, strict=True))
        asked = Counter(seen.url for seen in server.seen)
        return replace(
            outcome,
            tries=max(asked.values(), default=0),
            waited=sum(clock.slept),
            kept=kept,
            before=tuple(good.blocks),
        )


def spoil(server: StandIn, case: Case, subject: Subject) -> None:
    """Let a case go wrong from now on: for all answers on the way, or for the content of one."""
    if case.transport:
        server.spoil(case.transport)
        return
    change = subject.spoils[case.name]
    server.spoil(lambda reply: replace(reply, body=change(reply.body)), subject.main)


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


def table(sources: Sequence[Subject], outcome: Callable[[str, str], Outcome]) -> str:
    """Return a table in Markdown, a line for each case and a column for each source, and what is left out.

    outcome: what became of a case, by the names of the case and of the source.
    """
    lines = [f"| case | {' | '.join(s.name for s in sources)} |", f"|---|{'---|' * len(sources)}"]
    for case in CASES:
        if any(applies(case, s) for s in sources):
            cells = [cell(outcome(case.name, s.name)) if applies(case, s) else "" for s in sources]
            lines.append(f"| {case.what} | {' | '.join(cells)} |")
    why: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        for name, reason in source.without.items():
            why.setdefault((BY_NAME[name].what, reason), []).append(source.name)
    left = [f"- {what}: {reason} ({'; '.join(names)})." for (what, reason), names in why.items()]
    return "\n".join([*lines, *(["", "Left out:", "", *left] if left else [])])
