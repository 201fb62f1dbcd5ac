"""Files of the Ken French library: preamble, sections, missing codes, vintages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from reader_files import findings, keys, meta, read, rows

from rotascope.ingest.readers.french import release_of
from rotascope.model.observations import Frequency
from rotascope.model.units import Unit

FACTORS = (
    "This file was created using the 202605 CRSP database.\r\n"
    "The 1-month TBill rate data until 202405 are from Ibbotson Associates.\r\n"
    "\r\n"
    ",Mkt-RF,SMB,HML,RF\r\n"
    "202601,   2.89,  -2.55,  -2.39,   0.22\r\n"
    "202602,   2.64,  -99.99, 3.81,   -999\r\n"
    "\r\n"
    " Annual Factors: January-December \r\n"
    ",Mkt-RF,SMB,HML,RF\r\n"
    "  2025,  29.47,  -2.04,  -4.54,   3.12\r\n"
    "\r\n"
    "Copyright 2026 Eugene F. Fama and Kenneth R. French\r\n"
)

PORTFOLIOS = """This file was created by CMPT_BEME_RETS using the 202211 CRSP database.
It contains value- and equal-weighted returns.

Missing data are indicated by -99.99 or -999.


  Average Value Weighted Returns -- Monthly
,SMALL LoBM,ME1 BM2,<= 0
202201,   1.0,   2.0,  3.0
202202,   1.5,   2.5, -99.99


  Average Equal Weighted Returns -- Monthly
,SMALL LoBM,ME1 BM2,<= 0
202201,   4.0,   5.0,  6.0


  Number of Firms in Portfolios
,SMALL LoBM,ME1 BM2,<= 0
202201,   10,   20,  30


  Average Market Cap
,SMALL LoBM,ME1 BM2,<= 0
202201,   100.5,   200.5,  300.5


  For portfolios formed in June of year t
  Value Weight Average of BE/ME Calculated for June of t to June of t+1 as:
  Sum[ME(Mth) * BE(Fiscal Year t-1) / ME(Dec t-1)] / Sum[ME(Mth)]
,SMALL LoBM,ME1 BM2,<= 0
202201,   0.1,   0.2,  0.3


  For portfolios formed in June of year t
  Value Weight Average of BE_FYt-1/ME_June t Calculated for June of t to June of t+1 as:
  Sum[ME(Mth) * BE(Fiscal Year t-1) / ME(Jun t)] / Sum[ME(Mth)]
,SMALL LoBM,ME1 BM2,<= 0
202201,   0.4,   0.5,  0.6

  Average Value Weighted Returns -- Annual
,SMALL LoBM,ME1 BM2,<= 0
  2021,   7.0,   8.0,  9.0

Copyright 2022 Kenneth R. French
"""


def test_factors_have_short_names_and_month_ends() -> None:
    parsed = read("F-F_Research_Data_Factors.csv", FACTORS)
    assert rows(parsed, "FF.MKT-RF.M") == {"2026-01-31": 2.89, "2026-02-28": 2.64}
    assert rows(parsed, "FF.SMB.M") == {"2026-01-31": -2.55, "2026-02-28": None}
    assert rows(parsed, "FF.RF.M") == {"2026-01-31": 0.22, "2026-02-28": None}
    assert rows(parsed, "FF.HML.A") == {"2025-12-31": -4.54}
    told = meta(parsed, "FF.HML.M")
    assert (told.unit, told.frequency) == (Unit.PERCENT, Frequency.MONTHLY)
    assert told.vintage == date(2026, 6, 30)
    assert told.attributes["vintage_label"] == "CRSP 202605"
    assert parsed.source.id == "french:F-F_Research_Data_Factors:202605"
    assert "Eugene F. Fama and Kenneth R. French" in parsed.source.licence
    assert parsed.findings == [] and parsed.rows_read == 3


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("F-F_Research_Data_Factors_CSV.csv", "FF.SMB.M"),
        ("F-F_Research_Data_5_Factors_2x3.csv", "FF5.SMB.M"),
        ("F-F_Momentum_Factor.csv", "FF.SMB.M"),
        ("Developed_ex_US_5_Factors.csv", "FF.DEV5.SMB.M"),
    ],
)
def test_factor_sets_are_told_apart_by_name(name: str, series: str) -> None:
    assert (series, "value") in keys(read(name, FACTORS))


def test_sections_become_blocks_with_units() -> None:
    parsed = read("6_Portfolios_2x3.csv", PORTFOLIOS)
    assert rows(parsed, "FF.6_2x3.VW.SMALL_LoBM.M") == {"2022-01-31": 1.0, "2022-02-28": 1.5}
    assert rows(parsed, "FF.6_2x3.VW.LE0.M") == {"2022-01-31": 3.0, "2022-02-28": None}
    assert rows(parsed, "FF.6_2x3.EW.ME1_BM2.M") == {"2022-01-31": 5.0}
    assert rows(parsed, "FF.6_2x3.FIRMS.ME1_BM2.M") == {"2022-01-31": 20}
    assert rows(parsed, "FF.6_2x3.SIZE.ME1_BM2.M") == {"2022-01-31": 200.5}
    assert rows(parsed, "FF.6_2x3.BEME.ME1_BM2.M") == {"2022-01-31": 0.2}
    assert rows(parsed, "FF.6_2x3.BEME_JUN.ME1_BM2.M") == {"2022-01-31": 0.5}
    assert rows(parsed, "FF.6_2x3.VW.ME1_BM2.A") == {"2021-12-31": 8.0}
    units = {
        name: meta(parsed, f"FF.6_2x3.{name}.ME1_BM2.M").unit for name in ("FIRMS", "SIZE", "BEME", "VW")
    }
    assert units == {"FIRMS": Unit.COUNT, "SIZE": Unit.USD_M, "BEME": Unit.RATIO, "VW": Unit.PERCENT}
    assert parsed.findings == []


def test_sets_are_named_after_the_file() -> None:
    for stem, prefix in {
        "25_Portfolios_5x5": "FF.25_5x5",
        "12_Industry_Portfolios": "FF.IND12",
        "Portfolios_Formed_on_BE-ME__crsp202211": "FF.BE-ME",
    }.items():
        assert (f"{prefix}.VW.ME1_BM2.M", "value") in keys(read(f"{stem}.CSV", PORTFOLIOS))


def test_a_repeated_title_is_numbered_and_said() -> None:
    text = PORTFOLIOS.replace("Average Equal Weighted", "Average Value Weighted")
    parsed = read("6_Portfolios_2x3.csv", text)
    assert rows(parsed, "FF.6_2x3.VW_2.ME1_BM2.M") == {"2022-01-31": 5.0}
    assert findings(parsed) == {"repeated_section": [None]}


def test_daily_rows_with_trailing_commas() -> None:
    text = (
        "This file was created by using the 202605 CRSP database.  It,,\r\ncontains a factor,\r\n,,\r\n"
        ",Mom,\r\n19261103,0.35,\r\n19261104,-0.61,\r\n19261105,-99.99,\r\n19261106,1,\r\n,,\r\nCopyright,,\r\n"
    )
    parsed = read("F-F_Momentum_Factor_daily.csv", text)
    assert rows(parsed, "FF.MOM.D") == {
        "1926-11-03": 0.35,
        "1926-11-04": -0.61,
        "1926-11-05": None,
        "1926-11-06": 1.0,
    }


def test_weekly_rows_are_known_by_their_spacing() -> None:
    text = "using the 202605 CRSP database.\n\n,SMB\n19260702,1\n19260710,2\n19260717,3\n"
    parsed = read("F-F_Research_Data_Factors_weekly.csv", text)
    assert meta(parsed, "FF.SMB.W").frequency is Frequency.WEEKLY


def test_files_without_a_preamble_and_names_that_became_dates() -> None:
    parsed = read("Portfolios_Formed_on_ME__x.csv", ",<= 0,Lo 10,2-Dec\n192607,-99.99,0.06,1.53\n")
    assert rows(parsed, "FF.ME.VW.Dec_2.M") == {"1926-07-31": 1.53}
    assert meta(parsed, "FF.ME.VW.Dec_2.M").vintage == date(2026, 9, 1)
    assert {"release_not_stated", "column_names_repaired"} <= set(findings(parsed))


def test_bad_rows_are_named_and_good_ones_stay() -> None:
    text = (
        "using the 202605 CRSP database.\n\n,SMB,HML\n"
        "202601,1,2\n202613,1,2\n202602,1\n202603,x,2\n203001,1,2\n202604,5,6\n"
    )
    parsed = read("F-F_Research_Data_Factors.csv", text)
    assert rows(parsed, "FF.SMB.M") == {"2026-01-31": 1, "2026-04-30": 5}
    assert findings(parsed) == {
        "unreadable_date": [5],
        "too_few_columns": [6],
        "unreadable_number": [7],
        "future_date": [8],
    }


@pytest.mark.parametrize(
    ("label", "vintage"),
    [
        ("202605 CRSP", date(2026, 6, 30)),
        ("202611 CRSP", date(2026, 12, 31)),
        ("202512 Bloomberg", date(2026, 1, 31)),
    ],
)
def test_a_release_can_be_relied_on_a_month_later(label: str, vintage: date) -> None:
    assert release_of(f"created using the {label} database.", date(2027, 5, 1)).vintage == vintage


def test_a_release_in_hand_was_published_already() -> None:
    parsed = read("F-F_Research_Data_Factors.csv", FACTORS, now=datetime(2026, 6, 12, tzinfo=UTC))
    assert meta(parsed, "FF.SMB.M").vintage == date(2026, 6, 12)


@pytest.mark.market
def test_real_factors(market: Path) -> None:
    path = market / "french" / "F-F_Research_Data_Factors.csv"
    parsed = read(path.name, path.read_bytes())
    assert keys(parsed) == {(f"FF.{c}.{f}", "value") for c in ("MKT-RF", "SMB", "HML", "RF") for f in "MA"}
    smb = next(b for b in parsed.blocks if b.meta.series == "FF.SMB.M")
    assert len(smb) == 1199 and not np.isnan(smb.values).any()
    assert rows(parsed, "FF.SMB.M")["1926-07-31"] == -2.55
    assert parsed.findings == []


@pytest.mark.market
def test_every_real_value_is_in_the_file(market: Path) -> None:
    """Count numbers the slow way: each cell of each row of values is one value of one block."""
    for path in sorted((market / "french").iterdir()):
        parsed = read(path.name, path.read_bytes())
        cells = missing = 0
        for line in path.read_text().replace("\r", "").splitlines():
            first, *rest = [cell.strip() for cell in line.rstrip(", ").split(",")]
            if first.isdigit() and len(first) in (4, 6, 8) and rest:
                cells += len(rest)
                missing += sum(float(cell) in (-99.99, -999.0) for cell in rest)
        assert sum(len(b) for b in parsed.blocks) == cells, path.name
        assert sum(int(np.isnan(b.values).sum()) for b in parsed.blocks) == missing, path.name
