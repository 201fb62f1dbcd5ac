"""Write the sample reports in docs/samples/ from the data in the wheel, or compare them.

    python tools/make_samples.py [--check]

Each sample keeps the article as Markdown and as PDF; the whole bundle comes from the command that its page names.
With `--check` nothing is written: the exit code is 1 if an article written now differs. The PDF is not compared:
the places of labels in its charts depend on the fonts of the machine that drew them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

from rotascope.app.settings import Settings
from rotascope.app.workflows import ReportRequest, make_report
from rotascope.model.documents import Document

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "samples"
KEPT = ("report.md", "report.pdf")
AS_OF = date(2019, 1, 15)  # the first day on which all of the history pack was public


def _window(start: date, end: date) -> ReportRequest:
    return ReportRequest(start=start, end=end, as_of=AS_OF, related=False)


SAMPLES: dict[str, tuple[str, ReportRequest]] = {
    "2000-value-turn": (
        "Value takes over as the technology shares fall",
        _window(date(2000, 2, 29), date(2001, 2, 28)),
    ),
    "2008-09-crisis": ("The month in which Lehman Brothers failed", _window(date(2008, 8, 29), date(2008, 9, 30))),
    "2015-growth-year": ("A year that growth led", _window(date(2014, 12, 31), date(2015, 12, 31))),
    "2016-value-year": ("A year in which value and small companies came back", _window(date(2015, 12, 31), date(2016, 12, 30))),
    "2017-07-quiet": ("A quiet month", _window(date(2017, 6, 30), date(2017, 7, 31))),
    "january-2026": ("The case in the wheel: published figures, each with its publisher", ReportRequest(case="january-2026", related=False)),
}  # fmt: skip


def command(request: ReportRequest) -> str:
    """Return the command that writes the whole bundle."""
    if request.case:
        return f"rotascope report --case {request.case} --no-related"
    return (
        f"rotascope report --start {request.start} --end {request.end} --as-of {request.as_of} --no-related"
    )


def index() -> str:
    """Return the page that lists the samples."""
    lines = [
        "# Sample reports",
        "",
        "Written from the data in the wheel alone, without a network. The tests write them again and compare.",
        "",
        "| Sample | What it shows | Command for the whole bundle |",
        "|---|---|---|",
    ]
    for name, (about, request) in SAMPLES.items():
        files = f"[Markdown]({name}/report.md), [PDF]({name}/report.pdf)"
        lines.append(f"| {name}: {files} | {about} | `{command(request)}` |")
    return "\n".join(lines) + "\n"


def samples(home: Path, scratch: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the path of each file below the folder of samples, and its content."""
    yield Path("README.md"), index().encode()
    for name, (_, request) in SAMPLES.items():
        written = make_report(Settings(home), request, partial(_folder, scratch / name)).folder
        for kept in KEPT:
            yield Path(name) / kept, (written / kept).read_bytes()


def _folder(path: Path, _: Document) -> Path:
    return path


def differing(home: Path, scratch: Path) -> list[str]:
    """Return the samples that are not what would be written now."""
    return [
        str(path)
        for path, content in samples(home, scratch)
        if not (FOLDER / path).exists() or (path.suffix == ".md" and (FOLDER / path).read_bytes() != content)
    ]


def main() -> int:
    """Write or compare the samples."""
    parser = argparse.ArgumentParser(description="Write the sample reports, or compare them.")
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    with tempfile.TemporaryDirectory() as scratch:
        home, out = Path(scratch) / "home", Path(scratch) / "out"
        if parser.parse_args().check:
            different = differing(home, out)
            print("\n".join(different) or "the samples are what would be written now")
            return 1 if different else 0
        for path, content in samples(home, out):
            (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / path).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
