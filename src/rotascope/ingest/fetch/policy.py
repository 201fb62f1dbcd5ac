"""How long to wait for an answer, and when and how often to ask again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rotascope.ingest.fetch.base import FetchError

MAY_PASS = frozenset({"rate_limited", "timeout", "cut_off", "bad_encoding"})
"""Failures after which asking again makes sense. Of server errors only those in PASSING do."""

PASSING = frozenset({500, 502, 503, 504})
_AFTER_429 = 2.0  # seconds at least, where the source does not say


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of one fetch.

    connect, read: seconds for a connection, and between two pieces of an answer. total: seconds for one try.
    tries: with the first. first, longest: seconds before the second try, doubled each time up to the
    longest. patience: the longest Retry-After that is waited for. budget: seconds for all tries.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 120.0
    tries: int = 4
    first: float = 0.5
    longest: float = 20.0
    patience: float = 60.0
    budget: float = 300.0
    max_bytes: int = 128 * 1024**2
    max_redirects: int = 5

    def delay(self, error: FetchError, tried: int, chance: float) -> float | None:
        """Return the seconds to wait before trying again, or None if it makes no sense.

        tried: tries so far, at least 1. chance: a random number in [0, 1), so that several programs do not
        come back together. The wait is at least what the source asks for; if that is beyond `patience` there
        is no other try.
        """
        if tried >= self.tries or not may_pass(error):
            return None
        backoff = min(self.longest, self.first * 2.0 ** (tried - 1)) * (0.5 + chance / 2.0)
        if error.retry_after is not None:
            return None if error.retry_after > self.patience else error.retry_after + backoff
        return max(backoff, _AFTER_429 * (1.0 + chance)) if error.code == "rate_limited" else backoff


def may_pass(error: FetchError) -> bool:
    """Return whether a failure is one that may be over in a moment."""
    return error.code in MAY_PASS or (error.code == "server_error" and error.status in PASSING)


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or an HTTP date; None if neither.

    A date that is over asks for none.

    >>> retry_after("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> retry_after("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    30.0
    """
    text = value.strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
