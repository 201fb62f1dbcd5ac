"""What an import leaves behind: all of it, or nothing."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from store_files import NAN, NOW, block, day, parsed, rows_of

from rotascope.model.errors import BadInputError, NotAvailableError, StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Source, Standing
from rotascope.store import store as store_module
from rotascope.store import tables
from rotascope.store.check import check
from rotascope.store.lake import Lake
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile
from rotascope.store.store import Store

IWM = {"2026-01-02": 250.5, "2026-01-05": NAN, "2026-01-06": 252.0}
TODAY = day("2026-02-02")


def listing(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def counts(home: Path) -> dict[str, int]:
    connection = sqlite3.connect(home / "catalogue.db")
    try:
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("imports", "snapshots", "sources", "series_blocks", "findings")
        }
    finally:
        connection.close()


def test_a_snapshot_is_a_plain_parquet_file_under_its_hash(store: Store) -> None:
    raw = b"Date,Close\n2026-01-02,250.5\n"
    result = store.commit([(parsed(block("IWM", IWM), block("IWB", {"2026-01-02": 7.0})), raw)])
    (path,) = (store.lake.home / "lake").iterdir()
    assert path.name == hashlib.sha256(path.read_bytes()).hexdigest() + ".parquet"
    assert result.files[0].snapshot == path.stem
    rows = duckdb.connect().execute(f"SELECT * FROM '{path}'").fetchall()
    assert rows == [
        ("IWB", "close", date(2026, 1, 2), 7.0, None),
        ("IWM", "close", date(2026, 1, 2), 250.5, None),
        ("IWM", "close", date(2026, 1, 5), None, None),
        ("IWM", "close", date(2026, 1, 6), 252.0, None),
    ]
    types = duckdb.connect().execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    assert [t[:2] for t in types] == [
        ("series", "VARCHAR"),
        ("field", "VARCHAR"),
        ("date", "DATE"),
        ("value", "DOUBLE"),
        ("ref", "VARCHAR"),
    ]


def test_the_raw_bytes_are_kept(store: Store, tmp_path: Path) -> None:
    raw = bytes(range(256)) * 9
    (tmp_path / "IWM.csv").write_bytes(raw)
    store.commit([(parsed(block("IWM", IWM)), tmp_path / "IWM.csv")])
    digest = hashlib.sha256(raw).hexdigest()
    assert gzip.decompress((store.lake.home / "raw" / f"{digest}.gz").read_bytes()) == raw
    assert store.raw(digest) == raw
    assert store.catalogue.snapshots()[0].file == "IWM.csv"
    assert store.catalogue.snapshots()[0].raw_sha256 == digest


def test_equal_content_gives_equal_files_anywhere_and_at_any_time(tmp_path: Path) -> None:
    files = []
    for n, name in enumerate(("one", "an other's [folder]*")):
        made = NOW.replace(year=2026 + n)
        one = parsed(block("IWM", IWM, retrieved_at=made), source=Source("y", "Y", retrieved_at=made))
        one.blocks = [
            dataclasses.replace(b, meta=dataclasses.replace(b.meta, source="y")) for b in one.blocks
        ]
        with Store.open(tmp_path / name, clock=lambda made=made: made) as store:
            store.commit([(one, b"raw")])
            with Reader(store) as reader:
                assert len(reader.read("IWM", "close", as_of=TODAY)) == 3
        files.append({p: (tmp_path / name / p).read_bytes() for p in listing(tmp_path / name) if "/" in p})
    assert len(files[0]) == 2
    assert files[0] == files[1]


def test_the_same_file_twice_adds_nothing_and_says_so(open_store: Callable[[], Store]) -> None:
    store = open_store()
    first = store.commit([(parsed(block("IWM", IWM)), b"raw")])
    before, rows = listing(store.lake.home / "lake"), counts(store.lake.home)
    again = open_store().commit([(parsed(block("IWM", IWM)), b"raw")])
    assert first.import_id == 1
    assert first.rows == 3
    assert again.import_id is None
    assert again.rows == 0
    assert again.added == ()
    assert again.unchanged[0].snapshot == first.files[0].snapshot
    assert "already imported on 2026-02-02" in again.unchanged[0].note
    assert listing(store.lake.home / "lake") == before
    assert counts(store.lake.home) == rows


def test_the_same_file_twice_in_one_import_counts_once(store: Store) -> None:
    result = store.commit([(parsed(block("IWM", IWM)), b"raw")] * 2)
    assert [f.outcome for f in result.files] == ["added", "unchanged"]
    assert counts(store.lake.home)["snapshots"] == 1


def test_a_new_version_of_the_reader_or_another_name_is_new(store: Store) -> None:
    store.commit([(parsed(block("IWM", IWM)), b"raw")])
    store.commit([(parsed(block("IWM", IWM), reader="test/2"), b"raw")])
    store.commit([(parsed(block("VTWO", IWM)), b"raw")])
    assert counts(store.lake.home)["snapshots"] == 3
    assert len(list((store.lake.home / "raw").iterdir())) == 1
    assert check(store) == []


def test_a_file_without_rows_adds_nothing_but_its_findings_are_told(store: Store) -> None:
    bad = Finding("no_rows", Severity.REJECTED, "The file has no rows.")
    result = store.commit([(parsed(findings=[bad]), b"empty")])
    assert result.import_id is None
    assert result.empty[0].findings[0].code == "no_rows"
    assert counts(store.lake.home)["imports"] == 0
    store.commit([(parsed(findings=[bad]), b"empty"), (parsed(block("IWM", IWM)), b"raw")])
    assert [f.code for f in store.catalogue.findings()] == ["no_rows"]
    assert len(list((store.lake.home / "raw").iterdir())) == 1


def test_an_exception_takes_the_whole_import_back(store: Store) -> None:
    store.commit([(parsed(block("IWM", IWM)), b"raw")])
    before, rows = listing(store.lake.home / "lake"), counts(store.lake.home)
    with pytest.raises(ZeroDivisionError), store.begin_import() as batch:
        batch.add(parsed(block("VTV", IWM)), b"raw 2")
        raise ZeroDivisionError
    with pytest.raises(StoreError, match="not ended"):
        _ = batch.result
    assert listing(store.lake.home / "lake") == before
    assert counts(store.lake.home) == rows
    assert check(store) == []


@pytest.mark.parametrize("step", ["publish", "settle"])
def test_a_full_disk_takes_the_import_back(store: Store, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    store.commit([(parsed(block("IWM", IWM)), b"raw")])
    before = listing(store.lake.home / "lake")
    publish = Lake.publish

    def fail(lake: Lake) -> None:
        if step == "settle":  # the files are in place, and the catalogue fails
            publish(lake)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "publish", fail)
        with pytest.raises(StoreError, match=r"No space left.*Nothing of this import was kept"):
            store.commit([(parsed(block("VTV", IWM)), b"raw 2")])
    assert listing(store.lake.home / "lake") == before
    assert check(store) == []
    assert store.commit([(parsed(block("VTV", IWM)), b"raw 2")]).import_id == 2


def test_a_catalogue_that_fails_half_way_takes_the_import_back(store: Store) -> None:
    """The findings are written last; one without a code is refused by the database."""
    made = parsed(block("A", IWM), findings=[Finding(None, Severity.INFO, "x")])  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="NOT NULL"):
        store.commit([(parsed(block("B", IWM)), b"1"), (made, b"2")])
    assert set(counts(store.lake.home).values()) == {0}
    assert list(store.lake.snapshots.iterdir()) == []
    assert check(store) == []


def test_leftovers_are_swept_and_foreign_files_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:  # as if the program had been ended between files and catalogue
        patch.setattr(store.catalogue, "add", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
        patch.setattr(
            Lake, "begin", lambda lake, listed: [p.mkdir() for p in _folders(lake) if not p.exists()]
        )
        with pytest.raises(KeyboardInterrupt):
            store.commit([(parsed(block("IWM", IWM)), b"raw")])
    foreign = store.lake.snapshots / "mine.parquet"
    foreign.write_bytes(b"something of the user's")
    found = {(f.code, f.severity) for f in check(store)}
    assert found == {("interrupted_import", Severity.INFO), ("orphan_file", Severity.WARNING)}
    with Reader(store) as reader, pytest.raises(NotAvailableError):
        reader.read("IWM", "close", as_of=TODAY)
    store.commit([(parsed(block("VTV", IWM)), b"raw 2")])
    assert [(f.code, f.file) for f in check(store)] == [("orphan_file", "lake/mine.parquet")]
    assert foreign.exists()


def _folders(lake: Lake) -> tuple[Path, ...]:
    return lake.snapshots, lake.raws, lake.staging


def test_check_sees_every_kind_of_damage(store: Store) -> None:
    names = ("gone", "flipped", "listed", "raw_gone", "raw_flipped")
    store.commit([(parsed(block(n, IWM)), n.encode()) for n in names])
    at = {s.file: s for s in store.catalogue.snapshots()}
    by = {b.series: b for b in store.catalogue.blocks(1)}
    assert len(at) == 1  # the files were bytes without a name
    by["gone"].path.unlink()
    data = bytearray(by["flipped"].path.read_bytes())
    data[len(data) // 2] ^= 1
    by["flipped"].path.write_bytes(data)
    raws = {s.id: store.lake.raw_path(s.raw_sha256) for s in store.catalogue.snapshots()}
    raws[by["raw_gone"].snapshot].unlink()
    raws[by["raw_flipped"].snapshot].write_bytes(gzip.compress(b"other bytes"))
    connection = sqlite3.connect(store.lake.home / "catalogue.db")
    connection.execute("UPDATE series_blocks SET unknown_rows = 0 WHERE series = 'listed'")
    connection.commit()
    connection.close()
    found = check(store)
    assert sorted(f.code for f in found) == [
        "raw_damaged",
        "raw_damaged",
        "rows_differ",
        "snapshot_damaged",
        "snapshot_damaged",
    ]
    assert {f.severity for f in found} == {Severity.QUARANTINE}
    with Reader(store) as reader:
        for name in ("gone", "flipped"):
            with pytest.raises(StoreError, match="missing or damaged"):
                reader.read(name, "close", as_of=TODAY)


def test_a_newer_catalogue_is_refused_with_the_fix(store: Store) -> None:
    connection = sqlite3.connect(store.lake.home / "catalogue.db")
    connection.execute("UPDATE schema_version SET version = ?", [tables.SCHEMA_VERSION + 1])
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=rf"schema version {tables.SCHEMA_VERSION + 1}.*Upgrade rotascope"):
        Store.open(store.lake.home, clock=lambda: NOW)


def test_a_damaged_catalogue_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "catalogue.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match=r"not a database"):
        Store.open(tmp_path, clock=lambda: NOW)


@pytest.mark.parametrize("url", ["nonsense", "postgresql+nodriver://x/y", "mongodb://x/y"])
def test_a_bad_url_is_a_plain_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match="URL cannot be used"):
        Store.open(tmp_path, url=url, clock=lambda: NOW)


def test_the_catalogue_can_be_elsewhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with Store.open(tmp_path / "home", url=url, clock=lambda: NOW) as store:
        store.commit([(parsed(block("IWM", IWM)), b"raw")])
    assert not (tmp_path / "home" / "catalogue.db").exists()
    with Store.open(tmp_path / "home", url=url, clock=lambda: NOW) as store, Reader(store) as reader:
        assert rows_of(reader.read("IWM", "close", as_of=TODAY))["2026-01-06"] == 252.0
        assert check(store) == []


def test_a_second_import_waits_and_then_gives_up(
    open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    monkeypatch.setattr(store_module, "WAIT_SECONDS", 0.1)
    other = open_store()
    with (
        store.begin_import() as batch,
        pytest.raises(StoreError, match="Another import has held"),
    ):
        batch.add(parsed(block("IWM", IWM)), b"raw")
        other.commit([(parsed(block("VTV", IWM)), b"raw 2")])
    with Reader(store) as reader:
        assert reader.series() == ["IWM"]


def bad_files() -> list[tuple[str, ParsedFile]]:
    press = Source("press", "A paper", standing=Standing.REPORTED)
    dated = dataclasses.replace(press, published=day("2026-01-31"))
    return [
        ("twice", parsed(block("A", IWM), block("A", {"2026-01-09": 1.0}))),
        ("do not ascend", parsed(block("A", {"2026-01-05": 1.0, "2026-01-02": 1.0}))),
        ("infinite", parsed(block("A", {"2026-01-05": float("inf")}))),
        ("without a date", parsed(block("A", {"2026-01-05": 1.0, "NaT": 2.0}))),
        ("no name", parsed(block("", IWM))),
        ("not a name", parsed(block("A\x00", IWM))),
        ("source that is not given: fred", parsed(block("A", IWM, source="fred"))),
        ("source that is not given: x", parsed(block("A", IWM, refs=["x", "", "x"]))),
        ("row references", parsed(block("A", IWM, refs=["yahoo"]))),
        ("rows without one", parsed(block("A", IWM, source="*", refs=["yahoo", "", "yahoo"]))),
        ("unknown day", parsed(block("A", IWM, source="press"), source=press)),
        (
            "unknown day",
            parsed(
                block("A", IWM, source="*", refs=["p2", "press", "p2"]),
                references=[press, dataclasses.replace(dated, id="p2")],
            ),
        ),
    ]


@pytest.mark.parametrize(("text", "bad"), bad_files(), ids=lambda x: x if isinstance(x, str) else "")
def test_contradictory_blocks_are_refused_and_nothing_comes_in(
    store: Store, text: str, bad: ParsedFile
) -> None:
    with pytest.raises(BadInputError, match=text):
        store.commit([(parsed(block("GOOD", IWM)), b"good"), (bad, b"raw")])
    assert counts(store.lake.home)["snapshots"] == 0
    assert check(store) == []


def test_a_missing_raw_file_is_a_plain_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        store.commit([(parsed(block("A", IWM)), tmp_path / "no.csv")])


def test_names_with_quotes_and_other_scripts_survive(store: Store) -> None:
    names = ["Moody's AAA", 'say "x"', "Börse; DROP TABLE names", "株価", "a\\b", "{}", "%s $1"]
    blocks = [block(n, {"2026-01-02": float(i)}, refs=["it's"]) for i, n in enumerate(names)]
    store.commit([(parsed(*blocks, references=[Source("it's", "P")]), b"raw")])
    with Reader(store) as reader:
        assert reader.series() == sorted(names)
        for i, name in enumerate(names):
            data = reader.read(name, Field.CLOSE, as_of=TODAY)
            assert (rows_of(data), data.refs) == ({"2026-01-02": float(i)}, ("it's",))
    assert check(store) == []
