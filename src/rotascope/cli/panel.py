"""The commands over many securities at once: `panel list`, `panel run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rotascope.app.panel import PanelAnswer

app = typer.Typer(help="Ask one question of many securities at once.", no_args_is_help=True)
JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
_MOST_ROWS = 30


@app.command("list")
def list_command(json_: JSON = False) -> None:
    """List the measures with their parameters."""
    import json

    from rotascope.panel import MEASURES

    if json_:
        out = [
            {
                "name": m.name,
                "title": m.title,
                "parameters": {n: p.default for n, p in m.parameters.items()},
                "columns": list(m.columns),
            }
            for m in MEASURES.values()
        ]
        print(json.dumps(out, indent=2))
        return
    for measure in MEASURES.values():
        given = ", ".join(
            f"{n}={'DATE' if p.default is None else p.default}" for n, p in measure.parameters.items()
        )
        print(f"{measure.name:18} {measure.title}" + (f"  [{given}]" if given else ""))


@app.command("run")
def run_command(
    measure: Annotated[str, typer.Argument(help="A measure of `rotascope panel list`.")],
    series: Annotated[
        list[str] | None, typer.Argument(metavar="[SERIES]...", help="Series of the store; or use --prices.")
    ] = None,
    start: Annotated[str, typer.Option(metavar="DATE", help="First session.")] = "",
    end: Annotated[str, typer.Option(metavar="DATE", help="Last session.")] = "",
    benchmark: Annotated[str, typer.Option(help="A series, or a file with date and close.")] = "GSPC",
    prices: Annotated[Path | None, typer.Option(help="CSV or Parquet: security, date, close.")] = None,
    members: Annotated[
        Path | None, typer.Option(help="CSV or Parquet: security, first_date, last_date.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter; days as dates.")
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            envvar="ROTASCOPE_ENGINE", help="duckdb, arrays, reference, spark://HOST:PORT or local[N]."
        ),
    ] = "duckdb",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Use only what was known then.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write CSV here, and the text that ran beside it as .sql.")
    ] = None,
    json_: JSON = False,
) -> None:
    """Run a measure over series of the store or over files. The text that ran is kept with the rows."""
    import json
    import sys

    from rotascope.app.panel import PanelRequest, run_panel
    from rotascope.app.settings import Settings
    from rotascope.cli.app import parse_day

    request = PanelRequest(
        measure=measure,
        benchmark=benchmark,
        start=parse_day(start, "--start"),
        end=parse_day(end, "--end"),
        series=tuple(series or ()),
        prices=prices,
        members=members,
        as_of=parse_day(as_of, "--as-of") if as_of else None,
        engine=engine,
        parameters=dict(_pair(text) for text in set_ or ()),
    )
    shown = not json_ and sys.stderr.isatty()
    answer = run_panel(
        Settings.from_environment(),
        request,
        progress=lambda what: print(what, file=sys.stderr) if shown else None,
    )
    if out is not None:
        _write(answer, out)
        print(f"{len(answer.result):,} rows in {out}; the text that made them in {out.with_suffix('.sql')}")
        return
    print(json.dumps(answer.as_json(), indent=2) if json_ else describe(answer))


def _pair(text: str) -> tuple[str, str]:
    from rotascope.model.errors import BadInputError

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise BadInputError(f"--set is '{text}'.", fix="Write NAME=VALUE, such as length=21.")
    return name.strip(), value.strip()


def describe(answer: PanelAnswer) -> str:
    """Return the last rows as a table, and what to know of them."""
    columns = answer.columns()
    rows = list(zip(*columns.values(), strict=True))[-_MOST_ROWS:]
    cells = [[_text(v) for v in row] for row in rows]
    widths = [max(len(n), *(len(r[i]) for r in cells), 1) for i, n in enumerate(columns)] if cells else []
    lines = ["  ".join(n.rjust(w) for n, w in zip(columns, widths, strict=True))] if cells else ["no rows"]
    lines += ["  ".join(v.rjust(w) for v, w in zip(row, widths, strict=True)) for row in cells]
    total = len(answer.result)
    if total > len(rows):
        lines.append(f"The last {len(rows)} of {total:,} rows; --out FILE.csv writes all of them.")
    return "\n".join([*lines, *answer.notes, f"engine: {answer.result.engine}"])


def _text(value: object) -> str:
    if value is None:
        return "unknown"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _write(answer: PanelAnswer, out: Path) -> None:
    """Write rows and text, both or none."""
    import csv
    import io

    from rotascope.model.errors import BadInputError

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = answer.columns()
    writer.writerow(columns)
    writer.writerows(["" if v is None else v for v in row] for row in zip(*columns.values(), strict=True))
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text.getvalue(), "utf-8")
        out.with_suffix(".sql").write_text(answer.result.sql, "utf-8")
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInputError(
            f"{out} cannot be written: {error.strerror or error}.", fix="Choose another --out."
        ) from error
