"""Snapshots that are written beside the caller's work: the same results, and errors where they belong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from store_files import block, day, parsed, rows_of

from rotascope.model.errors import BadInputError, StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.store import columns, lake
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.store import Store

ROWS = {"2026-01-02": 1.0, "2026-01-05": 2.0}
BAD = Finding("unit_jump", Severity.QUARANTINE, "no")


def test_many_files_come_in_as_one_by_one(store: Store, tmp_path: Path) -> None:
    files = [(parsed(block(f"S{n}", {"2026-01-02": float(n)})), f"{n}".encode()) for n in range(40)]
    with store.begin_import() as batch:
        told = [batch.submit(one, raw, name=f"{n}.csv") for n, (one, raw) in enumerate(files)]
    assert {t.outcome for t in told} == {"added"}
    assert [f.file for f in batch.result.files] == [f"{n}.csv" for n in range(40)]
    assert all(f.snapshot for f in batch.result.files)
    with Store.open(tmp_path / "other", clock=store.clock) as other:
        snapshots = [other.commit([file]).files[0].snapshot for file in files]
    assert [f.snapshot for f in batch.result.files] == snapshots
    with Reader(store) as reader:
        assert rows_of(reader.read("S7", "close", as_of=day("2026-02-02"))) == {"2026-01-02": 7.0}
    assert check(store) == []


def test_findings_of_a_check_that_runs_meanwhile_count(store: Store) -> None:
    with store.begin_import() as batch:
        result = batch.submit(parsed(block("IWM", ROWS)), b"raw", name="IWM.csv", check=lambda: [BAD])
    assert [(f.code, f.file) for f in result.findings] == [("unit_jump", "IWM.csv")]
    with Reader(store) as reader:
        assert [b.quarantined for b in reader.blocks()] == [True]


def test_equal_files_of_one_import_are_one_snapshot(store: Store) -> None:
    with store.begin_import() as batch:
        for name in ("a.csv", "b.csv"):
            batch.submit(parsed(block("IWM", ROWS)), b"raw", name=name)
    first, second = batch.result.files
    assert (first.outcome, second.outcome, second.snapshot) == ("added", "unchanged", first.snapshot)


def test_files_seen_before_are_found_however_many_there_are(store: Store) -> None:
    files = [(parsed(block(f"S{n}", ROWS)), f"{n}".encode()) for n in range(50)]
    store.commit(files)
    again = store.commit([*files, (parsed(block("NEW", ROWS)), b"new")])
    assert (len(again.unchanged), len(again.added)) == (50, 1)


def test_bytes_that_were_expected_and_brought_nothing_are_dropped(store: Store) -> None:
    with store.begin_import() as batch:
        batch.expect(b"of no use")
        batch.expect(b"of use")
        batch.submit(parsed(findings=[Finding("wall", Severity.REJECTED, "no")]), b"of no use", name="a")
        batch.submit(parsed(block("IWM", ROWS)), b"of use", name="b")
    assert store.raw(hashlib.sha256(b"of use").hexdigest()) == b"of use"
    with pytest.raises(StoreError):
        store.raw(hashlib.sha256(b"of no use").hexdigest())
    assert check(store) == []


@pytest.mark.parametrize("what", ["snapshot", "raw"])
def test_an_error_while_writing_takes_all_of_the_import_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((columns, "write_columns") if what == "snapshot" else (lake, "_pack")), full)
    with pytest.raises(StoreError, match="No space left"), store.begin_import() as batch:
        for n in range(20):
            batch.submit(parsed(block(f"S{n}", ROWS)), f"{n}".encode(), name=f"{n}")
    monkeypatch.undo()
    assert store.catalogue.snapshots() == []
    assert check(store) == []
    assert len(store.commit([(parsed(block("IWM", ROWS)), b"raw")]).added) == 1


def test_an_error_in_the_middle_ends_what_is_being_written(store: Store) -> None:
    with pytest.raises(BadInputError), store.begin_import() as batch:
        for n in range(10):
            batch.submit(parsed(block(f"S{n}", ROWS)), f"{n}".encode(), name=f"{n}")
        batch.submit(parsed(block("", ROWS)), b"bad", name="bad")
    assert store.catalogue.snapshots() == []
    assert list(store.lake.staging.iterdir()) == []
    assert check(store) == []


def test_a_file_that_changes_while_it_is_imported_is_refused(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "IWM.csv"
    file.write_bytes(b"before")

    def change() -> list[Finding]:
        file.write_bytes(b"after")
        return []

    real = lake.Lake.stage_raw

    def late(self: lake.Lake, raw: bytes | Path, sha256: str) -> str:
        file.write_bytes(b"after")
        return real(self, raw, sha256)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake.Lake, "stage_raw", late)
        with pytest.raises(StoreError, match="changed while it was imported"), store.begin_import() as batch:
            batch.submit(parsed(block("IWM", ROWS)), file, check=change)
    assert store.catalogue.snapshots() == []
