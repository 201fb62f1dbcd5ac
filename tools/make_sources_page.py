"""Write the part of docs/data-sources.md that lists the live sources, from what each provider says of itself.

python tools/make_sources_page.py          write it
python tools/make_sources_page.py --check  say whether it is up to date, and write nothing
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rotascope.ingest.events.event import FILES, KINDS, published
from rotascope.ingest.providers.base import Terms
from rotascope.ingest.providers.registry import KEYLESS, KEYS, all_terms, providers

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-sources.md"
BEGIN = "<!-- begin: made by tools/make_sources_page.py -->"
END = "<!-- end: made by tools/make_sources_page.py -->"


def section() -> str:
    """Return the generated part, with its marks."""
    terms = all_terms(providers({}))
    rows = "\n".join(_row(name, one) for name, one in terms.items())
    details = "\n".join(_details(name, one) for name, one in terms.items())
    live = [name for name, one in terms.items() if one.live]
    ran = (
        f"Run against the live service: {', '.join(live)}. All others: recorded and documented answers only."
        if live
        else "**No connector has been run against a live service.** Each was tested against recorded or\n"
        "documented answers, which the column names. A service may answer differently today; a connector\n"
        "then fails with a named error, and the last good data stay."
    )
    return f"""{BEGIN}
{ran}

| source | what it brings | needs | tested against | run live |
|---|---|---|---|---|
{rows}

A series comes from the first source in this list that brings it, and from no other unless you name one:
`tiingo:IWM`. Sources that need a key are asked only so. Without a key: {", ".join(KEYLESS)}.

{details}

### Event calendar

{_events()}
{END}"""


def _row(name: str, terms: Terms) -> str:
    cells = (f"`{name}`", terms.what, _needs(name, terms), terms.tested, "yes" if terms.live else "no")
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _needs(name: str, terms: Terms) -> str:
    if terms.needs:
        return terms.needs
    return f"nothing; `{KEYS[name]}` if you have it" if name in KEYS else "nothing"


def _details(name: str, terms: Terms) -> str:
    link = f"; read the [terms]({terms.terms_url})" if terms.terms_url else ""
    return (
        f"* **`{name}`**, {_cell(terms.publisher)}. Licence: {_cell(terms.licence)}{link}. "
        f"Revisions: {_cell(terms.revisions)}. Limits: {_cell(terms.limits)}."
    )


def _events() -> str:
    known = published()
    lines = []
    for kind in KINDS:
        days = [e.date for e in known if e.kind == kind]
        sure = sum(e.status == "confirmed" for e in known if e.kind == kind)
        if days:
            span = f"{min(days)} to {max(days)}"
            lines.append(f"| `{kind}` | {len(days)} dates in the files, {sure} of them confirmed | {span} |")
        else:
            lines.append(f"| `{kind}` | by rule | every year |")
    table = "\n".join(lines)
    files = ", ".join(f"`{name}`" for name in FILES)
    return f"""Dates lie in `src/rotascope/ingest/events/` ({files}), each with its source and
the day from which it was public; others follow rules in `rules.py`. As of a day only what was public then is
shown, a date that was later moved included. Where sources differ, as on the second Russell reconstitution of
2026, both stand. `unconfirmed` says that only copies of a schedule that lies ahead state the date, that
sources differ, or that it follows from a rule with exceptions. Minutes are due three weeks after a meeting;
the June reconstitution of Russell's indices also follows a rule.

| kind | dates | from, to |
|---|---|---|
{table}"""


def updated(page: str) -> str:
    """Return the page with the generated part renewed. Raises SystemExit if the page has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} lacks the marks {BEGIN} and {END}.")
    return before + section() + after


def main(arguments: Sequence[str]) -> int:
    """Write or check the page; return 1 if the check finds it old."""
    page = PAGE.read_text("utf-8")
    new = updated(page)
    if "--check" in arguments:
        if new != page:
            print(f"{PAGE.name} is not up to date. Run: python tools/make_sources_page.py")
        return int(new != page)
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
