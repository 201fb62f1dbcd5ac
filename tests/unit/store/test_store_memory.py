"""What one reader leaves to the next: the same rows, and no more of them than allowed."""

from __future__ import annotations

import numpy as np
import pytest
from store_files import NAN, block, day, parsed, rows_of

from rotascope.model.errors import NotAvailableError, StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field
from rotascope.store import columns
from rotascope.store.memory import BlockKey, BlockRows, Memory
from rotascope.store.reader import Reader
from rotascope.store.series import RowText
from rotascope.store.store import Store

TODAY = day("2026-02-02")
PRICES = {"2026-01-02": 250.5, "2026-01-05": NAN, "2026-01-06": 252.0, "2026-01-07": 253.0}
NEWER = {**PRICES, "2026-01-08": 254.0}


def some_rows(n: int) -> BlockRows:
    dates, values = np.datetime64("2026-01-01", "D") + np.arange(n), np.ones(n)
    return BlockRows(dates, values, None, RowText(dates, values))


def a_key(name: str) -> BlockKey:
    return BlockKey("0" * 64, name, Field.CLOSE)


def test_the_block_that_nobody_used_for_longest_is_forgotten() -> None:
    memory = Memory(10)
    for name in "abc":
        memory.keep(a_key(name), some_rows(3))
    assert memory.get(a_key("a")) is not None
    memory.keep(a_key("d"), some_rows(4))  # 13 rows
    assert [memory.get(a_key(n)) is not None for n in "abcd"] == [True, False, True, True]


def test_a_block_kept_twice_counts_once_and_one_too_large_is_not_kept() -> None:
    memory = Memory(10)
    for _ in range(5):
        memory.keep(a_key("a"), some_rows(4))
    memory.keep(a_key("b"), some_rows(4))
    assert len(memory) == 2
    memory.keep(a_key("c"), some_rows(11))
    assert memory.get(a_key("c")) is None


def test_a_second_reader_reads_no_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    memory = Memory(100)
    with Reader(store, memory=memory) as reader:
        first = reader.read("IWM", "close", as_of=TODAY)

    def read_nothing(*given: object, **more: object) -> object:
        raise AssertionError("a file is read")

    monkeypatch.setattr(columns, "read_columns", read_nothing)
    with Reader(store, memory=memory) as reader:
        second = reader.read("IWM", "close", as_of=TODAY)
        early = reader.read("IWM", "close", as_of=day("2026-01-05"))
        late = reader.read("IWM", "close", as_of=TODAY, start=day("2026-01-06"))
    np.testing.assert_equal(rows_of(second), rows_of(first))
    np.testing.assert_equal(rows_of(early), {"2026-01-02": 250.5, "2026-01-05": NAN})
    assert first.text(0, 4) == "2026-01-02,250.5\n2026-01-05,\n2026-01-06,252.0\n2026-01-07,253.0\n"
    assert early.text(0, 2) == "2026-01-02,250.5\n2026-01-05,\n"
    assert late.text(0, 1) == "2026-01-06,252.0\n"  # not the block's first rows
    assert late.digest(0, 1) != first.digest(0, 1)


def test_a_new_import_is_seen_with_the_old_memory(store: Store) -> None:
    memory = Memory(100)
    store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    with Reader(store, memory=memory) as reader:
        reader.read("IWM", "close", as_of=TODAY)
    store.commit([(parsed(block("IWM", NEWER)), b"raw 2")])
    with Reader(store, memory=memory) as reader:
        np.testing.assert_equal(rows_of(reader.read("IWM", "close", as_of=TODAY)), NEWER)


def test_a_damaged_file_is_refused_even_if_its_rows_are_remembered(store: Store) -> None:
    memory = Memory(100)
    result = store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    with Reader(store, memory=memory) as reader:
        reader.read("IWM", "close", as_of=TODAY)
    path = store.lake.snapshot_path(result.files[0].snapshot)
    path.write_bytes(path.read_bytes()[:-1])
    with Reader(store, memory=memory) as reader, pytest.raises(StoreError, match="missing or damaged"):
        reader.read("IWM", "close", as_of=TODAY)


def test_series_looked_up_together_are_those_looked_up_one_by_one(store: Store) -> None:
    odd = Finding("gap", Severity.WARNING, "A day is missing.", "IWM", "close")
    store.commit([(parsed(block("IWM", PRICES), block("IWD", NEWER), findings=[odd]), b"raw")])
    store.commit([(parsed(block("IWM", NEWER, source="other"), source="other"), b"raw 2")])
    with Reader(store) as alone, Reader(store) as together:
        together.expect(["IWM", "IWD", "NONE", "IWM"])
        for name in ("IWM", "IWD"):
            assert together.blocks(name) == alone.blocks(name)
            a, b = (r.read(name, "close", as_of=TODAY) for r in (alone, together))
            np.testing.assert_equal(rows_of(a), rows_of(b))
            assert (a.snapshot, a.others, a.findings, a.source) == (
                b.snapshot,
                b.others,
                b.findings,
                b.source,
            )
        assert alone.read("IWD", "close", as_of=TODAY).findings == ()
        with pytest.raises(NotAvailableError, match="no series 'NONE'"):
            together.read("NONE", "close", as_of=TODAY)


def test_a_read_of_all_rows_is_made_once(store: Store) -> None:
    store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    with Reader(store) as reader:
        first = reader.read("IWM", "close", as_of=TODAY)
        covering = reader.read("IWM", "close", as_of=TODAY, covers=(day("2026-01-02"), day("2026-01-06")))
        assert covering is first
        assert reader.read("IWM", "close", as_of=day("2026-01-06")) is not first
