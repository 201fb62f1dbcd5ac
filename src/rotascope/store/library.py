"""The list of published reports: one JSON object a line, in a file of the data folder."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from rotascope.model.errors import StoreError
from rotascope.model.library import Published
from rotascope.store.home import ensure_folder

FILE = "library.jsonl"
PATIENCE = 10.0  # seconds to wait for another process that writes


class Library:
    """The reports that were published from one data folder. Reading a folder without a list gives none."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    def reports(self) -> list[Published]:
        """Return the entries, oldest as-of date first.

        Raises: StoreError if the file cannot be read or a line is not an entry.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{self.path} cannot be read: {error}.", fix=_fix(self.path)) from error
        found = [self._entry(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        return sorted(found, key=lambda e: (e.as_of, e.end, e.start, e.digest))

    def _entry(self, number: int, line: str) -> Published:
        try:
            return Published.from_json(json.loads(line))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StoreError(
                f"Line {number} of {self.path} is no entry of a report.", fix=_fix(self.path)
            ) from error

    def add(self, entry: Published) -> None:
        """List a report. It takes the place of an entry with the same folder or the same bundle.

        The file is replaced as a whole, so that it is never half-written; one process writes at a time.

        Raises: StoreError if the folder cannot be written, or stays locked.
        """
        ensure_folder(self.path.parent)
        try:
            with FileLock(f"{self.path}.lock", timeout=PATIENCE):
                kept = [e for e in self.reports() if e.folder != entry.folder and e.digest != entry.digest]
                self._replace([*kept, entry])
        except Timeout as error:
            raise StoreError(
                f"{self.path} is locked by another process.", fix="Try again when it has finished."
            ) from error
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written: {error.strerror or error}.",
                fix="Make the data folder writable, or choose another with ROTASCOPE_HOME.",
            ) from error

    def _replace(self, entries: list[Published]) -> None:
        ordered = sorted(entries, key=lambda e: (e.as_of, e.end, e.start, e.digest))
        lines = [json.dumps(e.as_json(), ensure_ascii=True, sort_keys=True) for e in ordered]
        handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=self.path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _fix(path: Path) -> str:
    return f"Remove {path.name} to begin a new list, or make the report with --no-related."
