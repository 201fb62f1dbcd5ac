"""What was known on a day, from which snapshot, and what is said when it was not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from store_files import NAN, NOW, block, day, parsed, rows_of

from rotascope.model.errors import NotAvailableError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.packs import Pack, load_packs, write_pack
from rotascope.store.reader import Reader
from rotascope.store.store import Store

TODAY = day("2026-02-02")
PRICES = {"2026-01-02": 250.5, "2026-01-05": NAN, "2026-01-06": 252.0, "2026-01-07": 253.0}
BAD = Finding(
    "adjustment_break", Severity.QUARANTINE, "Adjusted until 2025-12-15, raw after.", "IWM", "close"
)


def paper(name: str, published: str) -> Source:
    return Source(name, name.title(), published=day(published), standing=Standing.REPORTED)


def test_rows_after_the_day_are_invisible(store: Store) -> None:
    store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    with Reader(store) as reader:
        data = reader.read("IWM", "close", as_of=day("2026-01-06"))
        np.testing.assert_equal(rows_of(data), {"2026-01-02": 250.5, "2026-01-05": NAN, "2026-01-06": 252.0})
        assert data.dates.dtype == np.dtype("datetime64[D]")
        assert data.values.dtype == np.dtype("float64")
        assert data.refs is None
        assert data.source.id == "yahoo"
        assert data.meta.unit is Unit.USD
        assert len(reader.read("IWM", Field.CLOSE, as_of=TODAY)) == 4


def test_a_window_includes_both_ends(store: Store) -> None:
    store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    with Reader(store) as reader:
        data = reader.read("IWM", "close", as_of=TODAY, start=day("2026-01-05"), end=day("2026-01-06"))
        np.testing.assert_equal(rows_of(data), {"2026-01-05": NAN, "2026-01-06": 252.0})
        # nothing traded on the weekend: no rows, and that is not an error
        assert (
            len(reader.read("IWM", "close", as_of=TODAY, start=day("2026-01-03"), end=day("2026-01-04"))) == 0
        )
        for window in (
            {"start": day("2026-01-08")},
            {"end": day("2026-01-01")},
            {"start": day("2026-01-06"), "end": day("2026-01-05")},
        ):
            with pytest.raises(NotAvailableError, match="run from 2026-01-02 to 2026-01-07"):
                reader.read("IWM", "close", as_of=TODAY, **window)


def test_what_was_read_cannot_be_changed_by_a_caller(store: Store) -> None:
    store.commit([(parsed(block("IWM", PRICES)), b"raw")])
    with Reader(store) as reader:
        data = reader.read("IWM", "close", as_of=TODAY)
        with pytest.raises(ValueError, match="read-only"):
            data.values[0] = 1.0
        with pytest.raises(ValueError, match="read-only"):
            data.dates[0] = data.dates[1]


def test_three_vintages(store: Store) -> None:
    """The first print of a quarter is revised twice; each day sees the print of its time."""
    shared = {"field": Field.VALUE, "frequency": Frequency.QUARTERLY, "unit": Unit.PERCENT}
    prints = {
        "2025-10-30": {"2025-06-30": 3.0, "2025-09-30": 2.8},
        "2025-11-26": {"2025-06-30": 3.0, "2025-09-30": 2.7},
        "2026-01-29": {"2025-06-30": 3.8, "2025-09-30": 3.1, "2025-12-31": 1.4},
    }
    store.commit(
        [
            (parsed(block("GDP", rows, vintage=day(known), **shared)), known.encode())
            for known, rows in prints.items()
        ]
    )
    with Reader(store) as reader:
        for as_of, known in {
            "2025-10-30": "2025-10-30",
            "2025-11-25": "2025-10-30",
            "2025-11-26": "2025-11-26",
            "2026-01-28": "2025-11-26",
            "2026-01-29": "2026-01-29",
            "2026-02-02": "2026-01-29",
        }.items():
            data = reader.read("GDP", "value", as_of=day(as_of))
            assert rows_of(data) == prints[known], as_of
            assert data.meta.vintage == day(known)
        assert not reader.has("GDP", "value", day("2025-10-29"))
        with pytest.raises(NotAvailableError, match=r"not known on 2025-10-29.*became known on 2025-10-30"):
            reader.read("GDP", "value", as_of=day("2025-10-29"))
        # an earlier day does not even learn that a later vintage exists
        assert reader.read("GDP", "value", as_of=day("2025-10-30")).others == ()
        assert len(reader.read("GDP", "value", as_of=TODAY).others) == 2


def test_a_vintage_may_not_show_rows_of_its_future(store: Store) -> None:
    store.commit(
        [(parsed(block("GDP", {"2025-12-31": 1.0, "2026-12-31": 2.0}, vintage=day("2026-01-05"))), b"r")]
    )
    with Reader(store) as reader:
        assert rows_of(reader.read("GDP", "close", as_of=TODAY)) == {"2025-12-31": 1.0}


# Each case: name, what is imported (the first block must win), arguments of the read.
PREFERENCES = [
    (
        "a clean block before a quarantined one, though the latter is longer and later",
        [
            (parsed(block("IWM", {"2026-01-05": 1.0})), b"1"),
            (parsed(block("IWM", PRICES), findings=[BAD]), b"2"),
        ],
        {},
    ),
    (
        "a database before a publication, though the latter is later",
        [
            (parsed(block("IWM", {"2026-01-05": 1.0})), b"1"),
            (parsed(block("IWM", PRICES, source="ft"), source=paper("ft", "2026-01-07")), b"2"),
        ],
        {},
    ),
    (
        "the latest vintage, though its last date is earlier",
        [
            (parsed(block("IWM", {"2026-01-02": 1.0}, vintage=day("2026-01-20"))), b"1"),
            (parsed(block("IWM", PRICES, vintage=day("2026-01-10"))), b"2"),
        ],
        {},
    ),
    (
        "final values that reach further than an old vintage",
        [
            (parsed(block("IWM", PRICES)), b"1"),
            (parsed(block("IWM", {"2020-01-02": 1.0}, vintage=day("2020-02-01"))), b"2"),
        ],
        {},
    ),
    (
        "a new vintage, where final values ended long ago",
        [
            (parsed(block("IWM", PRICES, vintage=day("2026-01-08"))), b"1"),
            (parsed(block("IWM", {"2020-01-02": 1.0})), b"2"),
        ],
        {},
    ),
    (
        "the later last date, though the history is shorter",
        [
            (parsed(block("IWM", {"2026-01-07": 1.0})), b"1"),
            (parsed(block("IWM", {"2020-01-02": 1.0, "2026-01-06": 2.0})), b"2"),
        ],
        {},
    ),
    (
        "the later last date as of the day, not at all",
        [
            (parsed(block("IWM", {"2026-01-05": 1.0, "2026-01-06": 1.0})), b"1"),
            (parsed(block("IWM", {"2020-01-02": 1.0, "2026-01-02": 1.0, "2026-01-20": 2.0})), b"2"),
        ],
        {"as_of": day("2026-01-10")},
    ),
    (
        "the longer history",
        [
            (parsed(block("IWM", {"2020-01-02": 1.0, "2026-01-06": 2.0})), b"1"),
            (parsed(block("IWM", {"2026-01-05": 1.0, "2026-01-06": 2.0})), b"2"),
        ],
        {},
    ),
    (
        "more rows, where both reach equally far",
        [
            (parsed(block("IWM", {"2020-01-02": 1.0, "2023-01-05": 1.5, "2026-01-06": 2.0})), b"1"),
            (parsed(block("IWM", {"2020-01-02": 1.0, "2026-01-06": 2.0}, retrieved_at=NOW)), b"2"),
        ],
        {},
    ),
    (
        "the latest retrieval, where all else is equal",
        [
            (parsed(block("IWM", {"2026-01-05": 2.0}, retrieved_at=NOW)), b"1"),
            (
                parsed(block("IWM", {"2026-01-05": 1.0}, retrieved_at=NOW.replace(tzinfo=None, year=2025))),
                b"2",
            ),
        ],
        {},
    ),
    (
        "the source asked for, before all else",
        [
            (parsed(block("IWM", {"2026-01-05": 1.0}, source="ft"), source=paper("ft", "2026-01-07")), b"1"),
            (parsed(block("IWM", PRICES)), b"2"),
        ],
        {"source": "ft"},
    ),
]


@pytest.mark.parametrize("turned", [False, True], ids=["", "other order"])
@pytest.mark.parametrize(("files", "asked"), [c[1:] for c in PREFERENCES], ids=[c[0] for c in PREFERENCES])
def test_preference(store: Store, files: list, asked: dict, turned: bool) -> None:  # type: ignore[type-arg]
    results = [store.commit([f]).files[0].snapshot for f in (files[::-1] if turned else files)]
    winner, loser = results[::-1] if turned else results
    with Reader(store) as reader:
        data = reader.read("IWM", "close", **{"as_of": TODAY, **asked})
        assert data.snapshot == winner
        assert data.others == (loser,)
        by_name = reader.read("IWM", "close", as_of=asked.get("as_of", TODAY), snapshot=loser)
        assert (by_name.snapshot, by_name.others) == (loser, (winner,))
        short = reader.read("IWM", "close", as_of=asked.get("as_of", TODAY), snapshot=loser[:8])
        assert short.snapshot == loser


def test_the_choice_does_not_depend_on_the_window(store: Store) -> None:
    """Otherwise the two ends of one return could come from two snapshots."""
    store.commit([(parsed(block("IWM", {"2020-01-02": 1.0, "2020-01-03": 1.1})), b"old")])
    new = store.commit([(parsed(block("IWM", PRICES)), b"new")]).files[0].snapshot
    with Reader(store) as reader:
        assert reader.read("IWM", "close", as_of=TODAY).snapshot == new
        with pytest.raises(NotAvailableError, match="run from 2026-01-02"):
            reader.read("IWM", "close", as_of=TODAY, end=day("2020-01-03"))


def test_quarantine_is_read_only_by_name(store: Store) -> None:
    blocks = [block("IWM", PRICES), block("IWM", PRICES, field=Field.OPEN)]
    made = store.commit([(parsed(*blocks, findings=[BAD]), b"raw")]).files[0].snapshot
    with Reader(store) as reader:
        assert not reader.has("IWM", "close", TODAY)
        assert reader.has("IWM", "open", TODAY)
        with pytest.raises(NotAvailableError, match=r"only in quarantine: Adjusted until.*source 'yahoo'"):
            reader.read("IWM", "close", as_of=TODAY)
        for name in ({"source": "yahoo"}, {"snapshot": made}):
            data = reader.read("IWM", "close", as_of=TODAY, **name)
            assert [f.code for f in data.findings] == ["adjustment_break"]
        assert reader.read("IWM", "open", as_of=TODAY).findings == ()


@pytest.mark.parametrize("about", [("", ""), ("IWM", ""), ("", "close")])
def test_a_finding_that_names_less_is_about_more(store: Store, about: tuple[str, str]) -> None:
    wide = Finding("bad", Severity.QUARANTINE, "All of it is bad.", *about)
    store.commit([(parsed(block("IWM", PRICES), findings=[wide]), b"raw")])
    with Reader(store) as reader:
        assert not reader.has("IWM", "close", TODAY)


@pytest.mark.parametrize("severity", [Severity.INFO, Severity.WARNING, Severity.REJECTED])
def test_other_findings_do_not_keep_data_away(store: Store, severity: Severity) -> None:
    store.commit([(parsed(block("IWM", PRICES), findings=[Finding("x", severity, "x", row=7)]), b"raw")])
    with Reader(store) as reader:
        (finding,) = reader.read("IWM", "close", as_of=TODAY).findings
        assert (finding.severity, finding.row, finding.code) == (severity, 7, "x")


def test_figures_of_publications_appear_row_by_row(store: Store) -> None:
    sources = [paper("ft", "2026-01-10"), paper("wsj", "2026-01-20")]
    figures = block("IWM", {"2026-01-02": 1.0, "2026-01-05": 2.0}, source="*", refs=["wsj", "ft"])
    store.commit([(parsed(figures, references=sources), b"raw")])
    with Reader(store) as reader:
        assert not reader.has("IWM", "close", day("2026-01-09"))
        with pytest.raises(NotAvailableError, match="became known on 2026-01-10"):
            reader.read("IWM", "close", as_of=day("2026-01-09"))
        data = reader.read("IWM", "close", as_of=day("2026-01-19"))
        assert (rows_of(data), data.refs) == ({"2026-01-05": 2.0}, ("ft",))
        assert data.source.id == "*"
        assert data.source.standing is Standing.REPORTED
        data = reader.read("IWM", "close", as_of=day("2026-01-20"))
        assert data.refs == ("wsj", "ft")
        assert reader.source("ft", data.snapshot) == sources[0]
        with pytest.raises(NotAvailableError, match=r"no source 'times'. It has: ft, wsj, yahoo"):
            reader.source("times", data.snapshot)


def test_a_forecast_of_a_publication_is_not_read_before_its_date(store: Store) -> None:
    rows = {"2026-01-05": 1.0, "2026-12-31": 9.0}
    store.commit([(parsed(block("EPS", rows, source="ft"), source=paper("ft", "2026-01-10")), b"raw")])
    with Reader(store) as reader:
        assert rows_of(reader.read("EPS", "close", as_of=TODAY)) == {"2026-01-05": 1.0}
        assert not reader.has("EPS", "close", day("2026-01-09"))


def test_references_to_databases_do_not_hide_rows(store: Store) -> None:
    rows = block("IWM", PRICES, refs=["a", "", "a", "b"])
    store.commit([(parsed(rows, references=[Source("a", "A"), Source("b", "B", published=TODAY)]), b"raw")])
    with Reader(store) as reader:
        assert reader.read("IWM", "close", as_of=day("2026-01-07")).refs == ("a", "", "a", "b")


def test_what_is_not_there_is_named(store: Store) -> None:
    store.commit([(parsed(block("IWM", PRICES), block("IWN", PRICES), block("SPY", PRICES)), b"raw")])
    with Reader(store) as reader:
        for asked, text in {
            ("iwm", "close"): r"no series 'iwm'.*Near names: IWM",
            ("IWMM", "close"): r"Near names: IWM",
            ("ZZZZZZ", "close"): r"3 others are there, such as IWM, IWN, SPY",
            ("IWM", "nav"): r"IWM has no nav\. It has: close",
            ("IWM", "price"): r"no field 'price'. Fields are: adjusted_close, close.*IWM has: close",
        }.items():
            with pytest.raises(NotAvailableError, match=text):
                reader.read(*asked, as_of=TODAY)
            assert not reader.has(*asked, TODAY)
        for name in ({"source": "fred"}, {"snapshot": "0" * 64}, {"snapshot": ""}):
            with pytest.raises(
                NotAvailableError, match=r"not there from .*There is: source 'yahoo' in snapshot"
            ):
                reader.read("IWM", "close", as_of=TODAY, **name)
    with Reader(None) as reader, pytest.raises(NotAvailableError, match="There is no data yet"):
        reader.read("IWM", "close", as_of=TODAY)


def test_a_reader_keeps_the_view_it_began_with(store: Store) -> None:
    store.commit([(parsed(block("IWM", {"2026-01-05": 1.0})), b"1")])
    with Reader(store) as before:
        store.commit([(parsed(block("IWM", PRICES), block("SPY", PRICES)), b"2")])
        assert rows_of(before.read("IWM", "close", as_of=TODAY)) == {"2026-01-05": 1.0}
        assert before.series() == ["IWM"]
        assert len(before.blocks()) == 1
        with Reader(store) as after:
            assert len(after.read("IWM", "close", as_of=TODAY)) == 4
            assert after.series() == ["IWM", "SPY"]


def test_blocks_say_what_is_there(store: Store) -> None:
    meta = {"retrieved_at": NOW, "attributes": {"index family": "Russell"}}
    store.commit([(parsed(block("IWM", PRICES, **meta), findings=[BAD]), b"raw")])
    with Reader(store) as reader:
        (info,) = reader.blocks("IWM")
        assert reader.blocks() == [info]
        assert reader.blocks("SPY") == []
    assert (info.series, info.field, info.source) == ("IWM", Field.CLOSE, "yahoo")
    assert (info.rows, info.unknown_rows, info.quarantined) == (4, 1, True)
    assert (info.first, info.last) == (day("2026-01-02"), day("2026-01-07"))
    assert info.meta.retrieved_at == NOW
    assert info.meta.attributes == {"index family": "Russell"}
    assert info.origin == "store"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    shared = {"2026-01-02": 6.0, "2026-01-05": 6.1}
    files = [
        parsed(block("SPX", shared), block("IWM", PRICES)),
        parsed(block("RUT", {"2026-01-06": 2.0}, source="ft"), source=paper("ft", "2026-01-10")),
        parsed(block("RUT", {"2026-01-05": 1.0}, source="wsj"), source=paper("wsj", "2026-01-20")),
    ]
    return write_pack(tmp_path / "packs" / "small", "small", "A small pack", files)


def test_packs_are_read_like_snapshots(pack: Pack, tmp_path: Path, open_store: Callable[[], Store]) -> None:
    assert load_packs(tmp_path / "packs") == [pack]
    with Reader(None, [pack]) as reader:
        assert rows_of(reader.read("SPX", "close", as_of=TODAY)) == {"2026-01-02": 6.0, "2026-01-05": 6.1}
        data = reader.read("RUT", "close", as_of=TODAY)
        assert (rows_of(data), data.refs) == ({"2026-01-05": 1.0, "2026-01-06": 2.0}, ("wsj", "ft"))
        assert data.meta.source == "*"
        assert reader.source("wsj", data.snapshot).published == day("2026-01-20")
        assert reader.read("RUT", "close", as_of=day("2026-01-10")).refs == ("ft",)
    store = open_store()
    mine = store.commit([(parsed(block("IWM", PRICES)), b"raw")]).files[0].snapshot
    store.commit([(parsed(block("SPX", {"2026-01-02": 6.0})), b"raw 2")])
    with Reader(store, [pack]) as reader:
        assert reader.read("IWM", "close", as_of=TODAY).snapshot == mine  # a tie goes to the user's data
        assert reader.read("IWM", "close", as_of=TODAY).others == (pack.sha256,)
        assert reader.read("IWM", "close", as_of=TODAY, snapshot="small").snapshot == pack.sha256
        assert reader.read("SPX", "close", as_of=TODAY).snapshot == pack.sha256  # later last date
        assert {b.origin for b in reader.blocks()} == {"store", "pack:small"}
