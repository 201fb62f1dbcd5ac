"""Write docs/metrics.md and docs/commands.md from what the program says about itself.

    python tools/make_docs.py [--check]

With `--check` nothing is written; the exit code is 1 if a page is out of date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
GROUPS = {
    "prices": "Levels, returns and spreads of returns",
    "lists": "Lists of series",
    "streaks": "Session by session",
    "unusual": "How unusual a window is",
    "precedents": "What followed before",
    "sequels": "Base rates",
    "factors": "Portfolios, factors and eras",
    "flows": "Fund flows",
    "flow_days": "Fund flows: the largest day, and the size of the fund",
    "rotation": "Relative rotation and drawdowns",
    "breadth": "Breadth and concentration",
    "sector_groups": "Sectors side by side, groups and contributions",
    "inference": "Uncertainty",
    "regimes": "Regimes and turning points",
    "nearest": "The most similar past dates",
    "drivers": "Candidate drivers",
    "valuation": "Valuation",
    "events": "Dates that lie ahead",
}


def metrics_page() -> str:
    """Return the page of all metrics, grouped by the module that defines them."""
    from rotascope.facts.catalogue import load_metrics

    found = load_metrics().values()
    modules = list(dict.fromkeys(m.build.__module__.rsplit(".", 1)[1] for m in found))
    lines = [
        "# Metrics",
        "",
        f"The {len(found)} numbers that Rotascope can print. This page is written by `make docs` from the",
        "catalogue in `src/rotascope/facts/metrics/`. A fact is printed with its inputs by",
        "`rotascope fact METRIC SERIES... --start D --end D`; parameters are given as `--param NAME=VALUE`.",
        "Units and operations are those of [the bundle format](bundle-format.md).",
    ]
    for module in [*(g for g in GROUPS if g in modules), *sorted(m for m in modules if m not in GROUPS)]:
        lines += ["", f"## {GROUPS.get(module, module.capitalize())}"]
        for metric in found:
            if metric.build.__module__.rsplit(".", 1)[1] == module:
                lines += _metric(metric)
    return "\n".join(lines) + "\n"


def _metric(metric: Any) -> list[str]:
    lines = ["", f"### {metric.name}", "", metric.summary, ""]
    lines += [
        f"- unit `{metric.unit}`, {metric.decimals} decimals by default",
        f"- takes {metric.takes}",
        f"- recipe: {metric.recipe}",
    ]
    return lines + [f"- parameter `{name}`: {what}" for name, what in metric.params.items()]


def commands_page() -> str:
    """Return the page of all commands with their options, as `--help` says them."""
    import typer.main

    from rotascope.cli.app import build_app

    lines = ["# Commands", "", "What `--help` says, on one page. This page is written by `make docs`."]
    for path, command in _commands("rotascope", typer.main.get_command(build_app())):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        usage = " ".join([path, *(_usage(a) for a in arguments), *(["[OPTIONS]"] if options else [])])
        lines += ["", f"## {path}", "", " ".join((command.help or "").split()), "", f"    {usage}"]
        described = [_described(f"`{p.name.upper()}`", p) for p in arguments]
        described += [_described(f"`{_option(p)}`", p) for p in options]
        lines += ["", *described] if described else []
    return "\n".join(lines) + "\n"


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", {})
    yield path, command
    for name, child in inner.items():
        yield from _commands(f"{path} {name}", child)


def _usage(argument: Any) -> str:
    name = argument.name.upper() + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> str:
    flags = ", ".join(sorted(option.opts, key=len, reverse=True))
    return flags if option.is_flag else f"{flags} {option.metavar or 'TEXT'}"


def _described(label: str, parameter: Any) -> str:
    default = parameter.default
    plain = isinstance(default, str) and default != ""
    said = " Required." if parameter.required else f" By default `{default}`." if plain else ""
    return f"- {label}: {getattr(parameter, 'help', '') or ''}{said}"


PAGES = {"metrics.md": metrics_page, "commands.md": commands_page}


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")
    args = parser.parse_args(argv)
    stale = [
        name
        for name, make in PAGES.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != make()
    ]
    for name in stale:
        if args.check:
            print(f"docs/{name} is out of date; run `make docs`")
        else:
            (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
            print(f"docs/{name} written")
    return 1 if stale and args.check else 0


if __name__ == "__main__":
    import make_schemas  # beside this file

    sys.exit(max(main(), make_schemas.main()))
