"""The folder that holds a person's market database. The one place in the store that reads the environment."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from rotascope.model.errors import StoreError

VARIABLE = "ROTASCOPE_HOME"


def home() -> Path:
    """Return the data folder: ROTASCOPE_HOME, or the platform's folder for user data. Created on demand.

    Raises: StoreError if the folder cannot be made (a file is in the way, no permission).
    """
    chosen = os.environ.get(VARIABLE)
    folder = (
        Path(chosen).expanduser().absolute()
        if chosen
        else Path(platformdirs.user_data_dir("rotascope", appauthor=False))
    )
    return ensure_folder(folder)


def ensure_folder(folder: Path) -> Path:
    """Return the folder, created with its parents if need be. Raises: StoreError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be made: {error.strerror or error}.",
            fix=f"Set {VARIABLE} to a folder that you may write to.",
        ) from error
    return folder
