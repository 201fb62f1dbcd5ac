"""What can go wrong on the way to disk: the older report survives, and nobody else's files are touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotascope.app.settings import Settings
from rotascope.app.workflows import PublicationError, ReportRequest, make_report
from rotascope.model.errors import BadInputError
from rotascope.report import bundle
from rotascope.report.bundle import manifest, write_bundle
from rotascope.report.observed import Run

CASE = ReportRequest(case="january-2026")


def files(**more: bytes) -> dict[str, bytes]:
    content = {"report.json": b"{}\n", "facts.json": b"[]\n", "verify.py": b"", **more}
    return {**content, "manifest.json": manifest(content, 0, 0)}


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.mark.parametrize("after", range(5))
def test_a_write_that_breaks_off_leaves_the_old_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The disk fills up at the n-th file."""
    folder = tmp_path / "r"
    write_bundle(files(), folder)
    before, written, plain = content(folder), [0], Path.write_bytes

    def filling(self: Path, data: bytes) -> int:
        written[0] += 1
        if written[0] > after:
            raise OSError(28, "No space left on device")
        return plain(self, data)

    monkeypatch.setattr(Path, "write_bytes", filling)
    with pytest.raises(BadInputError, match="No space left on device"):
        write_bundle(files(**{"report.md": b"new", "report.html": b"new"}), folder)
    assert content(folder) == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("error", [OSError(13, "Permission denied"), KeyboardInterrupt()])
def test_the_old_bundle_comes_back_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    folder = tmp_path / "r"
    write_bundle(files(), folder)
    before, plain = content(folder), Path.replace

    def refusing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise error
        return plain(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    with pytest.raises((BadInputError, KeyboardInterrupt)):
        write_bundle(files(**{"report.md": b"new"}), folder)
    assert content(folder) == before
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize("path", ["notes.txt", "notes.txt/report", "notes.txt/a/b"])
def test_a_path_at_or_under_a_file_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInputError, match="--out"):
        write_bundle(files(), tmp_path / path)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("notes.txt", "mine")]


@pytest.mark.parametrize("text", ["{}", "[]", "not JSON", '{"name": "My app", "start_url": "/"}'])
def test_a_folder_with_another_kind_of_manifest_is_left_alone(tmp_path: Path, text: str) -> None:
    """Web pages have a file called manifest.json too."""
    (tmp_path / "manifest.json").write_text(text)
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(BadInputError, match="is not a report"):
        write_bundle(files(), tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"manifest.json", "index.html"}


def test_a_report_with_something_of_the_user_beside_it_is_left_alone(tmp_path: Path) -> None:
    write_bundle(files(), tmp_path / "r")
    (tmp_path / "r" / "my notes.txt").write_text("mine")
    with pytest.raises(BadInputError, match=r"my notes\.txt"):
        write_bundle(files(), tmp_path / "r")
    assert (tmp_path / "r" / "my notes.txt").read_text() == "mine"


def test_what_does_not_verify_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer with a bug cannot publish: the older report stays, and the message names what is wrong."""
    folder = tmp_path / "r"
    make_report(Settings(tmp_path / "home"), CASE, lambda _: folder)
    before, plain = content(folder), bundle.observations_csv

    def broken(runs: list[Run]) -> str:
        return plain(runs[:-1])

    monkeypatch.setattr(bundle, "observations_csv", broken)
    with pytest.raises(PublicationError, match="does not verify"):
        make_report(Settings(tmp_path / "home"), CASE, lambda _: folder)
    assert content(folder) == before
