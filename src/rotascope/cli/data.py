"""The commands under `rotascope data`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rotascope.cli import refresh

if TYPE_CHECKING:
    from rotascope.app.data import SeriesStatus
    from rotascope.ingest.importer import ImportReport
    from rotascope.ingest.refresh.journal import Attempt
    from rotascope.model.observations import Field
    from rotascope.store.series import SeriesData

app = typer.Typer(help="The market database: import files, look at series.", no_args_is_help=True)

JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
_MOST_FINDINGS = 40
_MOST_NAMES = 8


@app.command("import")
def import_command(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The day that undated holdings describe.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every finding.")] = False,
    json_: JSON = False,
) -> None:
    """Read files into the database: prices, Ken French, FRED, holdings, flows, Shiller."""
    import json
    import sys

    from rotascope.app.data import import_files
    from rotascope.app.settings import Settings
    from rotascope.cli.app import parse_day

    settings = Settings.from_environment()
    chosen = parse_day(day, "--date") if day else None
    if json_ or not sys.stderr.isatty():
        report = import_files(settings, paths, day=chosen)
    else:
        report = _with_bar(paths, settings, chosen)
    print(json.dumps(report.as_json(), indent=2) if json_ else describe_import(report, verbose))
    if not any(f.outcome != "empty" for f in report.files):
        raise typer.Exit(1)


def _with_bar(paths: list[Path], settings: object, day: object) -> ImportReport:
    from datetime import date

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from rotascope.app.data import import_files
    from rotascope.app.settings import Settings

    assert isinstance(settings, Settings)
    columns = (
        TextColumn("importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        return import_files(
            settings,
            paths,
            day=day if isinstance(day, date) else None,
            progress=lambda p: bar.update(task, completed=p.done, total=p.total, description=p.file[-50:]),
        )


def describe_import(report: ImportReport, verbose: bool = False) -> str:
    """Return the report of an import for people: totals, then what needs a look, by file and row."""
    total = report.as_json()
    lines = [
        f"{total['files']} files in {report.seconds:.1f} s: {total['added']} added, "
        f"{total['unchanged']} already there, "
        f"{total['empty']} without data.",
        f"{total['series']:,} series, {total['rows']:,} rows, {total['values']:,} new values; "
        f"{total['rejected']:,} rows rejected.",
    ]
    levels = (
        ("rejected", "quarantine", "warning", "info") if verbose else ("rejected", "quarantine", "warning")
    )
    found = [f for level in levels for f in report.findings if f.severity == level]
    limit = len(found) if verbose else _MOST_FINDINGS
    for f in found[:limit]:
        where = f.file + (f", row {f.row}" if f.row else "")
        about = " ".join(x for x in (f.series, f.field) if x)
        lines.append(f"  {f.severity:<10} {f.code:<22} {where}: {about + ': ' if about else ''}{f.message}")
    if len(found) > limit:
        lines.append(f"  … and {len(found) - limit} more; --verbose names all, --json prints them.")
    hidden = total["severities"]["info"] if not verbose else 0
    if hidden:
        lines.append(f"  {hidden} notes not shown.")
    return "\n".join(lines)


@app.command("status")
def status_command(
    series: Annotated[str | None, typer.Argument(help="One series; all files by default.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="One line for each series, not for each file.")
    ] = False,
    json_: JSON = False,
) -> None:
    """Show series, dates, source, freshness, quality findings, and updates that failed last time."""
    import json

    from rotascope.app.data import status
    from rotascope.app.refresh import failed_attempts
    from rotascope.app.settings import Settings
    from rotascope.model.errors import RotascopeError

    settings = Settings.from_environment()
    failed = failed_attempts(settings, series)
    try:
        found = status(settings, series)
    except RotascopeError:
        if not failed:
            raise
        found = []  # asked for, and nothing of it has come in yet: the reason is below
    if json_:
        print(json.dumps(_status_json(found, failed), indent=2, ensure_ascii=False))
        return
    if series is None and not every:
        _print_lines(_FILE_COLUMNS, _by_file(found))
    else:
        _print_lines(_SERIES_COLUMNS, [_series_line(s) for s in found])
    _print_totals(found)
    if series is not None:
        for f in dict.fromkeys(f for s in found for f in s.findings):
            print(f"  {f.severity:<10} {f.code:<22} {f.message}")
    if failed:
        print("\n" + "\n".join(_failed_lines(failed)))


def _status_json(found: list[SeriesStatus], failed: list[Attempt]) -> list[dict[str, Any]]:
    """Return one object for each series and field, and one for each that failed and has no values yet.

    `failed_update` is the last update of the series where it failed, else null. Without values all other keys
    but the name are null.
    """
    of_series = {name: one.as_json() for one in failed for name in one.series}
    told = [{**s.as_json(), "failed_update": of_series.get(s.block.series)} for s in found]
    keys = told[0] if told else ("series", "field", "rows", "failed_update")
    missing = [name for name in of_series if name not in {s.block.series for s in found}]
    empty = [dict.fromkeys(keys) | {"series": n, "rows": 0, "failed_update": of_series[n]} for n in missing]
    return told + empty


def _failed_lines(failed: list[Attempt]) -> list[str]:
    """Return when and why each task failed, and what it would have brought."""
    from datetime import UTC

    lines = ["Updates that failed last time; what was stored before is kept:"]
    for one in failed:
        names = ", ".join(one.series[:_MOST_NAMES]) + (", …" if len(one.series) > _MOST_NAMES else "")
        when = f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        lines.append(f"  {when}  {one.key}  {one.code}: {one.reason}" + (f" ({names})" if names else ""))
    return lines


_SERIES_COLUMNS = ("series", "field", "from", "to", "rows", "unknown", "state", "publisher", "findings")
_FILE_COLUMNS = ("file", "series", "from", "to", "values", "state", "publisher", "findings")


def _series_line(s: SeriesStatus) -> tuple[str, ...]:
    b = s.block
    return (
        b.series,
        str(b.field),
        str(b.first),
        str(b.last),
        f"{b.rows:,}",
        f"{b.unknown_rows:,}" if b.unknown_rows else "",
        "quarantined" if b.quarantined else s.freshness.state,
        s.publisher,
        _codes([s]),
    )


def _by_file(found: list[SeriesStatus]) -> list[tuple[str, ...]]:
    """Return one line for each file, in the order of their names; the state is that of most of its series."""
    files: dict[tuple[str, str], list[SeriesStatus]] = {}
    for s in found:
        files.setdefault((s.block.file, s.block.snapshot), []).append(s)
    lines: list[tuple[str, ...]] = []
    for (file, _), members in sorted(files.items()):
        states = [_series_line(s)[6] for s in members]
        names = {s.block.series for s in members}
        lines.append(
            (
                file,
                next(iter(names)) if len(names) == 1 else f"{len(names):,}",
                str(min(s.block.first for s in members)),
                str(max(s.block.last for s in members)),
                f"{sum(s.block.rows for s in members):,}",
                max(sorted(set(states)), key=states.count),
                members[0].publisher,
                _codes(members),
            )
        )
    return lines


def _codes(members: list[SeriesStatus]) -> str:
    return ", ".join(sorted({f.code for s in members for f in s.findings if f.severity != "info"}))


def _print_lines(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    """Print columns as wide as they need; terminals wrap or scroll, and programs can cut them."""
    widths = [max(len(row[i]) for row in (header, *lines)) for i in range(len(header))]
    right = {"rows", "unknown", "values"}
    for row in (header, *lines):
        cells = (
            f"{cell:>{width}}" if name in right else f"{cell:<{width}}"
            for cell, width, name in zip(row, widths, header, strict=True)
        )
        print("  ".join(cells).rstrip())


def _print_totals(found: list[SeriesStatus]) -> None:
    series = len({s.block.series for s in found})
    print(f"\n{series:,} series, {sum(s.block.rows for s in found):,} values in {len(found):,} columns.")


@app.command("show")
def show_command(
    series: Annotated[str, typer.Argument(help="A series, such as RUT or FF.HML.M.")],
    field: Annotated[str | None, typer.Option(help="close by default, or the series' own.")] = None,
    start: Annotated[str | None, typer.Option(metavar="DATE")] = None,
    end: Annotated[str | None, typer.Option(metavar="DATE")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="What was known then.")] = None,
    source: Annotated[str | None, typer.Option(help="Read this source, quarantined or not.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json_: JSON = False,
) -> None:
    """Print the rows of a series, as known on a date, with their source."""
    from rotascope.app.data import show
    from rotascope.app.settings import Settings
    from rotascope.cli.app import parse_day

    data = show(
        Settings.from_environment(),
        series,
        _field(field) if field else None,
        start=parse_day(start, "--start") if start else None,
        end=parse_day(end, "--end") if end else None,
        as_of=parse_day(as_of, "--as-of") if as_of else None,
        source=source,
    )
    _print_rows(data, csv=csv, as_json=json_)


def _field(text: str) -> Field:
    from rotascope.model.errors import UnknownNameError
    from rotascope.model.observations import Field

    try:
        return Field(text)
    except ValueError:
        raise UnknownNameError(f"There is no field '{text}'.", fix=f"Fields: {', '.join(Field)}.") from None


def _print_rows(data: SeriesData, *, csv: bool, as_json: bool) -> None:
    import json

    import numpy as np

    from rotascope.facts.columns import value_text

    days = np.datetime_as_string(data.dates, unit="D").tolist()
    rows = list(zip(days, data.values.tolist(), strict=True))
    meta = data.meta
    if as_json:
        print(
            json.dumps(
                {
                    "series": meta.series,
                    "field": str(meta.field),
                    "unit": str(meta.unit),
                    "source": data.source.id,
                    "publisher": data.source.publisher,
                    "vintage": meta.vintage.isoformat() if meta.vintage else None,
                    "snapshot": data.snapshot,
                    "others": list(data.others),
                    "rows": [{"date": d, "value": None if v != v else v} for d, v in rows],
                },
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    if csv:
        print("date,value")
    else:
        vintage = f", vintage {meta.vintage}" if meta.vintage else ""
        print(
            f"{meta.series} {meta.field} in {meta.unit}; {data.source.publisher} ({data.source.id}){vintage}"
        )
        print(f"snapshot {data.snapshot[:12]}; {len(data.others)} other snapshots carry this series")
    for d, v in rows:
        print(f"{d},{value_text(v)}" if csv else f"{d}  {'unknown' if v != v else value_text(v)}")


@app.command("check")
def check_command(json_: JSON = False) -> None:
    """Hold every snapshot against the catalogue and its hash."""
    import json

    from rotascope.app.data import check_store
    from rotascope.app.settings import Settings
    from rotascope.ingest.importer import finding_as_json

    found = check_store(Settings.from_environment())
    if json_:
        print(json.dumps([finding_as_json(f) for f in found], indent=2))
    elif found:
        print("\n".join(f"{f.severity} {f.code}: {f.message}" for f in found))
    else:
        print("Every snapshot is there and matches its hash and the catalogue.")
    if found:
        raise typer.Exit(1)


refresh.register(app)
