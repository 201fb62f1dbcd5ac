"""What the program does, for every front end alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.documents import Document
from rotascope.model.errors import BadWindowError, NotAvailableError, RotascopeError
from rotascope.model.facts import Base, Fact, Window
from rotascope.model.universe import load_universe
from rotascope.report.bundle import FORMATS, bundle_files, write_bundle
from rotascope.report.case import Case


class PublicationError(RotascopeError):
    """A finished report that its own verification rejects. It is not published."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class FactAnswer:
    """A fact with all facts it rests on."""

    fact: Fact
    rests_on: tuple[Fact, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the fact as one object; its input facts carry their values."""
        known = {f.id: f for f in self.rests_on}
        out = self.fact.as_json()
        for item in out["inputs"]:
            if item["kind"] == "fact":
                item["fact"] = FactAnswer(known[item["id"]], self.rests_on).as_json()
        return out


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is about. Either a case, or a window."""

    case: str | None = None
    start: date | None = None
    end: date | None = None
    as_of: date | None = None
    universe: str = "us"
    formats: tuple[str, ...] = FORMATS


@dataclass(frozen=True, slots=True)
class ReportResult:
    """A published report."""

    document: Document
    folder: Path
    facts: int
    observations: int
    spans: int
    claims: int


def make_fact(
    settings: Settings,
    metric: str,
    series: Sequence[str],
    window: Window,
    *,
    as_of: date | None = None,
    universe: str = "us",
    params: Mapping[str, Any] | None = None,
) -> FactAnswer:
    """Make one fact."""
    with wiring.open_reader(settings) as reader:
        desk = _desk(reader, universe, as_of)
        fact = find_metric(metric).fact(desk, tuple(series), window, **dict(params or {}))
        return FactAnswer(fact, tuple(desk.closure([fact])))


def window_of(start: date, end: date, base: Base = "prior_close") -> Window:
    """Return a window after a look at its dates."""
    if start > end:
        raise BadWindowError(f"The window runs from {start} to {end}.", fix="The start comes before the end.")
    return Window(start, end, base)


def make_report(
    settings: Settings,
    request: ReportRequest,
    folder: Callable[[Document], Path],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> ReportResult:
    """Write a report, verify it, and only then publish it as a bundle.

    Raises: PublicationError if verification finds anything; nothing is left behind then.
    """
    window, as_of, case, universe = _resolve(request)
    progress("reading the data and writing the article")
    with wiring.open_reader(settings) as reader:
        desk = _desk(reader, universe, as_of)
        document, files = article(desk, window, case, request.formats)
    asked = (window.start, window.end)
    if not any(f.window and (f.window.start, f.window.end) == asked for f in desk.facts.values()):
        raise NotAvailableError(
            f"Nothing in the data covers the window {window.start} to {window.end} as of {as_of}.",
            fix="`rotascope data status` shows what is there; choose a window inside, or import files.",
        )
    progress("verifying every number")
    target = folder(document)
    checked = _publish(files, target)
    return ReportResult(
        document, target, checked["facts"], checked["observations"], checked["spans"], checked["claims"]
    )


def article(
    desk: Desk, window: Window, case: Case | None, formats: Sequence[str] = FORMATS
) -> tuple[Document, dict[str, bytes]]:
    """Return the document and the files of its bundle."""
    from rotascope.report.compose import compose
    from rotascope_verify import single_file

    document, used = compose(desk, window, case)
    return document, bundle_files(desk, document, used, single_file(), formats)


def _publish(files: Mapping[str, bytes], target: Path) -> dict[str, int]:
    import tempfile

    from rotascope_verify import verify

    with tempfile.TemporaryDirectory(prefix="rotascope-") as scratch:
        draft = Path(scratch) / "draft"
        write_bundle(dict(files), draft)
        report = verify(draft)
    if report.failures:
        lines = "\n".join(f"  {f.code} {f.where}: {f.what}" for f in report.failures[:10])
        raise PublicationError(
            f"The report does not verify ({len(report.failures)} failures) and was not published:\n{lines}",
            fix="This is a bug in the writer; the data and your earlier reports are untouched.",
        )
    write_bundle(dict(files), target)
    return {
        "facts": report.facts,
        "observations": report.observations,
        "spans": report.spans,
        "claims": report.claims,
    }


def _resolve(request: ReportRequest) -> tuple[Window, date, Case | None, str]:
    if request.case is not None:
        if request.start or request.end:
            raise BadWindowError("A case has its own window.", fix="Give --case, or --start and --end.")
        case = wiring.find_case(request.case)
        return Window(case.start, case.end), request.as_of or case.as_of, case, case.universe
    if request.start is None or request.end is None:
        raise BadWindowError(
            "A report needs a window.", fix="Give --start and --end, or --case january-2026."
        )
    as_of = request.as_of or wiring.today()
    window = window_of(request.start, request.end)
    return window, as_of, wiring.case_of_window(window.start, window.end, as_of), request.universe


def _desk(reader: Any, universe: str, as_of: date | None) -> Desk:
    from rotascope_verify import supported_ops

    day = as_of or wiring.today()
    if day > wiring.today():
        raise BadWindowError(
            f"The as-of date {day} is in the future.", fix=f"Use {wiring.today()} or earlier."
        )
    return Desk(reader, load_universe(universe), day, verifiable=supported_ops())
