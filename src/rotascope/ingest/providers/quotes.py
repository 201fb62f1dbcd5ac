"""A quote: what a market last said about a ticker, and how old that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """The last price of a series. Nothing here is a close, and nothing of it goes into the store.

    last, previous_close: in `unit` (a currency, or points). None is unknown. time: of the last price, with
    time zone. state: open, closed, pre_market, after_hours, or unknown. delay_minutes: how much later than
    the exchange the source says it is; None if it does not say, 0 for real time. source: who was asked.
    """

    series: str
    last: float
    previous_close: float | None
    time: datetime
    state: str
    delay_minutes: int | None
    unit: str
    source: str
    fetched_at: datetime

    @property
    def change(self) -> float | None:
        """Return the change since the previous close as a ratio: 0.01 is one percent up. None if unknown."""
        if self.previous_close is None or self.previous_close <= 0.0:
            return None
        return self.last / self.previous_close - 1.0

    @property
    def age_seconds(self) -> float:
        """Return how old the price was when it was fetched."""
        return (self.fetched_at - self.time).total_seconds()

    def timeliness(self) -> str:
        """Return in words how the price relates to now.

        Delayed is said; where the source does not state a delay that is said too.
        """
        if self.delay_minutes is None:
            return "delay not stated"
        return f"delayed by {self.delay_minutes} minutes" if self.delay_minutes else "real time"
