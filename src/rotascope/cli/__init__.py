"""The command line. Heavy imports happen inside the commands, so that `--help` is quick."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; errors that the user can solve are one message and an exit code."""
    from rotascope.cli.app import build_app
    from rotascope.model.errors import RotascopeError

    try:
        build_app()()
    except RotascopeError as error:
        print(f"rotascope: {error.message}" + (f"\n  {error.fix}" if error.fix else ""), file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:  # the reader of our output went away
        sys.stderr.close()
        raise SystemExit(0) from None
