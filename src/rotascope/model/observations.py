"""Observations: what a source said about one series on one date.

A single value is ``(series, field, date, value)``. Everything that is the same for all values of one
series and field in one file (unit, source, vintage, ...) is said once, in `SeriesMeta`.

Four dates are kept apart and never stand in for one another:

* observation date: the day (or the last day of the period) that the value describes;
* vintage: the day on which this version of the values became known, for data that is revised;
* retrieved_at: when the bytes were fetched or imported here;
* as_of: the day a reader looks from. Nothing is visible to it that was not known then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from rotascope.model.units import Unit


class Field(StrEnum):
    """Which property of a series a value states."""

    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    CLOSE = "close"  # adjusted for splits, not for dividends
    ADJUSTED_CLOSE = "adjusted_close"  # adjusted for both; only its ratios within one snapshot mean anything
    TOTAL_RETURN_INDEX = "total_return_index"
    DIVIDEND = "dividend"
    SPLIT = "split"
    VOLUME = "volume"
    VALUE = "value"  # rates, factor returns, macro series: the value itself
    FLOW = "flow"
    SHARES = "shares"
    NAV = "nav"
    WEIGHT = "weight"
    MARKET_VALUE = "market_value"
    SESSION = "session"  # 1 on each session of an exchange calendar
    SCHEDULED = "scheduled"  # the day of an event as YYYYMMDD, dated with the day on which it became known


class Frequency(StrEnum):
    """How often a series has a value. Period values are dated on the last day of their period."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    IRREGULAR = "irregular"


class Standing(StrEnum):
    """What a value is worth as evidence."""

    DATABASE = "database"  # a row of a market database
    REPORTED = "reported"  # a figure that a publication printed; cited as reported, never as a row


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from. `id` is short and stable; it is what facts and rows refer to."""

    id: str
    publisher: str
    title: str = ""
    url: str = ""
    licence: str = ""
    published: date | None = None  # for articles: the day they appeared
    retrieved_at: datetime | None = None
    sha256: str = ""  # of the raw bytes, where they are kept
    standing: Standing = Standing.DATABASE


@dataclass(frozen=True, slots=True)
class SeriesMeta:
    """What all values of one series and field in one snapshot share.

    `vintage` None means that values are final when they appear (prices, yields): each is known from
    its own date on. A set vintage means revised data: none of it is visible before that day.
    """

    series: str
    field: Field
    unit: Unit
    frequency: Frequency
    source: str  # Source.id
    vintage: date | None = None
    retrieved_at: datetime | None = None
    attributes: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
