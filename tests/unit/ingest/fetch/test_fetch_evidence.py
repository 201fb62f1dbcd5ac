"""Raw bytes on disk: complete or absent, whatever else happens."""

from __future__ import annotations

import gzip
import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.evidence import Evidence, Row
from rotascope.model.errors import StoreError

AT = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def row(url: str, sha256: str) -> Row:
    return Row(url, sha256, 3, '"tag"', "", AT, AT)


@given(st.binary(max_size=2000))
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    evidence = Evidence(tmp_path_factory.mktemp("evidence"))
    sha256 = evidence.keep(body)
    assert evidence.body(sha256) == body and evidence.keep(body) == sha256


def test_the_same_bytes_are_the_same_file(tmp_path: Path) -> None:
    """No time stamp in the packed file: two machines keep the same bytes in the same way."""
    for name in ("a", "b"):
        Evidence(tmp_path / name).keep(b"abc")
    first, second = (next((tmp_path / name).rglob("*.gz")).read_bytes() for name in ("a", "b"))
    assert first == second and gzip.decompress(first) == b"abc"


def test_rows(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    assert evidence.row("https://x.org/") is None and list(evidence.rows()) == []
    for url in ("https://y.org/", "https://x.org/"):
        evidence.note(row(url, "0" * 64))
    assert evidence.row("https://x.org/") == row("https://x.org/", "0" * 64)
    assert [r.url for r in evidence.rows()] == ["https://x.org/", "https://y.org/"]
    for path in (tmp_path / "index").glob("*.json"):
        path.write_text("{")
    assert evidence.row("https://x.org/") is None and list(evidence.rows()) == []


def test_prune_leaves_what_is_pointed_to_and_what_is_new(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    used, old, new = (evidence.keep(body) for body in (b"used", b"old", b"new"))
    evidence.note(row("https://x.org/", used))
    for sha256 in (used, old):
        os.utime(tmp_path / sha256[:2] / f"{sha256}.gz", (0, 0))
    assert evidence.prune(AT - timedelta(days=365 * 20)) == 1
    assert (evidence.body(used), evidence.body(old), evidence.body(new)) == (b"used", None, b"new")


def test_no_half_file_when_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = Evidence(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        evidence.keep(b"abc")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def _write(folder: Path, number: int) -> None:
    evidence = Evidence(folder)
    for turn in range(40):
        body = f"{turn % 5}".encode() * 50_000
        evidence.note(row("https://x.org/", evidence.keep(body)))


def test_processes_write_at_once(tmp_path: Path) -> None:
    """While two processes write the same address, a reader sees whole bytes and whole rows only."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write, args=(tmp_path, n)) for n in range(2)]
    for worker in workers:
        worker.start()
    evidence, seen = Evidence(tmp_path), 0
    while any(worker.is_alive() for worker in workers):
        found = evidence.row("https://x.org/")
        if found is not None:
            body = evidence.body(found.sha256)
            assert body is not None and len(body) == 50_000
            seen += 1
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert evidence.row("https://x.org/") is not None
    assert not list(tmp_path.rglob(".new-*"))
