"""The data in the wheel: what is in it, and that it says what its sources say.

Expected values were written down by hand from the printed figures and the public tables, or come from
another reader of the same bytes; none from the code that makes the packs.
"""

from __future__ import annotations

import csv
import importlib.metadata
import importlib.util
import math
import re
import sys
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.model.errors import BadInputError
from rotascope.model.observations import Standing
from rotascope.store import columns
from rotascope.store.packs import load_pack, load_packs
from rotascope.store.series import ParsedFile, SeriesBlock

ROOT = Path(__file__).resolve().parent.parent.parent
PACKS = ROOT / "src" / "rotascope" / "ingest" / "packs"
CASE = PACKS / "january_2026"
HISTORY = PACKS / "history"
PUBLISHED = PACKS / "published"
FIGURES = 88


def tool(name: str) -> ModuleType:
    """Load a script of tools/, which is no package."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


case_tool = tool("make_case_pack")
history_tool = tool("make_history_pack")


@pytest.fixture(scope="module")
def figures() -> list[dict[str, str]]:
    """Return the authored list as plain text cells."""
    with (CASE / "figures.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def cell(figures: list[dict[str, str]], series: str, field: str, day: str) -> Decimal:
    """Return the one loaded figure of a series, field and date."""
    found = [
        row["value"]
        for row in figures
        if (row["series"], row["field"], row["date"]) == (series, field, day) and row["kind"] != "repeat"
    ]
    assert len(found) == 1, (series, field, day, found)
    return Decimal(found[0])


# --- the list of the case ---------------------------------------------------------------------------


def test_every_figure_of_the_case_is_in_the_list(figures: list[dict[str, str]]) -> None:
    assert len(figures) == FIGURES
    assert [row["id"] for row in figures] == [f"c{n:03d}" for n in range(1, FIGURES + 1)]
    counts = Counter(row["publisher"] for row in figures)
    # Counted by hand in the collection of published figures.
    assert counts["fool.com"] == 26
    assert counts["ginlix.ai"] == 19
    assert counts["1395.topnews.com"] == 9
    assert counts["press, year-end market reports"] == 4


def test_the_list_says_what_the_collection_of_figures_says(
    figures: list[dict[str, str]], market: Path
) -> None:
    collected = market.parent / "article" / "case-facts.csv"
    if not collected.is_file():
        pytest.skip("the collection of published figures is not beside the market files")
    with collected.open(encoding="utf-8", newline="") as handle:
        wanted = list(csv.DictReader(handle))
    scale = {"USD bn": Decimal(10**9)}
    assert len(wanted) == len(figures)
    for row, own in zip(wanted, figures, strict=True):
        assert own["quantity"] == row["quantity"]
        assert Decimal(own["value"]) == Decimal(row["value"]) * scale.get(row["unit"], 1), own["id"]
        assert own["url"] == row["url"]
        if own["kind"] != "derived":
            assert (own["publisher"], own["article_date"]) == (row["publisher"], row["article_date"])


def test_every_figure_names_who_printed_it_and_when(figures: list[dict[str, str]]) -> None:
    for row in figures:
        assert row["publisher"], row["id"]
        assert case_tool.published(row["article_date"]) >= date.fromisoformat(row["date"]), row["id"]
        no_address = ("press, year-end market reports", "by arithmetic from cited figures")
        assert row["url"].startswith("https://") or row["publisher"] in no_address, row["id"]


def test_levels_that_circulate_as_january_2_are_opens(figures: list[dict[str, str]]) -> None:
    printed = {"RUT": "2491.82", "DJI": "48105.98", "GSPC": "6878.11", "IXIC": "23481.49"}
    for series, level in printed.items():
        rows = [row for row in figures if row["series"] == series and row["value"] == level]
        assert [(row["field"], row["kind"], row["date"]) for row in rows] == [
            ("open", "level_open", "2026-01-02")
        ]
        assert "opening level" in rows[0]["note"]
    closes = {(row["series"], row["value"]) for row in figures if row["field"] == "close"}
    assert not closes & set(printed.items())


def test_returns_and_spreads_say_their_window(figures: list[dict[str, str]]) -> None:
    for row in figures:
        if row["kind"] in ("return", "spread"):
            assert row["start"] < row["end"] == row["date"], row["id"]
            assert row["base"] == "prior_close"
        if row["kind"] == "no_window":
            assert not row["start"]
            assert "No window" in row["note"]
        if row["kind"] == "spread":
            assert row["unit"] == "pp"


def test_printed_closes_points_and_percents_agree(figures: list[dict[str, str]]) -> None:
    """Close of 2025-12-31 plus the printed points is the close of 2026-01-02; the percent is theirs."""
    half = Decimal("0.005")
    for series, before, points, percent, after in (
        ("DJI", "48063.29", "319.10", "0.66", "48382.39"),
        ("GSPC", "6845.50", "12.97", "0.19", "6858.47"),
        ("IXIC", "23241.99", "-6.36", "-0.03", "23235.63"),
    ):
        first = cell(figures, series, "close", "2025-12-31")
        last = cell(figures, series, "close", "2026-01-02")
        assert (first, last) == (Decimal(before), Decimal(after))
        assert cell(figures, f"{series}.DAYPTS", "value", "2026-01-02") == Decimal(points)
        assert cell(figures, f"{series}.DAY", "value", "2026-01-02") == Decimal(percent)
        assert first + Decimal(points) == last
        assert abs(100 * (last / first - 1) - Decimal(percent)) <= half


def test_russell_close_of_january_2_follows_from_its_change(figures: list[dict[str, str]]) -> None:
    # 2,481.91 * 1.0106 = 2,508.218, and a change printed as 1.06 lies in 1.055..1.065:
    # 2,508.09..2,508.34. The derived close is inside.
    row = next(r for r in figures if r["kind"] == "derived")
    assert (row["series"], row["date"], row["value"]) == ("RUT", "2026-01-02", "2508.22")
    assert "Follows from" in row["note"]
    low = Decimal("2481.91") * Decimal("1.01055")
    high = Decimal("2481.91") * Decimal("1.01065")
    assert low <= Decimal(row["value"]) <= high


def test_russell_day_of_january_23_agrees_with_itself(figures: list[dict[str, str]]) -> None:
    # 2,669.16 + 49.60 = 2,718.76 the day before; 49.60 / 2,718.76 = 1.8244%.
    close = cell(figures, "RUT", "close", "2026-01-23")
    points = cell(figures, "RUT.DAYPTS", "value", "2026-01-23")
    assert close - points == Decimal("2718.76")
    percent = cell(figures, "RUT.DAY", "value", "2026-01-23")
    assert abs(100 * points / Decimal("2718.76") - percent) < Decimal("0.005")
    assert cell(figures, "RUT", "low", "2026-01-23") <= close


def test_small_companies_won_each_printed_session_of_the_streak(figures: list[dict[str, str]]) -> None:
    both = [
        day
        for day in sorted({row["date"] for row in figures if row["series"] == "RUT.DAY"})
        if "2026-01-02" <= day <= "2026-01-22"
    ]
    assert len(both) == 12  # 2, 5-9, 12-16, 20 January; the Russell's 21st and 22nd are not in the list
    for day in both:
        assert cell(figures, "RUT.DAY", "value", day) > cell(figures, "GSPC.DAY", "value", day), day


def test_printed_figures_match_the_market(figures: list[dict[str, str]], market: Path) -> None:
    """Levels within two hundredths (providers differ in the last digit), day changes as rounded."""
    for series in ("RUT", "GSPC", "DJI", "IXIC"):
        with (market / "indices" / f"{series}.csv").open(newline="") as handle:
            rows = list(csv.DictReader(handle))
        days = [row["date"] for row in rows]
        for row in (r for r in figures if r["series"] == series):
            truth = float(rows[days.index(row["date"])][row["field"]])
            assert abs(float(row["value"]) - truth) < 0.02, row["id"]
        for row in (r for r in figures if r["series"] == f"{series}.DAY"):
            i = days.index(row["date"])
            truth = 100 * (float(rows[i]["close"]) / float(rows[i - 1]["close"]) - 1)
            step = 0.1 if row["article_date"] == "2026-02-02" else 0.01
            assert abs(float(row["value"]) - truth) < 0.55 * step, (row["id"], truth)
            assert row["start"] == days[i - 1], row["id"]


# --- from the list to columns -----------------------------------------------------------------------


def the_case() -> tuple[dict[str, Any], ParsedFile]:
    """Return the case as its maker reads it."""
    out: tuple[dict[str, Any], ParsedFile] = case_tool.read_case(CASE)
    return out


def test_all_figures_but_the_repeat_become_rows() -> None:
    _, parsed = the_case()
    assert parsed.rows_read == FIGURES
    assert sum(len(block) for block in parsed.blocks) == FIGURES - 1
    day = block_of(parsed.blocks, "GSPC.DAY", "value")
    assert day.meta.attributes["also@2026-01-02"] == "fool.com 2026-01-29"
    assert day.refs is not None
    assert day.refs[0] == "1395-topnews-com-2026-01-02"


def test_every_row_names_a_dated_publication() -> None:
    _, parsed = the_case()
    known = {source.id: source for source in parsed.references}
    assert len(known) == 16
    for block in parsed.blocks:
        assert block.refs is not None
        for ref in block.refs:
            assert known[ref].standing is Standing.REPORTED
            assert known[ref].published is not None
            assert known[ref].publisher
            assert known[ref].retrieved_at is None


def test_an_article_dated_by_month_is_out_at_its_end() -> None:
    case, parsed = the_case()
    late = {s.id for s in parsed.references if s.published is not None and s.published > case["as_of"]}
    assert late == {"jamesinvestment-com-2026-02"}


def block_of(blocks: list[SeriesBlock], series: str, field: str) -> SeriesBlock:
    """Return the block of a series and field."""
    return next(b for b in blocks if (b.meta.series, str(b.meta.field)) == (series, field))


def test_windows_and_hedges_are_in_the_attributes() -> None:
    _, parsed = the_case()
    spread = block_of(parsed.blocks, "PRESS.VALUE_MINUS_GROWTH.RUSSELL", "value").meta.attributes
    assert spread["window_start"] == "2025-12-31"
    assert spread["window_end"] == "2026-01-30"
    assert spread["base"] == "prior_close"
    assert spread["approx"] == "approximately"
    health = block_of(parsed.blocks, "PRESS.XLV.RETURN", "value")
    assert health.meta.attributes["window_start@2025-11-28"] == "2025-10-31"
    assert health.meta.attributes["window_start@2026-01-30"] == "2025-12-31"
    assert list(health.values) == [9.3, -0.04]
    flow = block_of(parsed.blocks, "IWM", "flow")
    assert flow.values[0] == 1_400_000_000
    assert str(flow.meta.unit) == "usd"


def test_claims_in_circulation_are_the_printed_opens() -> None:
    case = tomllib.loads((CASE / "case.toml").read_text(encoding="utf-8"))
    assert (case["name"], case["universe"]) == ("january-2026", "us")
    assert (case["start"], case["end"]) == (date(2025, 12, 31), date(2026, 1, 30))
    assert (case["levels_end"], case["as_of"]) == (date(2026, 2, 9), date(2026, 2, 10))
    _, parsed = the_case()
    printed = {}
    for claim in case["claims_in_circulation"]:
        opens = block_of(parsed.blocks, claim["series"], claim["start_field"])
        closes = block_of(parsed.blocks, claim["series"], claim["end_field"])
        assert opens.values[list(opens.dates).index(np.datetime64(claim["start"]))] == claim["start_level"]
        assert closes.values[list(closes.dates).index(np.datetime64(claim["end"]))] == claim["end_level"]
        change = 100 * (claim["end_level"] / claim["start_level"] - 1)
        assert abs(change - claim["printed_percent"]) < 0.005
        assert claim["source"] in {source.id for source in parsed.references}
        printed[claim["series"]] = claim["printed_percent"]
    assert printed == {"RUT": 7.92, "DJI": 4.22, "GSPC": 1.26, "IXIC": -1.03}


HEADER = ",".join(case_tool.COLUMNS)


def line(**cells: str) -> str:
    """Return one line of a list, good unless `cells` says otherwise."""
    good = {
        "id": "a",
        "series": "RUT",
        "field": "close",
        "date": "2026-01-30",
        "value": "2613.74",
        "unit": "index_level",
        "kind": "level_close",
        "publisher": "p",
        "article_date": "2026-01-31",
    }
    return ",".join({**good, **cells}.get(name, "") for name in case_tool.COLUMNS)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([line(field="last")], "last"),
        ([line(unit="dollars")], "dollars"),
        ([line(date="30.01.2026")], "30.01.2026"),
        ([line(value="")], "float"),
        ([line(article_date="")], "line 2"),
        ([line(publisher="")], "publisher"),
        ([line(kind="close")], "'close'"),
        ([line(), line()], "occurs twice"),
        ([line(), line(id="b", value="1")], "same series, field and date"),
        ([line(), line(id="b", kind="repeat", value="2613.75")], "no other line"),
        ([line(id="b", kind="repeat")], "no other line"),
        ([line(), line(id="b", kind="repeat", article_date="2026-01-30")], "before"),
    ],
)
def test_a_list_with_a_fault_is_refused(tmp_path: Path, lines: list[str], complaint: str) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=complaint):
        case_tool.read_figures(path)


def test_a_title_of_no_publication_is_refused() -> None:
    figure = case_tool.read_figure(dict(zip(case_tool.COLUMNS, line().split(","), strict=True)), "here")
    with pytest.raises(BadInputError, match="stray"):
        case_tool.publications([figure], {"stray": "A title"})
    assert [source.id for source in case_tool.publications([figure], {})] == ["p-2026-01-31"]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["base", "note", "approx"]), st.sampled_from(["x", "y"])),
        min_size=1,
        max_size=5,
    )
)
def test_attributes_lose_and_invent_nothing(cells: list[dict[str, str]]) -> None:
    """Reading `NAME@DATE` first and `NAME` otherwise gives back what was told of each row."""
    rows = [(date(2026, 1, 1 + i), told) for i, told in enumerate(cells)]
    packed = case_tool.attributes(rows)
    for day, told in rows:
        back = {}
        for name in ("base", "note", "approx"):
            value = packed.get(f"{name}@{day.isoformat()}", packed.get(name))
            if value is not None:
                back[name] = value
        assert back == told


# --- history ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def history() -> dict[tuple[str, str], SeriesBlock]:
    """Return the blocks of the history pack as it lies in the package."""
    return load_blocks(HISTORY)


def load_blocks(folder: Path) -> dict[tuple[str, str], SeriesBlock]:
    """Return the blocks of one pack by series and field, read from its data file."""
    engine = columns.connect()
    out = {}
    for info in load_pack(folder).blocks:
        dates, values, refs = columns.read_columns(
            engine, info.path, info.series, str(info.field), refs=info.has_refs
        )
        out[info.series, str(info.field)] = SeriesBlock(info.meta, dates, values, refs)
    engine.close()
    return out


def at(block: SeriesBlock, day: str) -> float:
    """Return the value of one date."""
    (i,) = np.flatnonzero(block.dates == np.datetime64(day))
    return float(block.values[i])


# Rows, first and last day, and how many are unknown, counted with `zcat FILE | wc -l` and by eye.
SHAPES = {
    ("FF.MKT-RF.M", "value"): (1109, "1926-07-31", "2018-11-30", 0),
    ("FF.SMB.M", "value"): (1109, "1926-07-31", "2018-11-30", 0),
    ("FF.HML.M", "value"): (1109, "1926-07-31", "2018-11-30", 0),
    ("FF.RF.M", "value"): (1109, "1926-07-31", "2018-11-30", 0),
    **{
        ("GSPC", f): (5031, "1999-01-04", "2018-12-31", 0) for f in ("open", "high", "low", "close", "volume")
    },
    **{("IXIC", f): (5031, "1999-01-04", "2018-12-31", 0) for f in ("open", "high", "low", "close")},
    ("IXIC", "volume"): (5031, "1999-01-04", "2018-12-31", 2),
    ("VIX", "close"): (1305, "2014-01-03", "2019-01-03", 46),
    ("AAA", "value"): (1200, "1919-01-31", "2018-12-31", 0),
    ("BAA", "value"): (1200, "1919-01-31", "2018-12-31", 0),
    ("DCOILWTICO", "value"): (8611, "1986-01-02", "2019-01-03", 290),
    ("CPILFESL", "value"): (743, "1957-01-31", "2018-11-30", 0),
}


def test_history_has_these_series_and_no_other(history: dict[tuple[str, str], SeriesBlock]) -> None:
    shapes = {
        key: (len(b), str(b.dates[0]), str(b.dates[-1]), int(np.isnan(b.values).sum()))
        for key, b in history.items()
    }
    assert shapes == SHAPES


@pytest.mark.parametrize(
    ("series", "field", "day", "value"),
    [
        ("FF.SMB.M", "value", "1926-07-31", -2.30),  # the first month of the published table
        ("FF.MKT-RF.M", "value", "1926-07-31", 2.96),
        ("FF.HML.M", "value", "2018-11-30", 0.22),
        ("GSPC", "close", "1999-01-04", 1228.10),
        ("GSPC", "close", "2018-12-31", 2506.85),
        ("IXIC", "close", "2018-12-31", 6635.28),
        ("VIX", "close", "2018-12-24", 36.07),
        ("BAA", "value", "2008-11-30", 9.21),  # a peak of the crisis
        ("AAA", "value", "1981-09-30", 15.49),
        ("DCOILWTICO", "value", "2008-07-03", 145.31),
        ("CPILFESL", "value", "1957-01-31", 28.5),
    ],
)
def test_history_values_known_from_elsewhere(
    history: dict[tuple[str, str], SeriesBlock], series: str, field: str, day: str, value: float
) -> None:
    assert at(history[series, field], day) == pytest.approx(value, abs=0.005)


def test_months_are_dated_on_their_last_day_and_none_is_skipped(
    history: dict[tuple[str, str], SeriesBlock],
) -> None:
    for key in (("FF.SMB.M", "value"), ("AAA", "value"), ("CPILFESL", "value")):
        days = history[key].dates
        months = days.astype("datetime64[M]")
        assert (np.diff(months.astype(int)) == 1).all()
        assert (((days + 1).astype("datetime64[M]") - months).astype(int) == 1).all()


def test_revised_series_have_a_vintage_and_prices_none(history: dict[tuple[str, str], SeriesBlock]) -> None:
    for (series, _), block in history.items():
        revised = series.startswith("FF.") or series == "CPILFESL"
        assert block.meta.vintage == (date(2018, 12, 31) if revised else None)
    assert history["FF.SMB.M", "value"].meta.attributes["vintage_label"] == "CRSP 201811"


@pytest.mark.parametrize(("series", "share"), [("FF.SMB.M", 0.7030), ("FF.HML.M", 0.9374)])
def test_share_of_ten_year_windows(
    history: dict[tuple[str, str], SeriesBlock], series: str, share: float
) -> None:
    """The published share of 990 windows of 120 months in which the factor's logs add up to more than 0."""
    logs = [math.log(1 + x / 100) for x in history[series, "value"].values]
    windows = [math.fsum(logs[i : i + 120]) for i in range(len(logs) - 119)]
    assert len(windows) == 990
    assert round(sum(w > 0 for w in windows) / len(windows), 4) == share


def test_unknown_volume_is_not_zero(history: dict[tuple[str, str], SeriesBlock]) -> None:
    volume = history["IXIC", "volume"]
    unknown = [str(d) for d in volume.dates[np.isnan(volume.values)]]
    assert unknown == ["2015-05-12", "2018-01-09"]
    assert np.nanmin(volume.values) > 0
    assert unknown[0] in volume.meta.attributes["note"]


@pytest.mark.slow
def test_history_equals_what_arch_itself_loads(history: dict[tuple[str, str], SeriesBlock]) -> None:
    """The package's own loader is the oracle: another reader of the same bytes."""
    frames = {
        "frenchdata": {"Mkt-RF": "FF.MKT-RF.M", "SMB": "FF.SMB.M", "HML": "FF.HML.M", "RF": "FF.RF.M"},
        "default": {"AAA": "AAA", "BAA": "BAA"},
        "wti": {"DCOILWTICO": "DCOILWTICO"},
        "core_cpi": {"CPILFESL": "CPILFESL"},
    }
    for name, named in frames.items():
        frame = importlib.import_module(f"arch.data.{name}").load()
        for column, series in named.items():
            np.testing.assert_array_equal(history[series, "value"].values, frame[column].to_numpy(float))
    for name, series in (("sp500", "GSPC"), ("nasdaq", "IXIC")):
        frame = importlib.import_module(f"arch.data.{name}").load()
        for field in ("open", "high", "low", "close"):
            block = history[series, field]
            np.testing.assert_array_equal(block.values, frame[field.capitalize()].to_numpy(float))
            np.testing.assert_array_equal(block.dates, frame.index.to_numpy().astype("datetime64[D]"))


def test_a_file_whose_adjusted_close_differs_is_refused() -> None:
    spec = next(f for f in history_tool.FILES if f.path.startswith("sp500"))
    row = {"Date": "1/4/1999", "Close": "1228.1", "Adj Close": "1228.2"}
    with pytest.raises(BadInputError, match="1/4/1999"):
        history_tool.check_same(spec, [row])


@pytest.mark.parametrize("text", ["19267", "1926-07", "192613"])
def test_a_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises((BadInputError, ValueError)):
        history_tool.year_month(text)


# --- both packs, as files ---------------------------------------------------------------------------


def parsed_of(folder: Path) -> list[ParsedFile]:
    """Return what the pack in a folder is made from."""
    return list(history_tool.read_all()) if folder == HISTORY else [case_tool.read_case(folder)[1]]


def test_the_wheel_has_these_packs() -> None:
    assert [pack.name for pack in load_packs(PACKS)] == ["history", "january-2026", "published"]
    assert sum(path.stat().st_size for path in PACKS.rglob("*") if path.is_file()) < 1_200_000


@pytest.mark.parametrize("folder", [HISTORY, CASE, PUBLISHED], ids=["history", "case", "published"])
def test_the_files_hold_what_their_makers_read(folder: Path) -> None:
    """A list that was edited without making the pack again fails here."""
    held = load_blocks(folder)
    made = {(b.meta.series, str(b.meta.field)): b for p in parsed_of(folder) for b in p.blocks}
    assert held.keys() == made.keys()
    for key, block in made.items():
        assert held[key].meta == block.meta
        assert held[key].refs == block.refs
        np.testing.assert_array_equal(held[key].dates, block.dates)
        np.testing.assert_array_equal(held[key].values, block.values)
    sources = load_pack(folder).sources
    for parsed in parsed_of(folder):
        for source in (parsed.source, *parsed.references):
            assert sources[source.id] == source


def test_published_research_is_cited_and_dated() -> None:
    """The abstract says: at best 2.3 percent a year, 1948 to 2007; of December 2009, known from then on."""
    (block,) = load_blocks(PUBLISHED).values()
    pack = load_pack(PUBLISHED)
    source = pack.sources[block.refs[0]] if block.refs else None
    assert (block.meta.series, str(block.meta.unit)) == ("PUBLISHED.SECTOR_ROTATION.FORESIGHT", "pp")
    assert block.values.tolist() == [2.3]
    assert source is not None
    assert (source.published, source.standing) == (date(2009, 12, 31), Standing.REPORTED)
    assert source.title == "Sector Rotation across the Business Cycle"


@pytest.mark.parametrize("maker", [history_tool, case_tool], ids=["history", "case"])
def test_equal_input_gives_equal_bytes(maker: ModuleType, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert maker.main(["--out", str(tmp_path / name)]) == 0
    for name in ("pack.json", "data.parquet"):
        first, second = ((tmp_path / run / name).read_bytes() for run in ("a", "b"))
        assert first == second
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["data.parquet", "pack.json"]


def test_a_faulty_list_leaves_the_pack_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("figures.csv", "case.toml", "pack.json", "data.parquet"):
        (tmp_path / name).write_bytes((CASE / name).read_bytes())
    listed = tmp_path / "figures.csv"
    listed.write_text(listed.read_text(encoding="utf-8").replace("2491.82", "2491x82"), encoding="utf-8")
    assert case_tool.main(["--case", str(tmp_path)]) == 2
    assert "figures.csv, line 64" in capsys.readouterr().err
    for name in ("pack.json", "data.parquet"):
        assert (tmp_path / name).read_bytes() == (CASE / name).read_bytes()


def test_history_sources_name_publisher_address_and_licence() -> None:
    for parsed in history_tool.read_all():
        source = load_pack(HISTORY).sources[parsed.source.id]
        assert source.standing is Standing.DATABASE
        assert source.publisher
        assert source.url.startswith("https://")
        assert source.licence == "NCSA (as redistributed in arch 8)"
        assert len(source.sha256) == 64


def words(text: str) -> str:
    """Return text without marks of Markdown and line breaks, for comparing a licence with its copy."""
    text = re.sub(r"\[(.+?)\]\(\1\)", r"\1", text)  # a link whose text is its address
    return " ".join(re.sub(r"[*#<>]", "", text).split())


def test_notice_has_the_licence_of_arch_in_full() -> None:
    files = importlib.metadata.files("arch") or []
    (licence,) = [file for file in files if file.name == "LICENSE.md" and "licenses" in file.parts]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert words(licence.read_text(encoding="utf-8")) in words(notice)
    assert "Copyright Eugene F. Fama and Kenneth R. French" in notice


def test_the_page_on_data_sources_names_every_series_and_count() -> None:
    page = (ROOT / "docs" / "data-sources.md").read_text(encoding="utf-8")
    for (series, _), (rows, *_rest) in SHAPES.items():
        assert f"`{series}`" in page
        assert f"{rows:,}" in page
    assert f"{FIGURES} figures" in page
    for name in (*case_tool.COLUMNS, *case_tool.KINDS):
        assert f"`{name}`" in page
