"""A program that runs one update with a made-up source; tests run it several times at once and kill it.

Usage: update_worker.py HOME VERSION PAUSE. It prints `begun`, then `TASK STATE` for each task that is done,
and at the end one line of JSON with the report.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rotascope.facts.freshness import freshness
from rotascope.ingest.refresh.plan import plan
from rotascope.ingest.refresh.refresh import update
from rotascope.store.store import Store
from standin.made_up import Answers, MadeUp, answer, column

TASKS = 12
MONTHS = ("2025-10-31", "2025-11-30", "2025-12-31")
FIELDS = ("value", "flow")
START = date(2026, 1, 1)


def vintage(version: int) -> date:
    """Return the day on which a version became known."""
    return START + timedelta(days=version)


def content(task: int, version: int) -> bytes:
    """Return two series with two fields each; every value of a version is the version, plus its place."""
    return answer(
        *(
            column(
                f"S{task}{letter}",
                {day: version * 1000.0 + place for place, day in enumerate(MONTHS)},
                field=field,
                vintage=vintage(version).isoformat(),
            )
            for letter in "AB"
            for field in FIELDS
        )
    )


def main(home: Path, version: int, pause: float) -> None:
    """Run the update."""

    def clock() -> datetime:
        day = vintage(version)
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    fetcher = Answers(clock, pause)
    fetcher.given = {f"T{task}": content(task, version) for task in range(TASKS)}
    source = MadeUp(together={f"T{task}": (f"S{task}A", f"S{task}B") for task in range(TASKS)})
    with Store.open(home, clock=clock) as store:
        print("begun", flush=True)
        report = update(
            plan({"made": source}, [], []),
            store=store,
            fetcher=fetcher,
            clock=clock,
            today=vintage(version),
            freshness=freshness,
            progress=lambda p: print(p.key.removeprefix("made:"), p.state, flush=True),
            threads=3,
        )
    print(json.dumps(report.as_json() | {"asked": fetcher.asked}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
