"""Whatever is committed is read back as it was, and as-of reads agree with a slow plain reference."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rotascope.model.errors import NotAvailableError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.check import check
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope.store.store import Store

NOW = datetime(2026, 2, 2, tzinfo=UTC)
BASE = date(2026, 1, 1)
SLOW = settings(max_examples=40, deadline=None)

names = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" "), min_size=1, max_size=9
)
values = st.floats(allow_infinity=False, allow_nan=False) | st.just(float("nan")) | st.just(-0.0)
rows = st.dictionaries(st.dates(date(1700, 1, 1), date(2300, 1, 1)), values, min_size=1, max_size=30)


def make_block(
    series: str, field: Field, rows: dict[date, float], refs: tuple[str, ...] | None
) -> SeriesBlock:
    days = sorted(rows)
    meta = SeriesMeta(series, field, Unit.USD, Frequency.DAILY, "src")
    array = np.array([rows[d] for d in days], dtype=np.float64)
    return SeriesBlock(meta, np.array(days, dtype="datetime64[D]"), array, refs)


@st.composite
def blocks(draw: st.DrawFn) -> list[SeriesBlock]:
    keys = draw(st.lists(st.tuples(names, st.sampled_from(Field)), unique=True, min_size=1, max_size=6))
    made = []
    for series, field in keys:
        values = draw(rows)
        refs = st.lists(st.sampled_from(["", "a", "b"]), min_size=len(values), max_size=len(values))
        made.append(make_block(series, field, values, draw(st.none() | refs.map(tuple))))
    return made


@SLOW
@given(blocks())
def test_what_is_committed_is_read_back_bit_by_bit(made: list[SeriesBlock]) -> None:
    parsed = ParsedFile(
        Source("src", "P"), made, reader="r/1", references=[Source("a", "A"), Source("b", "B")]
    )
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), clock=lambda: NOW) as store:
        result = store.commit([(parsed, b"raw")])
        assert result.rows == sum(len(b) for b in made)
        assert result.files[0].unknown_rows == sum(int(np.isnan(b.values).sum()) for b in made)
        assert check(store) == []
        with Reader(store) as reader:
            for block in made:
                data = reader.read(block.meta.series, block.meta.field, as_of=date(2300, 1, 1))
                assert data.meta == block.meta
                assert data.dates.tolist() == block.dates.tolist()
                assert np.array_equal(np.isnan(data.values), np.isnan(block.values))
                known = ~np.isnan(block.values)
                expected = [0.0 if v == 0 else v for v in block.values[known].tolist()]  # there is one zero
                assert [v.hex() for v in data.values[known].tolist()] == [v.hex() for v in expected]
                assert (data.refs or ("",) * len(data)) == (block.refs or ("",) * len(block))


# The reference: one plain loop over rows written as tuples, and one sort.


@dataclass(frozen=True)
class Plain:
    """A block as the reference sees it."""

    number: int
    rows: dict[date, tuple[float, str]]  # date: value, publication or ""
    vintage: date | None
    quarantined: bool
    reported: bool


PUBLISHED = {"p1": BASE + timedelta(3), "p2": BASE + timedelta(9)}
near = st.integers(0, 14).map(lambda n: BASE + timedelta(n))


@st.composite
def plains(draw: st.DrawFn) -> list[Plain]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        reported = draw(st.booleans())
        cell = st.tuples(
            st.just(float(number)), st.sampled_from(sorted(PUBLISHED)) if reported else st.just("")
        )
        rows = draw(st.dictionaries(near, cell, min_size=1, max_size=6))
        vintage = draw(st.none() | near)
        made.append(Plain(number, rows, vintage, draw(st.booleans()) and draw(st.booleans()), reported))
    return made


def visible(block: Plain, as_of: date) -> dict[date, float]:
    if block.vintage is not None and block.vintage > as_of:
        return {}
    return {
        day: value
        for day, (value, ref) in sorted(block.rows.items())
        if day <= as_of and (not ref or PUBLISHED[ref] <= as_of)
    }


def reference(blocks: list[Plain], as_of: date) -> tuple[set[int], dict[int, dict[date, float]]]:
    """Return the numbers of the blocks that may be chosen (equal ones: several), and all visible rows."""
    seen = {b.number: visible(b, as_of) for b in blocks if visible(b, as_of)}

    def order(block: Plain) -> tuple[object, ...]:
        days = list(seen[block.number])
        return (not block.reported, block.vintage or days[-1], days[-1], -days[0].toordinal(), len(days))

    able = [b for b in blocks if b.number in seen and not b.quarantined]
    best = max((order(b) for b in able), default=None)
    return {b.number for b in able if order(b) == best}, seen


def parsed_of(plain: Plain) -> ParsedFile:
    days = sorted(plain.rows)
    refs = tuple(plain.rows[d][1] for d in days) if plain.reported else None
    block = make_block("X", Field.VALUE, {d: plain.rows[d][0] for d in days}, refs)
    source = "*" if plain.reported else "src"
    meta = dataclasses.replace(block.meta, vintage=plain.vintage, source=source)
    bad = [Finding("bad", Severity.QUARANTINE, "bad")] if plain.quarantined else []
    papers = [Source(k, k, published=v, standing=Standing.REPORTED) for k, v in PUBLISHED.items()]
    return ParsedFile(Source("src", "P"), [dataclasses.replace(block, meta=meta)], bad, 0, "r/1", papers)


@SLOW
@given(plains())
def test_reads_agree_with_the_reference(made: list[Plain]) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), clock=lambda: NOW) as store:
        result = store.commit([(parsed_of(p), f"{p.number}".encode()) for p in made])
        number_of = {f.snapshot: p.number for f, p in zip(result.files, made, strict=True)}
        with Reader(store) as reader:
            for as_of in (BASE + timedelta(n) for n in range(-1, 16)):
                allowed, seen = reference(made, as_of)
                assert reader.has("X", "value", as_of) == bool(allowed)
                if not allowed:
                    try:
                        reader.read("X", "value", as_of=as_of)
                    except NotAvailableError:
                        continue
                    raise AssertionError("a value was read that was not known")
                data = reader.read("X", "value", as_of=as_of)
                number = number_of[data.snapshot]
                assert number in allowed
                got = dict(zip(data.dates.tolist(), data.values.tolist(), strict=True))
                assert got == seen[number]
                assert {number_of[s] for s in data.others} == set(seen) - {number}


@SLOW
@given(plains(), near, near)
def test_a_window_is_a_cut_of_the_whole_read(made: list[Plain], start: date, end: date) -> None:
    as_of = BASE + timedelta(10)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), clock=lambda: NOW) as store:
        store.commit([(parsed_of(p), f"{p.number}".encode()) for p in made])
        with Reader(store) as reader, Reader(store) as other:
            if not reader.has("X", "value", as_of):
                return
            whole = reader.read("X", "value", as_of=as_of)
            keep = [d for d in whole.dates.tolist() if start <= d <= end]
            try:
                cut = other.read("X", "value", as_of=as_of, start=start, end=end)
            except NotAvailableError:
                assert keep == []
                return
            assert cut.dates.tolist() == keep
            assert cut.snapshot == whole.snapshot


@SLOW
@given(st.permutations(range(4)), st.data())
def test_the_order_of_blocks_and_files_does_not_change_the_files(
    order: list[int], data: st.DataObject
) -> None:
    made = [make_block(f"S{i}", Field.CLOSE, data.draw(rows), None) for i in range(4)]
    listings = []
    for turn in (range(4), order):
        parsed = ParsedFile(Source("src", "P"), [made[i] for i in turn], reader="r/1")
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), clock=lambda: NOW) as store:
            store.commit([(parsed, b"raw")])
            listings.append(sorted(p.name for p in itertools.chain((store.lake.snapshots).iterdir())))
    assert listings[0] == listings[1]
