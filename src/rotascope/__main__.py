"""Run the command line as ``python -m rotascope``."""

from rotascope.cli import main

if __name__ == "__main__":
    main()
