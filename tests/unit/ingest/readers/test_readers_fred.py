"""FRED's CSV and JSON, and Shiller's workbook: monthly series, blanks, vintages."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from reader_files import findings, keys, meta, read, rows

from rotascope.ingest.readers import recognise
from rotascope.ingest.readers.known import fred_kind
from rotascope.ingest.readers.shiller import month_of
from rotascope.model.observations import Frequency
from rotascope.model.units import Unit


def test_months_are_dated_on_their_last_day() -> None:
    parsed = read("GS10.csv", "observation_date,GS10\n2025-12-01,4.1\n2026-01-01,4.2\n2026-02-01,4.3\n")
    assert rows(parsed, "GS10") == {"2025-12-31": 4.1, "2026-01-31": 4.2, "2026-02-28": 4.3}
    told = meta(parsed, "GS10")
    assert (told.unit, told.frequency, told.vintage) == (Unit.PERCENT, Frequency.MONTHLY, None)


def test_quarters_and_years_too() -> None:
    quarters = read("GDPDEF.csv", "DATE,GDPDEF\n2025-07-01,1\n2025-10-01,2\n2026-01-01,3\n")
    assert list(rows(quarters, "GDPDEF")) == ["2025-09-30", "2025-12-31", "2026-03-31"]
    years = read("PPIACO.csv", "DATE,PPIACO\n2023-01-01,1\n2024-01-01,2\n2025-01-01,3\n")
    assert list(rows(years, "PPIACO")) == ["2023-12-31", "2024-12-31", "2025-12-31"]


def test_the_current_month_is_not_over() -> None:
    parsed = read("GS10.csv", "observation_date,GS10\n2026-07-01,4.1\n2026-08-01,4.2\n2026-09-01,4.3\n")
    assert list(rows(parsed, "GS10")) == ["2026-07-31", "2026-08-31"]
    assert "period_not_over" in findings(parsed)


def test_a_blank_day_has_no_row_and_a_blank_month_is_unknown() -> None:
    daily = read(
        "DGS10.csv", "observation_date,DGS10\n2026-01-01,\n2026-01-02,4.1\n2026-01-05,.\n2026-01-06,4.2\n"
    )
    assert rows(daily, "DGS10") == {"2026-01-02": 4.1, "2026-01-06": 4.2}
    monthly = read("CPIAUCSL.csv", "observation_date,CPIAUCSL\n2025-09-01,324\n2025-10-01,\n2025-11-01,325\n")
    assert rows(monthly, "CPIAUCSL") == {"2025-09-30": 324, "2025-10-31": None, "2025-11-30": 325}
    assert findings(daily) == findings(monthly) == {"blank_values": [None]}


@pytest.mark.parametrize(
    ("id", "unit", "revised"),
    [
        ("T10Y2Y", Unit.PERCENT, False),
        ("BAMLH0A0HYM2", Unit.PERCENT, False),
        ("DCOILWTICO", Unit.USD, False),
        ("NASDAQCOM", Unit.INDEX_LEVEL, False),
        ("VIXCLS", Unit.INDEX_LEVEL, False),
        ("MORTGAGE30US", Unit.PERCENT, False),
        ("CPIAUCSL", Unit.INDEX_LEVEL, True),
        ("UNRATE", Unit.PERCENT, True),
        ("USREC", Unit.COUNT, True),
        ("SOMETHING", Unit.RATIO, True),
    ],
)
def test_units_and_revisions(id: str, unit: Unit, revised: bool) -> None:
    kind = fred_kind(id)
    assert (kind.unit, kind.revised, kind.known) == (unit, revised, id != "SOMETHING")


def test_revised_series_were_not_known_before_they_were_fetched() -> None:
    parsed = read("UNRATE.csv", "date,value\n2026-05-01,4.1\n2026-06-01,4.2\n2026-07-01,4.1\n")
    assert meta(parsed, "UNRATE").vintage == date(2026, 9, 1)


def test_an_unknown_id_is_a_bare_number_with_a_warning() -> None:
    parsed = read("XYZ.csv", "DATE,XYZ\n2026-05-01,4.1\n")
    assert meta(parsed, "XYZ").unit is Unit.RATIO and "unknown_unit" in findings(parsed)


def test_a_table_of_rates_has_a_series_for_each_column_with_its_own_dates() -> None:
    lines = ["date,FEDFUNDS,DFF,SOFR"]
    lines += [f"2026-{month:02d}-01,{month},0.5," for month in (1, 2, 3)]
    lines += [f"2026-03-{day:02d},,{day}," for day in range(2, 10)]
    parsed = read("rates.csv", "\n".join(lines))
    assert rows(parsed, "FEDFUNDS") == {"2026-01-31": 1, "2026-02-28": 2, "2026-03-31": 3}
    assert len(rows(parsed, "DFF")) == 11 and meta(parsed, "DFF").frequency is Frequency.DAILY
    assert findings(parsed) == {"no_values": [None]}, "SOFR has none"


def test_the_api_s_json() -> None:
    told = {"observations": [{"date": "2026-01-02", "value": "4.1"}, {"date": "2026-01-05", "value": "."}]}
    parsed = read("DGS10.json", json.dumps(told))
    assert rows(parsed, "DGS10") == {"2026-01-02": 4.1}
    good = [{"date": f"2026-01-0{day}", "value": "1"} for day in (5, 6, 7)]
    bad = [{"date": "2026-01-02", "value": "x"}, {"date": "soon", "value": "1"}, "y", {}]
    parsed = read("DGS10.json", json.dumps({"observations": good + bad}))
    assert findings(parsed)["unreadable_row"] == [4, 5, 6, 7] and len(rows(parsed, "DGS10")) == 3
    assert recognise(Path("DGS10.json"), b'{"observations": 5}') is None


def workbook(table: list[list[str | float]], sheet: str = "Data") -> bytes:
    """Return a minimal xlsx file with one sheet."""

    def cell(value: str | float) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f"<c><v>{value!r}</v></c>"

    body = "".join(f"<row>{''.join(map(cell, line))}</row>" for line in table)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


SHILLER: list[list[str | float]] = [
    ["Stock Market Data", "", "", "", "", "", "", "Cyclically"],
    ["", "", "", "", "Consumer", "", "", "Adjusted"],
    ["", "", "", "", "Price", "", "Long", "Price Earnings Ratio"],
    ["", "S&P Comp.", "Dividend", "Earnings", "Index", "Date", "Interest", "P/E10 or"],
    ["Date", "P", "D", "E", "CPI", "Fraction", "Rate GS10", "CAPE"],
    [2025.09, 10.0, 1.0, 2.0, 100.0, 2025.7, 4.1, "NA"],
    [2025.1, 11.0, 1.0, 2.0, 101.0, 2025.8, 4.2, 30.5],
    [2025.11, 12.0, 1.0, "", 102.0, 2025.9, 4.3, 31.5],
    [2025.12, 13.0, 1.0, 2.5, 103.0, 2025.95, 4.4, 32.5],
    [2026.01, 14.0, "", "", 104.0, 2026.0, 4.5, 33.5],
]


def test_shiller_s_months_columns_and_vintages() -> None:
    parsed = read("ie_data.xlsx", workbook(SHILLER))
    price = rows(parsed, "SHILLER.P")
    assert list(price) == ["2025-09-30", "2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31"]
    assert rows(parsed, "SHILLER.CAPE") == {
        "2025-10-31": 30.5,
        "2025-11-30": 31.5,
        "2025-12-31": 32.5,
        "2026-01-31": 33.5,
    }
    assert rows(parsed, "SHILLER.E") == {
        "2025-09-30": 2,
        "2025-10-31": 2,
        "2025-11-30": None,
        "2025-12-31": 2.5,
    }
    assert meta(parsed, "SHILLER.P").vintage is None
    assert meta(parsed, "SHILLER.GS10").unit is Unit.PERCENT
    assert meta(parsed, "SHILLER.CAPE").vintage == date(2026, 9, 1)
    assert {s for s, _ in keys(parsed)} == {f"SHILLER.{c}" for c in ("P", "D", "E", "CPI", "GS10", "CAPE")}


def test_a_month_whose_price_is_of_one_day_is_left_out() -> None:
    parsed = read("ie_data.xlsx", workbook([*SHILLER, ["", "January price is January 7th close"]]))
    assert list(rows(parsed, "SHILLER.P"))[-1] == "2025-12-31"
    assert {"period_not_over", "note_in_file"} == set(findings(parsed))


def test_other_workbooks_are_not_taken_for_it() -> None:
    assert recognise(Path("x.xlsx"), workbook(SHILLER, sheet="Prices")) is None
    assert recognise(Path("x.xlsx"), workbook([["a", "b"], [1.0, 2.0]])) is None
    assert recognise(Path("x.xls"), b"\xd0\xcf\x11\xe0 broken") is None
    assert recognise(Path("x.xlsx"), b"PK\x03\x04 broken") is None


def test_a_stamp_of_one_decimal_is_october() -> None:
    assert str(month_of(1871.1)) == "1871-10" and str(month_of(1871.01)) == "1871-01"
    for year in range(1871, 2030):
        for month in range(1, 13):
            assert str(month_of(float(f"{year}.{month:02d}"))) == f"{year}-{month:02d}"


@pytest.mark.market
def test_the_real_workbook_and_csv_files(market: Path) -> None:
    path = market / "fred" / "shiller_ie_data.xls"
    parsed = read(path.name, path.read_bytes())
    price = rows(parsed, "SHILLER.P")
    assert price["1871-01-31"] == 4.44
    assert next(iter(price)) == "1871-01-31" and len(price) == (2026 - 1871) * 12 + 6
    assert next(iter(rows(parsed, "SHILLER.CAPE"))) == "1881-01-31"
    for path in sorted((market / "fred").glob("*/*.csv")):
        parsed = read(path.name, path.read_bytes())
        assert [b.meta.series for b in parsed.blocks] == [path.stem]
        assert "unknown_unit" not in findings(parsed)
