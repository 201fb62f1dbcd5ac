"""Yahoo's cookie and crumb, which some of its answers need.

The cookie comes from a page that fails on purpose, the crumb from a service that wants the cookie. In some
countries a page asks for consent first. A program does not consent on a person's behalf: that is an error
with a name, and a person may hand in the cookie of a browser instead.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from rotascope.ingest.fetch.base import Fetcher, FetchError, Request, Response

COOKIE_URL = "https://fc.yahoo.com/"
CRUMB_URL = "https://query1.finance.yahoo.com/v1/test/getcrumb"
_CRUMB = re.compile(r"[A-Za-z0-9./_\\\-]{4,40}")
_NAMED = re.compile(r"[A-Z]\w*=")  # A3=d=...; the value alone begins with a small letter
_CONSENT = ("guce.yahoo.com", "consent.yahoo.com", "guce.advertising.com")
CONSENT_FIX = (
    "Open https://finance.yahoo.com in a browser, answer its question, and set ROTASCOPE_YAHOO_COOKIE to the "
    "value of the cookie A3; or import a file that you downloaded."
)


class YahooSession:
    """One cookie and one crumb, fetched when first needed and shared by all threads."""

    def __init__(self, cookie: str = "") -> None:
        self._given = cookie.strip()
        self._cookie = ""
        self._crumb = ""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "YahooSession()"

    def signed(self, request: Request, fetcher: Fetcher) -> Request:
        """Return a request with cookie and crumb. Raises: FetchError if they cannot be had."""
        with self._lock:
            if not self._crumb:
                self._cookie = self._find_cookie(fetcher)
                self._crumb = self._find_crumb(fetcher)
            secret = {**request.secret_params, "crumb": self._crumb}
            headers = {**request.secret_headers, "Cookie": self._cookie}
        return Request(request.url, request.params, request.headers, secret, headers, accept=request.accept)

    def forget(self) -> None:
        """Drop a cookie and crumb that were refused."""
        with self._lock:
            self._cookie = self._crumb = ""

    def _find_cookie(self, fetcher: Fetcher) -> str:
        if self._given:
            return self._given if _NAMED.match(self._given) else f"A3={self._given}"
        statuses = (200, 301, 302, 303, 307, 400, 403, 404, 502)
        response = fetcher.get(Request(COOKIE_URL, ok=statuses, follow=False, conditional=False, keep=False))
        check_consent(response)
        found = cookies_of(response.headers)
        if not found:
            message = "Yahoo gave no cookie, which it wants to see for this."
            raise FetchError("unauthorised", message, url=COOKIE_URL, fix=CONSENT_FIX)
        return "; ".join(f"{name}={value}" for name, value in found.items())

    def _find_crumb(self, fetcher: Fetcher) -> str:
        request = Request(
            CRUMB_URL, secret_headers={"Cookie": self._cookie}, follow=False, conditional=False, keep=False
        )
        response = fetcher.get(request)
        check_consent(response)
        crumb = response.body.decode("utf-8", errors="replace").strip()
        if not _CRUMB.fullmatch(crumb):
            code = "rate_limited" if "too many" in crumb.lower() else "unauthorised"
            raise FetchError(code, "Yahoo gave no crumb, which it wants to see for this.", url=CRUMB_URL)
        return crumb


def check_consent(response: Response) -> None:
    """Raise FetchError consent_required if an answer is, or leads to, the page that asks for consent."""
    place = response.headers.get("location", "")
    host = urlsplit(place).hostname or ""
    page = response.body[:20_000].lower()
    if host in _CONSENT or (b"<html" in page and b"consent" in page):
        raise FetchError(
            "consent_required",
            "Yahoo asks a person to consent to cookies before it answers from this place.",
            url=response.url,
            status=response.status,
            fix=CONSENT_FIX,
        )


def cookies_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies that an answer sets, by name; those it takes back are left out.

    >>> cookies_of({"set-cookie": "A3=d=x&S=y; Expires=Fri, 01 Jan 2027 00:00:00 GMT\\nB=; Max-Age=0"})
    {'A3': 'd=x&S=y'}
    """
    out = {}
    for line in headers.get("set-cookie", "").splitlines():
        name, equals, value = line.partition(";")[0].strip().partition("=")
        if equals and name and value:
            out[name] = value
    return out
