"""The command line: `python3 -m rotascope_verify DIR [--json]`, or `python3 verify.py` inside a bundle."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rotascope_verify.bundle import verify
from rotascope_verify.failures import NotABundleError, printable
from rotascope_verify.ops import OPS


def supported_ops() -> frozenset[str]:
    """Return the names of the operations that can be recomputed."""
    return frozenset(OPS)


def main(argv: Sequence[str] | None = None, default: str | Path = ".") -> int:
    """Check a bundle and print what failed.

    argv: arguments; those of the process if None. default: the folder to check if none is given.
    Returns 0 if nothing failed, 1 if something did, 2 if the folder is not a bundle.
    """
    parser = argparse.ArgumentParser(
        prog="verify", description="Recompute every number of a report from its observations."
    )
    parser.add_argument("folder", nargs="?", default=str(default), help="the folder of the bundle")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        report = verify(args.folder)
    except NotABundleError as error:
        print(ascii_safe(printable(str(error))), file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(report.as_json(), sort_keys=True, indent=2))
    else:
        for failure in report.failures:
            print(ascii_safe(failure.line()))
        print(
            f"{'OK' if report.ok else 'FAILED'}: {report.facts} facts recomputed from {report.observations} "
            f"observations, {report.spans} spans, {report.claims} claims, {len(report.failures)} failures"
        )
    return 0 if report.ok else 1


def ascii_safe(text: str) -> str:
    """Return text that the terminal can print, whatever its encoding."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
