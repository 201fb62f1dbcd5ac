"""How often a host is asked. All threads of a program share one `HostLimits`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

# Requests a second, for a host and all hosts below it. SEC allows 10 a second in all; two of them may come
# closer together on arrival than they were sent, hence 8.
RATES: Mapping[str, float] = MappingProxyType({"yahoo.com": 1.0, "sec.gov": 8.0})
DEFAULT_RATE = 2.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as a fetcher sees it: the time of day, seconds that only grow, and waiting."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]


class HostLimits:
    """Gives each request to a host a moment of its own, at least 1/rate seconds after the one before.

    rates: requests a second by domain, which covers its subdomains together; the longest fitting domain
    counts. Hosts that fit none have `default` each for itself.
    """

    def __init__(
        self, clock: Clock, rates: Mapping[str, float] = RATES, default: float = DEFAULT_RATE
    ) -> None:
        for host, rate in {**rates, "other hosts": default}.items():
            if not rate > 0:
                raise ValueError(f"The rate for {host} is {rate}; it must be above 0 requests a second.")
        self._clock = clock
        self._rates = dict(rates)
        self._default = default
        self._free: dict[str, float] = {}  # from when on the next request may go
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        """Wait until a request to `host` may be sent, and take that moment."""
        domain, rate = self._domain(host)
        with self._lock:
            now = self._clock.monotonic()
            moment = max(now, self._free.get(domain, now))
            self._free[domain] = moment + 1.0 / rate
        # Outside the lock: while one thread waits, others may take the moments after it.
        while (left := moment - self._clock.monotonic()) > 0:
            self._clock.sleep(left)

    def pause(self, host: str, seconds: float) -> None:
        """Send nothing to `host` for so long: it said that there were too many requests."""
        domain, _ = self._domain(host)
        with self._lock:
            now = self._clock.monotonic()
            self._free[domain] = max(self._free.get(domain, now), now + seconds)

    def _domain(self, host: str) -> tuple[str, float]:
        fitting = [d for d in self._rates if host == d or host.endswith(f".{d}")]
        domain = max(fitting, key=len, default=host)
        return domain, self._rates.get(domain, self._default)
