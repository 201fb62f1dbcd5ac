"""Judging what a provider was handed: the same rules as the fetcher's, for bytes from anywhere.

A fetcher refuses bad answers before a provider sees them. Recordings, and bytes that were kept earlier, come
without it, so `parse` judges again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.fetch.judge import judge, quote
from rotascope.ingest.fetch.status import failure

_KEY = re.compile(
    r"invalid (api ?key|token)|api ?key\W*(is )?(invalid|missing|required)|not (supply|supplied) a token",
    re.IGNORECASE,
)
_SPENT = re.compile(r"limit reach|requests per (day|minute|hour)", re.IGNORECASE)
_PLAN = re.compile(r"premium|subscription|special endpoint|legacy endpoint|your plan", re.IGNORECASE)


def refuse(response: Response, code: str, message: str, fix: str | None = None) -> FetchError:
    """Return the error for content that is not what it should be. `code`: one of the fetcher's CODES."""
    detail = quote(response.body)
    return FetchError(code, message, url=response.url, status=response.status, fix=fix, detail=detail)


def check_content(response: Response, source: str, accept: str) -> None:
    """Raise FetchError if a response is a refusal, a message or a page instead of data.

    accept: json, csv, xml or html, as in a request. Codes are those of the fetcher.
    """
    if response.status >= 400:
        raise failure(
            response.status,
            response.headers,
            quote(response.body),
            url=response.url,
            now=response.fetched_at,
        )
    verdict = judge(response.body, accept)
    if verdict is not None:
        raise refuse(response, verdict.code, f"{source}: {verdict.message}")


def need_key(key: str, name: str, source: str, url: str) -> str:
    """Return the key. Raises FetchError `missing_key`, before anything is sent, if there is none."""
    if not key:
        raise FetchError(
            "missing_key",
            f"{source} needs a key, and {name} is not set.",
            url=url,
            fix=f"Get a key from {source} and set {name}.",
        )
    return key


def about_key(error: FetchError, name: str, source: str) -> FetchError:
    """Return an error of a service with keys, with what its words mean: a wrong key, or a plan without this.

    The words are those the fetcher kept: a key that was sent is not among them.
    """
    said = error.detail or error.message
    if error.code == "secret_echoed":
        message = f"{source} sent a message that repeats the key, as it does when the allowance is used up."
        return reworded(error, "quota", message, f"Wait until tomorrow, or check what {name} allows.")
    if error.code == "rate_limited":
        return error
    if error.code == "quota" or _SPENT.search(said):
        message = f"{source} gives no more for now: the allowance of {name} is used up."
        return reworded(error, "quota", message, "Wait, or ask for fewer series at a time.")
    if error.code == "unauthorised" or _KEY.search(said):
        return reworded(error, "unauthorised", f"{source} does not accept {name}.", f"Check {name}.")
    if error.status == 402 or _PLAN.search(said):
        message = f"{source} does not include this in the plan of {name}."
        return reworded(error, "forbidden", message, "Use another source for this series, or another plan.")
    if error.code == "forbidden":
        message = f"{source} refuses this: {name} is not accepted, or its plan does not include it."
        return reworded(error, "forbidden", message, f"Check {name} and what its plan includes.")
    return error


def reworded(error: FetchError, code: str, message: str, fix: str) -> FetchError:
    """Return an error in other words; where it happened, and when to ask again, stay."""
    return FetchError(
        code,
        message,
        url=error.url,
        status=error.status,
        fix=fix,
        detail=error.detail,
        retry_after=error.retry_after,
    )


def read_json(response: Response, source: str) -> Any:
    """Return the JSON value of a body. Raises FetchError `not_json`; NaN and Infinity are refused too."""

    def constant(name: str) -> float:
        raise ValueError(f"{name} is not a number")

    try:
        return json.loads(response.body.removeprefix(b"\xef\xbb\xbf"), parse_constant=constant)
    except (ValueError, RecursionError) as error:
        message = f"{source} sent JSON that is cut off or damaged: {str(error)[:120]}."
        raise refuse(response, "not_json", message, "Try again.") from error


def need_columns(response: Response, source: str, have: Iterable[str], need: Iterable[str]) -> None:
    """Raise FetchError `unexpected_shape` if a column that must be there is not."""
    names = [str(name) for name in have]
    missing = [name for name in need if name not in names]
    if missing:
        raise refuse(
            response,
            "unexpected_shape",
            f"{source} sent no {', '.join(missing)}; it sent {', '.join(names)[:200] or 'nothing'}.",
            "The service may have changed its format. Report it; the last good data are kept.",
        )


def first_response(responses: Sequence[Response], source: str) -> Response:
    """Return the first response. Raises FetchError `empty` if there is none."""
    if not responses:
        raise FetchError("empty", f"{source} brought no answer to read.", url="", fix="Fetch it again.")
    return responses[0]


def day_of(text: Any) -> date | None:
    """Return the day that a text begins with (YYYY-MM-DD), None if it is none.

    >>> day_of("2026-01-30T00:00:00.000Z"), day_of("30/01/2026"), day_of(None)
    (datetime.date(2026, 1, 30), None, None)
    """
    if not isinstance(text, str) or not re.match(r"\d{4}-\d{2}-\d{2}(?!\d)", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
