"""Files inside gzip and zip files, which is how several libraries serve their tables."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from rotascope.model.errors import BadInputError

LARGEST = 2 * 1024**3
"""Bytes that one packed file may hold. A small file that unpacks to more is not a table."""


def members(path: Path, data: bytes) -> Iterator[tuple[Path, bytes]]:
    """Yield the name and content of each file in a packed file, or the file itself.

    A member of a zip file is named as if the zip file were a folder.
    Raises: BadInputError if the file is damaged, locked with a password or too large.
    """
    try:
        if data.startswith(b"\x1f\x8b"):
            yield path.with_suffix("") if path.suffix.lower() == ".gz" else path, _gunzip(data)
        elif path.suffix.lower() == ".zip" and data.startswith(b"PK\x03\x04"):
            yield from _zip_members(path, data)
        else:
            yield path, data
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise BadInputError(f"{path.name} cannot be unpacked: {error}.", fix="Get it again.") from error


def _gunzip(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return _at_most(file.read(LARGEST + 1), "The file")


def _zip_members(path: Path, data: bytes) -> Iterator[tuple[Path, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        left = LARGEST
        for info in archive.infolist():
            name = info.filename
            if info.is_dir() or name.startswith("__MACOSX/") or Path(name).name.startswith("."):
                continue
            with archive.open(info) as file:
                content = _at_most(file.read(left + 1), name, left)
            left -= len(content)
            # only the last part of the name: nothing is written, but names are shown and matched
            yield path / Path(name).name, content


def _at_most(content: bytes, what: str, limit: int = LARGEST) -> bytes:
    if len(content) > limit:
        raise BadInputError(
            f"{what} unpacks to more than {LARGEST // 1024**3} GiB.", fix="Import it in parts."
        )
    return content
