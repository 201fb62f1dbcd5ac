"""Make a case pack from its authored list of published figures.

Run from the root of the repository: `python tools/make_case_pack.py`. It reads `figures.csv` and
`case.toml` of the case and writes `pack.json` and `data.parquet` beside them; the same list gives the
same bytes. `--case` names another folder; a list that is no case has `pack.toml` instead.
docs/data-sources.md describes the columns of the list.
"""

from __future__ import annotations

import argparse
import calendar
import csv
import hashlib
import itertools
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from rotascope.model.errors import BadInputError, RotascopeError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.blocks import SEVERAL
from rotascope.store.packs import write_pack
from rotascope.store.series import ParsedFile, SeriesBlock

ROOT = Path(__file__).resolve().parent.parent
CASE = ROOT / "src" / "rotascope" / "ingest" / "packs" / "january_2026"
COLUMNS = (
    *("id", "series", "field", "date", "value", "unit", "kind", "start", "end", "base", "approx"),
    *("publisher", "article_date", "url", "quantity", "note"),
)
TEXT = ("kind", "start", "end", "base", "approx", "publisher", "article_date", "url", "note")
KINDS = (
    *("level_close", "level_open", "level_low", "day_change", "day_points", "return", "spread"),
    *("flow", "streak", "count", "no_window", "derived", "repeat"),
)
REPEAT = "repeat"  # a second publication of a figure that is loaded already: named there, not loaded
LICENCE = "a single published figure, cited as reported"


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure: what it says of which series and day, and who printed it.

    `start`, `end` and `base` are the window of a return or spread; `approx` is the publication's own
    hedge ("nearly"); `article_date` is as printed, a day or only a month.
    """

    id: str
    series: str
    field: Field
    day: date
    value: float
    unit: Unit
    kind: str
    start: str
    end: str
    base: str
    approx: str
    publisher: str
    article_date: str
    url: str
    note: str

    @property
    def key(self) -> tuple[str, str]:
        """Return series and field."""
        return self.series, str(self.field)

    @property
    def ref(self) -> str:
        """Return the id of the publication: publisher and date, in letters, digits and hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.publisher} {self.article_date}".lower()).strip("-")


def published(article_date: str) -> date:
    """Return the first day on which an article is sure to have been out.

    Of an article dated by month only, that is the last day of the month.

    >>> published("2026-02-10"), published("2026-02")
    (datetime.date(2026, 2, 10), datetime.date(2026, 2, 28))
    """
    if re.fullmatch(r"\d{4}-\d{2}", article_date):
        year, month = (int(part) for part in article_date.split("-"))
        return date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(article_date)


def read_figure(row: Mapping[str, str], where: str) -> Figure:
    """Return one line of the list. Raises BadInputError naming `where` if a cell is not what it should be."""
    try:
        for name in ("start", "end"):
            if row[name]:
                date.fromisoformat(row[name])
        published(row["article_date"])
        figure = Figure(
            id=row["id"],
            series=row["series"],
            field=Field(row["field"]),
            day=date.fromisoformat(row["date"]),
            value=float(row["value"]),
            unit=Unit(row["unit"]),
            **{name: row[name] for name in TEXT},
        )
    except (ValueError, KeyError) as error:
        raise BadInputError(f"{where}: {error}.", fix=f"The columns are {', '.join(COLUMNS)}.") from error
    if figure.kind not in KINDS:
        raise BadInputError(f"{where}: kind {figure.kind!r}.", fix=f"Kinds are {', '.join(KINDS)}.")
    if not (figure.series and figure.publisher and figure.id):
        raise BadInputError(f"{where}: a figure needs an id, a series and a publisher.")
    return figure


def read_figures(path: Path) -> list[Figure]:
    """Return the list in its own order.

    Raises BadInputError if a cell is wrong, an id occurs twice, two lines that are not repeats give the
    same series, field and date, or a repeat has no line to repeat or another value.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        figures = [
            read_figure(row, f"{path.name}, line {number}")
            for number, row in enumerate(csv.DictReader(handle), start=2)
        ]
    loaded: dict[tuple[str, str, date], Figure] = {}
    ids: set[str] = set()
    for figure in figures:
        if figure.id in ids:
            raise BadInputError(
                f"{path.name}: id {figure.id} occurs twice.", fix="Give each figure its own id."
            )
        ids.add(figure.id)
        if figure.kind == REPEAT:
            continue
        other = loaded.setdefault((*figure.key, figure.day), figure)
        if other is not figure:
            raise BadInputError(
                f"{path.name}: {other.id} and {figure.id} give the same series, field and date.",
                fix="Keep the one published first and make the other kind 'repeat'.",
            )
    for figure in figures:
        if figure.kind == REPEAT:
            _check_repeat(figure, loaded.get((*figure.key, figure.day)))
    return figures


def _check_repeat(figure: Figure, original: Figure | None) -> None:
    if original is None or original.value != figure.value or original.unit != figure.unit:
        raise BadInputError(
            f"{figure.id} repeats {figure.series} on {figure.day}, but no other line says the same.",
            fix="A figure that differs is not a repeat: say so in the note of the line that is loaded.",
        )
    if published(original.article_date) > published(figure.article_date):
        raise BadInputError(f"{figure.id} was published before {original.id}.", fix="Load the earlier one.")


def publications(figures: Iterable[Figure], titles: Mapping[str, str]) -> list[Source]:
    """Return one source for each publication, sorted by id.

    Raises BadInputError if two publications share an id or a title belongs to none.
    """
    out: dict[str, Source] = {}
    for figure in figures:
        source = Source(
            id=figure.ref,
            publisher=figure.publisher,
            title=titles.get(figure.ref, ""),
            url=figure.url,
            licence=LICENCE,
            published=published(figure.article_date),
            standing=Standing.REPORTED,
        )
        if out.setdefault(figure.ref, source) != source:
            raise BadInputError(
                f"Two publications have the id {figure.ref}.", fix="Tell them apart in figures.csv."
            )
    stray = sorted(set(titles) - set(out))
    if stray:
        raise BadInputError(
            f"case.toml names a title for {stray[0]}.", fix=f"Known: {', '.join(sorted(out))}."
        )
    return [out[key] for key in sorted(out)]


def told(figure: Figure, repeats: Iterable[Figure]) -> dict[str, str]:
    """Return what the list says of a figure beside its value; empty cells are left out."""
    also = "; ".join(
        f"{r.publisher} {r.article_date}" for r in repeats if (r.key, r.day) == (figure.key, figure.day)
    )
    one_day = figure.kind in ("day_change", "day_points")  # its window is the session and the one before
    cells = {
        "figure": figure.id,
        "kind": figure.kind,
        "window_start": "" if one_day else figure.start,
        "window_end": "" if one_day else figure.end,
        "base": figure.base,
        "approx": figure.approx,
        "note": figure.note,
        "also": also,
    }
    return {name: text for name, text in cells.items() if text}


def attributes(rows: Sequence[tuple[date, Mapping[str, str]]]) -> dict[str, str]:
    """Return the attributes of a block from what is told of its rows.

    What all rows share stands under its plain name; the rest under `NAME@DATE`.

    >>> attributes([(date(2026, 1, 2), {"base": "open", "note": "n"}), (date(2026, 1, 5), {"base": "open"})])
    {'base': 'open', 'note@2026-01-02': 'n'}
    """
    names = sorted({name for _, cells in rows for name in cells})
    out: dict[str, str] = {}
    for name in names:
        values = {cells.get(name) for _, cells in rows}
        if len(values) == 1:
            out[name] = rows[0][1][name]
        else:
            out.update({f"{name}@{day.isoformat()}": cells[name] for day, cells in rows if name in cells})
    return out


def make_block(figures: Sequence[Figure], repeats: Sequence[Figure]) -> SeriesBlock:
    """Return the figures of one series and field as a block whose rows name their publications."""
    first = figures[0]
    units = sorted({figure.unit for figure in figures})
    if len(units) > 1:
        raise BadInputError(
            f"{first.series} {first.field} is given in {' and '.join(units)}.", fix="Use one unit."
        )
    meta = SeriesMeta(
        first.series,
        first.field,
        first.unit,
        Frequency.IRREGULAR,
        SEVERAL,
        attributes=attributes([(figure.day, told(figure, repeats)) for figure in figures]),
    )
    days = np.array([figure.day for figure in figures], dtype="datetime64[D]")
    values = np.array([figure.value for figure in figures], dtype=np.float64)
    return SeriesBlock(meta, days, values, refs=tuple(figure.ref for figure in figures))


def read_case(folder: Path) -> tuple[dict[str, Any], ParsedFile]:
    """Return `case.toml` (or `pack.toml`, of a list that is no case) and the figures as one parsed file.

    The file's own source is the list; the publications are its references, and each row names its own.
    """
    listed = folder / "figures.csv"
    tables = [folder / name for name in ("case.toml", "pack.toml")]
    about = next((path for path in tables if path.is_file()), None)
    if about is None:
        raise BadInputError(f"{folder} has no case.toml.", fix="Name the folder of a case or a list: --case.")
    case = tomllib.loads(about.read_text(encoding="utf-8"))
    figures = read_figures(listed)
    repeats = [figure for figure in figures if figure.kind == REPEAT]
    rows = sorted((f for f in figures if f.kind != REPEAT), key=lambda f: (*f.key, f.day))
    source = Source(
        id=f"case-{case['name']}",
        publisher="Rotascope",
        title="Published figures, each with its publisher and date",
        licence="Apache-2.0",
        sha256=hashlib.sha256(listed.read_bytes()).hexdigest(),
        standing=Standing.REPORTED,
    )
    parsed = ParsedFile(source, rows_read=len(figures), reader="make_case_pack")
    parsed.references = publications(figures, case.get("titles", {}))
    parsed.blocks = [
        make_block(list(group), repeats) for _, group in itertools.groupby(rows, lambda f: f.key)
    ]
    return case, parsed


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pack and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--case", type=Path, default=CASE, help="folder with figures.csv, case.toml or pack.toml"
    )
    parser.add_argument("--out", type=Path, help="folder to write (default: the same)")
    args = parser.parse_args(argv)
    try:
        case, parsed = read_case(args.case)
        write_pack(args.out or args.case, case["name"], case["title"], [parsed])
    except RotascopeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    loaded = sum(len(block) for block in parsed.blocks)
    print(f"{parsed.rows_read} figures, {loaded} rows in {len(parsed.blocks)} series and fields,")
    print(f"{len(parsed.references)} publications")
    hidden = [s for s in parsed.references if s.published and s.published > case["as_of"]]
    for source in hidden:
        count = sum(block.refs.count(source.id) for block in parsed.blocks if block.refs)
        print(
            f"not visible as of {case['as_of']}: {source.id}, {count} figures (published {source.published})"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
