"""Fetching over HTTP: one place for time limits, retries, the pace of each host, evidence and secrets."""

from __future__ import annotations

import logging
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx2
import stamina

from rotascope.ingest.fetch import status
from rotascope.ingest.fetch.base import FetchError, Request, Response
from rotascope.ingest.fetch.evidence import Evidence, Row
from rotascope.ingest.fetch.judge import judge, quote
from rotascope.ingest.fetch.limits import Clock, HostLimits
from rotascope.ingest.fetch.policy import Policy
from rotascope.ingest.fetch.redact import hide, hide_bytes, kept_url, secret_values

USER_AGENT = "Mozilla/5.0 (compatible; Rotascope; market research)"
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str = ""  # where a redirect led last; empty if none did


class _NoAddresses(logging.Filter):
    """Drops the client library's line for each request: it names the address with its keys."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


def _quiet() -> None:
    """Keep addresses out of the log, and retries off the screen of a program that set up no log."""
    requests, retries = logging.getLogger("httpx2"), logging.getLogger("stamina")
    if not any(isinstance(f, _NoAddresses) for f in requests.filters):
        requests.addFilter(_NoAddresses())
    if not retries.handlers:
        retries.addHandler(logging.NullHandler())


class HttpFetcher:
    """A Fetcher over HTTP. Safe to share between threads; close it, or use it as a context manager.

    Parameters: evidence, where answers are kept; clock, see `Clock`; limits, the pace of each host (shared
    with other fetchers if they go to the same hosts); route, the address that a request really goes to
    (tests send everything to a server of their own); chance, random numbers in [0, 1) for the backoff;
    trust_env, whether proxies are taken from the environment; user_agent, what the program calls itself.

    A source's answer is on disk before it is returned. Answers that are refused do not replace the last
    good one.
    """

    def __init__(
        self,
        evidence: Evidence,
        *,
        clock: Clock,
        policy: Policy | None = None,
        limits: HostLimits | None = None,
        route: Callable[[str], str] = lambda url: url,
        chance: Callable[[], float] = random.random,
        user_agent: str = USER_AGENT,
        trust_env: bool = True,
        verify: bool = True,
    ) -> None:
        self.evidence = evidence
        self.policy = policy or Policy()
        self._clock = clock
        self._limits = limits or HostLimits(clock)
        self._route = route
        self._chance = chance
        self._closed: dict[str, tuple[float, FetchError]] = {}
        _quiet()
        self._client = httpx2.Client(
            headers={"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"},
            timeout=httpx2.Timeout(self.policy.read, connect=self.policy.connect),
            # Cookies go where a provider sends them, and nowhere by themselves.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=trust_env,
            verify=verify,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> HttpFetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, request: Request) -> Response:
        """Return the bytes, or raise FetchError after the last try."""
        url = kept_url(request)
        row, known = self._known(request, url)
        begun = self._clock.monotonic()
        wait = 0.0
        tried = 0

        def again(error: Exception) -> bool | float:
            nonlocal wait
            if not isinstance(error, FetchError):
                return False
            delay = self.policy.delay(error, tried, self._chance())
            if delay is None or self._clock.monotonic() - begun + delay > self.policy.budget:
                return False
            if error.code == "rate_limited":
                self._limits.pause(urlsplit(request.url).hostname or "", delay)
            wait = delay
            return 0.0  # the waiting is done below, by the clock that was handed in

        for attempt in stamina.retry_context(on=again, attempts=self.policy.tries, timeout=None):
            with attempt:
                if wait:
                    self._clock.sleep(wait)
                tried += 1
                return self._once(request, url, row, known)
        raise AssertionError("the last try returns or raises")

    def _known(self, request: Request, url: str) -> tuple[Row | None, bytes | None]:
        """Return the row of an address and its bytes; no bytes if the source is not to be asked for news."""
        row = self.evidence.row(url)
        if row is None or not request.conditional or not (row.etag or row.last_modified):
            return row, None
        return row, self.evidence.body(row.sha256)

    def _once(self, request: Request, url: str, row: Row | None, known: bytes | None) -> Response:
        secrets = secret_values(request)
        answer = self._follow(request, url, row if known is not None else None)
        if isinstance(answer, FetchError):
            raise answer
        if answer.status == 304 and row is not None and known is not None:
            self.evidence.note(replace(row, checked_at=self._clock.now()))
            return Response(url, 304, answer.headers, known, row.fetched_at, unchanged=True)
        wanted = 200 <= answer.status < 300 or answer.status in request.ok
        failed = None if wanted else self._refusal(answer, url, secrets)
        if failed is None and answer.status not in request.ok:
            failed = self._content(request, answer, url, secrets)
        if failed is not None:
            self._close_host(request, failed)
            if answer.body and request.keep:
                self.evidence.refuse(url, hide_bytes(answer.body, secrets))
            raise failed
        if not request.keep:
            return Response(url, answer.status, answer.headers, answer.body, self._clock.now())
        return self._good(answer, url, row)

    def _close_host(self, request: Request, failed: FetchError) -> None:
        """Ask a host nothing more until the time it named, if that is too long to wait for."""
        seconds = failed.retry_after or 0.0
        if failed.code in ("rate_limited", "quota", "server_error") and seconds > self.policy.patience:
            host = urlsplit(request.url).hostname or ""
            self._closed[host] = (self._clock.monotonic() + seconds, failed)

    def _good(self, answer: _Answer, url: str, row: Row | None) -> Response:
        """Keep an answer, and return it."""
        sha256 = self.evidence.keep(answer.body)
        now = self._clock.now()
        same = row is not None and row.sha256 == sha256
        first = row.fetched_at if row is not None and same else now
        headers = answer.headers
        tags = (headers.get("etag", ""), headers.get("last-modified", ""))
        self.evidence.note(Row(url, sha256, len(answer.body), *tags, fetched_at=first, checked_at=now))
        return Response(url, answer.status, headers, answer.body, first, unchanged=same)

    def _refusal(self, answer: _Answer, url: str, secrets: tuple[str, ...]) -> FetchError:
        return status.failure(
            answer.status, answer.headers, hide(quote(answer.body), secrets), url=url, now=self._clock.now()
        )

    def _content(
        self, request: Request, answer: _Answer, url: str, secrets: tuple[str, ...]
    ) -> FetchError | None:
        """Return why the content is refused, None if it is good."""
        if hide_bytes(answer.body, secrets) != answer.body:
            return FetchError(
                "secret_echoed", f"The answer of {_host(url)} repeats a key and is not kept.", url=url
            )
        verdict = judge(answer.body, request.accept)
        if verdict is None:
            return None
        where = f" (after a redirect to {answer.location})" if answer.location else ""
        return FetchError(
            verdict.code,
            f"{_host(url)} answered with status {answer.status}{where}, but: {verdict.message}",
            url=url,
            status=answer.status,
            detail=quote(answer.body),
        )

    # ---- one exchange ----------------------------------------------------------------------------------

    def _follow(self, request: Request, url: str, row: Row | None) -> _Answer | FetchError:
        """Send a request and go where redirects lead. Secrets do not go to another host."""
        target = str(httpx2.URL(request.url).copy_merge_params({**request.params, **request.secret_params}))
        headers = {**request.headers, **request.secret_headers, **_conditions(row)}
        home, shown = urlsplit(target).hostname, ""
        for _ in range(self.policy.max_redirects + 1):
            answer = self._send(target, headers, url)
            if isinstance(answer, FetchError):
                return answer
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location or not request.follow:
                return replace(answer, location=shown)
            target = urljoin(target, location)
            shown = hide(target.partition("?")[0], secret_values(request))
            if urlsplit(target).hostname != home:
                headers = {**request.headers}
        return FetchError(
            "bad_redirect",
            f"{_host(url)} redirects more than {self.policy.max_redirects} times, last to {shown}.",
            url=url,
        )

    def _send(self, target: str, headers: Mapping[str, str], url: str) -> _Answer | FetchError:
        """Send one request. Failures are returned, not raised: the client library's own errors hold the
        whole address, and would go along as the cause."""
        host = urlsplit(target).hostname or ""
        if urlsplit(target).scheme not in ("http", "https") or not host:
            return FetchError("bad_redirect", f"{_host(url)} points to no address on the web.", url=url)
        until, refused = self._closed.get(host, (0.0, None))
        if refused is not None and self._clock.monotonic() < until:
            return refused
        self._limits.wait(host)
        deadline = self._clock.monotonic() + self.policy.total
        try:
            with self._client.stream("GET", self._route(target), headers=dict(headers)) as answer:
                encoding = answer.headers.get("content-encoding", "").strip().lower()
                body = self._read(answer.iter_raw(), encoding, deadline)
                return _Answer(answer.status_code, _joined(answer.headers), body)
        except _BodyError as trouble:
            code, what = trouble.code, trouble.what
        except httpx2.TimeoutException:
            code, what = "timeout", f"did not answer within {self.policy.read:g} seconds"
        except httpx2.ConnectError:
            code, what = "unreachable", "cannot be reached"
        except (httpx2.RemoteProtocolError, httpx2.NetworkError):
            code, what = "cut_off", "ended the connection before its answer was complete"
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
            code, what = "bad_request", "cannot be asked at this address"
        return FetchError(code, f"{host} {what}.", url=url, fix=_FIXES.get(code))

    def _read(self, pieces: Iterator[bytes], encoding: str, deadline: float) -> bytes:
        """Return a body, unpacked. The library would let pass a gzip stream that ends too early."""
        unpack = _unpacker(encoding)
        body = bytearray()
        for piece in pieces:
            body += unpack(piece, self.policy.max_bytes)
            if len(body) > self.policy.max_bytes:
                raise _BodyError(
                    "too_large", f"answers with more than {self.policy.max_bytes // 1024**2} megabytes"
                )
            if self._clock.monotonic() > deadline:
                raise _BodyError("timeout", f"did not finish its answer in {self.policy.total:g} seconds")
        body += unpack(b"", self.policy.max_bytes)
        return bytes(body)


class _BodyError(Exception):
    """Something wrong with a body while it is read."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(code)
        self.code, self.what = code, what


_FIXES = {
    "unreachable": "Check the connection, or the proxy that the environment names.",
    "timeout": "Try again later.",
    "cut_off": "Try again later.",
}


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return a function that takes pieces, an empty one last, and returns what they unpack to."""
    if encoding in ("", "identity"):
        return lambda piece, _: piece
    if encoding not in ("gzip", "x-gzip"):
        raise _BodyError("bad_encoding", f"packs its answer as '{encoding[:20]}', which was not asked for")
    stream = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def unpack(piece: bytes, limit: int) -> bytes:
        try:
            out = stream.decompress(piece, limit + 1)
        except zlib.error:
            raise _BodyError("bad_encoding", "sent an answer that cannot be unpacked") from None
        if not piece and not stream.eof:
            raise _BodyError("bad_encoding", "sent a packed answer that ends too early")
        return out

    return unpack


def _joined(headers: httpx2.Headers) -> dict[str, str]:
    """Return headers by lower-case name; several values of one name are on lines of their own."""
    out: dict[str, str] = {}
    for name, value in headers.multi_items():
        out[name.lower()] = f"{out[name.lower()]}\n{value}" if name.lower() in out else value
    return out


def _conditions(row: Row | None) -> dict[str, str]:
    if row is None:
        return {}
    tags = {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified}
    return {name: value for name, value in tags.items() if value}


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
