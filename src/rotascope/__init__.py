"""Market-rotation research that a reader can check.

`rotascope.report(...)` and `rotascope.fact(...)` are those of `rotascope.api`; see docs/python.md.
"""

import importlib
from typing import Any

__version__ = "0.1.0"
_FROM_API = ("fact", "report")


def __getattr__(name: str) -> Any:
    # By name and only when asked for: importing rotascope stays instant, and no layer depends on the api.
    if name in _FROM_API:
        return getattr(importlib.import_module("rotascope.api"), name)
    raise AttributeError(f"module 'rotascope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM_API})
