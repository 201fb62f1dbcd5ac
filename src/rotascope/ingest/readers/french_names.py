"""Series ids for the Ken French library: what its file names, section titles and columns stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rotascope.model.units import Unit

_FACTOR_SETS = {
    "F-F_Research_Data_Factors": "FF",
    "F-F_Momentum_Factor": "FF",
    "F-F_ST_Reversal_Factor": "FF",
    "F-F_LT_Reversal_Factor": "FF",
    "F-F_Research_Data_5_Factors_2x3": "FF5",
    "Developed_ex_US_5_Factors": "FF.DEV5",
    "Developed_ex_US_3_Factors": "FF.DEV3",
}

_STEM_PATTERNS = (
    (re.compile(r"(\d+)_Industry_Portfolios"), r"FF.IND\1"),
    (re.compile(r"(\d+)_Portfolios_(.+)"), r"FF.\1_\2"),
    (re.compile(r"Portfolios_Formed_on_(.+)"), r"FF.\1"),
)

# A title is compared in lower case with single spaces; the first fitting pattern counts.
_TITLES = (
    (r"value weight(ed)? .*return|value weight(ed)? returns", "VW", Unit.PERCENT),
    (r"equal weight(ed)? .*return|equal weight(ed)? returns", "EW", Unit.PERCENT),
    (r"number of firms", "FIRMS", Unit.COUNT),
    (r"average (firm size|market cap)", "SIZE", Unit.USD_M),
    (r"be_fyt-1/me_june", "BEME_JUN", Unit.RATIO),
    (r"sum of be / sum of me", "BEME_SUM", Unit.RATIO),
    (r"average of be ?/ ?me", "BEME", Unit.RATIO),
    (r"sum of e / sum of me", "EP_SUM", Unit.RATIO),
    (r"average of e / me", "EP", Unit.RATIO),
    (r"sum of (cf|d) / sum of me", r"\1P_SUM", Unit.RATIO),
    (r"average of (cf|d) / me", r"\1P", Unit.RATIO),
    (r"average of op\b", "OP", Unit.RATIO),
    (r"average of investment", "INV", Unit.RATIO),
)

_MANGLED = re.compile(r"(\d{1,2})-(Dec|Qnt)")


@dataclass(frozen=True, slots=True)
class Section:
    """What the values under one title are: the block part of the series id, and the unit."""

    code: str
    unit: Unit
    known: bool = True


def file_set(stem: str) -> str:
    """Return the first part of the series ids of a file.

    >>> file_set("6_Portfolios_2x3_weekly"), file_set("F-F_Research_Data_Factors_daily")
    ('FF.6_2x3', 'FF')
    """
    stem = re.sub(r"(_weekly|_daily|_CSV)+$", "", stem, flags=re.IGNORECASE)
    if stem in _FACTOR_SETS:
        return _FACTOR_SETS[stem]
    for pattern, form in _STEM_PATTERNS:
        if found := pattern.fullmatch(stem):
            return found.expand(form)
    return f"FF.{stem}"


def section(title: str, factors: bool) -> Section:
    """Return what a section holds.

    Factor files have returns without a title, or under "Annual Factors". A title that fits no
    pattern becomes a code of its own with the unit ratio, and `known` is False.

    >>> section("  Average Value Weighted Returns -- Monthly", False).code
    'VW'
    """
    text = re.sub(r"\s+", " ", title).strip().lower()
    if factors and (not text or text.startswith("annual factors")):
        return Section("", Unit.PERCENT)
    for pattern, code, unit in _TITLES:
        if found := re.search(pattern, text):
            return Section(found.expand(code).upper(), unit)
    if not text:  # value-weighted returns come first in every file of the library
        return Section("VW", Unit.PERCENT, known=False)
    return Section(re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")[:40], Unit.RATIO, known=False)


def column_code(name: str, factors: bool) -> str:
    """Return the part of a series id that stands for a column.

    >>> column_code("Mkt-RF", True), column_code("SMALL LoBM", False), column_code("<= 0", False)
    ('MKT-RF', 'SMALL_LoBM', 'LE0')
    """
    name = name.strip()
    if factors:
        return name.upper().replace(" ", "_")
    return re.sub(r"\s+", "_", name.replace("<= 0", "LE0").replace("<=0", "LE0"))


def repaired(name: str) -> str | None:
    """Return a column name that a spreadsheet took for a date as it was, or None.

    >>> repaired("2-Dec"), repaired("Dec 2")
    ('Dec 2', None)
    """
    found = _MANGLED.fullmatch(name.strip())
    return f"{found.group(2)} {found.group(1)}" if found else None
