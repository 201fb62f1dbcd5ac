"""The catalogue: which snapshots exist and what is in them. SQLite beside the files, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import BaseFileLock
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from rotascope.model.errors import StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.store import tables as t
from rotascope.store.blocks import BlockInfo
from rotascope.store.lake import Lake

MOST_NAMES = 500  # in one statement; older SQLite allows no more than 999
BUSY_SECONDS = 10.0  # how long a statement waits for another process's short transaction


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """One snapshot as the catalogue lists it. `rows` counts all rows, `first` and `last` are their dates."""

    id: str
    import_id: int
    file: str
    reader: str
    raw_sha256: str
    rows: int
    first: date
    last: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewSnapshot:
    """What an import tells the catalogue about one file."""

    id: str
    identity: str
    file: str
    reader: str
    raw_sha256: str
    blocks: tuple[BlockInfo, ...]
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]


class Catalogue:
    """Queries and the one kind of write. Raises: StoreError where the database cannot be used."""

    def __init__(self, engine: sa.Engine, lake: Lake) -> None:
        self.engine = engine
        self.lake = lake

    @classmethod
    def open(cls, lake: Lake, url: str | None, lock: BaseFileLock) -> Catalogue:
        """Open the catalogue, making its tables the first time (under the write lock).

        Raises: StoreError if a newer program wrote it, or it cannot be opened.
        """
        catalogue = cls(_engine(lake.home, url), lake)
        with catalogue.guarded():
            version = catalogue.version()
            if version is None:
                with lock:
                    version = catalogue._create()
            elif version < t.SCHEMA_VERSION:
                with lock:
                    version = catalogue._upgrade()
        if version != t.SCHEMA_VERSION:
            raise StoreError(
                f"The catalogue of {lake.home} has schema version {version}; "
                f"this program knows version {t.SCHEMA_VERSION}.",
                fix="Upgrade rotascope, or use another data folder.",
            )
        return catalogue

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn an error of the database into a StoreError."""
        try:
            yield
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise StoreError(
                f"The catalogue at {self.engine.url.render_as_string(hide_password=True)} cannot be used: "
                f"{reason}.",
                fix="Check that it exists, is not damaged and that you may write to it.",
            ) from error

    def version(self) -> int | None:
        """Return the schema version of the tables, None where they are not there yet."""
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table(t.schema_version.name):
                return None
            found: int | None = connection.execute(sa.select(t.schema_version.c.version)).scalar()
            return found

    def _create(self) -> int:
        version = self.version()  # another process may have been faster
        if version is None:
            if self.engine.dialect.name == "sqlite":
                with self.engine.connect() as connection:  # kept by the file: readers go on during a write
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            t.metadata.create_all(self.engine)
            with self.engine.begin() as connection:  # last, so that half a set of tables is made again
                connection.execute(t.schema_version.insert().values(version=t.SCHEMA_VERSION))
        return version or t.SCHEMA_VERSION

    def _upgrade(self) -> int:
        """Add the tables of later schema versions; what is there stays as it is."""
        version = self.version() or t.SCHEMA_VERSION  # another process may have been faster
        if version < t.SCHEMA_VERSION:
            new = [table for v in range(version + 1, t.SCHEMA_VERSION + 1) for table in t.ADDED[v]]
            t.metadata.create_all(self.engine, tables=new)
            with self.engine.begin() as connection:  # last, so that half an upgrade is made again
                connection.execute(t.schema_version.update().values(version=t.SCHEMA_VERSION))
        return max(version, t.SCHEMA_VERSION)

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()

    def select(self, query: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        """Return the rows of a query."""
        with self.guarded(), self.engine.connect() as connection:
            return connection.execute(query).mappings().all()

    def add(
        self,
        files: Sequence[NewSnapshot],
        without_rows: Sequence[Finding],
        now: datetime,
        program: str,
    ) -> int:
        """List an import, all of it or nothing, and return its number.

        `without_rows`: findings about files of the import from which no row came in.
        """
        with self.guarded(), self.engine.begin() as connection:
            answer = connection.execute(t.imports.insert().values(created_at=now, program=program))
            number = int(answer.inserted_primary_key[0])  # type: ignore[index]
            rows: dict[sa.Table, list[dict[str, Any]]] = {
                t.snapshots: [_snapshot_row(f, number, now) for f in files],
                t.sources: [_source_row(f, s) for f in files for s in f.sources],
                t.series_blocks: [_block_row(b) for f in files for b in f.blocks],
                t.findings: [_finding_row(x, number, f.id) for f in files for x in f.findings]
                + [_finding_row(x, number, None) for x in without_rows],
            }
            for table, values in rows.items():
                if values:
                    connection.execute(table.insert(), values)
        return number

    def last_import(self) -> int:
        """Return the number of the latest import, 0 if there is none."""
        rows = self.select(sa.select(sa.func.max(t.imports.c.id).label("id")))
        return int(rows[0]["id"] or 0)

    def find_identity(self, identity: str) -> SnapshotInfo | None:
        """Return the snapshot that the same bytes, read in the same way, gave earlier."""
        rows = self.select(sa.select(t.snapshots).where(t.snapshots.c.identity == identity))
        return _snapshot(rows[0]) if rows else None

    def identities(self) -> set[str]:
        """Return the identities of all snapshots, see `blocks.identity`."""
        return {row["identity"] for row in self.select(sa.select(t.snapshots.c.identity))}

    def snapshots(self) -> list[SnapshotInfo]:
        """Return all snapshots, oldest import first."""
        query = sa.select(t.snapshots).order_by(t.snapshots.c.import_id, t.snapshots.c.file, t.snapshots.c.id)
        return [_snapshot(row) for row in self.select(query)]

    def listed_files(self) -> set[str]:
        """Return the names of all files that the catalogue needs, relative to the data folder."""
        names: set[str] = set()
        for row in self.select(sa.select(t.snapshots.c.id, t.snapshots.c.raw_sha256)):
            for path in (self.lake.snapshot_path(row["id"]), self.lake.raw_path(row["raw_sha256"])):
                names.add(path.relative_to(self.lake.home).as_posix())
        for row in self.select(sa.select(t.articles.c.sha256)):
            names.add(self.lake.raw_path(row["sha256"]).relative_to(self.lake.home).as_posix())
        return names

    def names(self, upto: int) -> list[str]:
        """Return the names of all series in imports numbered `upto` or less, sorted."""
        query = sa.select(t.series_blocks.c.series).join(t.snapshots).where(t.snapshots.c.import_id <= upto)
        return sorted(row["series"] for row in self.select(query.distinct()))

    def blocks(self, upto: int, series: Sequence[str] | None = None) -> list[BlockInfo]:
        """Return the blocks of some series (None: of all) in imports numbered `upto` or less.

        Sorted by series, field, snapshot.
        """
        b = t.series_blocks.c
        query = (
            sa.select(t.series_blocks, t.snapshots.c.file)
            .join(t.snapshots)
            .where(t.snapshots.c.import_id <= upto)
            .order_by(b.series, b.field, b.snapshot)
        )
        if series is None:
            return [_block(row, self.lake) for row in self.select(query)]
        rows = (
            row for some in _parts(sorted(series)) for row in self.select(query.where(b.series.in_(some)))
        )
        return [_block(row, self.lake) for row in rows]

    def sources(self, snapshots: Sequence[str]) -> dict[str, dict[str, Source]]:
        """Return for each of some snapshots its sources by id."""
        found: dict[str, dict[str, Source]] = {snapshot: {} for snapshot in snapshots}
        for some in _parts(snapshots):
            for row in self.select(sa.select(t.sources).where(t.sources.c.snapshot.in_(some))):
                found[row["snapshot"]][row["id"]] = _source(row)
        return found

    def find_source(self, source_id: str) -> Source | None:
        """Return a source by id from any snapshot, or None."""
        query = sa.select(t.sources).where(t.sources.c.id == source_id).order_by(t.sources.c.snapshot)
        return next((_source(row) for row in self.select(query)), None)

    def findings(self) -> list[Finding]:
        """Return all findings."""
        return [_finding(row) for row in self.select(sa.select(t.findings).order_by(t.findings.c.id))]

    def findings_of(self, snapshots: Sequence[str]) -> dict[str, list[Finding]]:
        """Return for each of some snapshots the findings about it."""
        found: dict[str, list[Finding]] = {snapshot: [] for snapshot in snapshots}
        query = sa.select(t.findings).order_by(t.findings.c.id)
        for some in _parts(snapshots):
            for row in self.select(query.where(t.findings.c.snapshot.in_(some))):
                found[row["snapshot"]].append(_finding(row))
        return found


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list into pieces that a statement may name one by one."""
    return (names[i : i + MOST_NAMES] for i in range(0, len(names), MOST_NAMES))


def _engine(home: Path, url: str | None) -> sa.Engine:
    where = sa.URL.create("sqlite", database=str(home / "catalogue.db")) if url is None else None
    try:
        target = where if where is not None else sa.make_url(url or "")
        if target.get_backend_name() != "sqlite":
            return sa.create_engine(target, pool_pre_ping=True)
        # no pool: a connection costs a fraction of a millisecond, and none is left open or shared by a fork
        engine = sa.create_engine(target, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    except (SQLAlchemyError, ImportError) as error:
        raise StoreError(
            f"The database URL cannot be used: {error}.",
            fix="Give one such as postgresql+psycopg://user@host/name, and install its driver "
            "(pip install 'psycopg[binary]').",
        ) from error
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def _snapshot_row(new: NewSnapshot, number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": new.id,
        "import_id": number,
        "identity": new.identity,
        "file": new.file,
        "reader": new.reader,
        "raw_sha256": new.raw_sha256,
        "rows": sum(b.rows for b in new.blocks),
        "first": min(b.first for b in new.blocks),
        "last": max(b.last for b in new.blocks),
        "created_at": now,
    }


def _source_row(new: NewSnapshot, source: Source) -> dict[str, Any]:
    return {
        "snapshot": new.id,
        "id": source.id,
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "licence": source.licence,
        "published": source.published,
        "retrieved_at": source.retrieved_at,
        "sha256": source.sha256,
        "standing": str(source.standing),
    }


def _block_row(block: BlockInfo) -> dict[str, Any]:
    meta = block.meta
    return {
        "snapshot": block.snapshot,
        "series": meta.series,
        "field": str(meta.field),
        "unit": str(meta.unit),
        "frequency": str(meta.frequency),
        "source": meta.source,
        "standing": str(block.standing),
        "vintage": meta.vintage,
        "retrieved_at": meta.retrieved_at,
        "first": block.first,
        "last": block.last,
        "rows": block.rows,
        "unknown_rows": block.unknown_rows,
        "quarantined": block.quarantined,
        "has_refs": block.has_refs,
        "attributes": dict(meta.attributes),
    }


def _finding_row(finding: Finding, number: int, snapshot: str | None) -> dict[str, Any]:
    return {
        "import_id": number,
        "snapshot": snapshot,
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "series": finding.series,
        "field": finding.field,
        "file": finding.file,
        "row": finding.row,
        "first": finding.first,
        "last": finding.last,
        "count": finding.count,
    }


def _snapshot(row: Mapping[Any, Any]) -> SnapshotInfo:
    return SnapshotInfo(**{name: row[name] for name in SnapshotInfo.__slots__})


def _block(row: Mapping[Any, Any], lake: Lake) -> BlockInfo:
    meta = SeriesMeta(
        series=row["series"],
        field=Field(row["field"]),
        unit=Unit(row["unit"]),
        frequency=Frequency(row["frequency"]),
        source=row["source"],
        vintage=row["vintage"],
        retrieved_at=row["retrieved_at"],
        attributes=row["attributes"],
    )
    same = ("snapshot", "first", "last", "rows", "unknown_rows", "quarantined", "has_refs", "file")
    return BlockInfo(
        meta=meta,
        standing=Standing(row["standing"]),
        origin="store",
        path=lake.snapshot_path(row["snapshot"]),
        **{name: row[name] for name in same},
    )


def _source(row: Mapping[Any, Any]) -> Source:
    names = (n for n in Source.__slots__ if n != "standing")
    return Source(standing=Standing(row["standing"]), **{name: row[name] for name in names})


def _finding(row: Mapping[Any, Any]) -> Finding:
    names = (n for n in Finding.__slots__ if n != "severity")
    return Finding(severity=Severity(row["severity"]), **{name: row[name] for name in names})
