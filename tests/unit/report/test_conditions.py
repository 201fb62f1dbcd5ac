"""When a sentence may be written: windows in which an earlier wording would have misled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from rotascope.app import wiring, workflows
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.ingest import calendar
from rotascope.model.documents import Block, Document, Table
from rotascope.model.facts import Fact, Recipe, Window
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.report.bundle import write_bundle
from rotascope.report.prose import Prose
from rotascope.report.sections import families, periods, sectors, summary_drivers
from rotascope.report.story import Pair, Story
from rotascope.store.packs import load_pack, write_pack
from rotascope.store.reader import Reader
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope_verify import supported_ops, verify

SOURCE = Source("made-up", "A test", "numbers made up")
BASE, END = date(2024, 1, 31), date(2024, 2, 29)
INDICES = {"RUT": -9.0, "DJI": -6.0, "GSPC": -4.0, "IXIC": -2.0}
SECTORS = ("XLE", "XLB", "XLP", "XLI", "XLRE", "XLC", "XLY", "XLU", "XLV", "XLK", "XLF")


def block(
    name: str, unit: Unit, rows: Sequence[tuple[date, float]], field: Field = Field.CLOSE
) -> SeriesBlock:
    days, values = zip(*rows, strict=True)
    meta = SeriesMeta(name, field, unit, Frequency.DAILY, SOURCE.id)
    return SeriesBlock(meta, np.array(days, dtype="datetime64[D]"), np.array(values, dtype=float))


def two(
    name: str, change: float, unit: Unit = Unit.USD, days: tuple[date, date] = (BASE, END)
) -> SeriesBlock:
    """Return a series of two closes, a hundred and what a change in percent makes of it."""
    return block(name, unit, [(days[0], 100.0), (days[1], 100.0 + change)])


def daily(name: str, steps: Sequence[float], unit: Unit = Unit.USD) -> SeriesBlock:
    """Return a series that starts at a hundred at the base and moves by so many points in each session."""
    sessions = [d for d in calendar.sessions(BASE, END) if d > BASE]
    levels = 100.0 + np.cumsum(steps)
    return block(name, unit, [(BASE, 100.0), *zip(sessions, levels, strict=True)])


def written(
    blocks: list[SeriesBlock], folder: Path, window: Window | None = None, as_of: date = date(2024, 3, 28)
) -> Document:
    """Write an article from these series alone; the verifier must find nothing."""
    write_pack(folder / "pack", "made-up", "Made up", [ParsedFile(SOURCE, blocks)])
    with Reader(None, [load_pack(folder / "pack")]) as reader:
        desk = Desk(reader, load_universe("us"), as_of, verifiable=supported_ops())
        document, files = workflows.article(desk, window or Window(BASE, END), None)
        write_bundle(files, folder / "out")
    assert [f.line() for f in verify(folder / "out").failures] == []
    return document


def text_of(document: Document) -> str:
    return "\n".join(b.inline.text for b in document.blocks if isinstance(b, Block))


def from_wheel(tmp_path: Path, start: date, end: date, as_of: date) -> Document:
    with wiring.open_reader(Settings(tmp_path)) as reader:
        desk = workflows._desk(reader, "us", as_of)
        document, _ = workflows.article(desk, Window(start, end), None, ("json",))
    return document


# -- families of indices ---------------------------------------------------------------------------


def pair(value: float) -> Pair:
    return cast(Pair, SimpleNamespace(spread=SimpleNamespace(value=value, unit=Unit.PP)))


@pytest.mark.parametrize(
    ("spreads", "expected"),
    [
        ([6.1, 5.9, 1.9], 1.9),
        ([-0.3, -1.3, 0.4], 0.4),  # the other side in front says more than another amount
        ([-3.3, 0.1, -3.1], 0.1),
        ([6.8, 6.5, 6.1], None),
        ([0.1, 0.4, -0.2], None),  # less than half a point is no story
        ([2.0, 1.0], None),  # just half is not more than half
        ([2.0], None),
        ([], None),
    ],
)
def test_the_family_that_tells_another_story(spreads: list[float], expected: float | None) -> None:
    found = families.furthest([pair(s) for s in spreads])
    assert (None if found is None else found.spread.value) == expected


def test_a_family_is_named_and_defined_as_it_was() -> None:
    """Vanguard's funds came to CRSP's indices in 2013; S&P's styles score momentum since December 2010."""
    crsp, sp = (next(f for f in load_universe("us").families if f.id == i) for i in ("crsp", "sp"))

    def story(start: date) -> Story:
        return cast(Story, SimpleNamespace(window=Window(start, date(2026, 1, 30))))

    assert families.label(story(date(2008, 9, 19)), crsp) == "Vanguard"
    assert families.label(story(date(2013, 4, 30)), crsp) == "CRSP"
    assert families.label(story(date(2008, 9, 19)), sp) == "S&P"
    assert "momentum" in families.definition(story(date(2011, 1, 31)), sp)
    assert "momentum" not in families.definition(story(date(2010, 11, 30)), sp)


def test_families_that_disagree_on_size_are_heard(tmp_path: Path) -> None:
    funds = {"IWM": -5.0, "IWB": -2.0, "VB": 1.2, "VV": 1.0}
    text = text_of(written([two(n, c) for n, c in funds.items()], tmp_path))
    assert "tells another story: there Vanguard Small-Cap beat Vanguard Large-Cap by 0.2 points" in text
    assert (
        "That there was one size gap. Small minus big differs: −3.0 points for Russell, +0.2 points" in text
    )
    assert "large companies ahead of small companies by 1.5 points or under" in text


# -- what fell is not carried, and led nothing -----------------------------------------------------


def test_a_market_that_falls_has_no_carriers_and_no_leaders(tmp_path: Path) -> None:
    blocks = [two(n, c, Unit.INDEX_LEVEL) for n, c in INDICES.items()]
    blocks += [two("RSP", -7.0), two("SPY", -4.0)]
    blocks += [two(n, -1.0 - i) for i, n in enumerate(SECTORS)]
    text = text_of(written(blocks, tmp_path))
    assert "the Nasdaq Composite did best of four indices and still fell 2.0%" in text
    assert "the average share did worse than the heaviest" in text
    assert "Energy (−1.0%) held up best of the eleven sectors" in text
    assert "not one of the sectors made money" in text
    assert "carried" not in text
    assert " led the" not in text


def test_without_styles_the_title_is_about_the_ends_of_the_ranking(tmp_path: Path) -> None:
    text = text_of(written([two(n, c, Unit.INDEX_LEVEL) for n, c in INDICES.items()], tmp_path))
    assert "The Nasdaq Composite beat the Russell 2000 by 7.0 points in February 2024" in text
    assert "The Nasdaq Composite fell 2.0% and the Russell 2000 lost 9.0% between the closes" in text


def test_a_single_index_that_stood_still_was_flat(tmp_path: Path) -> None:
    blocks = [two("GSPC", 0.01, Unit.INDEX_LEVEL), two("IWM", 3.0), two("IWB", 1.0)]
    assert "the S&P 500 was flat (0.0%); no other index is available." in text_of(written(blocks, tmp_path))


@pytest.mark.parametrize(
    ("ranks", "change", "expected"),
    [
        ((5, 8), 8.0, "; a story of falling yields does not fit this window."),
        ((7, 11), 17.0, "."),  # nobody would call on falling yields for sectors that trail
        ((1, 2), -27.0, "; the usual story of falling yields fits."),
        ((6, 8), -80.0, "; the usual story of falling yields did not hold."),
        ((2, 9), -20.0, "."),
        ((1, 2), 0.2, "."),
    ],
)
def test_what_is_said_of_rates(ranks: tuple[int, int], change: float, expected: str) -> None:
    rows = cast(Any, [(None, SimpleNamespace(value=float(r))) for r in ranks])
    moved = cast(Fact, SimpleNamespace(value=change, unit=Unit.BP))
    assert sectors._rates_mean(cast(Any, [None] * 11), rows, moved) == expected


# -- how a lead was earned -------------------------------------------------------------------------


def small_and_broad(small: Sequence[float], broad: Sequence[float]) -> list[SeriesBlock]:
    return [daily("RUT", small, Unit.INDEX_LEVEL), daily("GSPC", broad, Unit.INDEX_LEVEL)]


def test_a_lead_of_few_days_is_not_called_steady(tmp_path: Path) -> None:
    """Twenty sessions: behind on fifteen of them by a little, in front on five by much."""
    steps = [-0.1] * 15 + [2.0] * 5
    text = text_of(written(small_and_broad(steps, [0.0] * 20), tmp_path))
    assert "finished in front of the S&P 500 on a minority of days all the same, 5 of 20." in text
    assert "steady" not in text


def test_a_majority_of_days_is_no_lead(tmp_path: Path) -> None:
    steps = [0.1, -0.5] * 2 + [0.1] * 10 + [-0.6] * 6
    text = text_of(written(small_and_broad(steps, [0.0] * 20), tmp_path))
    assert "finished in front of the S&P 500 on a majority of days all the same, 12 of 20." in text


def test_one_session_has_no_course_and_no_heavy_day(tmp_path: Path) -> None:
    """Of a window of one session that session is all of it, which is no finding."""
    days = (date(2024, 2, 28), END)
    blocks = [two("RUT", 3.6, Unit.INDEX_LEVEL, days), two("GSPC", -0.9, Unit.INDEX_LEVEL, days)]
    blocks += [two(n, c, days=days) for n, c in {"IWM": 3.6, "IWB": -0.6, "IWD": 1.1, "IWF": -2.1}.items()]
    text = text_of(written(blocks, tmp_path, Window(*days)))
    for words in ("Session by session", "weighs heavily", "mattered much", "1 of 1"):
        assert words not in text


def test_money_that_prints_as_nothing_went_nowhere(tmp_path: Path) -> None:
    blocks = [two("IWM", 5.0), two("IWB", 2.0)]
    sessions = [d for d in calendar.sessions(BASE, END) if d > BASE]
    flow = [(BASE, 0.0), *((d, -500_000.0) for d in sessions)]
    blocks.append(block("IWM", Unit.USD, flow, Field.FLOW))
    assert "Money went the other way" not in text_of(written(blocks, tmp_path))


# -- dates and words -------------------------------------------------------------------------------


def test_a_month_that_ends_on_a_sunday_keeps_its_name(tmp_path: Path) -> None:
    """The factor's month ends on 31 August 2008, a Sunday; the last session was the 29th."""
    document = from_wheel(tmp_path, date(2008, 8, 29), date(2008, 9, 30), date(2019, 1, 15))
    assert document.title.endswith("in September 2008")


@pytest.mark.parametrize(
    ("start", "end", "month", "year"),
    [
        (date(2008, 8, 31), date(2008, 9, 30), True, False),
        (date(2024, 1, 31), date(2024, 2, 29), True, False),
        (date(2024, 1, 30), date(2024, 2, 29), False, False),
        (date(2023, 12, 31), date(2024, 12, 31), False, True),
        (date(2022, 12, 31), date(2024, 12, 31), False, False),
        (date(2024, 1, 31), date(2024, 3, 31), False, False),
    ],
)
def test_names_of_periods(start: date, end: date, month: bool, year: bool) -> None:
    window = Window(start, end, "prior_close", start, end)
    assert (periods.is_month(window), periods.is_year(window)) == (month, year)


def test_a_record_that_stops_is_told_in_the_past(tmp_path: Path) -> None:
    """The wheel's factors end in November 2018: in 2026 nothing can be said of an era that is open now."""
    with wiring.open_reader(Settings(tmp_path)) as reader:
        _, as_of, case, universe = workflows._resolve(workflows.ReportRequest(case="january-2026"))
        desk = workflows._desk(reader, universe, as_of)
        window = Window(date(2025, 12, 31), date(2026, 1, 30))
        document, _ = workflows.article(desk, window, case, ("json",))
    text = text_of(document)
    assert "By the record to November 2018 the era of small companies, begun in May 2000, had run for" in text
    assert "to 9 February 2026 starts from an opening price" in text  # another window than the report's
    table = next(b for b in document.blocks if isinstance(b, Table) and "by dimension" in b.caption.text)
    assert [c.text for c in table.header] == ["Dimension", "Figure"]  # no record, no empty columns


def test_an_era_as_long_as_the_median_is_called_that(tmp_path: Path) -> None:
    """In May 2006 the open era was six years old, and so was the median of those before it."""
    document = from_wheel(tmp_path, date(2004, 6, 19), date(2006, 6, 12), date(2019, 3, 30))
    assert "had run for 6.0 years, as long as the median of the" in text_of(document)


def test_the_long_record_is_held_against_a_lead_of_small_companies_alone(tmp_path: Path) -> None:
    """In 2015 big companies were in front; nobody would call on the long record of small ones for that."""
    document = from_wheel(tmp_path, date(2014, 12, 31), date(2015, 12, 31), date(2019, 1, 15))
    assert "the long record speaks for small companies" not in text_of(document)
    document = from_wheel(tmp_path, date(1999, 12, 31), date(2000, 1, 31), date(2019, 1, 15))
    assert "the long record speaks for small companies" in text_of(document)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], ""),
        (["a"], "; a fits too"),
        (["a", "b"], "; a and b fit too"),
        (["a", "b", "c"], "; a, b and c fit too"),
        (["a", "b", "c", "d"], "; a, b and others fit too"),  # "others" are two at least
    ],
)
def test_who_else_fits(labels: list[str], expected: str) -> None:
    assert summary_drivers._also(labels) == expected


# -- what an editor struck out ---------------------------------------------------------------------


def test_a_year_of_factors_is_told_beside_the_market(tmp_path: Path) -> None:
    """A title ended in ", 1974", and left out that the market had lost more than a quarter."""
    title = from_wheel(tmp_path, date(1973, 12, 31), date(1974, 12, 31), date(2019, 1, 15)).title
    assert re.fullmatch(r"The value factor gained \d+% while the market factor fell \d+% in 1974", title)


def test_a_factor_that_stood_still_leads_no_title(tmp_path: Path) -> None:
    """The size factor made 0.1% from 1929 to 1932; 39 stretches that overlap are no record to rank it by."""
    document = from_wheel(tmp_path, date(1929, 8, 31), date(1932, 6, 30), date(2019, 1, 15))
    assert document.title.startswith("The value factor lost")
    text = text_of(document)
    assert "Its record holds 39 stretches of that length, which overlap: too few to rank this one by." in text
    assert "an extreme gain" not in text
    assert "The lead of growth shares was handed back" in text
    assert "that of small companies" not in text.lower()  # of 0.1% nothing can be handed back


def test_without_an_index_the_market_factor_opens(tmp_path: Path) -> None:
    """The article on October 1987 did not say that the market had crashed."""
    document = from_wheel(tmp_path, date(1987, 9, 30), date(1987, 10, 31), date(2019, 1, 15))
    text = text_of(document)
    assert (
        "French's market factor, shares less Treasury bills, lost 23.2% from the end of September 1987"
        in text
    )
    assert "No index, style or sector data" not in text


def test_the_turn_is_told_in_plain_words_and_only_near_one(tmp_path: Path) -> None:
    """0.3 in logarithms is 1 - 0.7408: by the tables a fall of 26%."""
    near = text_of(from_wheel(tmp_path, date(2000, 3, 31), date(2002, 9, 30), date(2019, 1, 15)))
    assert "down by 26% from its peak, so a new one may have begun unseen" in near
    far = text_of(from_wheel(tmp_path, date(2008, 8, 29), date(2009, 3, 31), date(2019, 1, 15)))
    assert "the era of small companies, begun in May 2000, had run for" in far
    assert "from its peak" not in far


def test_a_lead_of_years_is_not_tested_by_a_quarter(tmp_path: Path) -> None:
    text = text_of(from_wheel(tmp_path, date(2013, 11, 30), date(2018, 11, 30), date(2019, 1, 15)))
    assert "The leads took years to build; the coming months are no test of them, so none is set." in text
    assert "half of what it is" not in text


def test_what_is_absent_is_named_once(tmp_path: Path) -> None:
    document = from_wheel(tmp_path, date(2017, 6, 30), date(2017, 7, 31), date(2017, 8, 31))
    headings = [b.inline.text for b in document.blocks if isinstance(b, Block) and b.kind == "heading"]
    assert "Not in the data" in headings
    assert not {"Sectors", "Fund flows", "Value and growth", "Small and big companies"} & set(headings)
    said = "prices of style funds, prices of size funds, sector prices and daily fund flows."
    assert f"Not available for this window as of 31 August 2017: {said}" in text_of(document)


def test_the_winner_of_two_indices_comes_first(tmp_path: Path) -> None:
    document = from_wheel(tmp_path, date(2017, 6, 30), date(2017, 7, 31), date(2017, 8, 31))
    assert document.title == "The Nasdaq Composite beat the S&P 500 by 1.4 points in July 2017"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (1.0, "was little changed (+1 bp)"),
        (-1.2, "was little changed (\u22121 bp)"),
        (0.2, "was flat (0 basis points)"),
        (8.0, "rose 8 basis points"),
        (-2.0, "fell 2 basis points"),
    ],
)
def test_a_yield_that_hardly_moved(change: float, expected: str) -> None:
    made = Fact(
        "f", "yield_change", ("DGS10",), change, Unit.BP, 0, "", None, END, Recipe("change", {}), (), ()
    )
    story = cast(Story, SimpleNamespace(prose=Prose(load_universe("us"))))
    assert sectors._yield_moved(story, made)[1].text == expected


def test_a_small_move_of_the_yield_has_no_story() -> None:
    """Four basis points in a month are noise, and no test of a story about falling yields."""
    rows = cast(Any, [(None, SimpleNamespace(value=r)) for r in (10.0, 11.0)])
    for change, expected in ((-4.0, "."), (-6.0, "; the usual story of falling yields did not hold.")):
        moved = cast(Fact, SimpleNamespace(value=change, unit=Unit.BP))
        assert sectors._rates_mean(cast(Any, [None] * 11), rows, moved) == expected


def test_a_family_that_ended_level_beat_nobody(tmp_path: Path) -> None:
    funds = {"IWD": 3.0, "IWF": 1.0, "IVE": 2.0, "IVW": 2.01}
    text = text_of(written([two(n, c) for n, c in funds.items()], tmp_path))
    assert "there S&P 500 Value and S&P 500 Growth ended level, 0.0 points apart" in text
    assert "by 0.0 points" not in text


def test_a_factor_of_other_months_is_not_set_beside_the_window(tmp_path: Path) -> None:
    """From the middle of a month to the middle of another no factor is known."""
    document = from_wheel(tmp_path, date(2008, 9, 12), date(2008, 10, 10), date(2019, 1, 15))
    assert "factor" not in document.title
    assert "HML, cheap shares" not in text_of(document)
    month = from_wheel(tmp_path, date(2008, 8, 29), date(2008, 9, 30), date(2019, 1, 15))
    assert "HML, cheap shares" in text_of(month)
