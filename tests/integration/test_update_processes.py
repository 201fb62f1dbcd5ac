"""Several programs that update at once, and updates that are ended by force at random moments."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from update_worker import FIELDS, MONTHS, TASKS, vintage

from rotascope.ingest.refresh.journal import attempts
from rotascope.ingest.refresh.versions import read_block
from rotascope.model.findings import Severity
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.store import Store

HERE = Path(__file__).parent
KILLS = 10


def start(home: Path, version: int, pause: float = 0.02) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / "update_worker.py"), str(home), str(version), str(pause)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )


def finish(worker: subprocess.Popen[str]) -> dict[str, object]:
    with worker:
        out, errors = worker.communicate(timeout=60)
    assert (worker.returncode, errors) == (0, "")
    report: dict[str, object] = json.loads(out.splitlines()[-1])
    return report


def versions_of(home: Path) -> dict[str, set[int]]:
    """Return the versions of each series in the store, after a look at every block of it."""
    there: dict[str, dict[int, set[str]]] = {}
    with Store.open(home, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)) as store:
        assert {f.severity for f in check(store)} <= {Severity.INFO}
        with Reader(store) as reader:
            for block in reader.blocks():
                rows = read_block(reader, block)
                version = int(rows.values[0]) // 1000
                assert rows.values.tolist() == [version * 1000.0 + place for place in range(len(MONTHS))]
                assert block.meta.vintage == vintage(version)
                there.setdefault(block.series, {}).setdefault(version, set()).add(block.field)
    for by_version in there.values():
        assert all(fields == set(FIELDS) for fields in by_version.values())  # no half vintage
    for task in range(TASKS):
        assert there.get(f"S{task}A", {}).keys() == there.get(f"S{task}B", {}).keys()  # no half task
    return {series: set(by_version) for series, by_version in there.items()}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_ten_kills_leave_no_half_vintage_and_lose_none(tmp_path: Path) -> None:
    home = tmp_path / "data"
    rng = random.Random(20260130)
    finish(start(home, 0))
    assert set(map(tuple, versions_of(home).values())) == {(0,)}
    early = 0
    for version in range(1, KILLS + 1):
        worker = start(home, version)
        with worker:
            assert worker.stdout is not None
            lines = [worker.stdout.readline() for _ in range(1 + rng.randrange(TASKS - 2))]
            time.sleep(rng.random() * 0.03)
            worker.kill()
            done = [line.split()[0] for line in (*lines[1:], *worker.stdout.read().splitlines())]
            done = [task for task in done if task.startswith("T")]
        early += len(done) < TASKS
        there = versions_of(home)
        told = {key.partition(":")[2] for key, a in attempts(home).items() if a.at.date() == vintage(version)}
        for task in {*done, *told}:
            assert version in there[f"S{task[1:]}A"]  # what was told to be done is there
        for versions in there.values():
            assert 0 in versions
    assert early >= 5, "the kills did not fall into updates"

    # the update that was killed last goes on where it stopped, and no other
    there = versions_of(home)
    finished = {f"T{n}" for n in range(TASKS) if KILLS in there[f"S{n}A"]}
    report = finish(start(home, KILLS))
    assert set(report["asked"]) | finished == {f"T{n}" for n in range(TASKS)}
    assert report["ok"]
    assert all(KILLS in versions for versions in versions_of(home).values())
    with Store.open(home, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)) as store:
        assert check(store) == []  # and what the kills left behind is gone


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_an_update_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    home = tmp_path / "data"
    worker = start(home, 1, pause=0.1)
    with worker:
        assert worker.stdout is not None
        lines = [worker.stdout.readline() for _ in range(4)]  # `begun` and three tasks
        worker.kill()
        rest = worker.stdout.read()
    done = {line.split()[0] for line in (*lines[1:], *rest.splitlines()) if " " in line}
    report = finish(start(home, 1))
    assert 3 <= len(done) < TASKS
    assert report["resumed"]
    # one more may have been stored between its commit and its line
    assert len(done) <= report["skipped"] <= len(done) + 1
    assert not done & set(report["asked"])
    assert len(report["asked"]) == TASKS - report["skipped"]
    assert all(versions == {1} for versions in versions_of(home).values())
    again = finish(start(home, 1))  # a finished update leaves nothing to go on with
    assert (again["resumed"], len(again["asked"])) == (False, TASKS)


@pytest.mark.slow
@pytest.mark.parametrize("second", [1, 2])
def test_two_updates_at_once(tmp_path: Path, second: int) -> None:
    """The same content twice, and a later vintage beside an earlier one."""
    home = tmp_path / "data"
    workers = [start(home, version) for version in (1, second)]
    reports = [finish(worker) for worker in workers]
    there = versions_of(home)
    assert len(there) == 2 * TASKS
    if second == 1:
        assert all(versions == {1} for versions in there.values())
        states = [r["state"] for report in reports for r in report["results"]]
        assert (states.count("new"), states.count("unchanged")) == (TASKS, TASKS)
    else:
        assert all(2 in versions for versions in there.values())
        old, new = reports
        assert new["ok"]
        # where the later vintage was faster the earlier one was refused, with its reason
        codes = {s["code"] for r in old["results"] for s in r["series"] if s["state"] == "failed"}
        assert codes <= {"older_than_stored"}
        lost = sum(1 not in versions for versions in there.values())
        assert lost == 2 * len(old["failed_tasks"])
