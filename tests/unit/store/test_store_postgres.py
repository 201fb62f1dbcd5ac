"""The same catalogue on PostgreSQL, where ROTASCOPE_TEST_POSTGRES names an empty database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from store_files import NAN, NOW, block, day, parsed, rows_of

from rotascope.model.errors import StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Source, Standing
from rotascope.store import tables
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.store import Store

TODAY = day("2026-02-02")
ROWS = {"2026-01-02": 1.0, "2026-01-05": NAN}


def test_the_tables_can_be_said_in_its_words() -> None:
    for table in tables.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


@pytest.fixture
def url() -> Iterator[str]:
    url = os.environ.get("ROTASCOPE_TEST_POSTGRES", "")
    if not url:
        pytest.skip("set ROTASCOPE_TEST_POSTGRES to the URL of an empty PostgreSQL database to run this test")
    yield url
    engine = sa.create_engine(url)
    tables.metadata.drop_all(engine)
    engine.dispose()


def test_an_import_and_reads(url: str, tmp_path: Path) -> None:
    ft = Source("ft", "FT", published=day("2026-01-10"), standing=Standing.REPORTED, retrieved_at=NOW)
    bad = Finding("bad", Severity.QUARANTINE, "All of it is bad.", "BAD", row=3, first=day("2026-01-02"))
    made = parsed(
        block("IWM", ROWS, attributes={"index family": "Russell"}, retrieved_at=NOW),
        block("BAD", ROWS),
        block("RUT", {"2026-01-02": 5.0}, source="*", refs=["ft"]),
        references=[ft],
        findings=[bad],
    )
    with Store.open(tmp_path, url=url, clock=lambda: NOW) as store:
        assert store.commit([(made, b"raw")]).import_id == 1
        assert store.commit([(made, b"raw")]).unchanged[0].note.startswith("already imported on 2026-02-02")
    with Store.open(tmp_path, url=url, clock=lambda: NOW) as store, Reader(store) as reader:
        data = reader.read("IWM", "close", as_of=TODAY)
        assert rows_of(data)["2026-01-02"] == 1.0
        assert data.meta == made.blocks[0].meta
        assert not reader.has("BAD", "close", TODAY)
        assert reader.read("BAD", "close", as_of=TODAY, source="yahoo").findings[0].row == 3
        assert not reader.has("RUT", "close", day("2026-01-09"))
        assert reader.source("ft", reader.read("RUT", "close", as_of=TODAY).snapshot) == ft
        assert reader.series() == ["BAD", "IWM", "RUT"]
        assert store.catalogue.snapshots()[0].created_at == NOW
        assert check(store) == []


def test_a_failed_import_is_taken_back(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path, url=url, clock=lambda: NOW) as store:
        twice = [(parsed(block("A", ROWS)), b"1"), (parsed(block("B", ROWS), reader="r"), b"2")]
        # the last table fails: a finding without a code
        broken = Finding(None, Severity.INFO, "x")  # type: ignore[arg-type]
        twice[1][0].findings.append(broken)
        with pytest.raises(StoreError, match="cannot be used"):
            store.commit(twice)
        assert store.catalogue.snapshots() == []
        assert store.catalogue.last_import() == 0
        assert check(store) == []
        assert list(store.lake.snapshots.iterdir()) == []
        twice[1][0].findings.clear()
        assert len(store.commit(twice).added) == 2
