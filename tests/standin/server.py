"""The stand-in server. It listens on 127.0.0.1 only and knows nothing but what a test has told it.

    with StandIn() as sources:
        sources.add("https://example.org/rates.csv", Reply.csv("date,rate\\n2026-01-02,4.5\\n"))
        sources.spoil("html_wall", times=1)
        fetcher = sources.fetcher(tmp_path)     # an HttpFetcher whose requests all come here
        fetcher.get(Request("https://example.org/rates.csv", accept="csv"))

Addresses are the real ones of the sources. `StandIn.route` turns ``https://host/path`` into
``http://127.0.0.1:port/host/path``, so that providers need no second set of addresses for tests.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from rotascope.ingest.fetch.client import HttpFetcher
    from standin.clock import FakeClock


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. `url` is the real address without its query; header names in lower case."""

    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer. `delay`: seconds before it; `pause`: seconds after each `step` bytes of the body.

    packed: gzip the body. etag: state one, and answer 304 to a request that has it. cut: leave out so many
    bytes from the end though the stated length counts them. damage: change bytes of the packed body.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    packed: bool = False
    etag: bool = False
    cut: int = 0
    damage: bool = False
    delay: float = 0.0
    pause: float = 0.0
    step: int = 64

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Reply:
        """Return an answer in JSON."""
        return cls(json.dumps(value).encode(), status, "application/json;charset=utf-8")

    @classmethod
    def csv(cls, text: str | bytes) -> Reply:
        """Return an answer in CSV."""
        return cls(text.encode() if isinstance(text, str) else text, content_type="text/csv")

    @classmethod
    def html(cls, text: str, status: int = 200) -> Reply:
        """Return a web page."""
        return cls(text.encode(), status, "text/html; charset=utf-8")

    @classmethod
    def recorded(cls, path: Path) -> Reply:
        """Return a recorded answer: status, headers and body from a file with `request` and `response`."""
        answer = json.loads(path.read_text(encoding="utf-8"))["response"]
        own = ("content-type", "content-length", "content-encoding", "connection", "transfer-encoding")
        headers: list[tuple[str, str]] = []
        for name, value in answer["headers"].items():
            if name.lower() not in (*own, "date", "server"):
                headers += [(name, one) for one in (value if isinstance(value, list) else [value])]
        if "bodyJson" in answer:
            body = json.dumps(answer["bodyJson"]).encode()
        else:
            body = str(answer.get("bodyText", answer.get("body", ""))).encode()
        kind = answer["headers"].get("content-type", "text/plain")
        return cls(body, int(answer["status"]), kind, tuple(headers))


Answer = Reply | Callable[[Seen], Reply]
Spoiler = Callable[[Reply], Reply]


def _page(text: str, status: int = 200) -> Spoiler:
    body = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><p>{text}</p></body></html>"
    return lambda _: Reply.html(body, status)


def _status(status: int, text: str = "", **headers: str) -> Spoiler:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda _: Reply(text.encode(), status, headers=pairs)


CRUMB = '{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'
SPOILERS: Mapping[str, Spoiler] = {
    "429": _status(429, "Edge: Too Many Requests"),
    "429_retry_after": _status(429, "Too Many Requests", Retry_After="7"),
    "429_retry_after_date": _status(429, "Too Many Requests", Retry_After="Thu, 01 Oct 2026 12:00:09 GMT"),
    "429_retry_after_hours": _status(429, "Too Many Requests", Retry_After="7200"),
    "401_crumb": lambda _: Reply(CRUMB.encode(), 401, "application/json"),
    "403": _page("Your Request Originates from an Undeclared Automated Tool", 403),
    "404": _status(404, "Not Found"),
    "500": _status(500, "Internal Server Error"),
    "503": _status(503, "Service Unavailable"),
    "slow": lambda reply: replace(reply, delay=30.0),
    "trickle": lambda reply: replace(reply, pause=0.02, step=1),
    "cut_off": lambda reply: replace(reply, cut=max(1, len(reply.body) // 3)),
    "gzip_broken": lambda reply: replace(reply, packed=True, damage=True),
    "gzip_cut": lambda reply: Reply(
        gzip.compress(reply.body)[:-12], 200, reply.content_type, (("Content-Encoding", "gzip"),)
    ),
    "html_wall": _page("This site requires JavaScript to verify your browser"),
    "quota_text": _status(200, "Exceeded the daily hits limit"),
    "empty": lambda reply: replace(reply, body=b""),
    "json_null": lambda _: Reply(b"null", 200, "application/json"),
    "redirect_loop": lambda _: Reply(b"", 302, headers=(("Location", "?again"),)),
}
"""What the server can do to any answer, by name."""


@dataclass
class _Rule:
    url: str
    answer: Answer


@dataclass
class _Spoil:
    url: str
    spoiler: Spoiler
    left: int | None


@dataclass
class StandIn:
    """The server. Use it as a context manager; it stops, with all that it holds up, at the end."""

    seen: list[Seen] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)
    _spoils: list[_Spoil] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _closers: list[Callable[[], None]] = field(default_factory=list)

    def __enter__(self) -> StandIn:
        self._server = _Server(self)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for close in self._closers:
            close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, url: str, answer: Answer) -> None:
        """Answer requests for `url`, a real address. The rule added last counts.

        Ends with ``*``: all addresses that begin so. With a query: only requests with (at least) its pairs.
        """
        with self._lock:
            self._rules.insert(0, _Rule(url, answer))

    def spoil(self, how: str | Spoiler, url: str = "*", times: int | None = None) -> None:
        """Spoil answers from now on: a name out of SPOILERS or a function, for some or all requests."""
        spoiler = SPOILERS[how] if isinstance(how, str) else how
        with self._lock:
            self._spoils.insert(0, _Spoil(url, spoiler, times))

    def heal(self) -> None:
        """Answer properly again."""
        with self._lock:
            self._spoils.clear()

    def route(self, url: str) -> str:
        """Return the address on this server that stands for a real one."""
        return f"{self.base}/{url.split('://', 1)[1]}"

    def fetcher(self, home: Path, clock: FakeClock | None = None, **options: Any) -> HttpFetcher:
        """Return an HttpFetcher that sends everything here, waits for nothing and gives up soon."""
        from rotascope.ingest.fetch.client import HttpFetcher
        from rotascope.ingest.fetch.evidence import Evidence
        from rotascope.ingest.fetch.policy import Policy
        from standin.clock import FakeClock

        made = HttpFetcher(
            Evidence(home / "evidence"),
            clock=(clock or FakeClock()).clock(),
            policy=options.pop("policy", None) or Policy(),
            route=self.route,
            trust_env=False,
            verify=False,
            **options,
        )
        self._closers.append(made.close)
        return made

    def answer(self, seen: Seen) -> Reply:
        """Return what the server will say."""
        with self._lock:
            self.seen.append(seen)
            rule = next((r for r in self._rules if _fits(r.url, seen)), None)
            spoil = next((s for s in self._spoils if s.left != 0 and _fits(s.url, seen)), None)
            if spoil is not None and spoil.left is not None:
                spoil.left -= 1
        if rule is None:
            reply = Reply(f"The stand-in has no answer for {seen.url}".encode(), 404)
        else:
            reply = rule.answer if isinstance(rule.answer, Reply) else rule.answer(seen)
        return spoil.spoiler(reply) if spoil is not None else reply

    def wait(self, seconds: float) -> bool:
        """Wait, but not beyond the end of the server. Return whether it goes on."""
        return not self._over.wait(seconds)


def _fits(url: str, seen: Seen) -> bool:
    if url == "*":
        return True
    parts = urlsplit(url)
    wanted = unquote(f"{parts.scheme}://{parts.netloc}{parts.path}")
    if wanted.endswith("*"):
        if not seen.url.startswith(wanted[:-1]):
            return False
    elif seen.url != wanted:
        return False
    return all(seen.query.get(name) == value for name, value in parse_qsl(parts.query))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        seen = Seen(
            "https:/" + unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
        )
        reply = self.server.stand_in.answer(seen)
        try:
            if reply.delay and not self.server.stand_in.wait(reply.delay):
                self.close_connection = True
                return
            self._send(reply, seen)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up, as some tests want it to

    def _send(self, reply: Reply, seen: Seen) -> None:
        tag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
        if reply.etag and seen.headers.get("if-none-match") == tag:
            reply = replace(reply, body=b"", status=304)
        body = gzip.compress(reply.body, mtime=0) if reply.packed else reply.body
        if reply.damage:
            body = body[:20] + bytes(255 - b for b in body[20:40]) + body[40:]
        self.send_response_only(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        if reply.packed:
            self.send_header("Content-Encoding", "gzip")
        if reply.etag:
            self.send_header("ETag", tag)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self._write(body[: len(body) - reply.cut], reply)
        if reply.cut:
            self.close_connection = True

    def _write(self, body: bytes, reply: Reply) -> None:
        if not reply.pause:
            self.wfile.write(body)
            return
        for at in range(0, len(body), reply.step):
            self.wfile.write(body[at : at + reply.step])
            if not self.server.stand_in.wait(reply.pause):
                return

    def log_message(self, format: str, *args: Any) -> None:
        pass
