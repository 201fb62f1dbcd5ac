"""What a check says: failures as values, collected so that one never hides another."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

CLIP = 200  # characters of bundle text quoted in one failure


class NotABundleError(Exception):
    """The path is not a folder with a bundle in it."""


class CheckError(Exception):
    """A rule is broken. `code` is empty where the caller names the code."""

    def __init__(self, what: str, code: str = "") -> None:
        self.what = what
        self.code = code
        super().__init__(what)


def quote(value: object) -> str:
    """Return a value of the bundle in a form that is safe to print: short, printable, on one line."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a nest of lists
        text = f"a {type(value).__name__} that is too large to show"
    text = text if len(text) <= CLIP else text[:CLIP] + "..."
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return f'"{shown}"' if isinstance(value, str) else shown


def printable(text: str) -> str:
    """Return text without line breaks, terminal controls and characters that hide others."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken rule: a stable code, the place, and what is wrong there."""

    code: str
    where: str
    what: str

    def line(self) -> str:
        """Return the failure as one printed line."""
        return printable(f"FAIL {self.code} {self.where}: {self.what}")


@dataclass(slots=True)
class Report:
    """The result of a check. Numbers count what was read; `ok` is true if nothing failed."""

    facts: int = 0
    observations: int = 0
    spans: int = 0
    claims: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether no rule is broken."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "ok": self.ok,
            "facts": self.facts,
            "observations": self.observations,
            "spans": self.spans,
            "claims": self.claims,
            "failures": [
                {"code": f.code, "where": printable(f.where), "what": printable(f.what)}
                for f in self.failures
            ],
        }


class Guard:
    """Turn an exception inside a `with` block into one failure and go on after the block."""

    def __init__(self, log: Log, code: str, where: str) -> None:
        self._log, self._code, self._where = log, code, where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or not isinstance(error, Exception):
            return error is None
        if isinstance(error, CheckError):
            self._log.add(error.code or self._code, self._where, error.what)
        else:  # an input nobody thought of: still a failure of this place, never a traceback
            self._log.add(self._code, self._where, f"cannot be checked: {type(error).__name__}: {error}")
        return True


class Log:
    """The failures so far. The same failure is kept once."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self._seen: set[Failure] = set()

    def add(self, code: str, where: str, what: str) -> None:
        """Keep one failure."""
        failure = Failure(code, where, what)
        if failure not in self._seen:
            self._seen.add(failure)
            self.failures.append(failure)

    def guard(self, code: str, where: str) -> Guard:
        """Return a context in which any error becomes a failure with this code and place."""
        return Guard(self, code, where)
