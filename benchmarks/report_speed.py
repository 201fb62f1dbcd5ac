"""How long reports take: from the wheel, each in a cold process, and of a data home, many in one process.

python -m benchmarks report_speed
python -m benchmarks.report_speed --home DIR [--seed 7] [--count 30]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.timing import here, rotascope, time_command

_BEGIN = date(1999, 2, 1)
_LATER = timedelta(days=10)  # a report looks from so long after its window
_LENGTHS = (1, 5, 21, 30, 91, 365, 1000, 3000)  # days


@dataclass(frozen=True, slots=True)
class Written:
    """One report: seconds by the clock and of the processor, and the rows that it used."""

    wall: float
    processor: float
    rows: int


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="write reports of this data home, in one process")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int, default=30)
    asked = parser.parse_args()
    if asked.home is None:
        from_the_wheel()
    else:
        of_a_home(asked.home, asked.seed, asked.count)


def from_the_wheel() -> None:
    """Print start-up and reports from the wheel, beside the HTML report of quantstats on the same series."""
    print("seconds of wall time: minimum, median, maximum of 5 runs, each a cold process")
    print(time_command("rotascope --help", rotascope("--help")).line())
    peer = time_command(
        "quantstats, HTML report of S&P 500", [sys.executable, str(here() / "peer_quantstats.py")], 3
    )
    case = time_command(
        "rotascope report --case january-2026", rotascope("report", "--case", "january-2026", "--out", "a")
    )
    window = rotascope("report", "--start", "2000-03-31", "--end", "2002-09-30", "--out", "b")
    print(case.line(peer))
    print(time_command("rotascope report, 2000-03-31 to 2002-09-30", window).line(peer))
    print(peer.line())


def of_a_home(home: Path, seed: int, count: int) -> None:
    """Print what full reports take over windows drawn at random. Verification is not counted."""
    begun = time.perf_counter()
    from rotascope.app import wiring

    print(f"imports: {time.perf_counter() - begun:.2f} s")
    found = []
    for start, end in windows(seed, count, wiring.today()):
        done = _write(home, start, end)
        if done is not None:
            found.append(done)
            took = f"{done.wall:.2f} s, {done.processor:.2f} of the processor"
            print(f"{start} to {end}: {took}, {done.rows:,} rows")
    first, *later = found
    print(f"the first: {first.wall:.2f} s, {first.processor:.2f} of the processor")
    for name, values in (("wall", [w.wall for w in later]), ("processor", [w.processor for w in later])):
        print(f"the others, {name}: {spread(values)}")


def windows(seed: int, count: int, today: date) -> list[tuple[date, date]]:
    """Return windows of a day to some years, over before the last ten days."""
    rng = random.Random(seed)
    found: list[tuple[date, date]] = []
    while len(found) < count:
        start = _BEGIN + timedelta(days=rng.randrange((today - _BEGIN).days))
        end = start + timedelta(days=rng.choice(_LENGTHS))
        if end + _LATER <= today:
            found.append((start, end))
    return found


def spread(values: Sequence[float]) -> str:
    """Return least, middle, nine tenths and most.

    >>> spread([3.0, 1.0, 2.0])
    'minimum 1.00, median 2.00, nine in ten under 3.00, maximum 3.00 s'
    """
    ranked = sorted(values)
    most = ranked[min(len(ranked) - 1, int(0.9 * len(ranked)))]
    return (
        f"minimum {ranked[0]:.2f}, median {statistics.median(ranked):.2f}, nine in ten under {most:.2f}, "
        f"maximum {ranked[-1]:.2f} s"
    )


def _write(home: Path, start: date, end: date) -> Written | None:
    from rotascope.app import workflows
    from rotascope.app.settings import Settings
    from rotascope.model.errors import RotascopeError

    wall, processor = time.perf_counter(), time.process_time()
    request = workflows.ReportRequest(start=start, end=end, as_of=end + _LATER, related=False)
    try:
        draft = workflows.draft_report(Settings(home), request)
    except RotascopeError as error:
        print(f"{start} to {end}: {error}")
        return None
    rows = draft.files["observations.csv"].count(b"\n") - 1
    return Written(time.perf_counter() - wall, time.process_time() - processor, rows)


if __name__ == "__main__":
    main()
