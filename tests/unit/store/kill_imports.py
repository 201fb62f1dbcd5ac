"""A program that ends imports by force, again and again, and looks at what is left.

Usage: kill_imports.py HOME MODE COUNT. MODE `kill`: SIGKILL soon after the import has touched a file for the
first, second, ... time; all its touches are gone through. MODE `step`: the import ends itself, without any
clean-up, before its first, second, ... touch of a file. MODE `create`: as `kill`, each time with a new store,
so that the making of its tables is hit as well.
Prints one JSON line: how many imports were complete, how many ended early, and how many left files behind.

A child that is to be killed tells of each touch through a pipe, goes on, and stops a few touches later at the
latest: the kill falls anywhere in between, and however late it comes the import is not over before.
It starts no threads of its own before it forks, so that a child is a whole program.
"""

from __future__ import annotations

import gc
import importlib
import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from rotascope.model.findings import Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope.store.store import Store

FILES = 3  # of each import
TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"}
DAYS = np.array(["2026-01-02", "2026-01-05"], dtype="datetime64[D]")
EARLY = 77  # exit code of an import that ended itself
AHEAD = 3  # touches that a child goes on for after the one at which it is killed
LONGEST = 0.004  # seconds between hearing of that touch and the kill


def open_store(home: Path) -> Store:
    return Store.open(home, clock=lambda: datetime(2026, 2, 2, tzinfo=UTC))


def files(number: int) -> list[tuple[ParsedFile, bytes]]:
    made = []
    for k in range(FILES):
        meta = SeriesMeta(f"N{number}K{k}", Field.CLOSE, Unit.USD, Frequency.DAILY, "src")
        block = SeriesBlock(meta, DAYS, np.array([float(number), np.nan]))
        made.append((ParsedFile(Source("src", "P"), [block], reader="r/1"), f"{number} {k}".encode()))
    return made


def run_import(home: Path, number: int) -> None:
    with open_store(home) as store:
        store.commit(files(number))


def look(home: Path, complete: int, left: int) -> None:
    """Stop the program if anything is wrong; write how many imports are listed and if files are left."""
    with open_store(home) as store, Reader(store) as reader:
        found = check(store)
        assert {f.severity for f in found} <= {Severity.INFO}, found
        series = reader.series()
        numbers = sorted({int(s[1:].split("K")[0]) for s in series})
        assert len(series) == FILES * len(numbers), series  # each import is whole
        assert 0 in numbers  # the one before all kills
        for name in series:
            data = reader.read(name, "close", as_of=date(2026, 2, 2))
            assert data.values[0] == float(name[1:].split("K")[0])
            assert np.isnan(data.values[1])
        os.write(complete, bytes([len(numbers)]))
        os.write(left, bytes([bool(found)]))


def child(task: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        task()
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def must(pid: int) -> None:
    code = wait(pid)
    if code:
        raise SystemExit(f"a child that should succeed ended with {code}")


def end_at(touch: int, task: Callable[[], None]) -> None:
    seen = 0

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen
        if event in TOUCHES:
            seen += 1
            if seen == touch:
                os._exit(EARLY)

    sys.addaudithook(hook)
    task()


def watched(task: Callable[[], None], last: int | None = None) -> tuple[int, int]:
    """Start a child; return its number and a pipe with one byte for each touch. It stops at touch `last`."""
    reading, writing = os.pipe()

    def told() -> None:
        os.close(reading)
        numbers = itertools.count(1)  # touches come from several threads

        def hook(event: str, args: tuple[object, ...]) -> None:
            if event in TOUCHES:
                number = next(numbers)
                os.write(writing, b".")
                while last is not None and number >= last:
                    time.sleep(60)

        sys.addaudithook(hook)
        task()

    pid = child(told)
    os.close(writing)
    return pid, reading


def touches(task: Callable[[], None]) -> int:
    """Return how often a task touches a file."""
    pid, reading = watched(task)
    with os.fdopen(reading, "rb") as pipe:
        found = len(pipe.read())
    must(pid)
    return found


def kill_at(touch: int, delay: float, task: Callable[[], None]) -> int:
    """Kill a child soon after a touch, or after its end if there are fewer; return its number."""
    pid, reading = watched(task, touch + AHEAD)
    with os.fdopen(reading, "rb") as pipe:
        pipe.read(touch)
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
    return pid


def warm_up(home: Path) -> None:
    """Load what is loaded on first use, so that children are quick; but not DuckDB, which has threads."""
    importlib.import_module("numpy.ma")
    with open_store(home) as store:
        store.catalogue.blocks(0)
        store.catalogue.findings()
        store.catalogue.find_identity("")
        store.catalogue.snapshots()
    gc.collect()
    gc.freeze()  # children share the pages


def create(home: Path, count: int) -> dict[str, int]:
    warm_up(home / "warm")
    whole = touches(lambda: run_import(home / "whole", 1))
    rng = random.Random(20260130)
    early = within = 0
    for n in range(count):
        folder, touch = home / str(n), 1 + n * whole // count
        pid = kill_at(touch, LONGEST * rng.random(), lambda folder=folder: run_import(folder, 0))
        early += wait(pid) != 0
        within += touch + AHEAD <= whole
        must(child(lambda folder=folder: run_import(folder, 1)))
        must(child(lambda folder=folder: last_look(folder)))
    return {"early": early, "within": within, "left": 1}


def main(home: Path, mode: str, count: int) -> dict[str, int]:
    if mode == "create":
        return create(home, count)
    complete, complete_in = os.pipe()
    left, left_in = os.pipe()
    warm_up(home)
    must(child(lambda: run_import(home, 0)))
    whole = touches(lambda: run_import(home, 1))
    result = {"early": 0, "within": 0, "whole": 0, "left": 0, "listed": 2, "survived": 0}
    rng = random.Random(20260130)
    for n in range(count):
        number = n + 2
        if mode == "kill":
            touch = 1 + n * (3 * whole // 2) // count  # it has more to do where it finds leftovers
            result["within"] += touch + AHEAD <= whole
            delay = LONGEST * rng.random()
            pid = kill_at(touch, delay, lambda number=number: run_import(home, number))
        else:
            pid = child(lambda n=n, number=number: end_at(n + 1, lambda: run_import(home, number)))
        code = wait(pid)
        assert code in (0, EARLY, -signal.SIGKILL), code
        must(child(lambda: look(home, complete_in, left_in)))
        listed, files_left = os.read(complete, 1)[0], os.read(left, 1)[0]
        assert listed - result["listed"] in (0, 1)
        assert code or listed == result["listed"] + 1  # an import that returned is there
        result["early"] += code != 0
        result["whole"] += listed - result["listed"]
        result["survived"] += code != 0 and listed > result["listed"]
        result["listed"], result["left"] = listed, result["left"] + files_left
        if mode == "step" and code == 0:
            break
    must(child(lambda: run_import(home, 250)))
    must(child(lambda: last_look(home)))
    return result


def last_look(home: Path) -> None:
    with open_store(home) as store:
        assert check(store) == []  # what was left behind is gone


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
