"""Packs: the same bytes from the same files, and damage is seen."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from store_files import NAN, NOW, block, day, parsed

from rotascope.model.errors import BadInputError, StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.packs import load_pack, load_packs, write_pack
from rotascope.store.series import ParsedFile

ROWS = {"2018-10-31": -1.5, "2018-11-30": NAN}
FT = Source("ft", "FT", published=day("2018-12-01"), standing=Standing.REPORTED, retrieved_at=NOW)


def files() -> list[ParsedFile]:
    monthly = {"frequency": Frequency.MONTHLY, "unit": Unit.PERCENT, "field": Field.VALUE}
    odd = Finding("gap", Severity.WARNING, "A month is missing.", "HML", "value", first=day("2018-11-30"))
    return [
        parsed(
            block("HML", ROWS, vintage=day("2019-01-15"), attributes={"a": "b"}, **monthly), findings=[odd]
        ),
        parsed(block("SPX", {"2018-10-31": 2711.74}, source="ft"), source=FT),
    ]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_pack(tmp_path / name, "p", "P", files())
    for file in ("pack.json", "data.parquet"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["data.parquet", "pack.json"]


def test_a_pack_says_what_is_in_it(tmp_path: Path) -> None:
    write_pack(tmp_path / "p", "p", "P", files())
    told = json.loads((tmp_path / "p" / "pack.json").read_text("utf-8"))
    assert (told["format"], told["name"], told["title"]) == ("rotascope-pack/1", "p", "P")
    assert [s["id"] for s in told["sources"]] == ["ft", "yahoo"]
    hml, spx = told["blocks"]
    assert (hml["series"], hml["first"], hml["last"]) == ("HML", "2018-10-31", "2018-11-30")
    assert (hml["rows"], hml["unknown_rows"], hml["vintage"]) == (2, 1, "2019-01-15")
    assert (spx["source"], spx["standing"]) == ("*", "reported")
    pack = load_pack(tmp_path / "p")
    assert pack.sources["ft"] == FT
    assert pack.findings == tuple(files()[0].findings)
    assert pack.blocks[0].meta == files()[0].blocks[0].meta


def test_no_folder_is_no_packs_and_others_are_passed_over(tmp_path: Path) -> None:
    assert load_packs(tmp_path / "none") == []
    (tmp_path / "not_a_pack").mkdir()
    (tmp_path / "__init__.py").write_text("")
    assert load_packs(tmp_path) == []


def test_damage_is_seen(tmp_path: Path) -> None:
    write_pack(tmp_path / "p", "p", "P", files())
    data, described = tmp_path / "p" / "data.parquet", tmp_path / "p" / "pack.json"
    kept = data.read_bytes()
    data.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(StoreError, match="sha256"):
        load_packs(tmp_path)
    data.unlink()
    with pytest.raises(StoreError, match="missing or damaged"):
        load_packs(tmp_path)
    data.write_bytes(kept)
    text = described.read_text("utf-8")
    described.write_text(text.replace("rotascope-pack/1", "rotascope-pack/2"), encoding="utf-8")
    with pytest.raises(StoreError, match=r"rotascope-pack/2.*Upgrade"):
        load_packs(tmp_path)
    for broken in (text[:-20], text.replace('"title"', '"titel"'), "[]"):
        described.write_text(broken, encoding="utf-8")
        with pytest.raises(StoreError, match=r"pack\.json"):
            load_packs(tmp_path)


def other_unit() -> ParsedFile:
    return parsed(block("SPX", {"2018-10-30": 1.0}, source="wsj", unit=Unit.INDEX_LEVEL), source=wsj())


def wsj() -> Source:
    return dataclasses.replace(FT, id="wsj")


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("HML value twice", [parsed(block("HML", ROWS, field=Field.VALUE), reader="x")]),
        ("ascend", [parsed(block("SPX", {"2018-10-31": 2711.7}, source="wsj"), source=wsj())]),
        ("different units", [other_unit()]),
        ("id ft and differ", [parsed(source=dataclasses.replace(FT, publisher="Other"))]),
    ],
)
def test_a_pack_refuses_contradictions_and_writes_nothing(
    tmp_path: Path, text: str, more: list[ParsedFile]
) -> None:
    with pytest.raises(BadInputError, match=text):
        write_pack(tmp_path / "p", "p", "P", files() + more)
    assert not (tmp_path / "p").exists()


def test_an_empty_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no rows"):
        write_pack(tmp_path / "p", "p", "P", [parsed()])
