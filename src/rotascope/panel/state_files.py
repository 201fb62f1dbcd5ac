"""A panel's last sessions on disk, in files that only grow.

    state.json     the format, how many sessions are held, and the checksum of the members
    names.jsonl    lists of securities, one line for each time that new ones came; together, the columns
    members.bin    whole numbers, three for each spell: column, first session, last session
    closes.bin     one row of numbers for each session, as long as the list of securities was then; NaN: none
    sessions.bin   one record for each session: what it is, where its row is, and three checksums

A session is there once its record is. It is written last, so an interrupted addition leaves bytes that no
record speaks of; they are ignored, and cut off by the next addition. Numbers are little-endian.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock, Timeout

from rotascope.model.errors import BadInputError
from rotascope.panel.engines.common import new_folder
from rotascope.panel.kernels import FloatArray, IntArray

FORMAT = "rotascope panel state 1"
OPEN_END = np.iinfo(np.int64).max  # the last session of a spell that lasts
_RECORD = struct.Struct("<qqdqqqIII")
_DTYPE = np.dtype("<f8")


class _Record(NamedTuple):
    """One session.

    on: its date as an ordinal. level: of the benchmark. row: the byte at which its closes begin; width: how
    many they are. names: bytes of the list of names then. names_sum, row_sum, own_sum: checksums of those
    bytes, of the row, and of this.
    """

    day: int
    on: int
    level: float
    row: int
    width: int
    names: int
    names_sum: int
    row_sum: int
    own_sum: int

    @property
    def row_end(self) -> int:
        return self.row + self.width * _DTYPE.itemsize


@dataclass
class Held:
    """The sessions of a state.

    names: one for each column. closes: shape (n, k), NaN where there is no close. index: shape (n,), NaN
    where unknown. spells: shape (m, 3): column, first session, last session or OPEN_END. last: number of the
    last session; those before it are numbered without a gap. dates: of all n, as ordinals.
    """

    names: list[Any]
    closes: FloatArray
    index: FloatArray
    spells: IntArray
    last: int
    dates: list[int]


class StateFiles:
    """The files of one state, open for additions. One process at a time."""

    def __init__(self, folder: Path):
        _format(folder)
        self._folder = folder
        self._lock = FileLock(folder / "state.lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise BadInputError(
                f"Another process adds to {folder}.", fix="Wait until it is done, then try again."
            ) from None
        try:
            found, self._count = _tail(folder, 1)
        except BaseException:
            self.close()
            raise
        self._last = found[-1]

    def append(self, day: int, on: int, level: float, row: FloatArray, new_names: Sequence[Any]) -> None:
        """Write one session behind the others. It is there when this returns, and not if it raises."""
        last, data, line = self._last, row.astype(_DTYPE, copy=False).tobytes(), b""
        if new_names:
            line = _line(new_names)
            _write_at(self._folder / "names.jsonl", last.names, line)
        _write_at(self._folder / "closes.bin", last.row_end, data)
        names_sum = zlib.crc32(line, last.names_sum)
        names = (last.names + len(line), names_sum)
        record = _record(day, on, level, last.row_end, row.size, *names, zlib.crc32(data))
        _write_at(self._folder / "sessions.bin", self._count * _RECORD.size, _RECORD.pack(*record))
        self._last, self._count = record, self._count + 1

    def close(self) -> None:
        """Let others add."""
        self._lock.release()


def write_state(folder: Path, held: Held, sessions: int) -> None:
    """Write a state into a new folder, which appears only once it is complete."""
    if not all(isinstance(n, (str, int)) for n in held.names):
        raise BadInputError("A security is a text or a whole number.", fix="Write them so in the tables.")
    with new_folder(folder) as part:
        spells, line = held.spells.astype("<i8").tobytes(), _line(held.names)
        note = {"format": FORMAT, "sessions": sessions, "members": zlib.crc32(spells)}
        (part / "state.json").write_text(json.dumps(note) + "\n", "utf-8")
        (part / "members.bin").write_bytes(spells)
        (part / "names.jsonl").write_bytes(line)
        rows = np.ascontiguousarray(held.closes, dtype=_DTYPE)
        (part / "closes.bin").write_bytes(rows.tobytes())
        first, names = held.last - len(rows) + 1, (len(line), zlib.crc32(line))
        with (part / "sessions.bin").open("wb") as out:
            for i, (row, on, level) in enumerate(zip(rows, held.dates, held.index, strict=True)):
                place = (i * row.nbytes, row.size)
                out.write(
                    _RECORD.pack(
                        *_record(first + i, on, float(level), *place, *names, zlib.crc32(row.tobytes()))
                    )
                )


def read_state(folder: Path) -> tuple[Held, int]:
    """Return what a state holds, and how many sessions it keeps.

    Raises BadInputError if the folder has no state, or one whose checksums do not fit.
    """
    note = _format(folder)
    records, _ = _tail(folder, note["sessions"])
    last = records[-1]
    try:
        lines = (folder / "names.jsonl").read_bytes()[: last.names]
        spells = (folder / "members.bin").read_bytes()
        closes = _rows(folder, records)
    except OSError as failed:
        raise _damaged(folder, str(failed)) from failed
    if zlib.crc32(spells) != note["members"]:
        raise _damaged(folder, "the spells of members")
    if zlib.crc32(lines) != last.names_sum:
        raise _damaged(folder, "the names of securities")
    names = [name for line in lines.splitlines() for name in json.loads(line)]
    members = np.frombuffer(spells, dtype="<i8").reshape(-1, 3)
    index = np.array([r.level for r in records], dtype=np.float64)
    return Held(names, closes, index, members, last.day, [r.on for r in records]), note["sessions"]


def _rows(folder: Path, records: Sequence[_Record]) -> FloatArray:
    begin = records[0].row
    with (folder / "closes.bin").open("rb") as source:
        source.seek(begin)
        data = memoryview(source.read(records[-1].row_end - begin))
    rows = [data[r.row - begin : r.row_end - begin] for r in records]
    for row, record in zip(rows, records, strict=True):
        if zlib.crc32(row) != record.row_sum:
            raise _damaged(folder, f"the closes of session {record.day}")
    width = records[-1].width
    if records[0].width == width:  # and so are those between: a list of names never gets shorter
        return np.frombuffer(data, dtype=_DTYPE).reshape(len(records), width)
    closes = np.full((len(records), width), np.nan)
    for out, row, record in zip(closes, rows, records, strict=True):
        out[: record.width] = np.frombuffer(row, dtype=_DTYPE)
    return closes


def _format(folder: Path) -> dict[str, Any]:
    """Return what state.json says."""
    try:
        note: dict[str, Any] = json.loads((folder / "state.json").read_text("utf-8"))
        whole = all(isinstance(note[name], int) for name in ("sessions", "members"))
        if note["format"] == FORMAT and whole and note["sessions"] > 0:
            return note
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadInputError(f"{folder} holds no state of a panel.", fix="Write one with PanelState.save.")


def _tail(folder: Path, most: int) -> tuple[list[_Record], int]:
    """Return the last records, and how many there are in all; one that was interrupted is none."""
    path = folder / "sessions.bin"
    try:
        count = path.stat().st_size // _RECORD.size
        with path.open("rb") as source:
            source.seek(max(count - most - 1, 0) * _RECORD.size)
            data = source.read(min(count, most + 1) * _RECORD.size)
    except OSError as failed:
        raise _damaged(folder, str(failed.strerror)) from failed
    records = [_Record._make(fields) for fields in _RECORD.iter_unpack(data)]
    if records and not _whole(records[-1]):
        records.pop()
        count -= 1
    records = records[-most:]
    in_order = all(b.day == a.day + 1 and a.row_end == b.row for a, b in pairwise(records))
    if not records or not in_order or not all(map(_whole, records)):
        raise _damaged(folder, "the list of sessions")
    return records, count


def _record(*fields: Any) -> _Record:
    return _Record._make((*fields, zlib.crc32(_RECORD.pack(*fields, 0)[:-4])))


def _whole(record: _Record) -> bool:
    return record.own_sum == _record(*record[:-1]).own_sum


def _line(names: Sequence[Any]) -> bytes:
    return (json.dumps(list(names)) + "\n").encode()


def _write_at(path: Path, place: int, data: bytes) -> None:
    """Write to the disk itself, and let go of whatever was behind."""
    with path.open("r+b") as out:
        out.truncate(place)
        out.seek(place)
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _damaged(folder: Path, what: str) -> BadInputError:
    return BadInputError(f"The state in {folder} is damaged: {what}.", fix="Begin it again from the panel.")
