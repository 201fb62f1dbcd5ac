"""From files to the market database: find, recognise, read, check, store; all of one import or nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rotascope.ingest.neighbours import Neighbours
from rotascope.ingest.quality import looks_like_wall, run_gates
from rotascope.ingest.readers import Reader, ReadOptions, recognise
from rotascope.ingest.readers.known import is_index
from rotascope.ingest.readers.naming import series_of
from rotascope.ingest.readers.unpack import members
from rotascope.model.errors import BadInputError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Source
from rotascope.store.series import ParsedFile
from rotascope.store.store import FileResult, ImportBatch, Store

Outcome = Literal["added", "unchanged", "empty"]
_SHOWN_SERIES = 12
_LARGE = 4_000_000  # bytes from which on a file is compressed while it is still being parsed


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user says about an import. `read` is passed to each reader."""

    read: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is: files done of all, the file just done, values added so far."""

    done: int
    total: int
    file: str
    values: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.

    `rows` counts the rows of the file, `rejected` those that did not come in, `values` the new values
    (several for each row). `outcome` is `unchanged` where an earlier import had the same bytes.
    """

    file: str
    reader: str
    outcome: Outcome
    series: tuple[str, ...]
    rows: int
    rejected: int
    values: int
    findings: tuple[Finding, ...]
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the report of the file as JSON values; of many series the first are named."""
        return {
            "file": self.file,
            "reader": self.reader,
            "outcome": self.outcome,
            "series": len(self.series),
            "series_names": list(self.series[:_SHOWN_SERIES]),
            "rows": self.rows,
            "rejected": self.rejected,
            "values": self.values,
            "findings": [finding_as_json(f) for f in self.findings],
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `import_id` is None if nothing was new. Files are sorted by name."""

    import_id: int | None
    files: tuple[FileReport, ...]
    seconds: float

    def count(self, outcome: Outcome) -> int:
        """Return the number of files with this outcome."""
        return sum(f.outcome == outcome for f in self.files)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return all findings, file by file."""
        return tuple(finding for file in self.files for finding in file.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "import": self.import_id,
            "seconds": round(self.seconds, 3),
            "files": len(self.files),
            "added": self.count("added"),
            "unchanged": self.count("unchanged"),
            "empty": self.count("empty"),
            "series": len({name for f in self.files for name in f.series}),
            "rows": sum(f.rows for f in self.files),
            "rejected": sum(f.rejected for f in self.files),
            "values": sum(f.values for f in self.files),
            "severities": {str(level): sum(f.severity is level for f in self.findings) for level in Severity},
            "reports": [f.as_json() for f in self.files],
        }


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values; dates as ISO 8601, what does not apply left out."""
    values = {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "series": finding.series,
        "field": finding.field,
        "row": finding.row,
        "first": finding.first.isoformat() if finding.first else None,
        "last": finding.last.isoformat() if finding.last else None,
        "count": finding.count,
    }
    return {key: value for key, value in values.items() if value not in ("", None)}


def discover(paths: Iterable[Path]) -> list[Path]:
    """Return all files that paths name: files themselves, and those in folders at any depth.

    Hidden files and folders are left out. Sorted; each file once.
    Raises: BadInputError if a path does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise BadInputError(f"There is no file or folder {path}.", fix="Check the path.")
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            found[file] = None
    return list(found)


def _files(folder: Path) -> Iterator[Path]:
    # os.walk does not follow links to folders, so that a link to a parent does not lead in circles.
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))


def import_paths(
    paths: Sequence[Path],
    *,
    store: Store,
    clock: Callable[[], datetime],
    progress: Callable[[ImportProgress], None] | None = None,
    options: ImportOptions | None = None,
) -> ImportReport:
    """Import files and folders into the store, in one step: readers see all of it at its end, or nothing.

    `clock` dates the retrieval; rows dated later are rejected. `progress` is called after each file.
    What is not market data, and every row that does not parse, is a finding of the report.
    Raises: BadInputError if a path does not exist; StoreError if the store cannot be written.
    """
    begun = time.monotonic()
    now = clock()
    files = sorted(discover(paths), key=lambda path: not is_index(series_of(path)))
    base = _common_folder(paths)
    reports: list[FileReport] = []
    with Neighbours(store, now.date()) as neighbours, store.begin_import() as batch:
        job = _Job(batch, neighbours, now, options or ImportOptions(), base)
        for done, path in enumerate(files, start=1):
            reports.extend(job.take(path))
            if progress is not None:
                values = sum(f.values for f in reports)
                progress(ImportProgress(done, len(files), job.name(path), values))
    reports.sort(key=lambda report: report.file)
    return ImportReport(batch.result.import_id, tuple(reports), time.monotonic() - begun)


def _common_folder(paths: Sequence[Path]) -> Path | None:
    """Return the folder that names in the report are relative to: the one that was asked for, if one was."""
    return paths[0] if len(paths) == 1 and paths[0].is_dir() else None


@dataclass(slots=True)
class _Job:
    """One import that is going on."""

    batch: ImportBatch
    neighbours: Neighbours
    now: datetime
    options: ImportOptions
    base: Path | None

    def name(self, path: Path) -> str:
        if self.base is not None and path.is_relative_to(self.base):
            return path.relative_to(self.base).as_posix()
        return path.as_posix()

    def take(self, path: Path) -> Iterator[FileReport]:
        """Read, check and store a file, or each file that is packed in it."""
        try:
            data = path.read_bytes()
            for inner, content in members(path, data):
                yield self._take_one(inner, content)
        except (OSError, BadInputError) as error:
            yield self._store(path, b"", self._refused(path, "unreadable_file", str(error)))

    def _take_one(self, path: Path, data: bytes) -> FileReport:
        wall = looks_like_wall(data)
        if wall is not None:
            return self._store(path, data, self._refused(path, wall.code, wall.message))
        reader = recognise(path, data)
        if reader is None:
            message = f"{path.name} is not market data in a form that is known here."
            return self._store(path, data, self._refused(path, "not_market_data", message))
        if len(data) >= _LARGE:
            self.batch.expect(data)
        return self._store(path, data, self._read(reader, path, data))

    def _check(self, parsed: ParsedFile) -> list[Finding]:
        """Hold a file against all gates. The store writes it meanwhile; findings come to it in the end."""
        found = run_gates(parsed, today=self.now.date(), known=self.neighbours.find)
        self.neighbours.add(parsed.blocks)
        return found

    def _read(self, reader: Reader, path: Path, data: bytes) -> ParsedFile:
        try:
            return reader.read(path, data, retrieved_at=self.now, options=self.options.read)
        except Exception as error:  # one strange file must not end the import of all others
            message = f"{path.name} looks like {reader.name} and could not be read: {error!r}"[:300]
            return replace(self._refused(path, "reader_failed", message), reader=reader.name)

    def _refused(self, path: Path, code: str, message: str) -> ParsedFile:
        found = Finding(code, Severity.REJECTED, message, file=self.name(path))
        source = Source(id=f"file:{path.name}", publisher="local file", retrieved_at=self.now)
        return ParsedFile(source=source, findings=[found])

    def _store(self, path: Path, data: bytes, parsed: ParsedFile) -> FileReport:
        name = self.name(path)
        parsed.findings[:] = [replace(f, file=name) for f in parsed.findings]

        def check() -> list[Finding]:
            return [replace(f, file=name) for f in self._check(parsed)]

        try:
            result = self.batch.submit(parsed, data, name=name, check=check)
        except BadInputError as error:  # raised before anything of the file is written
            parsed.findings.append(Finding("contradiction", Severity.REJECTED, str(error), file=name))
            parsed.blocks.clear()
            result = self.batch.submit(parsed, data, name=name)
        return _report(name, parsed, result)


def _report(name: str, parsed: ParsedFile, result: FileResult) -> FileReport:
    lost = (f for f in parsed.findings if f.severity is Severity.REJECTED)
    return FileReport(
        file=name,
        reader=parsed.reader,
        outcome=result.outcome,
        series=tuple(dict.fromkeys(b.meta.series for b in parsed.blocks)),
        rows=parsed.rows_read,
        rejected=sum(f.count for f in lost if f.row is not None or f.count > 1),
        values=result.rows,
        findings=result.findings,
        note=result.note,
    )
