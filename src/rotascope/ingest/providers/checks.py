"""Judging a response by its content: what all providers ask before they read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.quality.wall import looks_like_wall
from rotascope.model.errors import NotAvailableError

_QUOTA = re.compile(
    r"rate limit|request rate threshold|too many requests|hits limit|limit reach|"
    r"(calls|requests) per (minute|day|hour|second)|exceeded (the|your)[\w ]* (limit|allocation|calls)",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"invalid (api ?key|token)|api ?key\W*(is )?(invalid|missing|required)|apikey parameter|"
    r"not (supply|supplied) a token|unauthori[sz]ed|special endpoint|premium|subscription",
    re.IGNORECASE,
)


def refuse(response: Response, code: str, message: str, fix: str | None = None) -> FetchError:
    """Return the error for content that is not what it should be."""
    return FetchError(code, message, url=response.url, status=response.status, fix=fix)


def check_content(response: Response, source: str, *, key_name: str = "", secret: str = "") -> None:
    """Raise FetchError if a response is a refusal, a message or a page instead of data.

    Codes: `empty`, `quota` (too many requests), `key_refused` (the key named `key_name` is wrong or not
    enough), `not_found`, `forbidden`, `server_error`, `bad_status`, `wall` (anything else that is not
    data). A `secret` that the service repeats in its answer is not repeated in the message.
    """
    body = response.body
    if not body.strip():
        raise refuse(response, "empty", f"{source} sent an empty answer.", "Try again later.")
    wall = looks_like_wall(body)
    head = body[:4096].decode("utf-8", errors="replace")
    failed = response.status >= 400 or wall is not None
    if not failed:
        return
    shown = _shown(head, secret)
    if response.status == 429 or _QUOTA.search(head):
        raise refuse(
            response,
            "quota",
            f"{source} refuses further requests for now: {shown}.",
            "Wait, and ask for fewer series at a time.",
        )
    if key_name and (response.status in (401, 402, 403) or _KEY.search(head)):
        raise refuse(
            response,
            "key_refused",
            f"{source} does not accept the key for this: {shown}.",
            f"Check {key_name}, and what your plan with {source} includes.",
        )
    raise _by_status(response, source, shown)


def _by_status(response: Response, source: str, shown: str) -> FetchError:
    status = response.status
    if status == 404:
        return refuse(response, "not_found", f"{source} has nothing at this address: {shown}.")
    if status in (401, 403):
        return refuse(response, "forbidden", f"{source} refuses the request: {shown}.")
    if status >= 500:
        return refuse(response, "server_error", f"{source} fails ({status}): {shown}.", "Try again later.")
    if status >= 400:
        return refuse(response, "bad_status", f"{source} answers {status}: {shown}.")
    return refuse(response, "wall", f"{source} sent something else than data: {shown}.", "Try again later.")


def _shown(text: str, secret: str) -> str:
    if secret:
        text = text.replace(secret, "***")
    visible = re.sub(r"<(script|style)\b.*?(</\1>|$)|<[^>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    words = " ".join(visible.split())
    return f"'{words[:120]}{'...' if len(words) > 120 else ''}'"


def read_json(response: Response, source: str) -> Any:
    """Return the JSON value of a body. Raises FetchError `bad_json`; NaN and Infinity are refused too."""

    def constant(name: str) -> float:
        raise ValueError(f"{name} is not a number")

    try:
        return json.loads(response.body, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        message = f"{source} sent JSON that is cut off or damaged: {str(error)[:120]}."
        raise refuse(response, "bad_json", message, "Try again.") from error


def need_columns(response: Response, source: str, have: Iterable[str], need: Iterable[str]) -> None:
    """Raise FetchError `renamed_columns` if a column that must be there is not."""
    names = set(have)
    missing = sorted(set(need) - names)
    if missing:
        raise refuse(
            response,
            "renamed_columns",
            f"{source} sent no column {', '.join(missing)}; it sent {', '.join(sorted(names))[:200]}.",
            "The service may have changed its format; report it, and keep the last good data.",
        )


def first_response(responses: Iterable[Response], source: str) -> Response:
    """Return the first response. Raises NotAvailableError if there is none."""
    for response in responses:
        return response
    raise NotAvailableError(f"{source} brought no answer to read.", fix="Fetch it again.")


def file_name(response: Response, default: str) -> str:
    """Return the last part of an address as a file's name."""
    return PurePosixPath(urlsplit(response.url).path).name or default
