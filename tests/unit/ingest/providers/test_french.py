"""The Ken French library: which file has what, zip files, releases, values that cannot be percent."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.base import Task
from rotascope.ingest.providers.french import FILES, FOLDER, French
from rotascope.ingest.providers.sanity import compare_with_stored
from rotascope.model.observations import Field
from rotascope.store.blocks import validate
from rotascope.store.series import ParsedFile, SeriesBlock
from standin import answers
from standin.clock import NOON
from standin.server import Reply, StandIn

THREE = Task("french", "french:F-F_Research_Data_Factors", ())


def parse(body: bytes, task: Task = THREE, at: datetime = NOON) -> ParsedFile:
    parsed = French().parse(task, [Response("https://x", 200, {}, body, at)])
    validate(parsed)
    return parsed


@pytest.mark.parametrize(
    ("series", "stem"),
    [
        ("FF.HML.M", "F-F_Research_Data_Factors"),
        ("FF.HML.A", "F-F_Research_Data_Factors"),
        ("FF.SMB.D", "F-F_Research_Data_Factors_daily"),
        ("FF.SMB.W", "F-F_Research_Data_Factors_weekly"),
        ("FF.MOM.M", "F-F_Momentum_Factor"),
        ("FF.MOM.D", "F-F_Momentum_Factor_daily"),
        ("FF5.RMW.M", "F-F_Research_Data_5_Factors_2x3"),
        ("FF5.RMW.D", "F-F_Research_Data_5_Factors_2x3_daily"),
        ("FF.6_2x3.VW.SMALL_HiBM.M", "6_Portfolios_2x3"),
        ("FF.6_2x3.FIRMS.BIG_LoBM.M", "6_Portfolios_2x3"),
        ("FF.6_2x3.VW.SMALL_HiBM.D", "6_Portfolios_2x3_daily"),
        ("FF.25_5x5.VW.SMALL_HiBM.M", "25_Portfolios_5x5"),
        ("FF.ME.VW.Lo_30.M", "Portfolios_Formed_on_ME"),
        ("FF.BE-ME.EW.Hi_10.A", "Portfolios_Formed_on_BE-ME"),
        ("FF.IND12.VW.NoDur.M", "12_Industry_Portfolios"),
        ("FF.IND49.VW.Banks.D", "49_Industry_Portfolios_daily"),
    ],
)
def test_which_file_has_a_series(series: str, stem: str) -> None:
    assert [t.key for t in French().tasks([series])] == [f"french:{stem}"]


def test_what_is_not_in_the_library() -> None:
    assert French().tasks(["RUT", "DGS10", "FF.NOSUCH.M", "FF.HML.Q", "yahoo:FF.HML.M"]) == []
    assert len(French().tasks()) == 9 and len({t.key for t in French().tasks()}) == 9


def test_fetch_and_read(tmp_path: Path) -> None:
    french = French()
    task = french.tasks(["FF.HML.M"])[0]
    with StandIn() as server:
        address = f"{FOLDER}F-F_Research_Data_Factors_CSV.zip"
        server.add(address, Reply(answers.zipped(answers.factors()), content_type="application/zip"))
        parsed = french.parse(task, french.fetch(task, server.fetcher(tmp_path), since=date(2026, 1, 1)))
    assert {b.meta.series for b in parsed.blocks} >= set(task.series)
    hml = next(b for b in parsed.blocks if b.meta.series == "FF.HML.M")
    assert len(hml) == 120 and str(hml.dates[-1]) == "2026-08-31"
    assert hml.meta.attributes["vintage_label"] == "CRSP 202608" and hml.meta.vintage == date(2026, 9, 30)
    assert parsed.source.id == "french:F-F_Research_Data_Factors:202608"
    assert parsed.source.url == address and not parsed.findings


def packed(*files: tuple[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files:
            archive.writestr(name, text)
    return out.getvalue()


GOOD = answers.factors()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (packed(), "unexpected_shape"),
        (packed(("a.txt", GOOD)), "unexpected_shape"),
        (packed(("a.csv", GOOD), ("b.csv", GOOD)), "unexpected_shape"),
        (packed(("a.csv", "date,close\n2026-01-02,1\n")), "unexpected_shape"),
        (packed(("a.csv", "")), "unexpected_shape"),
        (packed(("a.csv", "created using the 202608 CRSP database.\n\nno table\n")), "no_usable_rows"),
        (packed(("a.csv", answers.factors(("Mkt-RF", "SMB", "RF")))), "unexpected_shape"),
        (packed(("a.csv", GOOD))[:-40], "damaged"),
    ],
)
def test_other_shapes(body: bytes, code: str) -> None:
    with pytest.raises(FetchError) as caught:
        parse(body, French().tasks(["FF.HML.M"])[0])
    assert caught.value.code == code


def test_a_new_release_is_no_error_and_a_changed_old_one_is_noted() -> None:
    old = {(b.meta.series, b.meta.field): b for b in parse(answers.zipped(GOOD)).blocks}

    def known(series: str, field: Field) -> SeriesBlock | None:
        return old.get((series, field))

    lines = GOOD.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("202003"))
    lines[at] = "202003,    1.00,    1.00,    9.99,    0.30"
    changed = "\n".join(lines)
    again = compare_with_stored(parse(answers.zipped(changed)).blocks, known)
    assert {f.code for f in again} == {"changed_within_release"}
    assert [(f.count, f.first) for f in again if f.series == "FF.HML.M"] == [(1, date(2020, 3, 31))]
    later = changed.replace("202608 CRSP", "202609 CRSP")
    assert compare_with_stored(parse(answers.zipped(later)).blocks, known) == []
    assert compare_with_stored(parse(answers.zipped(GOOD)).blocks, known) == []


def test_real_files_have_no_false_alarm(market: Path) -> None:
    """Files of the library as served, packed as the library packs them."""
    at = datetime(2026, 9, 10, tzinfo=UTC)
    seen = 0
    for file in FILES:
        for path in (market / "french").glob(f"{file.stem}*"):
            name = path.name.split("__")[0].removesuffix(".csv").removesuffix(".CSV")
            if name != file.stem or "alter404" in path.name:
                continue
            body = packed((f"{name}.csv", path.read_bytes()))
            parsed = parse(body, Task("french", f"french:{file.stem}", file.must), at)
            assert not parsed.findings, path.name
            assert len(parsed.blocks) >= len(file.must)
            seen += 1
    assert seen == 13
