"""The Kenneth R. French data library: factors and portfolios as zip files, revised with every release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rotascope.ingest.fetch.base import Fetcher, Request, Response
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.parsing import finish, need, only, read, refused
from rotascope.ingest.providers.sanity import implausible_returns, impossible_returns
from rotascope.ingest.readers import french
from rotascope.ingest.readers.sample import Sample
from rotascope.ingest.readers.unpack import members
from rotascope.model.errors import BadInputError
from rotascope.store.series import ParsedFile

FOLDER = "https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp/"


@dataclass(frozen=True, slots=True)
class Library:
    """One file of the library. `must`: series that tell whether it is still the same file.

    prefix: what the ids of its series begin with; letter: what they end with. A monthly file has annual
    values too.
    """

    stem: str
    prefix: str
    letter: str
    must: tuple[str, ...]


def _factors(stem: str, prefix: str, names: str, letter: str) -> Library:
    return Library(stem, prefix, letter, tuple(f"{prefix}.{n}.{letter}" for n in names.split()))


def _portfolios(stem: str, prefix: str, names: str, letter: str) -> Library:
    return Library(stem, prefix, letter, tuple(f"{prefix}.VW.{n}.{letter}" for n in names.split()))


_THREE, _FIVE = "MKT-RF SMB HML RF", "MKT-RF SMB HML RMW CMA RF"
_SIX = "SMALL_LoBM ME1_BM2 SMALL_HiBM BIG_LoBM ME2_BM2 BIG_HiBM"
FILES = (
    _factors("F-F_Research_Data_Factors", "FF", _THREE, "M"),
    _factors("F-F_Research_Data_Factors_daily", "FF", _THREE, "D"),
    _factors("F-F_Research_Data_Factors_weekly", "FF", _THREE, "W"),
    _factors("F-F_Research_Data_5_Factors_2x3", "FF5", _FIVE, "M"),
    _factors("F-F_Research_Data_5_Factors_2x3_daily", "FF5", _FIVE, "D"),
    _factors("F-F_Momentum_Factor", "FF", "MOM", "M"),
    _factors("F-F_Momentum_Factor_daily", "FF", "MOM", "D"),
    _portfolios("6_Portfolios_2x3", "FF.6_2x3", _SIX, "M"),
    _portfolios("6_Portfolios_2x3_daily", "FF.6_2x3", _SIX, "D"),
    _portfolios("25_Portfolios_5x5", "FF.25_5x5", "SMALL_LoBM SMALL_HiBM BIG_LoBM BIG_HiBM", "M"),
    _portfolios("25_Portfolios_5x5_Daily", "FF.25_5x5", "SMALL_LoBM SMALL_HiBM BIG_LoBM BIG_HiBM", "D"),
    _portfolios("Portfolios_Formed_on_ME", "FF.ME", "Lo_30 Med_40 Hi_30", "M"),
    _portfolios("Portfolios_Formed_on_BE-ME", "FF.BE-ME", "Lo_30 Med_40 Hi_30", "M"),
    _portfolios("12_Industry_Portfolios", "FF.IND12", "NoDur Enrgy BusEq Money", "M"),
    _portfolios("12_Industry_Portfolios_daily", "FF.IND12", "NoDur Enrgy BusEq Money", "D"),
    _portfolios("49_Industry_Portfolios", "FF.IND49", "Agric Banks Softw Oil", "M"),
    _portfolios("49_Industry_Portfolios_daily", "FF.IND49", "Agric Banks Softw Oil", "D"),
)
_DEFAULT = (
    "F-F_Research_Data_Factors",
    "F-F_Research_Data_Factors_daily",
    "F-F_Research_Data_5_Factors_2x3",
    "F-F_Momentum_Factor",
    "6_Portfolios_2x3",
    "25_Portfolios_5x5",
    "Portfolios_Formed_on_ME",
    "Portfolios_Formed_on_BE-ME",
    "12_Industry_Portfolios",
)


class French:
    """The library's zip files. One task is one file; a release replaces the whole of it, history included."""

    name = "french"
    terms = Terms(
        publisher="Kenneth R. French Data Library",
        what="factors (three, five, momentum), portfolios by size and value, by size, by book-to-market, by "
        "industry; monthly and daily, with numbers of firms, market values and book-to-market",
        licence="copyright Eugene F. Fama and Kenneth R. French; no licence for redistribution is stated",
        terms_url=french.URL,
        revisions="every release restates history; a value's vintage is its release",
        limits="none stated; two requests a second at most are sent",
        tested="original files packed as the library packs them, and made-up damage",
    )

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return a task for each file that has one of the series, or for the usual nine files."""
        if series is None:
            chosen = [file for file in FILES if file.stem in _DEFAULT]
        else:
            names = [name for s in series if (name := asked_for(self.name, s)) is not None]
            chosen = [file for file in FILES if any(_holds(file, name) for name in names)]
        return [Task(self.name, f"{self.name}:{file.stem}", file.must) for file in chosen]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch a file. It is always the whole one: a release is one vintage and is not cut."""
        return [fetcher.get(Request(f"{FOLDER}{_stem(task)}_CSV.zip", accept="zip"))]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Read the one table in the zip file."""
        response = only(task, responses)
        stem = _stem(task)
        file = next((f for f in FILES if f.stem == stem), None)
        try:
            packed = list(members(Path(f"{stem}_CSV.zip"), response.body))
        except BadInputError as error:
            raise refused("damaged", error.message, responses) from None
        tables = [(path, data) for path, data in packed if path.suffix.lower() == ".csv"]
        if file is None or len(tables) != 1:
            names = ", ".join(path.name for path, _ in packed[:5])
            raise refused("unexpected_shape", f"The zip file holds {names}, not one CSV file.", responses)
        path, data = tables[0]
        if not french.matches(Sample(path, data)):
            raise refused(
                "unexpected_shape", f"{path.name} does not begin as files of the library do.", responses
            )
        parsed = read(french.parse, "french/1", f"{stem}.csv", data, response.fetched_at)
        if parsed.blocks:
            need("series", file.must, (b.meta.series for b in parsed.blocks), responses)
        parsed.findings += implausible_returns(parsed.blocks) + impossible_returns(parsed.blocks)
        return finish(parsed, task, responses)


def _stem(task: Task) -> str:
    return task.key.partition(":")[2]


def _holds(file: Library, series: str) -> bool:
    """Return whether a series is one of a file's, by its name."""
    letters = f"{file.letter}A" if file.letter == "M" else file.letter
    found = re.fullmatch(rf"{re.escape(file.prefix)}\.(.+)\.[{letters}]", series)
    if found is None:
        return False
    if file.must[0].count(".") > file.prefix.count(".") + 2:  # portfolios: a block name before the column
        return "." in found[1]
    return any(name.split(".")[-2] == found[1] for name in file.must)
