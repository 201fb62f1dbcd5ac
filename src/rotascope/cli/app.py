"""The commands and their options."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from rotascope import __version__

JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
PERIOD = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Instead of two dates: 2026-01, 2025-Q4, 2025, ytd, last-month ..."),
]
AS_OF = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Use only what was known then.")]


def parse_day(text: str, option: str) -> date:
    """Return a date written as YYYY-MM-DD."""
    from rotascope.model.errors import BadInputError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            f"{option} is '{text}', which is not a date.", fix="Write it as YYYY-MM-DD, such as 2026-01-30."
        ) from None


def _maybe_day(text: str | None, option: str) -> date | None:
    return None if text is None else parse_day(text, option)


def build_app() -> typer.Typer:
    """Return the application with all commands."""
    from rotascope.cli import data, panel, refresh, sources

    app = typer.Typer(
        name="rotascope",
        help="Market-rotation research that a reader can check.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    app.command("report")(report)
    app.command("fact")(fact)
    app.command("metrics")(metrics)
    app.command("verify")(verify)
    app.command("open")(open_)
    app.command("schema")(schema)
    app.command("quote")(refresh.quote_command)
    app.add_typer(data.app, name="data")
    app.add_typer(panel.app, name="panel")
    app.add_typer(sources.app, name="source")
    return app


def _version(value: bool) -> None:
    if value:
        print(f"rotascope {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Market-rotation research that a reader can check."""


def report(
    case: Annotated[str | None, typer.Option(help="A case that ships with the program.")] = None,
    start: Annotated[str | None, typer.Option(metavar="DATE", help="Base: the close of this day.")] = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="End: the close of this day.")] = None,
    period: PERIOD = None,
    as_of: AS_OF = None,
    universe: Annotated[str, typer.Option(help="Which market.")] = "us",
    out: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
    format: Annotated[
        str, typer.Option(help="Which of terminal, markdown, html, json, pdf, ixbrl; with commas.")
    ] = "terminal,markdown,html,json,pdf,ixbrl",
    no_related: Annotated[
        bool, typer.Option("--no-related", help="Do not point to earlier reports and saved articles.")
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    cite: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Print figures of a saved article beside the data's; repeatable."),
    ] = None,
    cite_saved: Annotated[
        bool, typer.Option("--cite-saved", help="Cite the saved articles that appeared from the start on.")
    ] = False,
    json_: JSON = False,
) -> None:
    """Write a verified report about a window, or about a case."""
    from rotascope.cli.reporting import run_report

    run_report(
        case=case,
        start=_maybe_day(start, "--start"),
        end=_maybe_day(end, "--end"),
        period=period,
        as_of=_maybe_day(as_of, "--as-of"),
        universe=universe,
        out=out,
        formats=format,
        cite=tuple(cite or ()),
        cite_saved=cite_saved,
        related=not no_related,
        open_page=open_page,
        as_json=json_,
    )


def fact(
    metric: Annotated[str, typer.Argument(help="A metric; `rotascope metrics` lists them.")],
    series: Annotated[list[str] | None, typer.Argument(help="Series, or an index family.")] = None,
    start: Annotated[str | None, typer.Option(metavar="DATE", help="Base: the close of this day.")] = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="End: the close of this day.")] = None,
    period: PERIOD = None,
    base: Annotated[str, typer.Option(help="prior_close, or open.")] = "prior_close",
    as_of: AS_OF = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A parameter of the metric.")
    ] = None,
    universe: Annotated[str, typer.Option(help="Which market.")] = "us",
    json_: JSON = False,
) -> None:
    """Print one fact with its inputs and sources."""
    from rotascope.cli.reporting import run_fact

    run_fact(
        metric=metric,
        series=tuple(series or ()),
        start=_maybe_day(start, "--start"),
        end=_maybe_day(end, "--end"),
        period=period,
        base=base,
        as_of=_maybe_day(as_of, "--as-of"),
        params=_params(param or []),
        universe=universe,
        as_json=json_,
    )


def _params(pairs: list[str]) -> dict[str, Any]:
    from rotascope.model.errors import BadInputError

    out: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInputError(f"--param is '{pair}'.", fix="Write it as NAME=VALUE, such as months=120.")
        out[name] = value.split(",") if name == "weights" else value
    return out


def metrics(json_: JSON = False) -> None:
    """List the metrics."""
    from rotascope.cli.reporting import run_metrics

    run_metrics(as_json=json_)


def verify(
    folder: Annotated[Path, typer.Argument(help="The folder of a report.")],
    again: Annotated[
        bool, typer.Option("--again", help="Typeset its PDF again as well, and compare the bytes.")
    ] = False,
    json_: JSON = False,
) -> None:
    """Check a report: recompute each fact and read each digit again."""
    from rotascope_verify.cli import main as run_verifier

    code = run_verifier([str(folder), *(["--json"] if json_ else [])])
    if again and code != 2:
        from rotascope.cli.reporting import run_again

        code = max(code, run_again(folder))
    raise SystemExit(code)


def open_(folder: Annotated[Path, typer.Argument(help="The folder of a report.")]) -> None:
    """Show the page of a report in the browser."""
    from rotascope.cli.showing import open_report

    open_report(folder)


def schema(
    name: Annotated[str | None, typer.Argument(help="report, facts, charts or manifest.")] = None,
) -> None:
    """Print the JSON Schema of a file of a report; without a name, list them."""
    from rotascope.cli.showing import run_schema

    run_schema(name)
