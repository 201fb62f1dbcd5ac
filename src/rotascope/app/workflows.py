"""What the program does, for every front end alike."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotascope.app import library, wiring
from rotascope.app.citing import CitingReader
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.documents import Document
from rotascope.model.errors import BadWindowError, RotascopeError
from rotascope.model.facts import Base, Fact, Window
from rotascope.model.library import Shelf
from rotascope.model.press import CheckedArticle
from rotascope.model.universe import load_universe
from rotascope.report.bundle import FORMATS, bundle_files, write_bundle
from rotascope.report.case import Case

if TYPE_CHECKING:
    from rotascope_verify import Report as VerifierReport


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
    period: str | None = None  # instead of start and end: see `app.periods`
    as_of: date | None = None
    universe: str = "us"
    formats: tuple[str, ...] = FORMATS
    related: bool = True  # point to earlier reports and saved articles of the data home
    cite: tuple[str, ...] = ()  # saved articles whose figures are printed beside the data's
    cite_saved: bool = False  # all saved articles of the window whose figures were understood


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that is written and not yet published: its text, its facts by id, its files by name."""

    document: Document
    facts: Mapping[str, Fact]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ReportResult:
    """A published report."""

    document: Document
    folder: Path
    facts: int
    observations: int
    spans: int
    claims: int
    warning: str = ""  # why it could not be listed for related reading, where it could not


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


def choose_window(
    start: date | None, end: date | None, period: str | None, as_of: date | None, base: Base = "prior_close"
) -> Window:
    """Return the window that two dates, or the name of a period, ask for.

    Raises: BadWindowError for both, for neither, for one date alone, and for dates in the wrong order.
    """
    if period is not None:
        if start or end:
            raise BadWindowError(
                f"The period '{period}' has its own dates.", fix="Give --period, or --start and --end."
            )
        from rotascope.app.periods import window_of_period

        named = window_of_period(period, as_of)
        return window_of(named.start, named.end, base)
    if start is None or end is None:
        raise BadWindowError(
            "There is no window." if not (start or end) else "A window has two dates; one is missing.",
            fix="Give --start and --end, or --period such as 2026-01, 2025-Q4, 2025, ytd or last-month.",
        )
    return window_of(start, end, base)


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
    draft = draft_report(settings, request, progress=progress)
    progress("verifying every number")
    checked = check_files(draft.files)
    target = folder(draft.document)
    write_bundle(dict(draft.files), target)
    return ReportResult(
        draft.document,
        target,
        checked.facts,
        checked.observations,
        checked.spans,
        checked.claims,
        library.remember(settings, draft, target, _resolve(request)[3]),
    )


def draft_report(
    settings: Settings, request: ReportRequest, *, progress: Callable[[str], None] = lambda _: None
) -> Draft:
    """Write a report and return it with its facts and the files of its bundle; nothing is verified yet.

    Raises: NotAvailableError if no data covers the window.
    """
    window, as_of, case, universe = _resolve(request)
    progress("reading the data and writing the article")
    with wiring.open_reader(settings) as reader:
        cited = _cited(settings, reader, request, window, as_of, universe)
        desk = _desk(CitingReader(reader, cited) if cited else reader, universe, as_of)
        shelf = library.shelf(settings) if request.related else Shelf()
        document, files = article(desk, window, case, request.formats, shelf=shelf, articles=cited)
        facts = {f["id"]: desk.facts[f["id"]] for f in json.loads(files["facts.json"])}
    return Draft(document, facts, files)


def _cited(
    settings: Settings, reader: Any, request: ReportRequest, window: Window, as_of: date, universe: str
) -> list[CheckedArticle]:
    if not request.cite and not request.cite_saved:
        return []
    from rotascope.app.press import cited

    return cited(
        settings,
        reader,
        request.cite,
        saved=request.cite_saved,
        window=window,
        as_of=as_of,
        universe=universe,
    )


def article(
    desk: Desk,
    window: Window,
    case: Case | None,
    formats: Sequence[str] = FORMATS,
    *,
    shelf: Shelf = Shelf(),  # noqa: B008  it is frozen
    articles: Sequence[CheckedArticle] = (),
) -> tuple[Document, dict[str, bytes]]:
    """Return the document and the files of its bundle. `shelf`: what it may point to.

    `articles`: those whose figures it cites; the desk's reader must have the figures (`CitingReader`).
    """
    from rotascope.report.charts import draw
    from rotascope.report.compose import compose
    from rotascope_verify import single_file

    draw.warm()
    with _new_objects_only(), draw.Drawings() as drawings:
        document, used = compose(desk, window, case, shelf=shelf, articles=articles, begun=drawings.begin)
        files = bundle_files(desk, document, used, single_file(), formats, begun=drawings)
    return document, files


@contextmanager
def _new_objects_only() -> Iterator[None]:
    """Let the collector pass over what is in memory already: walking through it takes a tenth of a report.

    Where reports are written at the same time, the first to end ends this for all, and nothing else happens.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def check_files(files: Mapping[str, bytes]) -> VerifierReport:
    """Verify the files of a bundle and return what was checked. Raises PublicationError if anything fails."""
    report = verify_files(files)
    if report.failures:
        lines = "\n".join(f"  {f.code} {f.where}: {f.what}" for f in report.failures[:10])
        raise PublicationError(
            f"The report does not verify ({len(report.failures)} failures) and was not published:\n{lines}",
            fix="This is a bug in the writer; the data and your earlier reports are untouched.",
        )
    return report


def verify_files(files: Mapping[str, bytes]) -> VerifierReport:
    """Verify the files of a bundle, in a scratch folder."""
    import tempfile

    from rotascope_verify import verify

    with tempfile.TemporaryDirectory(prefix="rotascope-") as scratch:
        draft = Path(scratch) / "draft"
        write_bundle(dict(files), draft)
        return verify(draft)


def _resolve(request: ReportRequest) -> tuple[Window, date, Case | None, str]:
    if request.case is not None:
        if request.start or request.end or request.period:
            raise BadWindowError("A case has its own window.", fix="Give --case, or --start and --end.")
        case = wiring.find_case(request.case)
        return Window(case.start, case.end), request.as_of or case.as_of, case, case.universe
    as_of = request.as_of or wiring.today()
    if not (request.start or request.end or request.period):
        raise BadWindowError(
            "A report needs a window.",
            fix="Give --start and --end, --period such as 2026-01 or last-month, or --case january-2026.",
        )
    window = choose_window(request.start, request.end, request.period, request.as_of)
    return window, as_of, wiring.case_of_window(window.start, window.end, as_of), request.universe


def _desk(reader: Any, universe: str, as_of: date | None) -> Desk:
    from rotascope_verify import supported_ops

    day = as_of or wiring.today()
    if day > wiring.today():
        raise BadWindowError(
            f"The as-of date {day} is in the future.", fix=f"Use {wiring.today()} or earlier."
        )
    market = load_universe(universe)
    reader.expect(market.instruments)
    return Desk(reader, market, day, verifiable=supported_ops())
