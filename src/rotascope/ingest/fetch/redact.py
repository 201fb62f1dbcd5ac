"""Keeping keys out of everything that is kept or shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from rotascope.ingest.fetch.base import Request

HIDDEN = "***"
_SHORTEST = 6  # no key is shorter; hiding every "a" would hide the message
_NAMES = re.compile(r"(api[-_]?key|apikey|access[-_]?token|token|crumb|password|signature|secret)", re.I)


def kept_url(request: Request) -> str:
    """Return the address of a request as it may be kept: without secret parameters and without a password.

    Parameters are sorted, so that one question has one address. Those of a URL whose names speak of keys are
    hidden too.

    >>> kept_url(Request("https://x.org/a?token=1", {"b": "2"}, secret_params={"api_key": "s3cret"}))
    'https://x.org/a?b=2&token=%2A%2A%2A'
    """
    parts = urlsplit(request.url)
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True) + list(request.params.items())
    shown = sorted((name, HIDDEN if _NAMES.fullmatch(name) else value) for name, value in pairs)
    return urlunsplit((parts.scheme, host, parts.path, urlencode(shown), ""))


def secret_values(request: Request) -> tuple[str, ...]:
    """Return the values that must not be shown, the longest first, as sent and as they stand in addresses."""
    values: set[str] = set()
    for group in (request.secret_params, request.secret_headers):
        for value in _parts(group):
            values |= {value, quote(value, safe=""), quote_plus(value)}
    return tuple(sorted((v for v in values if len(v) >= _SHORTEST), key=len, reverse=True))


def _parts(group: Mapping[str, str]) -> set[str]:
    """Return each secret, and its words: `Token abc` hides `abc` too."""
    return {part for value in group.values() for part in (value, *re.split(r"[\s;]+", value))}


def hide(text: str, secrets: tuple[str, ...]) -> str:
    """Return a text with every secret replaced.

    >>> hide("key 12345678 is not registered", ("12345678",))
    'key *** is not registered'
    """
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def hide_bytes(body: bytes, secrets: tuple[str, ...]) -> bytes:
    """Return a body with every secret replaced."""
    for secret in secrets:
        body = body.replace(secret.encode(), HIDDEN.encode())
    return body
