"""Several processes: one that imports while another reads, and imports that are ended by force."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from store_files import block, day, parsed, rows_of

from rotascope.model.errors import NotAvailableError
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.store import Store

HERE = Path(__file__).parent
TODAY = day("2026-02-02")

WRITER = """
import sys
from datetime import datetime
from pathlib import Path
from store_files import NOW, block, parsed
from rotascope.store.store import Store

with Store.open(Path(sys.argv[1]), clock=lambda: NOW) as store:
    with store.begin_import() as batch:
        batch.add(parsed(block("IWM", {"2026-01-02": 1.0, "2026-01-05": 2.0})), b"new IWM")
        batch.add(parsed(block("SPY", {"2026-01-02": 3.0})), b"new SPY")
        print("half way", flush=True)
        sys.stdin.readline()
    print("done", flush=True)
"""


def test_a_reader_goes_on_while_another_process_imports(store: Store) -> None:
    store.commit([(parsed(block("IWM", {"2026-01-02": 1.0})), b"old IWM")])
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.lake.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "half way\n"
        with Reader(store) as during, Reader(store) as later:
            assert rows_of(during.read("IWM", "close", as_of=TODAY)) == {"2026-01-02": 1.0}
            with pytest.raises(NotAvailableError, match="no series 'SPY'"):
                during.read("SPY", "close", as_of=TODAY)
            writer.stdin.write("\n")
            writer.stdin.flush()
            assert writer.stdout.readline() == "done\n"
            # the readers that were there keep their view, one that comes now sees all of it
            assert len(later.read("IWM", "close", as_of=TODAY)) == 1
            with Reader(store) as after:
                assert len(after.read("IWM", "close", as_of=TODAY)) == 2
                assert len(after.read("SPY", "close", as_of=TODAY)) == 1
    assert writer.returncode == 0
    assert check(store) == []


def test_a_process_that_reads_in_a_loop_never_sees_half_an_import(open_store: Callable[[], Store]) -> None:
    loop = """
import sys
from pathlib import Path
from store_files import NOW, day
from rotascope.store.reader import Reader
from rotascope.store.store import Store

with Store.open(Path(sys.argv[1]), clock=lambda: NOW) as store:
    print("ready", flush=True)
    seen = 0
    while seen < 24:
        with Reader(store) as reader:
            names = reader.series()
            assert len(names) % 3 == 0, names
            for name in names[-3:]:
                assert len(reader.read(name, "close", as_of=day("2026-02-02"))) == 1
            seen = len(names)
"""
    store = open_store()
    reader = subprocess.Popen(
        [sys.executable, "-c", loop, str(store.lake.home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    with reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        assert reader.stdout.readline() == "ready\n"
        for n in range(8):
            made = [(parsed(block(f"S{n}{k}", {"2026-01-02": 1.0})), f"{n}{k}".encode()) for k in range(3)]
            store.commit(made)
        errors = reader.stderr.read()
    assert (reader.returncode, errors) == (0, "")


def test_neither_import_nor_read_loads_a_data_frame_library(tmp_path: Path) -> None:
    """The engine loads pandas by itself where it can; that takes longer than a hundred reads."""
    code = """
import sys
from pathlib import Path
from store_files import NOW, block, day, parsed
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.store import Store

with Store.open(Path(sys.argv[1]), clock=lambda: NOW) as store:
    store.commit([(parsed(block("IWM", {"2026-01-02": float("nan")}, refs=["yahoo"])), b"raw")])
    with Reader(store) as reader:
        reader.read("IWM", "close", as_of=day("2026-02-02"))
    check(store)
print(sorted({"pandas", "pyarrow", "polars"} & set(sys.modules)))
"""
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, env=env, check=True
    )
    assert run.stdout == "[]\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.slow
@pytest.mark.parametrize(("mode", "count"), [("kill", 60), ("step", 200), ("create", 30)])
def test_an_import_that_is_killed_leaves_nothing_or_all(tmp_path: Path, mode: str, count: int) -> None:
    run = subprocess.run(
        [sys.executable, str(HERE / "kill_imports.py"), str(tmp_path), mode, str(count)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    told = json.loads(run.stdout)
    assert told["early"] >= max(20, told["within"])  # the kills did fall into imports
    assert told["left"] >= 1  # and some between the files and the catalogue
    if mode != "create":
        assert told["whole"] >= 1  # the places covered the import to its end
