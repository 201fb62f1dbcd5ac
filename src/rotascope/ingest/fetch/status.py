"""What a status says when it is not one of success, together with the words beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from rotascope.ingest.fetch.base import FetchError
from rotascope.ingest.fetch.policy import retry_after

_BY_STATUS = {
    400: "bad_request",
    401: "unauthorised",
    402: "quota",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    410: "not_found",
    429: "rate_limited",
}
_TOO_MANY = re.compile(r"rate threshold|too many requests|rate limit", re.IGNORECASE)
_KEY = re.compile(r"api[_ ]?key|not registered", re.IGNORECASE)
_FIXES = {
    "rate_limited": "Wait a while, or ask for fewer series.",
    "unauthorised": "Check the key of this source.",
    "forbidden": "See what the source asks of programs in docs/data-sources.md.",
    "server_error": "Try again later.",
}
_SAYS = {
    "rate_limited": "asks for fewer requests",
    "unauthorised": "refuses the key or the lack of one",
    "forbidden": "refuses this program",
    "not_found": "has nothing at this address",
    "bad_request": "does not understand the question",
    "server_error": "fails",
    "quota": "wants to be paid first",
    "timeout": "took too long",
}


def failure(status: int, headers: Mapping[str, str], detail: str, *, url: str, now: datetime) -> FetchError:
    """Return the error for a status that is no success.

    detail: the start of the body, without secrets. Words in it can say more than the status: a 403 that
    speaks of too many requests is a limit of pace, a 400 about a key is one about a key.
    """
    code = _BY_STATUS.get(status, "server_error" if status >= 500 else "bad_request")
    if code in ("forbidden", "server_error") and _TOO_MANY.search(detail):
        code = "rate_limited"
    elif code == "bad_request" and _KEY.search(detail):
        code = "unauthorised"
    elif 300 <= status < 400:
        code = "bad_redirect"
    wait = retry_after(headers.get("retry-after", ""), now)
    after = f" It asks to wait {wait:.0f} seconds." if wait else ""
    said = f": '{detail}'" if detail else ""
    host = urlsplit(url).hostname or url
    return FetchError(
        code,
        f"{host} {_SAYS.get(code, 'refuses the request')} (status {status}{said}).{after}",
        url=url,
        status=status,
        fix=_FIXES.get(code),
        detail=detail,
        retry_after=wait,
    )
