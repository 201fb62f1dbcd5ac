"""Reading the parameters of a metric: from the command line they are texts, from a section values.

Each function returns the parameter in its own type, or raises BadInputError with the value, what is allowed
and the fix.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rotascope.model.errors import BadInputError

Params = Mapping[str, Any]
MOST = 100_000  # periods, sessions or places in a list


def whole(params: Params, name: str, default: int, low: int, high: int = MOST) -> int:
    """Return a whole number between two bounds, both allowed."""
    value = params.get(name, default)
    try:
        found = int(value)
        good = low <= found <= high and found == float(value)
    except (TypeError, ValueError, OverflowError):
        good = False
    if not good:
        raise _refusal(name, value, f"a whole number from {low} to {high}", default)
    return found


def real(params: Params, name: str, default: float, low: float = -math.inf) -> float:
    """Return a finite number greater than `low`."""
    value = params.get(name, default)
    try:
        found = float(value)
        good = math.isfinite(found) and found > low
    except (TypeError, ValueError):
        good = False
    if not good:
        more = "" if low == -math.inf else f" greater than {low:g}"
        raise _refusal(name, value, f"a number{more}", default)
    return found


def day(params: Params, name: str) -> date | None:
    """Return a date, or None if it is not given."""
    value = params.get(name)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _refusal(name, value, "a date written as YYYY-MM-DD", "1988-12-31") from None


def choice(params: Params, name: str, default: str, allowed: Sequence[str]) -> str:
    """Return one of a few words."""
    value = str(params.get(name) or default)
    if value not in allowed:
        raise _refusal(name, value, f"one of {', '.join(allowed)}", default)
    return value


def _refusal(name: str, value: object, allowed: str, example: object) -> BadInputError:
    return BadInputError(f"The parameter {name} is '{value}'.", fix=f"It is {allowed}, such as {example}.")
