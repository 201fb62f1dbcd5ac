"""The drawing engine in a process of its own.

The engine stops every other thread of its process while it starts (a third of a second) and while it draws
(some hundredths for each chart). In a process of its own it does both beside the writing of the article. Run as
a program, this file is that process: it takes one specification a line, as JSON, and answers each with one line,
the drawing as a JSON string, or null where it could not draw it. It imports nothing of rotascope.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_FIRST: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"a": 1}]},
    "mark": "point",
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}


class Pen:
    """A process that draws, started with the object. Threads may share it; it draws one chart at a time."""

    def __init__(self, python: str) -> None:
        """Start the process. Raises: OSError where it cannot be started."""
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            # -P: the modules beside this file are not to be taken for those of the standard library
            [python, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def draw(self, specification: dict[str, Any]) -> str | None:
        """Return a chart as SVG, or None where the process is gone or could not draw it."""
        line = json.dumps(specification).encode() + b"\n"
        with self._lock:
            process = self._process
            # after a fork, both processes would read the same answers
            if process is None or process.stdin is None or process.stdout is None or not self.is_mine:
                return None
            try:
                process.stdin.write(line)
                process.stdin.flush()
                answer = process.stdout.readline()
            except OSError:
                answer = b""
        if not answer.endswith(b"\n"):
            self.close()
            return None
        drawn: str | None = json.loads(answer)
        return drawn

    @property
    def is_mine(self) -> bool:
        """Whether this process started it, and not one that this one was forked from."""
        return self._owner == os.getpid()

    @property
    def is_ready(self) -> bool:
        """Whether it takes charts."""
        return self._process is not None and self.is_mine

    def close(self) -> None:
        """End the process. Does nothing the second time, or in another process than the one that started it."""
        if not self.is_mine:
            return
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # what was still to be written to a process that is gone
                    if pipe is not None:
                        pipe.close()
            process.terminate()
            process.wait()


_shared: list[Pen] = []
_sharing = threading.Lock()


def start() -> Pen | None:
    """Return the pen of this process, started if it is not there; None where none can be.

    It ends with this process.
    """
    with _sharing:
        if _shared and _shared[0].is_ready:
            return _shared[0]
        _shared.clear()
        if not _is_python(sys.executable):
            return None
        try:
            _shared.append(Pen(sys.executable))
        except OSError:
            return None
        atexit.register(_shared[0].close)
        return _shared[0]


def current() -> Pen | None:
    """Return the pen of this process if it was started."""
    return next((pen for pen in _shared if pen.is_ready), None)


def _is_python(executable: str | None) -> bool:
    """Whether a program is an interpreter: inside other programs, `sys.executable` may name these."""
    return bool(executable) and Path(executable or "").name.lower().startswith("python")


def main() -> None:
    """Draw what comes in until nothing more comes."""
    # what the engine may print is no answer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _drawn(_FIRST)  # nobody waits for it: it starts the engine
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_drawn(json.loads(line))).encode() + b"\n")
        answers.flush()


def _drawn(specification: dict[str, Any]) -> str | None:
    import vl_convert

    try:
        return vl_convert.vegalite_to_svg(specification)
    except ValueError:
        return None


if __name__ == "__main__":
    main()
