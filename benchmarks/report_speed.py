"""Start-up and the report from the wheel, beside the HTML report of quantstats on the same series."""

from __future__ import annotations

import sys

from benchmarks.timing import here, rotascope, time_command


def main() -> None:
    """Print the table."""
    print("seconds of wall time: minimum, median, maximum of 5 runs, each a cold process")
    print(time_command("rotascope --help", rotascope("--help")).line())
    peer = time_command(
        "quantstats, HTML report of S&P 500", [sys.executable, str(here() / "peer_quantstats.py")], 3
    )
    case = time_command(
        "rotascope report --case january-2026", rotascope("report", "--case", "january-2026", "--out", "a")
    )
    window = rotascope("report", "--start", "2000-03-31", "--end", "2002-09-30", "--out", "b")
    print(case.line(peer))
    print(time_command("rotascope report, 2000-03-31 to 2002-09-30", window).line(peer))
    print(peer.line())


if __name__ == "__main__":
    main()
