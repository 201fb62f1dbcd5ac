"""The market database of one person: a folder of files and the catalogue that lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from filelock import FileLock, Timeout

import rotascope
from rotascope.model.errors import BadInputError, StoreError
from rotascope.model.findings import Finding
from rotascope.store.blocks import canonical, describe, identity, meta_as_json, sources_of, validate
from rotascope.store.catalogue import Catalogue, NewSnapshot, SnapshotInfo
from rotascope.store.home import ensure_folder
from rotascope.store.home import home as default_home
from rotascope.store.lake import Lake, hash_raw
from rotascope.store.series import ParsedFile, SeriesBlock
from rotascope.store.staging import Staged, Staging, disk_errors

WAIT_SECONDS = 60.0  # how long an import waits for another one to end
_MANY = 16  # files of one import after which all identities are read at once


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file of an import.

    `added`: its rows are in `snapshot`. `unchanged`: `snapshot` held the same already, nothing was added.
    `empty`: no row of it came in; `findings` say why.
    """

    file: str
    outcome: Literal["added", "unchanged", "empty"]
    snapshot: str
    blocks: int
    rows: int
    unknown_rows: int
    findings: tuple[Finding, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `import_id` is None where it added nothing."""

    import_id: int | None
    files: tuple[FileResult, ...]

    @property
    def added(self) -> tuple[FileResult, ...]:
        """Return the files whose rows are new."""
        return tuple(f for f in self.files if f.outcome == "added")

    @property
    def unchanged(self) -> tuple[FileResult, ...]:
        """Return the files that were there already."""
        return tuple(f for f in self.files if f.outcome == "unchanged")

    @property
    def empty(self) -> tuple[FileResult, ...]:
        """Return the files from which no row came in."""
        return tuple(f for f in self.files if f.outcome == "empty")

    @property
    def rows(self) -> int:
        """Return the number of new rows."""
        return sum(f.rows for f in self.added)


class ImportBatch:
    """An import that is going on. Made by `Store.begin_import`.

    Snapshots are written, and raw bytes kept, beside the caller's work: what `submit` was given must not be
    changed afterwards.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._staging = Staging(store.lake)
        self._new: dict[str, _Submitted] = {}  # by identity
        self._files: list[FileResult | _Submitted] = []
        self._hashed: tuple[bytes | Path, str] = b"", hash_raw(b"")
        self._lookups = 0
        self._identities: set[str] | None = None
        self._result: ImportResult | None = None

    @property
    def result(self) -> ImportResult:
        """Return what the import did. Raises: StoreError before it has ended."""
        if self._result is None:
            raise StoreError("The import has not ended, so it has no result yet.")
        return self._result

    def add(self, parsed: ParsedFile, raw: bytes | Path, *, name: str = "") -> FileResult:
        """Prepare one file. Nothing is visible to readers before the batch ends.

        `raw`: the bytes that were parsed, or the file they are in. `name`: how reports call the file
        (the name of `raw` where left out, then the source's).
        Raises: BadInputError if the blocks contradict themselves (see `blocks.validate`).
        """
        self.submit(parsed, raw, name=name)
        last = self._files[-1]
        return last if isinstance(last, FileResult) else self._complete(last).result

    def expect(self, raw: bytes) -> None:
        """Start to keep raw bytes that are still being parsed. They are dropped if no row comes in."""
        self._staging.keep(raw, self._hash(raw))

    def submit(
        self,
        parsed: ParsedFile,
        raw: bytes | Path,
        *,
        name: str = "",
        check: Callable[[], Iterable[Finding]] | None = None,
    ) -> FileResult:
        """Prepare one file as `add` does, without waiting until its snapshot is written.

        `check` is called while it is being written; its findings are added to those of the file. The
        `snapshot` of the result is empty where the file is new; `ImportBatch.result` has it in the end.
        """
        name = name or (raw.name if isinstance(raw, Path) else parsed.source.title or parsed.source.id)
        blocks = validate(parsed)
        raw_hash = self._hash(raw) if blocks else ""
        same = identity(parsed, blocks, raw_hash) if blocks else ""
        earlier = self._find(same) if blocks else None
        staged = None
        if blocks and earlier is None:
            staged = self._staging.write(blocks, _note(parsed, blocks, raw_hash), raw, raw_hash)
        if check is not None:
            parsed.findings.extend(check())
        found = tuple(replace(f, file=f.file or name) for f in parsed.findings)
        if staged is None:
            result = (
                FileResult(name, "empty", "", 0, 0, 0, found, "no row of it came in")
                if earlier is None
                else _unchanged(name, earlier, found)
            )
            self._files.append(result)
            return result
        infos = tuple(describe(b, parsed, "", Path(), origin="store", file=name) for b in blocks)
        sources = tuple(sources_of(parsed).values())
        new = NewSnapshot("", same, name, parsed.reader, raw_hash, infos, sources, found)
        rows, unknown = sum(b.rows for b in infos), sum(b.unknown_rows for b in infos)
        result = FileResult(name, "added", "", len(infos), rows, unknown, found)
        self._new[same] = _Submitted(result, new, staged)
        self._files.append(self._new[same])
        return result

    def _hash(self, raw: bytes | Path) -> str:
        if raw is not self._hashed[0] or isinstance(raw, Path):  # bytes cannot have changed since
            self._hashed = raw, _hash_input(raw)
        return self._hashed[1]

    def _find(self, same: str) -> SnapshotInfo | NewSnapshot | None:
        """Return the snapshot of an earlier import, or of this one, that the same bytes gave."""
        if same in self._new:
            return self._complete(self._new[same]).new
        self._lookups += 1
        if self._lookups > _MANY:
            if self._identities is None:  # the write lock is held: nothing can be added meanwhile
                self._identities = self._store.catalogue.identities()
            if same not in self._identities:
                return None
        return self._store.catalogue.find_identity(same)

    def _complete(self, file: _Submitted) -> _Submitted:
        """Wait until the snapshot of a file is written, and write down its name."""
        if not file.new.id:
            snapshot = file.staged.result()
            path = self._store.lake.snapshot_path(snapshot)
            blocks = tuple(replace(b, snapshot=snapshot, path=path) for b in file.new.blocks)
            file.new = replace(file.new, id=snapshot, blocks=blocks)
            file.result = replace(file.result, snapshot=snapshot)
        return file

    def _finish(self) -> None:
        number = None
        files = tuple(f if isinstance(f, FileResult) else self._complete(f).result for f in self._files)
        if self._new:
            store, new = self._store, [file.new for file in self._new.values()]
            self._staging.end({file.raw_sha256 for file in new})
            with disk_errors(store.lake):
                store.lake.publish()
            lost = [f for file in files if file.outcome == "empty" for f in file.findings]
            number = store.catalogue.add(new, lost, store.clock(), rotascope.__version__)
        self._result = ImportResult(number, files)

    def _close(self) -> None:
        self._staging.close()


@dataclass(slots=True)
class _Submitted:
    """A new file; `new` and `result` name its snapshot once that is written."""

    result: FileResult
    new: NewSnapshot
    staged: Staged


class Store:
    """A folder of snapshots and its catalogue. Many processes may read while one imports."""

    def __init__(
        self, lake: Lake, catalogue: Catalogue, lock: FileLock, clock: Callable[[], datetime]
    ) -> None:
        self.lake = lake
        self.catalogue = catalogue
        self.clock = clock
        self._lock = lock

    @classmethod
    def open(
        cls, home: Path | None = None, *, url: str | None = None, clock: Callable[[], datetime]
    ) -> Store:
        """Open a market database, making it if it is not there.

        `home`: the folder (None: `home.home()`). `url`: a database for the catalogue (None: SQLite in the
        folder); the files stay in the folder. `clock` dates imports.
        Raises: StoreError if the folder or the database cannot be used or is of a newer version.
        """
        folder = default_home() if home is None else ensure_folder(home.expanduser().absolute())
        lake = Lake(folder)
        lock = FileLock(folder / "write.lock", timeout=WAIT_SECONDS)
        with _patience(lock):
            return cls(lake, Catalogue.open(lake, url, lock), lock, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up the connections to the catalogue."""
        self.catalogue.close()

    @contextmanager
    def begin_import(self) -> Iterator[ImportBatch]:
        """Open an import; at the end of the `with` block all of it becomes visible at once.

        An exception inside takes all of it back. Waits for another import to end, at most a minute.
        Raises: StoreError if the other import does not end, or the disk or the database fails.
        """
        with _patience(self._lock), self._lock:
            self.lake.begin(self.catalogue.listed_files())
            batch = ImportBatch(self)
            try:
                yield batch
                batch._finish()
            except BaseException:
                batch._close()  # first, so that nothing is written any more
                self.lake.begin(self.catalogue.listed_files())  # takes back what was moved already
                raise
            finally:
                batch._close()
            self.lake.settle()

    def commit(self, parsed: Sequence[tuple[ParsedFile, bytes | Path]]) -> ImportResult:
        """Import files that are in memory; see `begin_import` for many or large ones."""
        with self.begin_import() as batch:
            for one, raw in parsed:
                batch.add(one, raw)
        return batch.result

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the write lock. Raises: StoreError if another import does not end."""
        with _patience(self._lock), self._lock:
            yield

    @contextmanager
    def keeping(self, raw: bytes) -> Iterator[str]:
        """Keep raw bytes beside a change of the catalogue that is made inside the `with` block.

        Yields their sha256. After an exception inside, the bytes are gone again unless something lists them.
        Raises: StoreError as `begin_import` does.
        """
        with _patience(self._lock), self._lock:
            self.lake.begin(self.catalogue.listed_files())
            sha256 = hash_raw(raw)
            try:
                with disk_errors(self.lake):
                    self.lake.stage_raw(raw, sha256)
                    self.lake.publish()
                yield sha256
            except BaseException:
                self.lake.begin(self.catalogue.listed_files())
                raise
            self.lake.settle()

    def raw(self, sha256: str) -> bytes:
        """Return the bytes of an imported file. Raises: StoreError if they are missing or damaged."""
        return self.lake.read_raw(sha256)


def _note(parsed: ParsedFile, blocks: Sequence[SeriesBlock], raw_hash: str) -> str:
    # the time of retrieval stays out, so that the same content has the same hash wherever it is imported
    told = [{**meta_as_json(b.meta), "retrieved_at": None} for b in blocks]
    return canonical({"raw": raw_hash, "reader": parsed.reader, "blocks": told})


def _unchanged(name: str, earlier: SnapshotInfo | NewSnapshot, found: tuple[Finding, ...]) -> FileResult:
    when = f" on {earlier.created_at:%Y-%m-%d}" if isinstance(earlier, SnapshotInfo) else " just before"
    note = f"already imported{when} as {earlier.file}"
    return FileResult(name, "unchanged", earlier.id, 0, 0, 0, found, note)


def _hash_input(raw: bytes | Path) -> str:
    try:
        return hash_raw(raw)
    except OSError as error:
        raise BadInputError(
            f"{raw!s} cannot be read: {error.strerror or error}.", fix="Check the path and its permissions."
        ) from error


@contextmanager
def _patience(lock: FileLock) -> Iterator[None]:
    try:
        yield
    except Timeout as error:
        raise StoreError(
            f"Another import has held {lock.lock_file} for {WAIT_SECONDS:.0f} seconds.",
            fix="Wait until it has ended, or end it; what it has not finished is taken back.",
        ) from error
