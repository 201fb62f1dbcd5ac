"""Treasury par yields: years joined into one history."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.treasury import KEY, SERIES, URL, Treasury
from rotascope.model.units import Unit
from rotascope.store.blocks import validate
from rotascope.store.series import ParsedFile
from standin import answers
from standin.clock import NOON
from standin.server import Reply, StandIn

TREASURY = Treasury(date(2026, 10, 1), first_year=2025)
TASK = TREASURY.tasks()[0]
HEAD = 'Date,"1 Mo","3 Mo","2 Yr","5 Yr","10 Yr"'


def parse(*years: str) -> ParsedFile:
    parsed = TREASURY.parse(TASK, [Response("https://x", 200, {}, y.encode(), NOON) for y in years])
    validate(parsed)
    return parsed


def test_tasks() -> None:
    assert [t.key for t in TREASURY.tasks()] == [KEY] and TREASURY.tasks()[0].series == SERIES
    assert TREASURY.tasks(["UST.10Y", "DGS10"]) and not TREASURY.tasks(["DGS10", "UST.40Y"])


def test_years_become_one_history(tmp_path: Path) -> None:
    with StandIn() as server:
        for year in (2025, 2026):
            server.add(URL.format(year=year), Reply.csv(answers.par_yields(year)))
        fetcher = server.fetcher(tmp_path)
        responses = TREASURY.fetch(TASK, fetcher)
        assert [s.query["field_tdr_date_value"] for s in server.seen] == ["2025", "2026"]
        assert len(TREASURY.fetch(TASK, fetcher, since=date(2026, 3, 1))) == 1
    parsed = TREASURY.parse(TASK, responses)
    validate(parsed)
    ten = next(b for b in parsed.blocks if b.meta.series == "UST.10Y")
    assert ten.meta.unit is Unit.PERCENT and str(ten.dates[-1]) == "2026-09-30"
    assert ten.dates[0].astype(str).startswith("2025-01-02") and len(ten) > 400
    assert {b.meta.series for b in parsed.blocks} >= {"UST.1M", "UST.1_5M", "UST.3M", "UST.30Y"}


def test_by_hand_with_dates_that_do_not_show_their_order() -> None:
    """01/02 to 01/05 could be in February; the Treasury puts the month first."""
    parsed = parse(
        f"{HEAD}\n01/05/2026,4.10,4.00,3.50,3.70,4.15\n01/02/2026,4.12,,3.51,3.72,4.19\n",
        f"{HEAD}\n12/31/2025,4.08,3.99,3.47,3.68,4.16\n",
    )
    found = {b.meta.series: dict(zip(map(str, b.dates), b.values, strict=True)) for b in parsed.blocks}
    assert found["UST.10Y"] == {"2025-12-31": 4.16, "2026-01-02": 4.19, "2026-01-05": 4.15}
    assert found["UST.3M"] == {"2025-12-31": 3.99, "2026-01-05": 4.00}
    assert {(f.code, f.series) for f in parsed.findings} == {("blank_values", "UST.3M")}


def test_a_new_maturity_is_kept_out_with_a_finding() -> None:
    parsed = parse(f'{HEAD},"50 Yr","Note"\n01/02/2026,4.1,4.0,3.5,3.7,4.1,4.9,x\n')
    assert {b.meta.series for b in parsed.blocks} == {"UST.1M", "UST.3M", "UST.2Y", "UST.5Y", "UST.10Y"}
    assert "columns_not_stored" in {f.code for f in parsed.findings}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{HEAD.replace('10 Yr', 'Ten')}\n01/02/2026,4.1,4.0,3.5,3.7,4.1\n", "unexpected_shape"),
        (f"{HEAD.replace('Date', 'Day')}\n01/02/2026,4.1,4.0,3.5,3.7,4.1\n", "unexpected_shape"),
        (f"{HEAD}\n", "no_usable_rows"),
        (f"{HEAD}\n13/02/2026,4.1,4.0,3.5,3.7,4.1\n", "no_usable_rows"),
        (f"{HEAD}\n10/05/2026,4.1,4.0,3.5,3.7,4.1\n", "no_usable_rows"),  # after the fetch
        ("", "unexpected_shape"),
    ],
)
def test_other_shapes(text: str, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        parse(text)
    assert caught.value.code == code


def test_rates_near_zero_are_no_alarm() -> None:
    """As in 2014 and 2021: bills between nothing and a tenth of a percent jump by factors, truly."""
    rows = [
        f"03/{d:02d}/2021,{v:.2f},{v / 2:.2f},0.15,0.80,1.60"
        for d, v in enumerate((0.01, 0.10, 0.0, 0.05), 1)
    ]
    assert not parse("\n".join([HEAD, *rows, ""])).findings
