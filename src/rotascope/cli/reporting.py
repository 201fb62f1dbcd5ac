"""The commands `report`, `fact` and `metrics`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rotascope.app import workflows
from rotascope.app.explain import describe
from rotascope.app.settings import Settings
from rotascope.model.documents import Document
from rotascope.model.errors import BadInputError

FORMATS = ("terminal", "markdown", "html", "json", "pdf", "ixbrl")


def run_report(
    *,
    case: str | None,
    start: date | None,
    end: date | None,
    period: str | None,
    as_of: date | None,
    universe: str,
    out: Path | None,
    formats: str,
    cite: tuple[str, ...] = (),
    cite_saved: bool = False,
    related: bool,
    open_page: bool,
    as_json: bool,
) -> None:
    """Write a report and say where it is."""
    chosen = _formats(formats)
    request = workflows.ReportRequest(
        case=case,
        start=start,
        end=end,
        period=period,
        as_of=as_of,
        universe=universe,
        formats=chosen,
        related=related,
        cite=cite,
        cite_saved=cite_saved,
    )
    quiet = as_json or not sys.stderr.isatty()
    result = workflows.make_report(
        Settings.from_environment(),
        request,
        lambda document: out or Path("reports") / slug(document),
        progress=(lambda _: None) if quiet else (lambda step: print(f"… {step}", file=sys.stderr)),
    )
    if result.warning:
        print(f"The report is complete, but could not be listed: {result.warning}", file=sys.stderr)
    if as_json:
        _print_json(_summary(result))
        _open(open_page, result.folder)
        return
    if "terminal" in chosen:
        _print_article(result.document)
    print(
        f"\nVerified: {result.facts} facts recomputed from {result.observations:,} observations; "
        f"{result.spans:,} marked places and {result.claims} comparisons in the text hold."
    )
    print(f"The report lies in {result.folder}")
    page = result.folder / "report.html"
    print(f"  read it:  {page if page.exists() else result.folder / 'report.json'}")
    if (pdf := result.folder / "report.pdf").exists():
        print(f"  hand on:  {pdf}")
    print(f"  check it: python3 {result.folder / 'verify.py'}")
    _open(open_page, result.folder)


def _open(wanted: bool, folder: Path) -> None:
    if wanted:
        from rotascope.cli.showing import open_report

        open_report(folder)


def run_again(folder: Path) -> int:
    """Typeset the PDF of a report again; return 0 if its bytes are the same, else 1. Speaks on stderr."""
    from rotascope.app.again import same_pdf

    same = same_pdf(folder)
    other = (
        "FAIL pdf-again report.pdf: typeset again it has other bytes. "
        "It was changed, or made by another version of the program or of typst."
    )
    print("report.pdf: the same bytes again." if same else other, file=sys.stderr)
    return 0 if same else 1


def slug(document: Document) -> str:
    """Return a folder name for a document: its case, or its window."""
    return document.case or f"{document.window.start:%Y-%m-%d}_{document.window.end:%Y-%m-%d}"


def _formats(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in chosen:
        if name not in FORMATS:
            raise BadInputError(f"There is no format '{name}'.", fix=f"Formats: {', '.join(FORMATS)}.")
    return chosen


def _summary(result: workflows.ReportResult) -> dict[str, Any]:
    return {
        "title": result.document.title,
        "folder": str(result.folder),
        "as_of": result.document.as_of.isoformat(),
        "window": result.document.window.as_json(),
        "facts": result.facts,
        "observations": result.observations,
        "verified": True,
    }


def _print_article(document: Document) -> None:
    from rich.console import Console

    from rotascope.report.render import render_terminal

    render_terminal(document, Console())


def run_fact(
    *,
    metric: str,
    series: tuple[str, ...],
    start: date | None,
    end: date | None,
    period: str | None,
    base: str,
    as_of: date | None,
    params: Mapping[str, Any],
    universe: str,
    as_json: bool,
) -> None:
    """Print one fact."""
    if base not in ("prior_close", "open"):
        raise BadInputError(f"--base is '{base}'.", fix="It is prior_close or open.")
    window = workflows.choose_window(start, end, period, as_of, "open" if base == "open" else "prior_close")
    answer = workflows.make_fact(
        Settings.from_environment(),
        metric,
        series,
        window,
        as_of=as_of,
        universe=universe,
        params=params,
    )
    if as_json:
        _print_json(answer.as_json())
        return
    print(describe(answer.fact, {f.id: f for f in answer.rests_on}))


def run_metrics(*, as_json: bool) -> None:
    """List the catalogue."""
    from rotascope.facts.catalogue import load_metrics

    found = sorted(load_metrics().values(), key=lambda m: m.name)
    if as_json:
        _print_json(
            [
                {
                    "name": m.name,
                    "unit": str(m.unit),
                    "decimals": m.decimals,
                    "takes": m.takes,
                    "recipe": m.recipe,
                    "summary": m.summary,
                    "params": dict(m.params),
                }
                for m in found
            ]
        )
        return
    width = max(len(m.name) for m in found)
    for m in found:
        print(f"{m.name:<{width}}  {m.unit:<11}  {m.summary}")


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
