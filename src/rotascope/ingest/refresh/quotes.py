"""What a ticker last cost: live from a source where that can be had, or else its last stored close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, FetchError
from rotascope.ingest.providers import quotes as live
from rotascope.ingest.refresh.refresh import LATE, Freshness
from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field
from rotascope.model.units import Unit
from rotascope.store.reader import Reader
from rotascope.store.series import to_date

_STATES = {
    "open": "the market is open",
    "closed": "the market is closed",
    "pre_market": "before the session",
    "after_hours": "after the session",
}
_UNREACHABLE = frozenset({"unreachable", "timeout"})
_RECENT = timedelta(days=14)


class QuoteSource(Protocol):
    """A provider that can be asked what a ticker costs now."""

    def quotes(self, series: Sequence[str], fetcher: Fetcher) -> Mapping[str, live.Quote]:
        """Return quotes by series; none for what it does not know. Raises FetchError."""

    def quote(self, series: str, fetcher: Fetcher) -> live.Quote:
        """Return the quote of one series another way, for when the first fails. Raises FetchError."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A last price and what it is.

    kind `live`: a source's last price at `time` (with time zone). kind `close`: the stored close of `day`,
    which is never called the price of now. last, prior_close: in `unit` (a currency, or points); prior_close
    is the close of the session before, None if unknown. state: of the market: open, closed, pre_market,
    after_hours or unknown. delay: in words. why_not_live: empty for a live quote. late: a newer close was
    due.
    """

    series: str
    kind: Literal["live", "close"]
    last: float
    prior_close: float | None
    unit: str
    source: str
    time: datetime | None = None
    day: date | None = None
    prior_day: date | None = None
    state: str = "unknown"
    delay: str = ""
    why_not_live: str = ""
    late: bool = False

    @property
    def change(self) -> float | None:
        """Return the change since the prior close in the unit of the price, None if unknown."""
        return None if self.prior_close is None else self.last - self.prior_close

    @property
    def change_percent(self) -> float | None:
        """Return the change since the prior close in percent: 1.5 is one and a half percent up."""
        if self.prior_close is None or self.prior_close <= 0.0:
            return None
        return 100.0 * (self.last / self.prior_close - 1.0)

    def when(self) -> str:
        """Say of when the price is: a time and how delayed, or 'close of' a day."""
        if self.kind == "close" or self.time is None:
            return f"close of {self.day}" + (" (late: a newer one was due)" if self.late else "")
        at = self.time.strftime("%Y-%m-%d %H:%M %Z").strip()
        state = _STATES.get(self.state, "state of the market unknown")
        return f"{at}, {self.delay}, {state}"

    def as_json(self) -> dict[str, Any]:
        """Return the quote as JSON values; times as ISO 8601 with offset."""
        return {
            "series": self.series,
            "kind": self.kind,
            "last": self.last,
            "prior_close": self.prior_close,
            "change": self.change,
            "change_percent": self.change_percent,
            "unit": self.unit,
            "time": self.time.isoformat() if self.time else None,
            "day": self.day.isoformat() if self.day else None,
            "prior_day": self.prior_day.isoformat() if self.prior_day else None,
            "state": self.state,
            "delay": self.delay,
            "source": self.source,
            "when": self.when(),
            "why_not_live": self.why_not_live,
            "late": self.late,
        }


def live_quotes(
    series: Sequence[str], source: QuoteSource, fetcher: Fetcher
) -> tuple[dict[str, live.Quote], dict[str, str]]:
    """Return live quotes by series, and for each series without one the reason.

    Asks for all at once, then one by one the other way where that failed; a source that cannot be reached is
    not asked again.
    """
    found: dict[str, live.Quote] = {}
    reasons: dict[str, str] = {}
    try:
        found.update(source.quotes(series, fetcher))
    except FetchError as error:
        reasons = dict.fromkeys(series, f"{error.code}: {error.message}")
        if error.code in _UNREACHABLE:
            return {}, reasons
    for name in series:
        if name in found:
            continue
        try:
            found[name] = source.quote(name, fetcher)
        except FetchError as error:
            reasons.setdefault(name, f"{error.code}: {error.message}")
            if error.code in _UNREACHABLE:
                break
    return found, {n: reasons.get(n, "the source has no quote of it") for n in series if n not in found}


def from_live(quote: live.Quote, zone: Any) -> Quote:
    """Return a live quote with its time in the exchange's time zone."""
    return Quote(
        quote.series,
        "live",
        quote.last,
        quote.previous_close,
        quote.unit,
        quote.source,
        time=quote.time.astimezone(zone),
        state=quote.state,
        delay=quote.timeliness(),
    )


def from_close(reader: Reader, series: str, today: date, freshness: Freshness, why: str) -> Quote:
    """Return the last stored close as a quote. Raises: NotAvailableError if there is none."""
    data = reader.read(series, Field.CLOSE, as_of=today)
    rows = np.flatnonzero(~np.isnan(data.values))
    if not len(rows):
        raise NotAvailableError(f"No close of {series} is known.", fix=f"Not live either: {why}.")
    day = to_date(data.dates[rows[-1]])
    prior = int(rows[-2]) if len(rows) > 1 and _recent(day, to_date(data.dates[rows[-2]])) else None
    return Quote(
        series,
        "close",
        float(data.values[rows[-1]]),
        None if prior is None else float(data.values[prior]),
        _unit(data.meta.unit),
        f"{data.source.publisher} ({data.source.id})",
        day=day,
        prior_day=None if prior is None else to_date(data.dates[prior]),
        why_not_live=why,
        late=freshness(data.meta.frequency, day, today).state == LATE,
    )


def _recent(day: date, before: date) -> bool:
    return day - before <= _RECENT


def _unit(unit: Unit) -> str:
    return {Unit.USD: "USD", Unit.INDEX_LEVEL: "points", Unit.PERCENT: "percent"}.get(unit, str(unit))
