"""The commands `open` and `schema`."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

from rotascope.model.errors import BadInputError

PAGES = ("report.html", "report.xhtml", "report.pdf", "report.md")


def open_report(folder: Path) -> None:
    """Show the page of a report in the browser, or say on stderr where it is if there is no browser.

    The first of the page, the Inline XBRL page, the PDF and the Markdown that is there is shown.

    Raises: BadInputError if the folder holds none of them.
    """
    page = next((folder / name for name in PAGES if (folder / name).is_file()), None)
    if page is None:
        raise BadInputError(
            f"{folder} holds no report that a browser can show.",
            fix="Name the folder of a report; `rotascope report --format html` writes a page.",
        )
    address = page.resolve().as_uri()
    try:
        shown = webbrowser.open(address)
    except webbrowser.Error:
        shown = False
    if not shown:
        print(f"There is no browser here. The page is {page.resolve()}", file=sys.stderr)


def run_schema(name: str | None) -> None:
    """Print a schema, or the names of all."""
    from rotascope.report.schema import names, schema_text

    if name is None:
        print("\n".join(names()))
        return
    print(schema_text(name), end="")
