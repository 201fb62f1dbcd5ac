"""The commands about articles of the press: `source add`, `list`, `show`, `check`, `remove` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from rotascope.app.settings import Settings
    from rotascope.model.press import CheckedArticle, CheckedFigure, SavedArticle

JSON = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ID = Annotated[str, typer.Argument(metavar="ID", help="The article, or the beginning of its id.")]

app = typer.Typer(
    help="Articles of the press: save them, check their figures, cite them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_VERDICT_STYLES = {
    "confirmed": "green",
    "rounding": "green",
    "confirmed_with_another_base": "yellow",
    "contradicted": "red",
    "reported_only": "dim",
    "not_checkable": "dim",
}


@app.command("add")
def add_command(
    what: Annotated[str, typer.Argument(metavar="URL|FILE", help="A page; or HTML, text or Markdown.")],
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    date: Annotated[str | None, typer.Option(metavar="DATE", help="The day it appeared.")] = None,
    url: Annotated[str | None, typer.Option(help="Where a file was published.")] = None,
    json_: JSON = False,
) -> None:
    """Save an article with its raw bytes. One that is there is recognised; a changed one is a new version."""
    from rotascope.app import press
    from rotascope.cli.app import parse_day

    stated = press.Stated(publisher, title, parse_day(date, "--date") if date else None, url)
    added = press.add_source(_settings(), what, stated)
    if json_:
        _print_json({"outcome": added.outcome, **added.article.as_json()})
        return
    said = {
        "added": "Saved.",
        "new_version": f"Saved as version {added.article.version}: it differs from the one saved before.",
        "unchanged": "Already saved; nothing was added.",
        "restored": "It was in the trash and is back.",
    }
    print(describe(added.article))
    print(said[added.outcome])


@app.command("list")
def list_command(
    trash: Annotated[bool, typer.Option("--trash", help="Those that were removed.")] = False,
    json_: JSON = False,
) -> None:
    """List the saved articles, the latest first."""
    from rotascope.app import press

    found = press.list_sources(_settings(), trash=trash)
    if json_:
        _print_json([a.as_json() for a in found])
        return
    if not found:
        print(
            "The trash is empty."
            if trash
            else "No article is saved. `rotascope source add URL|FILE` adds one."
        )
        return
    table = _table("id", "published", "publisher", "title", "version")
    for a in found:
        table.add_row(a.id, str(a.published or "unknown"), a.publisher, a.title, str(a.version))
    _console().print(table)


@app.command("show")
def show_command(
    id: ID,
    text: Annotated[bool, typer.Option("--text", help="Print the whole text.")] = False,
    json_: JSON = False,
) -> None:
    """Show what is known of an article, and its text."""
    from rotascope.app import press

    article = press.find_source(_settings(), id)
    if json_:
        _print_json(article.as_json(with_text=True))
        return
    print(describe(article))
    print()
    lines = article.text.splitlines()
    print(_safe("\n".join(lines if text else lines[:12])))
    if not text and len(lines) > 12:
        print(f"... and {len(lines) - 12} more lines; --text shows them.")


@app.command("check")
def check_command(
    id: ID,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Look from this day; else its own.")
    ] = None,
    universe: Annotated[str, typer.Option(help="Which market.")] = "us",
    everything: Annotated[bool, typer.Option("--all", help="Show what cannot be checked as well.")] = False,
    json_: JSON = False,
) -> None:
    """Check the figures of an article against the data known on the day it appeared."""
    from rotascope.app import press
    from rotascope.cli.app import parse_day

    day = parse_day(as_of, "--as-of") if as_of else None
    checked = press.check_source(_settings(), id, as_of=day, universe=universe)
    if json_:
        _print_json(checked.as_json())
        return
    print_check(checked, everything=everything)


@app.command("remove")
def remove_command(id: ID) -> None:
    """Put an article into the trash; `source restore` undoes it, `source purge` makes it final."""
    from rotascope.app import press

    article = press.remove_source(_settings(), id)
    print(f"Removed {article.id}. `rotascope source restore {article.id}` brings it back.")


@app.command("restore")
def restore_command(id: ID) -> None:
    """Bring an article back from the trash."""
    from rotascope.app import press

    print(f"Restored {press.restore_source(_settings(), id).id}.")


@app.command("purge")
def purge_command(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete what is in the trash, with its raw bytes, for good."""
    from rotascope.app import press

    waiting = press.list_sources(_settings(), trash=True)
    if not waiting:
        print("The trash is empty.")
        return
    for article in waiting:
        print(f"  {article.id}")
    if not yes:
        typer.confirm(f"Delete {_counted(len(waiting), 'article')} for good?", abort=True)
    print(f"Deleted {_counted(len(press.purge_sources(_settings())), 'article')}.")


def describe(article: SavedArticle) -> str:
    """Return what is known of an article as lines for people."""
    lines = [
        f"{article.id}  (version {article.version}, {article.media})",
        f"  {article.publisher}: {article.title}",
        f"  published {article.published or 'on an unknown day: no report may cite it; add it with --date'}",
        f"  {article.url or 'no address'}",
        f"  retrieved {article.retrieved_at:%Y-%m-%d %H:%M} UTC, sha256 {article.sha256}",
        *(f"  note: {note}" for note in article.notes),
    ]
    return _safe("\n".join(lines))


def print_check(checked: CheckedArticle, *, everything: bool) -> None:
    """Print the verdicts of a check as a table, and what else was noticed."""
    from rich.text import Text

    console = _console()
    shown = [f for f in checked.figures if everything or str(f.verdict) != "not_checkable"]
    table = _table("printed", "in the sentence", "verdict", "the data give", "why")
    for figure in shown:
        verdict = str(figure.verdict)
        table.add_row(
            _safe(figure.text),
            _safe(_around(figure)),
            Text(verdict.replace("_", " "), style=_VERDICT_STYLES.get(verdict, "")),
            figure.literal.display if figure.literal else "",
            _safe(figure.reason),
        )
    console.print(table)
    for remark in checked.remarks:
        console.print(Text(f"{remark.pattern}: {_safe(remark.message)}"))
    hidden = len(checked.figures) - len(shown)
    counts = checked.as_json()["counts"]
    told = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items() if n)
    print(f"{_counted(len(checked.figures), 'figure')} as of {checked.as_of}: {told or 'none'}.")
    if hidden:
        print(f"{_counted(hidden, 'figure')} that cannot be checked are not shown; --all shows them.")


def _around(figure: CheckedFigure) -> str:
    at = figure.sentence.find(figure.text)
    first, last = max(0, at - 30), at + len(figure.text) + 30
    return ("…" if first else "") + figure.sentence[first:last] + ("…" if last < len(figure.sentence) else "")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _settings() -> Settings:
    from rotascope.app.settings import Settings

    return Settings.from_environment()


def _console() -> Any:
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False)


def _table(*names: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _safe(text: str) -> str:
    """Return text of others with control characters shown as U+FFFD, so that it cannot steer the terminal."""
    return "".join(c if c == "\n" or c.isprintable() else "\ufffd" for c in text)


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
