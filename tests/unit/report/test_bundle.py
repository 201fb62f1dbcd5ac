"""The folder of a report: all files or none, and nothing of others is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rotascope.model.errors import BadInputError
from rotascope.report.bundle import manifest, write_bundle

FILES = {"report.json": b"{}\n", "verify.py": b"# checks\n"}


def files(**more: bytes) -> dict[str, bytes]:
    content = {**FILES, **more}
    return {**content, "manifest.json": manifest(content, 0, 0)}


def test_a_bundle_holds_exactly_its_files(tmp_path: Path) -> None:
    write_bundle(files(), tmp_path / "r")
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == ["manifest.json", "report.json", "verify.py"]
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_an_older_bundle_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_bundle(files(**{"report.md": b"old"}), tmp_path / "r")
    write_bundle(files(), tmp_path / "r")
    assert not (tmp_path / "r" / "report.md").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "a.jpg").write_bytes(b"x")
    with pytest.raises(BadInputError, match="is not a report"):
        write_bundle(files(), other)
    assert [p.name for p in other.iterdir()] == ["a.jpg"]


def test_a_failed_write_leaves_the_old_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(files(), tmp_path / "r")
    before = {p.name: p.read_bytes() for p in (tmp_path / "r").iterdir()}

    def broken(self: Path, data: bytes) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(BadInputError, match="disk full"):
        write_bundle(files(**{"report.md": b"new"}), tmp_path / "r")
    assert {p.name: p.read_bytes() for p in (tmp_path / "r").iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_the_manifest_lists_hash_and_size() -> None:
    listed = json.loads(manifest({"a": b""}, 3, 7))
    # the sha256 of nothing is a published constant
    assert listed["files"]["a"] == {
        "bytes": 0,
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert (listed["facts"], listed["observations"]) == (3, 7)
