"""Run every benchmark: `make bench`, or `python -m benchmarks NAME...`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Run the named benchmarks, or all."""
    folder = Path(__file__).parent
    names = sys.argv[1:] or sorted(p.stem for p in folder.glob("*_speed.py"))
    for name in names:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
