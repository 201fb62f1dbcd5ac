"""Raw bytes as they came, kept by their hash before anything reads them.

    evidence/ab/ab12....gz      the bytes, by sha256, written once
    evidence/index/....json     one row for each address: its last good answer
    evidence/refused/....gz     the last refused answer of each address, for a person to look at

Every file is written beside its place and moved into it, so that a reader sees all of it or nothing,
whatever other threads and processes do.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from rotascope.model.errors import StoreError


@dataclass(frozen=True, slots=True)
class Row:
    """The last good answer of an address.

    fetched_at: when these bytes were first seen there. checked_at: when the source last said or showed that
    they are still the newest.
    """

    url: str
    sha256: str
    size: int
    etag: str
    last_modified: str
    fetched_at: datetime
    checked_at: datetime


class Evidence:
    """The folder of raw bytes. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, body: bytes) -> str:
        """Keep bytes and return their hash. Bytes that are there already are not written again.

        Raises: StoreError if the disk refuses.
        """
        sha256 = hashlib.sha256(body).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            self._write(path, gzip.compress(body, 6, mtime=0))
        return sha256

    def body(self, sha256: str) -> bytes | None:
        """Return kept bytes, or None if they are not there. Damaged ones are removed and count as missing."""
        path = self._path(sha256)
        try:
            body = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error):
            body = None
        if body is None or hashlib.sha256(body).hexdigest() != sha256:
            path.unlink(missing_ok=True)
            return None
        return body

    def note(self, row: Row) -> None:
        """Make a row the one of its address."""
        values = asdict(row) | {
            "fetched_at": row.fetched_at.isoformat(),
            "checked_at": row.checked_at.isoformat(),
        }
        self._write(self._row_path(row.url), json.dumps(values, indent=1).encode())

    def row(self, url: str) -> Row | None:
        """Return the row of an address, or None. A damaged one counts as none."""
        try:
            return _row(self._row_path(url).read_bytes())
        except FileNotFoundError:
            return None

    def rows(self) -> Iterator[Row]:
        """Yield all rows, in the order of their addresses."""
        found = (_row(path.read_bytes()) for path in (self.folder / "index").glob("*.json"))
        yield from sorted((row for row in found if row is not None), key=lambda row: row.url)

    def refuse(self, url: str, body: bytes) -> Path:
        """Keep an answer that was refused, in place of the one refused before at this address."""
        path = self.folder / "refused" / f"{_name(url)}.gz"
        self._write(path, gzip.compress(body, 6, mtime=0))
        return path

    def prune(self, before: datetime) -> int:
        """Remove bytes that no address points to and that were written before a time; return how many.

        What was stored has its raw bytes in the store as well, and the last answer of each address stays. The
        time keeps this from taking away what another process has just kept and not noted yet.
        """
        used = {row.sha256 for row in self.rows()}
        gone = 0
        for path in self.folder.glob("??/*.gz"):
            with contextlib.suppress(FileNotFoundError):
                old = path.stat().st_mtime < before.timestamp()
                if old and path.name.removesuffix(".gz") not in used:
                    path.unlink()
                    gone += 1
        return gone

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}.gz"

    def _row_path(self, url: str) -> Path:
        return self.folder / "index" / f"{_name(url)}.json"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise StoreError(
                f"What was fetched cannot be kept in {path.parent}: {error.strerror or error}.",
                fix="Make room or choose another folder with ROTASCOPE_HOME.",
            ) from error


def _name(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:40]


def _row(data: bytes) -> Row | None:
    try:
        values = json.loads(data)
        for name in ("fetched_at", "checked_at"):
            values[name] = datetime.fromisoformat(values[name])
        return Row(**values)
    except (ValueError, TypeError, KeyError):
        return None
