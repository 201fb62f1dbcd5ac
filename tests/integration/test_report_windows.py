"""Whole reports over required and random windows: each composes, verifies, and looks at nothing too new."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.ingest import calendar
from rotascope.model.documents import Document
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Window
from rotascope.model.universe import load_universe
from rotascope.report.bundle import write_bundle
from rotascope_verify import supported_ops, verify

JANUARY = (date(2025, 12, 31), date(2026, 1, 30))
AS_OF = date(2026, 2, 10)
DOTCOM = (date(2000, 3, 31), date(2002, 9, 30))


@dataclass(frozen=True)
class Written:
    """A report in memory."""

    desk: Desk
    document: Document
    files: Mapping[str, bytes]

    @property
    def facts(self) -> list[dict[str, Any]]:
        return list(json.loads(self.files["facts.json"]))

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.files["report.json"]))


def write(home: Path, start: date, end: date, as_of: date) -> Written:
    """Compose a report as of a date, without a look at the clock."""
    with wiring.open_reader(Settings(home)) as reader:
        desk = Desk(reader, load_universe("us"), as_of, verifiable=supported_ops())
        case = wiring.case_of_window(start, end, as_of)
        document, files = workflows.article(desk, Window(start, end), case)
    return Written(desk, document, files)


def failures(written: Written, folder: Path) -> list[str]:
    """Return what the verifier says about a report."""
    write_bundle(dict(written.files), folder)
    return [f.line() for f in verify(folder).failures]


def too_new(written: Written) -> list[str]:
    """Return every row, vintage and publication in a bundle that is later than the report's as-of date."""
    limit = written.report["as_of"]
    found = [f["id"] for f in written.facts if f["as_of"] > limit]
    for fact in written.facts:
        for item in fact["inputs"]:
            if item["kind"] == "observations" and max(item["last"], item["vintage"] or "") > limit:
                found.append(f"{fact['id']}: {item['series']} {item['last']} {item['vintage']}")
    for line in written.files["observations.csv"].decode().splitlines()[1:]:
        _, _, day, _, _, _, vintage, _ = line.rsplit(",", 7)
        if max(day, vintage) > limit:
            found.append(line)
    used = {key for fact in written.facts for key in fact["sources"]}
    found += [k for k, s in written.report["sources"].items() if k in used and s["published"] > limit]
    return found


@pytest.fixture(scope="module")
def dotcom(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(tmp_path_factory.mktemp("wheel"), *DOTCOM, as_of=date(2019, 1, 15))


@pytest.fixture(scope="module")
def january(market_home: Path) -> Written:
    return write(market_home, *JANUARY, as_of=AS_OF)


def test_the_window_of_the_wheel_verifies(dotcom: Written, tmp_path: Path) -> None:
    assert failures(dotcom, tmp_path / "r") == []
    assert too_new(dotcom) == []
    assert len(dotcom.facts) >= 10


def test_a_stranger_can_check_it_with_python_alone(dotcom: Written, tmp_path: Path) -> None:
    """`-I` leaves out this project and everything that is installed by the user."""
    write_bundle(dict(dotcom.files), tmp_path / "r")
    command = [sys.executable, "-I", "-S", str(tmp_path / "r" / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "r" / "facts.json").read_text("utf-8")
    (tmp_path / "r" / "facts.json").write_text(text.replace('"decimals": 1', '"decimals": 2', 1), "utf-8")
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL ")


@pytest.mark.market
def test_january_2026_on_market_data_verifies(january: Written, tmp_path: Path) -> None:
    assert failures(january, tmp_path / "r") == []
    assert too_new(january) == []
    text = january.files["report.md"].decode()
    for said in ("6.1 points", "1.9 points", "14 sessions", "27 January 2026"):
        assert said in text
    names = {f["metric"] for f in january.facts}
    assert {"value_minus_growth", "small_minus_large", "net_flow", "return_rank"} <= names


@pytest.mark.market
def test_a_streak_of_15_is_refused(january: Written, tmp_path: Path) -> None:
    """The number that circulates, put into the finished text in all three renderings, does not pass."""
    files = {n: b.replace(b"14 sessions", b"15 sessions") for n, b in january.files.items()}
    write_bundle(files, tmp_path / "r")
    codes = {f.code for f in verify(tmp_path / "r").failures}
    assert "text-differs" in codes


def test_the_same_inputs_give_the_same_bytes(dotcom: Written, tmp_path: Path) -> None:
    again = write(tmp_path, *DOTCOM, as_of=date(2019, 1, 15))
    assert again.files == dotcom.files


SCRIPT = """
import sys
from datetime import date
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_report_windows import write
from rotascope.report.bundle import write_bundle
days = [date.fromisoformat(d) for d in sys.argv[3:6]]
write_bundle(dict(write(Path(sys.argv[1]), *days).files), Path(sys.argv[2]))
"""


def _elsewhere(home: Path, out: Path, seed: str, *days: date) -> dict[str, bytes]:
    script = SCRIPT.format(tests=str(Path(__file__).parent))
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", script, str(home), str(out), *map(str, days)]
    subprocess.run(command, env=environment, check=True)
    return {p.name: p.read_bytes() for p in out.iterdir()}


def test_another_process_gives_the_same_bytes(dotcom: Written, tmp_path: Path) -> None:
    """Another process with another order of sets and dictionaries of sets."""
    assert _elsewhere(tmp_path, tmp_path / "r", "4242", *DOTCOM, date(2019, 1, 15)) == dotcom.files


@pytest.mark.market
def test_another_process_gives_the_same_bytes_on_market_data(
    january: Written, market_home: Path, tmp_path: Path
) -> None:
    assert _elsewhere(market_home, tmp_path / "r", "77", *JANUARY, AS_OF) == january.files


def random_windows(seed: int, count: int, first: date, last: date) -> list[tuple[date, date, date]]:
    """Return windows and as-of dates: short ones, months, years and anything, seen at once or later."""
    rng = random.Random(seed)
    out = []
    while len(out) < count:
        start = first + timedelta(days=rng.randrange((last - first).days))
        length = rng.choice([1, 5, 21, 30, 31, 91, 365, rng.randrange(1, 6000)])
        end = start + timedelta(days=length)
        if end <= last and calendar.count(start + timedelta(days=1), end) > 0:
            out.append((start, end, end + timedelta(days=rng.choice([0, 1, 10, 60, 400]))))
    return out


@pytest.mark.parametrize("window", random_windows(8, 10, date(1999, 2, 1), date(2018, 11, 30)), ids=str)
def test_random_windows_on_the_wheel(window: tuple[date, date, date], tmp_path: Path) -> None:
    written = write(tmp_path, *window)
    assert failures(written, tmp_path / "r") == []
    assert too_new(written) == []


@pytest.mark.market
@pytest.mark.slow
@pytest.mark.parametrize("window", random_windows(9, 5, date(2006, 1, 3), date(2026, 4, 30)), ids=str)
def test_random_windows_on_market_data(
    window: tuple[date, date, date], market_home: Path, tmp_path: Path
) -> None:
    written = write(market_home, *window)
    assert failures(written, tmp_path / "r") == []
    assert too_new(written) == []


def test_a_window_that_no_data_covers_is_refused(tmp_path: Path) -> None:
    """A weekend has no close; in 1960 nothing of what the wheel carries was published."""
    weekend = (date(2005, 11, 4), date(2005, 11, 5), date(2019, 3, 30))
    early = (date(1959, 12, 31), date(1960, 1, 29), date(1960, 2, 1))
    for window in (weekend, early):
        with pytest.raises(NotAvailableError, match=f"covers the window {window[0]} to {window[1]}"):
            write(tmp_path, *window)


def test_the_past_sees_less(tmp_path: Path) -> None:
    """French's data of the wheel was published on 31 December 2018; the day before, no fact rests on it."""
    window = (date(2018, 10, 31), date(2018, 11, 30))
    before, after = (write(tmp_path, *window, as_of=d) for d in (date(2018, 12, 30), date(2018, 12, 31)))
    series = [{s for f in w.facts for s in f["series"] if s.startswith("FF.")} for w in (before, after)]
    assert series[0] == set()
    assert "FF.SMB.M" in series[1]
    assert failures(before, tmp_path / "r") == []


def test_publications_of_later_days_are_unseen(tmp_path: Path) -> None:
    """The press of February 2026 is not quoted in a report as of 2 February."""
    early, late = (write(tmp_path, *JANUARY, as_of=d) for d in (date(2026, 2, 2), AS_OF))
    published = [{s["published"] for s in w.report["sources"].values()} - {""} for w in (early, late)]
    assert max(published[0], default="") <= "2026-02-02" < max(published[1])
    assert len(early.facts) < len(late.facts)
    assert too_new(early) == too_new(late) == []
    assert failures(early, tmp_path / "r") == []
