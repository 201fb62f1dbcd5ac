"""Run the verifier on a folder."""

from __future__ import annotations

import sys

from rotascope_verify.cli import main

if __name__ == "__main__":
    sys.exit(main())
