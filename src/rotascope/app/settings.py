"""Settings, read from the environment when they are asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rotascope.store.home import home


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data lives.

    home: ROTASCOPE_HOME, or the platform's data folder. database_url: ROTASCOPE_DATABASE_URL, an SQLAlchemy
    URL for the catalogue; SQLite inside `home` if it is not set.
    """

    home: Path
    database_url: str | None = None

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings."""
        return cls(home(), os.environ.get("ROTASCOPE_DATABASE_URL") or None)
