"""The pace of requests, and when there is another try."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import CODES, FetchError
from rotascope.ingest.fetch.limits import RATES, HostLimits
from rotascope.ingest.fetch.policy import MAY_PASS, Policy, retry_after
from standin.clock import FakeClock

HOSTS = st.sampled_from(["query1.finance.yahoo.com", "fc.yahoo.com", "www.sec.gov", "data.sec.gov", "x.org"])


@given(st.lists(st.tuples(HOSTS, st.floats(0.0, 3.0)), max_size=60))
def test_requests_to_a_domain_keep_their_distance(asked: list[tuple[str, float]]) -> None:
    """The reference: the moments of each domain, listed, are at least 1/rate apart."""
    clock = FakeClock()
    limits = HostLimits(clock.clock())
    moments: dict[str, list[float]] = {}
    for host, idle in asked:
        clock.passed += idle
        before = clock.passed
        limits.wait(host)
        domain = ".".join(host.split(".")[-2:])
        past = moments.setdefault(domain, [])
        rate = RATES.get(domain, 2.0)
        earliest = past[-1] + 1.0 / rate if past else 0.0
        assert clock.passed == pytest.approx(max(before, earliest))  # no earlier, and no later than needed
        past.append(clock.passed)


def test_published_limits() -> None:
    assert RATES["yahoo.com"] == 1.0
    assert RATES["sec.gov"] <= 10.0


def test_threads_take_moments_of_their_own() -> None:
    clock = FakeClock()
    limits = HostLimits(clock.clock(), {}, default=5.0)
    threads = [threading.Thread(target=limits.wait, args=("x.org",)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    limits.wait("x.org")
    assert clock.passed >= 50 / 5.0 - 1e-9


def test_a_pause_holds_the_domain_only() -> None:
    clock = FakeClock()
    limits = HostLimits(clock.clock())
    limits.pause("query1.finance.yahoo.com", 30.0)
    limits.wait("x.org")
    assert clock.passed == 0.0
    limits.wait("fc.yahoo.com")
    assert clock.passed == 30.0


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_rates_that_cannot_be(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        HostLimits(FakeClock().clock(), {"x.org": rate})


@given(
    st.sampled_from(sorted(CODES)),
    st.sampled_from([None, 400, 429, 500, 501, 502, 503, 504, 505]),
    st.one_of(st.none(), st.floats(0.0, 1e6)),
    st.integers(1, 6),
    st.floats(0.0, 0.999),
)
def test_delays(code: str, status: int | None, wait: float | None, tried: int, chance: float) -> None:
    policy = Policy()
    error = FetchError(code, "x", url="u", status=status, retry_after=wait)
    delay = policy.delay(error, tried, chance)
    passes = code in MAY_PASS or (code == "server_error" and status in (500, 502, 503, 504))
    if not passes or tried >= policy.tries or (wait is not None and wait > policy.patience):
        assert delay is None
        return
    assert delay is not None and delay >= (wait or 0.0)
    assert delay <= (wait or 0.0) + policy.longest


def test_retry_after_dates_and_numbers() -> None:
    now = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
    assert retry_after("0", now) == 0.0
    assert retry_after(" 12.5 ", now) == 12.5
    assert retry_after("Thu, 01 Oct 2026 12:01:00 GMT", now) == 60.0
    assert retry_after("Thu, 01 Oct 2026 14:01:00 +0200", now) == 60.0
    assert retry_after("Thu, 01 Oct 2026 11:00:00 GMT", now) == 0.0
    for nonsense in ("", "soon", "nan", "inf", "1e999", "Thu, 01 Foo 2026", "2026-10-01T12:01:00Z"):
        assert retry_after(nonsense, now) is None


@given(st.text(max_size=60))
def test_retry_after_never_fails(text: str) -> None:
    value = retry_after(text, datetime(2026, 10, 1, tzinfo=UTC))
    assert value is None or value >= 0.0
