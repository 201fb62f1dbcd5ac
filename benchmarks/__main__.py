"""Run every benchmark: `make bench`, or `python -m benchmarks NAME...`.

One that fails, or misses a bar of its own, does not keep the others from running; the exit code is then 1.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the named benchmarks, or all."""
    folder = Path(__file__).parent
    there = sorted(p.stem for p in folder.glob("*_speed.py"))
    names = sys.argv[1:] or there
    unknown = [name for name in names if name not in there]
    if unknown:
        raise SystemExit(f"There is no benchmark {unknown[0]}; there are {', '.join(there)}.")
    failed, begun = [], time.monotonic()
    for name in names:
        print(f"\n== {name}", flush=True)
        if not run(name):
            failed.append(name)
        print(f"   ({time.monotonic() - begun:.0f} s since the start)", flush=True)
    if failed:
        raise SystemExit(f"failed, or short of a bar: {', '.join(failed)}")


def run(name: str) -> bool:
    """Run one benchmark; return whether it went well."""
    sys.argv = [name]  # some read arguments of their own
    try:
        importlib.import_module(f"benchmarks.{name}").main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code)
        return not ended.code
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        return False
    return True


if __name__ == "__main__":
    main()
