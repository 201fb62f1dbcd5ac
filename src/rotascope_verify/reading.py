"""JSON and typed access to it. Every function raises CheckError and nothing else on bad input."""

from __future__ import annotations

import datetime
import functools
import json
import math
import re
from typing import Any, NamedTuple

from rotascope_verify.failures import CheckError, quote

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise CheckError("a key occurs twice in one object", "json-bad")
    return out


def _constant(text: str) -> float:
    raise CheckError(f"{text} is not allowed in JSON", "json-bad")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise CheckError(f"the number {quote(text)} is too large", "json-bad")
    return value


def parse_json(text: str) -> Any:
    """Return the value of JSON text; no NaN, no repeated keys, no lone surrogates."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite)
        if "\\u" in text:  # the one way to write half a character
            compact_json(value).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise CheckError(f"not JSON: {type(error).__name__}: {error}", "json-bad") from None
    return value


def canonical_json(value: Any, *, ascii_only: bool = False) -> str:
    """Return the one way in which a bundle writes a JSON value: sorted keys, two spaces, a last newline."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=ascii_only) + "\n"


def compact_json(value: Any) -> str:
    """Return JSON text of a value with sorted keys: equal texts mean values of equal content and kind."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def is_canonical(text: str, value: Any) -> bool:
    """Whether a file's text is written as a bundle writes JSON."""
    return text == canonical_json(value) or text == canonical_json(value, ascii_only=True)


class Seal(NamedTuple):
    """What the manifest and the crate say of a file: its size in bytes and its digest."""

    size: int
    sha256: str


def as_object(value: Any, what: str) -> dict[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise CheckError(f"{what} is not an object")
    return value


def as_list(value: Any, what: str) -> list[Any]:
    """Return a JSON list."""
    if not isinstance(value, list):
        raise CheckError(f"{what} is not a list")
    return value


def check_keys(obj: dict[str, Any], required: str, optional: str = "") -> None:
    """Require that an object has all of the required keys and no others but the optional ones."""
    need, allowed = set(required.split()), set(optional.split())
    if missing := sorted(need - obj.keys()):
        raise CheckError(f"has no {', '.join(missing)}")
    if unknown := sorted(obj.keys() - need - allowed):
        raise CheckError(f"has unknown keys: {quote(', '.join(unknown))}")


def get_text(obj: dict[str, Any], key: str, *, empty: bool = False) -> str:
    """Return a string, by default one that is not empty."""
    value = obj.get(key)
    if not isinstance(value, str) or not (value or empty):
        raise CheckError(f"{key} is {quote(value)}, not a text")
    return value


def get_texts(obj: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of strings."""
    value = obj.get(key)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise CheckError(f"{key} is not a list of texts")
    return tuple(value)


def as_number(value: Any, what: str) -> float:
    """Return a finite number as a float; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CheckError(f"{what} is {quote(value)}, not a number")
    try:
        out = float(value)
    except OverflowError:
        raise CheckError(f"{what} is too large") from None
    if not math.isfinite(out):
        raise CheckError(f"{what} is not finite")
    return out


def as_whole(value: Any, what: str, low: int, high: int) -> int:
    """Return an integer between two bounds, both included."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise CheckError(f"{what} is {quote(value)}, not a whole number from {low} to {high}")
    return value


@functools.lru_cache(maxsize=65536)
def is_day(text: str) -> bool:
    """Whether a text is a date of the calendar, written YYYY-MM-DD."""
    if not ISO_DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def get_day(obj: dict[str, Any], key: str) -> str:
    """Return a date as the text YYYY-MM-DD."""
    value = obj.get(key)
    if not isinstance(value, str) or not is_day(value):
        raise CheckError(f"{key} is {quote(value)}, not a date YYYY-MM-DD")
    return value


def day_number(day: str) -> int:
    """Return YYYY-MM-DD as the integer YYYYMMDD."""
    return int(day.replace("-", ""))


def number_day(value: float) -> str:
    """Return the integer YYYYMMDD as YYYY-MM-DD."""
    if value != math.floor(value) or not 0 < value < 1e8:
        raise CheckError(f"{value!r} is not a date YYYYMMDD")
    digits = f"{int(value):08d}"
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    if not is_day(day):
        raise CheckError(f"{value!r} is not a date YYYYMMDD")
    return day


def round12(value: float) -> float:
    """Return a value rounded to 12 significant digits, as a fact states it."""
    return float(f"{value:.12g}")


WINDOW_DAYS = ("start", "end", "start_used", "end_used")


def parse_window(value: Any) -> dict[str, str]:
    """Return a window as {path: date}, and its `base`."""
    obj = as_object(value, "window")
    check_keys(obj, "start end base", "start_used end_used")
    if obj["base"] not in ("prior_close", "open"):
        raise CheckError(f"window.base is {quote(obj['base'])}, not prior_close or open")
    out = {key: get_day(obj, key) for key in WINDOW_DAYS if key in obj}
    if out["start"] > out["end"] or out.get("start_used", "") > out.get("end_used", "9999"):
        raise CheckError("the window ends before it starts")
    out["base"] = obj["base"]
    return out
