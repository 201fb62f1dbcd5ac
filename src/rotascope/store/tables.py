"""Tables of the catalogue, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

SCHEMA_VERSION = 2

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A date and time as ISO 8601 text: it comes back as it was given, with its offset or without."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text that is kept."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the date and time that was given."""
        return None if value is None else datetime.fromisoformat(value)


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("program", String(40), nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", String(64), primary_key=True),  # sha256 of the Parquet file
    Column("import_id", ForeignKey("imports.id"), nullable=False, index=True),
    Column("identity", String(64), nullable=False, unique=True),  # see blocks.identity
    Column("file", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("raw_sha256", String(64), nullable=False, index=True),
    Column("rows", Integer, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    # per snapshot: the same publisher's page, fetched again, has another time and hash
    Column("snapshot", ForeignKey("snapshots.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("publisher", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("published", Date),
    Column("retrieved_at", Moment),
    Column("sha256", String(64), nullable=False),
    Column("standing", String(20), nullable=False),
)

series_blocks = Table(
    "series_blocks",
    metadata,
    Column("snapshot", ForeignKey("snapshots.id"), primary_key=True),
    Column("series", Text, primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("unit", String(20), nullable=False),
    Column("frequency", String(20), nullable=False),
    Column("source", Text, nullable=False),
    Column("standing", String(20), nullable=False),
    Column("vintage", Date),
    Column("retrieved_at", Moment),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("unknown_rows", Integer, nullable=False),
    Column("quarantined", Boolean, nullable=False),
    Column("has_refs", Boolean, nullable=False),
    Column("attributes", JSON, nullable=False),
    Index("series_blocks_by_name", "series", "field"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("import_id", ForeignKey("imports.id"), nullable=False),
    Column("snapshot", ForeignKey("snapshots.id"), index=True),  # null: no row of the file came in
    Column("code", Text, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("row", Integer),
    Column("first", Date),
    Column("last", Date),
    Column("count", Integer, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("key", Text, nullable=False, index=True),  # the same for all versions of an article
    Column("version", Integer, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("published", Date),
    Column("retrieved_at", Moment, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),  # of the raw bytes
    Column("media", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("removed_at", Moment),  # null: not in the trash
    Column("notes", JSON, nullable=False),
)

# The tables that each schema version added to the one before it. Nothing else has changed so far.
ADDED: dict[int, tuple[Table, ...]] = {2: (articles,)}
