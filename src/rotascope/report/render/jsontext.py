"""JSON as text with an indent, several times as fast as the standard library writes it."""

from __future__ import annotations

import math
from json.encoder import encode_basestring
from typing import Any

STEP = "  "


def indented(value: Any, pad: str = "\n") -> str:
    """Return what `json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)` returns.

    With an indent, the standard library yields every bracket and comma on its own from Python; here the
    text of each container is joined at once. `pad`: the line break and indent of the container's own line.
    Raises: ValueError for NaN and infinities; TypeError for keys that are no strings, and for whatever JSON
    does not know.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        inner = pad + STEP
        members = [f"{encode_basestring(k)}: {indented(value[k], inner)}" for k in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(members)}{pad}}}" if members else "{}"
    if isinstance(value, list | tuple):
        inner = pad + STEP
        return f"[{inner}{f',{inner}'.join([indented(v, inner) for v in value])}{pad}]" if value else "[]"
    return _word(value)


def _word(value: object) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value!r} is not JSON compliant.")
        return float.__repr__(value)
    raise TypeError(f"JSON cannot say a {type(value).__name__}.")
