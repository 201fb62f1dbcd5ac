"""Write docs/failures.md: what happens when a source misbehaves, from the cases that the tests run.

python tools/make_failure_table.py           write the page
python tools/make_failure_table.py --check   say whether it is up to date (exit code 1 if not)
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "failures.md"
HEAD = """\
# When a source misbehaves

This page is made by `tools/make_failure_table.py` from the cases that the tests run against a server on the
same machine. Each cell is what came out, not what was hoped for.

An **error** ends one task: what was stored before stays, the other tasks go on, and reports show the last
value with its date. Failures that may pass are tried four times in all, with growing waits; a source that
asks for a minute or less is waited for. A **quarantine** keeps the values and hides them from facts until
they are asked for by name. A **warning** lets values in and is shown with them. **Noted** is for information.
Rows that are **rejected** did not come in; each is listed. Values are compared with those of the day before.

"""

TAIL = """\
An empty cell: the case does not apply. A file from Stooq is downloaded by a person, and OpenBB does its own
fetching, so nothing goes wrong on the way here: asked to fetch from Stooq, the program answers `not_fetched`
and says how a file is downloaded; whatever OpenBB raises is a `source_error`.

## The names of errors

| name | what it means |
|---|---|
"""


def page() -> str:
    """Return the page."""
    sys.path.insert(0, str(ROOT / "tests"))
    from rotascope.ingest.fetch.base import CODES

    cases = importlib.import_module("standin.cases")
    sources = {s.name: s for s in importlib.import_module("standin.subjects").subjects()}

    def outcome(case: str, source: str) -> object:
        return cases.run(cases.BY_NAME[case], sources[source])

    groups = dict.fromkeys(source.group for source in sources.values())
    tables = "\n\n".join(
        f"## {group}\n\n{cases.table([s for s in sources.values() if s.group == group], outcome)}"
        for group in groups
    )
    names = "\n".join(f"| `{code}` | {what} |" for code, what in CODES.items())
    return f"{HEAD}{tables}\n\n{TAIL}{names}\n"


def main() -> int:
    """Write or check the page."""
    text = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print(
            "docs/failures.md is up to date." if same else "docs/failures.md is out of date: make it again."
        )
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
