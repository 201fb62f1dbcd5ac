"""Does the store hold what its catalogue says? Every file against its hash, every block against its rows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from rotascope.model.errors import StoreError
from rotascope.model.findings import Finding, Severity
from rotascope.store import columns
from rotascope.store.articles import Articles
from rotascope.store.blocks import BlockInfo, key_of
from rotascope.store.catalogue import SnapshotInfo
from rotascope.store.lake import verify_file
from rotascope.store.store import Store


def check(store: Store) -> list[Finding]:
    """Return what is wrong with the files of a store; an empty list if nothing is.

    `snapshot_damaged`, `rows_differ`, `raw_damaged`: QUARANTINE, reads of the file fail.
    `orphan_file`: WARNING, a file that no import lists; it is never read and never deleted.
    `interrupted_import`: INFO, leftovers that the next import removes. Nothing is changed here.
    """
    blocks: dict[str, list[BlockInfo]] = {}
    for block in store.catalogue.blocks(store.catalogue.last_import()):
        blocks.setdefault(block.snapshot, []).append(block)
    found: list[Finding] = []
    raws: dict[str, str] = {}
    engine = columns.connect()
    try:
        for snapshot in store.catalogue.snapshots():
            found += _check_snapshot(store, engine, snapshot, blocks.get(snapshot.id, []))
            raws.setdefault(snapshot.raw_sha256, snapshot.file)
    finally:
        engine.close()
    for article in Articles(store).saved(with_trash=True):
        raws.setdefault(article.sha256, f"article {article.id}")
    for sha256, file in raws.items():
        try:
            store.raw(sha256)
        except StoreError as error:
            found.append(Finding("raw_damaged", Severity.QUARANTINE, str(error), file=file))
    return found + list(_leftovers(store))


def _check_snapshot(
    store: Store, engine: duckdb.DuckDBPyConnection, snapshot: SnapshotInfo, blocks: list[BlockInfo]
) -> Iterator[Finding]:
    path = store.lake.snapshot_path(snapshot.id)
    try:
        verify_file(path, snapshot.id)
        there = columns.summarise(engine, path)
    except StoreError as error:
        yield Finding("snapshot_damaged", Severity.QUARANTINE, str(error), file=snapshot.file)
        return
    listed = {key_of(b.meta): (b.first, b.last, b.rows, b.unknown_rows) for b in blocks}
    for series, field in sorted(listed.keys() | there.keys()):
        told, is_there = listed.get((series, field)), there.get((series, field))
        if told != is_there:
            yield Finding(
                "rows_differ",
                Severity.QUARANTINE,
                f"{series} {field}: the catalogue says first, last, rows, unknown = {_text(told)}; "
                f"the file has {_text(is_there)}.",
                series=series,
                field=field,
                file=snapshot.file,
            )
    if sum(b.rows for b in blocks) != snapshot.rows:
        message = f"The catalogue says {snapshot.rows} rows; its blocks have {sum(b.rows for b in blocks)}."
        yield Finding("rows_differ", Severity.QUARANTINE, message, file=snapshot.file)


def _leftovers(store: Store) -> Iterator[Finding]:
    lake, listed = store.lake, store.catalogue.listed_files()
    moved = set(lake.leftovers())
    for folder in (lake.snapshots, lake.raws):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = path.relative_to(lake.home).as_posix()
            if name in listed:
                continue
            if name in moved:
                yield _interrupted(name)
            else:
                text = f"{name} belongs to no import. It is never read; remove it if you do not know it."
                yield Finding("orphan_file", Severity.WARNING, text, file=name)
    for path in sorted(lake.staging.iterdir()) if lake.staging.is_dir() else ():
        yield _interrupted(path.relative_to(lake.home).as_posix())


def _interrupted(name: str) -> Finding:
    text = f"{name} is left over from an interrupted import. It is never read; the next import removes it."
    return Finding("interrupted_import", Severity.INFO, text, file=name)


def _text(numbers: tuple[object, ...] | None) -> str:
    return "nothing" if numbers is None else ", ".join(str(n) for n in numbers)
