"""The list of published reports: complete or not at all, whoever writes at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rotascope.model.errors import StoreError
from rotascope.model.library import Published
from rotascope.store.library import FILE, Library

ENTRY = Published(
    title='Value "led" — 3 points',
    universe="us",
    as_of=date(2026, 2, 10),
    start=date(2025, 12, 31),
    end=date(2026, 1, 30),
    label="mixed",
    tags=("#value_stocks",),
    readings=("value_minus_growth IWD IWF",),
    folder="reports/a",
    digest="a" * 64,
)


def test_what_is_added_is_read_again(tmp_path: Path) -> None:
    library = Library(tmp_path / "home")
    assert library.reports() == []
    assert not (tmp_path / "home").exists()
    other = replace(ENTRY, folder="reports/b", digest="b" * 64, as_of=date(2025, 1, 1))
    library.add(ENTRY)
    library.add(other)
    assert library.reports() == [other, ENTRY]


def test_a_report_made_again_is_listed_once(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.add(ENTRY)
    library.add(ENTRY)
    moved = replace(ENTRY, folder="reports/elsewhere")
    library.add(moved)
    assert library.reports() == [moved]
    changed = replace(moved, digest="c" * 64, title="Another")
    library.add(changed)
    assert library.reports() == [changed]


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    entries = [replace(ENTRY, folder=f"r{i}", digest=f"{i:064x}") for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda e: Library(tmp_path).add(e), entries))
    assert {e.folder for e in Library(tmp_path).reports()} == {e.folder for e in entries}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '{"title": "A"}',
        json.dumps({**ENTRY.as_json(), "as_of": "yesterday"}),
        json.dumps({**ENTRY.as_json(), "title": 7}),
        json.dumps({**ENTRY.as_json(), "title": "a\u200bb"}),
        json.dumps({**ENTRY.as_json(), "label": "happy"}),
        json.dumps({**ENTRY.as_json(), "digest": "short"}),
        json.dumps({**ENTRY.as_json(), "tags": 3}),
    ],
)
def test_a_damaged_line_is_named_and_kept(line: str, tmp_path: Path) -> None:
    good = json.dumps(ENTRY.as_json())
    (tmp_path / FILE).write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"Line 2 .* is no entry"):
        Library(tmp_path).reports()
    with pytest.raises(StoreError, match="Line 2"):
        Library(tmp_path).add(replace(ENTRY, folder="new", digest="d" * 64))
    assert (tmp_path / FILE).read_text("utf-8") == f"{good}\n{line}\n"


def test_an_interrupted_write_leaves_the_old_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path)
    library.add(ENTRY)

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StoreError, match="No space left"):
        library.add(replace(ENTRY, folder="new", digest="d" * 64))
    monkeypatch.undo()
    assert library.reports() == [ENTRY]
    assert {p.name for p in tmp_path.iterdir()} <= {FILE, f"{FILE}.lock"}
