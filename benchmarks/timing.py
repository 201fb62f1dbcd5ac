"""Timing whole commands: several runs, the median."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Timed:
    """Wall seconds of one command."""

    name: str
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median run."""
        return statistics.median(self.runs)

    def line(self, peer: Timed | None = None) -> str:
        """Return a line with minimum, median and maximum, and the ratio to a peer."""
        ratio = f"   {peer.median / self.median:.1f}x faster than {peer.name}" if peer else ""
        return f"{self.name:<44} {min(self.runs):6.2f} {self.median:6.2f} {max(self.runs):6.2f} s{ratio}"


def time_command(name: str, command: Sequence[str], runs: int = 5) -> Timed:
    """Run a command in a fresh data folder several times, after one run that is not counted."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "ROTASCOPE_HOME": home, "MPLBACKEND": "Agg"}
        found = []
        for i in range(runs + 1):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment, cwd=home)
            if i:
                found.append(time.perf_counter() - begun)
    return Timed(name, tuple(found))


def rotascope(*arguments: str) -> list[str]:
    """Return the command line of this program."""
    return [sys.executable, "-m", "rotascope", *arguments]


def here() -> Path:
    """Return the folder of the benchmarks."""
    return Path(__file__).resolve().parent
