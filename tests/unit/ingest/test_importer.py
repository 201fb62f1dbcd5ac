"""The import of files and folders: what comes in, what is reported, and that it is all or nothing."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from rotascope.ingest import importer
from rotascope.ingest.importer import ImportOptions, ImportProgress, ImportReport, discover, import_paths
from rotascope.ingest.readers import ReadOptions
from rotascope.model.errors import BadInputError
from rotascope.model.findings import Severity
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile
from rotascope.store.store import Store

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
PRICES = "Date,Open,High,Low,Close,Adj Close,Volume\n2026-01-02,1,2,1,2,1.9,5\n2026-01-05,2,3,2,3,2.9,6\n"


def clock() -> datetime:
    return NOW


def run(home: Path, *paths: Path, **options: object) -> ImportReport:
    """Import paths into the store at home."""
    with Store.open(home, clock=clock) as store:
        return import_paths(list(paths), store=store, clock=clock, **options)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a good file, a bad one, a page and a hidden file."""
    place = tmp_path / "data"
    (place / "deep").mkdir(parents=True)
    (place / "SPY.csv").write_text(PRICES)
    (place / "deep" / "IWM.csv").write_text(PRICES + "2026-01-06,x,1,1,1,1,1\n")
    (place / "README.md").write_text("# Words\n\nand more words\n")
    (place / "wall.csv").write_text("<html><body>verify your browser</body></html>")
    (place / ".hidden.csv").write_text(PRICES)
    return place


def test_a_folder_comes_in_with_one_call(tmp_path: Path, folder: Path) -> None:
    seen: list[ImportProgress] = []
    report = run(tmp_path / "home", folder, progress=seen.append)
    by_name = {f.file: f for f in report.files}
    assert list(by_name) == ["README.md", "SPY.csv", "deep/IWM.csv", "wall.csv"]
    assert by_name["SPY.csv"].outcome == by_name["deep/IWM.csv"].outcome == "added"
    assert (by_name["deep/IWM.csv"].rows, by_name["deep/IWM.csv"].rejected) == (3, 1)
    assert by_name["deep/IWM.csv"].series == ("IWM",)
    assert by_name["deep/IWM.csv"].values == 12, "six fields, two days"
    assert {f.code for f in by_name["README.md"].findings} <= {"not_market_data", "text_instead_of_data"}
    assert [f.code for f in by_name["wall.csv"].findings] == ["text_instead_of_data"]
    assert all(f.findings for f in report.files if f.outcome == "empty"), "nothing vanishes without a word"
    assert [p.done for p in seen] == [1, 2, 3, 4] and seen[-1].values == 24
    with Store.open(tmp_path / "home", clock=clock) as store, Reader(store) as reader:
        assert reader.series() == ["IWM", "SPY"]
        data = reader.read("SPY", "close", as_of=date(2026, 2, 1))
        assert data.values.tolist() == [2, 3]


def test_the_report_is_json(tmp_path: Path, folder: Path) -> None:
    told = json.loads(json.dumps(run(tmp_path / "home", folder).as_json(), allow_nan=False))
    assert (told["files"], told["added"], told["empty"], told["rejected"]) == (4, 2, 2, 1)
    assert told["reports"][2]["findings"][0]["row"] == 4


def test_a_second_import_adds_nothing(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "home", folder)
    again = run(tmp_path / "home", folder)
    assert again.import_id is None and again.count("unchanged") == 2 and again.count("added") == 0


def test_an_import_that_fails_leaves_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: ImportProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "home", folder, progress=stop)
    with Store.open(tmp_path / "home", clock=clock) as store, Reader(store) as reader:
        assert reader.series() == []
    assert run(tmp_path / "home", folder).count("added") == 2


def test_one_strange_file_does_not_end_the_import(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importer.recognise

    class Broken:
        name = "broken/1"

        def read(self, *_: object, **__: object) -> None:
            raise ZeroDivisionError("deep inside")

    monkeypatch.setattr(
        importer, "recognise", lambda path, data: Broken() if path.name == "SPY.csv" else real(path, data)
    )
    report = run(tmp_path / "home", folder)
    failed = next(f for f in report.files if f.file == "SPY.csv")
    assert failed.outcome == "empty" and failed.findings[0].code == "reader_failed"
    assert report.count("added") == 1


def test_two_files_that_state_one_series_are_both_kept(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "SPY.csv").write_text(PRICES)
    (tmp_path / "b" / "SPY.csv").write_text(PRICES.replace(",2,1.9", ",2.5,1.9"))
    report = run(tmp_path / "home", tmp_path / "a", tmp_path / "b")
    assert report.count("added") == 2
    assert len({f.file for f in report.files}) == 2


def test_what_the_store_refuses_is_reported(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importer.recognise

    class Twice:
        name = "twice/1"

        def read(self, path: Path, data: bytes, **options: Any) -> ParsedFile:
            reader = real(path, data)
            assert reader is not None
            parsed = reader.read(path, data, **options)
            parsed.blocks.append(parsed.blocks[0])
            return parsed

    monkeypatch.setattr(
        importer, "recognise", lambda path, data: Twice() if path.name == "SPY.csv" else real(path, data)
    )
    report = run(tmp_path / "home", folder)
    refused = next(f for f in report.files if f.file == "SPY.csv")
    assert refused.outcome == "empty" and refused.series == ()
    assert "contradiction" in {f.code for f in refused.findings}
    assert report.count("added") == 1


def test_the_date_option_reaches_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "SPY.json"
    path.write_text(json.dumps([{"ticker": "A", "name": "B", "weight": 100.0}]))
    assert run(tmp_path / "home", path).count("empty") == 1
    options = ImportOptions(ReadOptions(date=date(2025, 11, 24)))
    assert run(tmp_path / "home", path, options=options).count("added") == 1


def test_neighbours_in_the_same_import_are_known_to_the_gates(tmp_path: Path) -> None:
    """A.csv comes before GSPC.csv by name; its volume is still seen to be a copy."""
    days = [day.isoformat() for day in _weekdays(60)]
    for name, close in (("A", 1.5), ("GSPC", 2.5)):
        lines = [f"{day},{close + 0.01 * at},{1000 + 7 * at}" for at, day in enumerate(days)]
        (tmp_path / f"{name}.csv").write_text("Date,Close,Volume\n" + "\n".join(lines))
    report = run(tmp_path / "home", tmp_path)
    copied = [f for f in report.findings if f.code == "copied_volume"]
    assert [f.series for f in copied] == ["A"] and copied[0].file == "A.csv"
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "B.csv").write_text((tmp_path / "A.csv").read_text())
    later = run(tmp_path / "home", tmp_path / "late")
    assert [f.series for f in later.findings if f.code == "copied_volume"] == ["B"], "GSPC is in the store"


def _weekdays(count: int) -> list[date]:
    days = [date.fromordinal(date(2026, 1, 2).toordinal() + at) for at in range(2 * count)]
    return [day for day in days if day.weekday() < 5][:count]


def test_discover(tmp_path: Path, folder: Path) -> None:
    found = discover([folder, folder / "SPY.csv"])
    assert [p.name for p in found] == ["README.md", "SPY.csv", "IWM.csv", "wall.csv"]
    with pytest.raises(BadInputError, match="There is no file or folder"):
        discover([tmp_path / "nothing"])


def test_unreadable_paths_are_reported(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 broken")
    report = run(tmp_path / "home", tmp_path / "x.zip")
    assert [f.code for f in report.findings] == ["unreadable_file"]


@pytest.mark.market
@pytest.mark.slow
def test_the_whole_market_folder(tmp_path: Path, market: Path) -> None:
    report = run(tmp_path / "home", market)
    assert len(report.files) == sum(1 for p in market.rglob("*") if p.is_file())
    assert all(f.findings for f in report.files if f.outcome == "empty")
    assert not {"reader_failed", "contradiction", "future_date"} & {f.code for f in report.findings}
    assert report.count("added") >= 275
    by_name = {f.file: f for f in report.files}
    for folder in ("etfs", "stocks", "french", "flows", "traps"):
        for path in (market / folder).iterdir():
            if not path.name.startswith("_meta"):
                assert by_name[f"{folder}/{path.name}"].outcome == "added", path.name
    copied = {f.series for f in by_name["indices/RUT.csv"].findings if f.code == "copied_volume"}
    assert copied == {"RUT"}
    lost = Counter(f.code for f in report.findings if f.severity is Severity.REJECTED)
    assert set(lost) <= {
        "not_market_data",
        "text_instead_of_data",
        "undated_holdings",
        "unnamed_holding",
        "unreadable_number",
        "no_rows",
        "intraday_prices",
        "period_not_over",
        "duplicate_dates",
    }
    assert report.seconds < 60
