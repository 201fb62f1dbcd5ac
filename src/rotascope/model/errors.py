"""Errors that a user can act on.

Each names the value, what would have been allowed, and the fix. They are shown as one message,
without a traceback; anything else that escapes is a bug.
"""

from __future__ import annotations

from collections.abc import Callable


class RotascopeError(Exception):
    """A problem that the reader of the message can solve."""

    exit_code = 2

    def __init__(self, message: str, *, fix: str | Callable[[], str] | None = None) -> None:
        """`fix` may be a function where the advice takes long to find: most errors are caught unread."""
        self.message = message
        self._fix = fix
        super().__init__(message)

    @property
    def fix(self) -> str | None:
        """What the reader of the message can do."""
        if callable(self._fix):
            self._fix = self._fix()
        return self._fix

    def __str__(self) -> str:
        return self.message if self.fix is None else f"{self.message} {self.fix}"


class UnknownNameError(RotascopeError):
    """A series, metric, family, case or format that does not exist."""


class BadWindowError(RotascopeError):
    """A window whose dates are impossible or outside the data."""


class MissingDataError(RotascopeError):
    """A value that a computation needs is missing. Gaps are refused, never filled."""


class NotAvailableError(RotascopeError):
    """The data is not there as of the date asked for. Reports say so in one line and go on."""


class BadInputError(RotascopeError):
    """A file or an argument that cannot be read as what it claims to be."""


class StoreError(RotascopeError):
    """The market database is damaged, locked or from a newer version."""


class UnverifiableError(RotascopeError):
    """A metric that the independent verifier cannot recompute. It may not be printed."""
