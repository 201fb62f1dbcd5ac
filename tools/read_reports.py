"""Write reports over windows drawn at random, verify each, read it for faults, and say how long each took.

    python tools/read_reports.py [--count 200] [--seed 1] [--home DIR] [--first DATE] [--last DATE]

Without `--home` the data in the wheel are used. The exit code is 1 if one does not verify or has a fault.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.ingest import calendar
from rotascope.model.documents import Block, Document, Inline
from rotascope.model.facts import Window
from rotascope.model.universe import load_universe
from rotascope.report.bundle import FORMATS, write_bundle
from rotascope_verify import supported_ops, verify

WHEEL = (date(1999, 2, 1), date(2018, 11, 30))
PROSE = ("standfirst", "paragraph", "item", "note")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_SEAM = re.compile(r"  |\s[.,;:]|\.\.|,,|[{}]|(?<=[a-z,] )None\b|None[%\d]|\bnan\b|\b(\w+) \1\b")
_REPEATED = re.compile(r"\b(that that|had had)\b", re.I)
_OPPOSED = (("positive", "negative"), ("near", "not_near"), ("gt", "lt"), ("same_sign", "opposite"))
_SYLLABLE = re.compile(r"[aeiouy]+")


class Asked(NamedTuple):
    """A report to write."""

    start: date
    end: date
    as_of: date


@dataclass(frozen=True)
class Reading:
    """What became of one report. Times in seconds; `failures` are the verifier's, `faults` those of style."""

    asked: Asked
    writing: float
    verifying: float
    facts: int
    words: int
    grade: float
    failures: list[str]
    faults: list[str]

    def line(self) -> str:
        """Return the line that is printed."""
        a = self.asked
        return (
            f"{a.start} {a.end} as of {a.as_of}: {self.writing:5.2f} s to write, "
            f"{self.verifying:5.2f} s to verify, {self.facts:4} facts, {self.words:5} words, "
            f"grade {self.grade:4.1f}"
        )


def windows(seed: int, count: int, first: date, last: date) -> list[Asked]:
    """Return windows between two dates: days, months, years and anything, seen at once or later."""
    rng = random.Random(seed)
    out: list[Asked] = []
    while len(out) < count:
        start = first + timedelta(days=rng.randrange((last - first).days))
        end = start + timedelta(days=rng.choice([1, 5, 21, 30, 31, 91, 365, rng.randrange(1, 6000)]))
        if end <= last and calendar.count(start + timedelta(days=1), end) > 0:
            seen = end + timedelta(days=rng.choice([0, 1, 10, 60, 400]))
            out.append(Asked(start, end, rng.choice([seen, max(seen, last + timedelta(days=120))])))
    return out


def read(home: Path, asked: Asked, formats: Sequence[str] = FORMATS) -> Reading:
    """Write, verify and read one report."""
    began = time.perf_counter()
    with wiring.open_reader(Settings(home)) as reader:
        desk = Desk(reader, load_universe("us"), asked.as_of, verifiable=supported_ops())
        case = wiring.case_of_window(asked.start, asked.end, asked.as_of)
        document, files = workflows.article(desk, Window(asked.start, asked.end), case, formats)
    written = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        write_bundle(dict(files), Path(scratch) / "r")
        report = verify(Path(scratch) / "r")
    verified = time.perf_counter()
    text = " ".join(prose(document))
    return Reading(
        asked,
        written - began,
        verified - written,
        report.facts,
        len(text.split()),
        reading_grade(text),
        [f.line() for f in report.failures],
        list(faults(document)),
    )


def prose(document: Document) -> list[str]:
    """Return the running text, block by block."""
    return [b.inline.text for b in document.blocks if isinstance(b, Block) and b.kind in PROSE]


def faults(document: Document) -> Iterator[str]:
    """Yield what a reader would stumble over: seams, repeats, empty sections, claims that contradict."""
    texts = prose(document)
    for text in texts:
        seam = _SEAM.search(_REPEATED.sub("", text))
        if seam or not text.rstrip("0123456789[] ").endswith((".", "?", ":")):
            yield f"not a clean sentence: {text}"
    sentences = [s for text in texts for s in _SENTENCE.split(text)]
    yield from (f"stands twice: {s}" for s in sorted({s for s in sentences if sentences.count(s) > 1}))
    yield from _empty_sections(document)
    yield from _contradictions(document)


def _empty_sections(document: Document) -> Iterator[str]:
    blocks = list(document.blocks)
    for here, after in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(here, Block) and here.kind == "heading":
            deeper = isinstance(after, Block) and after.kind == "heading" and after.level > here.level
            if after is None or (isinstance(after, Block) and after.kind == "heading" and not deeper):
                yield f"an empty section: {here.inline.text}"


def _contradictions(document: Document) -> Iterator[str]:
    """Yield pairs of claims that say opposite things of the same facts, and empty inlines."""
    said = {(c.predicate, c.facts) for c in document.claims}
    for predicate, facts in sorted(said):
        for one, other in _OPPOSED:
            if predicate == one and (other, facts) in said:
                yield f"both {one} and {other} are claimed of {', '.join(facts)}"
    for place, inline in document.inlines():
        if isinstance(inline, Inline) and not inline.text and ".h" not in place and ".r" not in place:
            yield f"nothing stands in {place}"


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of a text; syllables are counted as groups of vowels.

    >>> round(reading_grade("The cat sat on the mat. It was glad."), 1)
    -1.4
    """
    sentences = max(1, len(_SENTENCE.split(text)))
    words = re.findall(r"[A-Za-z']+", text) or ["a"]
    syllables = sum(max(1, len(_SYLLABLE.findall(w.lower().rstrip("e")))) for w in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def summary(readings: Sequence[Reading]) -> str:
    """Return one line about the times of many reports."""
    total = sorted(r.writing for r in readings)
    checks = [r.verifying for r in readings]
    at_95 = total[min(len(total) - 1, int(0.95 * len(total)))]
    return (
        f"{len(readings)} reports: written in {statistics.median(total):.2f} s (median), "
        f"{at_95:.2f} s (95%), "
        f"{total[-1]:.2f} s (slowest); verified in {statistics.median(checks):.2f} s (median), "
        f"{max(checks):.2f} s (slowest)"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Read many reports and print what was found."""
    parser = argparse.ArgumentParser(description="Write, verify and read reports over random windows.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="a data home; without it the data in the wheel")
    parser.add_argument("--first", type=date.fromisoformat, default=WHEEL[0])
    parser.add_argument("--last", type=date.fromisoformat, default=WHEEL[1])
    args = parser.parse_args(argv)
    readings = []
    with tempfile.TemporaryDirectory() as empty:
        home = args.home or Path(empty)
        for asked in windows(args.seed, args.count, args.first, args.last):
            reading = read(home, asked)
            readings.append(reading)
            print(reading.line(), flush=True)
            for fault in (*reading.failures, *reading.faults):
                print(f"  {fault}", flush=True)
    print(summary(readings))
    return 1 if any(r.failures or r.faults for r in readings) else 0


if __name__ == "__main__":
    sys.exit(main())
