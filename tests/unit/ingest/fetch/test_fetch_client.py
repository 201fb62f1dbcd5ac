"""The fetcher against the stand-in server: what is tried again, what is waited for, kept and shown."""

from __future__ import annotations

import gzip
import logging
import threading
import time
import traceback
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from rotascope.ingest.fetch.base import CODES, FetchError, Request, Response
from rotascope.ingest.fetch.client import HttpFetcher
from rotascope.ingest.fetch.evidence import Evidence
from rotascope.ingest.fetch.limits import Clock, HostLimits
from rotascope.ingest.fetch.policy import Policy
from standin.clock import NOON, FakeClock
from standin.server import Reply, StandIn

URL = "https://data.example.org/rates.csv"
CSV = "date,rate\n2026-01-02,4.5\n2026-01-05,4.6\n"
SECRET = "k3y-0f-forty-characters-that-nobody-sees"


@pytest.fixture
def server() -> object:
    with StandIn() as running:
        running.add(URL, Reply.csv(CSV))
        yield running


def refused(fetcher: HttpFetcher, request: Request | None = None) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.get(request or Request(URL, accept="csv"))
    assert caught.value.code in CODES
    return caught.value


def test_a_good_answer_is_on_disk_before_it_is_returned(server: StandIn, tmp_path: Path) -> None:
    fetcher = server.fetcher(tmp_path)
    response = fetcher.get(Request(URL, accept="csv"))
    assert response.body == CSV.encode()
    assert (response.status, response.unchanged, response.fetched_at) == (200, False, NOON)
    path = tmp_path / "evidence" / response.sha256[:2] / f"{response.sha256}.gz"
    assert gzip.decompress(path.read_bytes()) == CSV.encode()
    row = fetcher.evidence.row(URL)
    assert row is not None and (row.sha256, row.size) == (response.sha256, len(CSV))


@pytest.mark.parametrize(
    ("how", "code"), [("500", "server_error"), ("cut_off", "cut_off"), ("429", "rate_limited")]
)
@pytest.mark.parametrize("times", [1, 3])
def test_what_passes_is_tried_again(server: StandIn, tmp_path: Path, how: str, code: str, times: int) -> None:
    server.spoil(how, times=times)
    assert server.fetcher(tmp_path).get(Request(URL, accept="csv")).body == CSV.encode()
    assert len(server.seen) == times + 1
    server.spoil(how)
    assert refused(server.fetcher(tmp_path)).code == code
    assert len(server.seen) == times + 1 + 4


@pytest.mark.parametrize("how", ["401_crumb", "403", "404", "html_wall", "quota_text", "empty", "json_null"])
def test_what_does_not_pass_is_asked_once(server: StandIn, tmp_path: Path, how: str) -> None:
    server.spoil(how)
    clock = FakeClock()
    refused(server.fetcher(tmp_path, clock))
    assert len(server.seen) == 1 and clock.slept == []


def test_backoff_grows_and_differs(server: StandIn, tmp_path: Path) -> None:
    """By hand: half a second, one, two; each between half of it and all of it."""
    server.spoil("503")
    for chance, waits in ((0.0, [0.25, 0.5, 1.0]), (0.999999, [0.5, 1.0, 2.0])):
        clock = FakeClock()
        limits = HostLimits(clock.clock(), default=1e9)
        refused(server.fetcher(tmp_path, clock, chance=lambda c=chance: c, limits=limits))
        assert [w for w in clock.slept if w > 1e-6] == pytest.approx(waits, rel=1e-5)


@pytest.mark.parametrize("value", ["7", "Thu, 01 Oct 2026 12:00:07 GMT"])
def test_retry_after_is_honoured(server: StandIn, tmp_path: Path, value: str) -> None:
    server.spoil(lambda _: Reply(b"slower", 429, headers=(("Retry-After", value),)), times=1)
    clock = FakeClock()
    assert server.fetcher(tmp_path, clock, chance=lambda: 0.0).get(Request(URL, accept="csv")).status == 200
    assert clock.passed == pytest.approx(7.25)


def test_retry_after_hours_is_not_waited_for_and_closes_the_host(server: StandIn, tmp_path: Path) -> None:
    server.spoil("429_retry_after_hours", times=1)
    clock = FakeClock()
    fetcher = server.fetcher(tmp_path, clock)
    error = refused(fetcher)
    assert (error.code, error.retry_after, clock.slept) == ("rate_limited", 7200.0, [])
    assert refused(fetcher, Request("https://data.example.org/other.csv")).code == "rate_limited"
    assert len(server.seen) == 1  # the host asked for peace
    clock.passed += 7201.0
    assert fetcher.get(Request(URL, accept="csv")).status == 200


def test_retry_after_nonsense_is_ignored(server: StandIn, tmp_path: Path) -> None:
    for value in ("soon", "-5", "inf", "nan", "Thu, 99 Foo"):
        server.heal()
        server.spoil(lambda _, v=value: Reply(b"", 429, headers=(("Retry-After", v),)), times=1)
        clock = FakeClock()
        assert server.fetcher(tmp_path, clock).get(Request(URL, accept="csv")).status in (200, 304)
        assert clock.passed < 10.0


def test_the_budget_ends_all_tries(server: StandIn, tmp_path: Path) -> None:
    server.spoil(lambda _: Reply(b"", 429, headers=(("Retry-After", "50"),)))
    clock = FakeClock()
    refused(server.fetcher(tmp_path, clock, policy=Policy(budget=60.0)))
    assert len(server.seen) == 2 and clock.passed < 60.0


def test_no_answer_in_time(server: StandIn, tmp_path: Path) -> None:
    server.spoil("slow")
    begun = time.monotonic()
    error = refused(server.fetcher(tmp_path, policy=Policy(read=0.05, tries=2)))
    assert error.code == "timeout" and time.monotonic() - begun < 5.0
    server.heal()
    server.spoil("slow", times=1)
    assert server.fetcher(tmp_path, policy=Policy(read=0.3)).get(Request(URL, accept="csv")).status == 200


def test_an_answer_that_trickles_ends_at_the_total(server: StandIn, tmp_path: Path) -> None:
    """Each piece comes in time; all of them together do not. The clock is a real one here."""
    server.spoil("trickle")
    clock = Clock(now=lambda: NOON, monotonic=time.monotonic, sleep=lambda _: None)
    fetcher = HttpFetcher(
        Evidence(tmp_path),
        clock=clock,
        policy=Policy(total=0.2, tries=1),
        route=server.route,
        trust_env=False,
    )
    with fetcher:
        assert refused(fetcher).code == "timeout"


def test_nobody_listens(tmp_path: Path) -> None:
    with StandIn() as server:
        pass
    clock = FakeClock()
    with HttpFetcher(Evidence(tmp_path), clock=clock.clock(), route=server.route, trust_env=False) as fetcher:
        assert refused(fetcher).code == "unreachable"
        assert refused(fetcher, Request("ftp://example.org/x")).code == "bad_redirect"
    assert clock.slept == []


def test_too_large(server: StandIn, tmp_path: Path) -> None:
    bomb = Reply(b"a,1\n" * 2_000_000, packed=True)
    server.add(URL, bomb)
    assert refused(server.fetcher(tmp_path, policy=Policy(max_bytes=1_000_000))).code == "too_large"
    server.add(URL, Reply(b"x" * 5000, headers=(("Content-Encoding", "br"),)))
    assert refused(server.fetcher(tmp_path)).code == "bad_encoding"


def test_packed_answers_are_unpacked(server: StandIn, tmp_path: Path) -> None:
    server.add(URL, Reply(CSV.encode() * 500, packed=True))
    assert server.fetcher(tmp_path).get(Request(URL, accept="csv")).body == CSV.encode() * 500
    server.add(URL, Reply(b"\x1f\x8bnot", headers=(("Content-Encoding", "gzip"),)))
    assert refused(server.fetcher(tmp_path)).code == "bad_encoding"


# ---- what is known already -----------------------------------------------------------------------------


def test_etag(server: StandIn, tmp_path: Path) -> None:
    server.add(URL, Reply(CSV.encode(), etag=True))
    clock = FakeClock()
    fetcher = server.fetcher(tmp_path, clock)
    first = fetcher.get(Request(URL, accept="csv"))
    clock.passed = 3600.0
    second = fetcher.get(Request(URL, accept="csv"))
    assert (second.status, second.unchanged, second.body) == (304, True, first.body)
    assert second.fetched_at == NOON  # the bytes are as old as they were
    row = fetcher.evidence.row(URL)
    assert row is not None and row.checked_at == NOON + timedelta(hours=1) and row.fetched_at == NOON
    assert "if-none-match" in server.seen[1].headers
    server.add(URL, Reply((CSV + "2026-01-06,4.7\n").encode(), etag=True))
    third = fetcher.get(Request(URL, accept="csv"))
    assert (third.status, third.unchanged) == (200, False) and third.fetched_at >= NOON + timedelta(hours=1)
    assert fetcher.get(Request(URL, accept="csv", conditional=False)).status == 200


def test_last_modified(server: StandIn, tmp_path: Path) -> None:
    stamp = "Wed, 30 Sep 2026 22:00:00 GMT"

    def answer(seen: object) -> Reply:
        known = seen.headers.get("if-modified-since") == stamp  # type: ignore[attr-defined]
        return Reply(
            b"" if known else CSV.encode(), 304 if known else 200, headers=(("Last-Modified", stamp),)
        )

    server.add(URL, answer)
    fetcher = server.fetcher(tmp_path)
    assert [fetcher.get(Request(URL, accept="csv")).unchanged for _ in range(2)] == [False, True]


def test_the_same_bytes_without_any_tag_are_unchanged(server: StandIn, tmp_path: Path) -> None:
    fetcher = server.fetcher(tmp_path)
    assert [fetcher.get(Request(URL, accept="csv")).unchanged for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    "damage", [b"", b"garbage", gzip.compress(b"other bytes", mtime=0)], ids=["empty", "garbage", "other"]
)
def test_damaged_evidence_is_fetched_again(server: StandIn, tmp_path: Path, damage: bytes) -> None:
    server.add(URL, Reply(CSV.encode(), etag=True))
    fetcher = server.fetcher(tmp_path)
    sha = fetcher.get(Request(URL, accept="csv")).sha256
    path = tmp_path / "evidence" / sha[:2] / f"{sha}.gz"
    path.write_bytes(damage)
    again = fetcher.get(Request(URL, accept="csv"))
    assert again.status == 200 and again.body == CSV.encode()
    assert gzip.decompress(path.read_bytes()) == CSV.encode()


def test_a_304_that_was_not_asked_for_is_an_error(server: StandIn, tmp_path: Path) -> None:
    server.add(URL, Reply(b"", 304))
    assert refused(server.fetcher(tmp_path)).code == "bad_redirect"


def test_a_refused_answer_does_not_replace_the_good_one(server: StandIn, tmp_path: Path) -> None:
    fetcher = server.fetcher(tmp_path)
    good = fetcher.get(Request(URL, accept="csv"))
    server.spoil("html_wall")
    refused(fetcher)
    row = fetcher.evidence.row(URL)
    assert row is not None and row.sha256 == good.sha256
    kept = list((tmp_path / "evidence" / "refused").glob("*.gz"))
    assert len(kept) == 1 and b"JavaScript" in gzip.decompress(kept[0].read_bytes())


# ---- secrets -------------------------------------------------------------------------------------------


def everything_written(folder: Path) -> bytes:
    out = b""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            out += str(path).encode() + data + (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else b"")
    return out


@pytest.mark.parametrize(
    "how", ["500", "401_crumb", "403", "cut_off", "slow", "gzip_broken", "html_wall", "redirect_loop", "good"]
)
def test_no_secret_anywhere(
    server: StandIn, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    if how != "good":
        server.spoil(how)
    request = Request(
        URL, {"id": "A"}, secret_params={"api_key": SECRET}, secret_headers={"X-Token": f"Token {SECRET}"}
    )
    shown = repr(request)
    try:
        response = server.fetcher(tmp_path, policy=Policy(read=0.05, tries=2)).get(request)
        shown += repr(response) + response.url
    except FetchError as error:
        shown += "".join(traceback.format_exception(error)) + repr(error) + error.url + error.detail
        cause: BaseException | None = error
        while cause is not None:
            shown += repr(cause) + repr(vars(cause))
            cause = cause.__cause__ or cause.__context__
    assert all(seen.query["api_key"] == SECRET for seen in server.seen[:1])
    assert all(seen.headers["x-token"] == f"Token {SECRET}" for seen in server.seen[:1])
    shown += caplog.text + "".join(repr(vars(r)) for r in caplog.records)
    assert SECRET not in shown
    assert SECRET.encode() not in everything_written(tmp_path)


def test_a_secret_that_comes_back_is_not_kept(server: StandIn, tmp_path: Path) -> None:
    request = Request(URL, secret_params={"api_key": SECRET}, accept="csv")
    server.add(URL, Reply(f"a,b\n1,{SECRET}\n".encode()))
    assert refused(server.fetcher(tmp_path), request).code == "secret_echoed"
    server.add(URL, Reply(f"The value for variable api_key ({SECRET}) is not registered.".encode(), 400))
    error = refused(server.fetcher(tmp_path), request)
    assert error.code == "unauthorised" and "***" in error.detail
    assert SECRET.encode() not in everything_written(tmp_path) + str(error).encode()


def test_credentials_are_not_kept_at_all(server: StandIn, tmp_path: Path) -> None:
    server.add(URL, Reply(b"crumb-crumb"))
    response = server.fetcher(tmp_path).get(Request(URL, keep=False))
    assert response.body == b"crumb-crumb" and everything_written(tmp_path) == b""


def test_redirects_are_followed_without_secrets_to_strangers(server: StandIn, tmp_path: Path) -> None:
    other = "https://cdn.example.net/file.csv"
    server.add(other, Reply.csv(CSV))
    server.add("https://data.example.org/moved", Reply(b"", 302, headers=(("Location", other),)))
    request = Request(
        "https://data.example.org/moved",
        headers={"Accept-Language": "en"},
        secret_params={"api_key": SECRET},
        secret_headers={"Cookie": SECRET},
        accept="csv",
    )
    assert server.fetcher(tmp_path).get(request).body == CSV.encode()
    stranger = server.seen[-1]
    assert stranger.url == other and "api_key" not in stranger.query and "cookie" not in stranger.headers
    assert stranger.headers["accept-language"] == "en"
    server.add(
        "https://data.example.org/moved", Reply(b"", 302, headers=(("Location", "file:///etc/passwd"),))
    )
    assert refused(server.fetcher(tmp_path), request).code == "bad_redirect"


def test_cookies_are_not_sent_by_themselves(server: StandIn, tmp_path: Path) -> None:
    server.add(URL, Reply(CSV.encode(), headers=(("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"))))
    fetcher = server.fetcher(tmp_path)
    response = fetcher.get(Request(URL))
    assert response.headers["set-cookie"].splitlines() == ["a=1; Path=/", "b=2"]
    fetcher.get(Request(URL))
    assert "cookie" not in server.seen[1].headers


# ---- many at once --------------------------------------------------------------------------------------


def test_threads_share_the_pace_and_the_evidence(server: StandIn, tmp_path: Path) -> None:
    for number in range(12):
        server.add(f"https://data.example.org/{number}.csv", Reply.csv(f"a,b\n{number},1\n"))
    clock = FakeClock()
    fetcher = server.fetcher(tmp_path, clock)
    out: list[Response] = []

    def work(number: int) -> None:
        out.append(fetcher.get(Request(f"https://data.example.org/{number % 12}.csv", accept="csv")))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(r.body for r in out) == {f"a,b\n{n},1\n".encode(): 2 for n in range(12)}
    # 24 requests at two a second: the last is sent after 11.5 seconds, less what others' waiting spared.
    assert clock.passed >= 11.5
    assert len(list(fetcher.evidence.rows())) == 12


def test_answers_of_one_address_do_not_wait_for_a_failing_one(server: StandIn, tmp_path: Path) -> None:
    server.add("https://broken.example.org/x", Reply(b"", 500))
    fetcher = server.fetcher(tmp_path)
    assert refused(fetcher, Request("https://broken.example.org/x")).code == "server_error"
    assert fetcher.get(Request(URL, accept="csv")).status == 200
