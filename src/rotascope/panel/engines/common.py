"""What engines share: opening and closing, and a folder that appears only once it is complete."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rotascope.model.errors import BadInputError


class Closing:
    """A context manager that closes."""

    def close(self) -> None:
        """Let go of what is held."""

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


class OneByOne(Closing, ABC):
    """An engine that runs each measure by itself."""

    @abstractmethod
    def write(self, measure: str, folder: Path, **parameters: int) -> str:
        """Run one measure into a new folder."""

    def write_all(
        self, folders: Mapping[str, Path], parameters: Mapping[str, Mapping[str, int]] | None = None
    ) -> dict[str, str]:
        """Run one measure after the other; a failure leaves the folders that were complete before it."""
        given = parameters or {}
        return {m: self.write(m, folder, **given.get(m, {})) for m, folder in folders.items()}


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill beside `folder`; rename it into place at the end, or remove it on failure."""
    if folder.exists():
        raise BadInputError(f"{folder} is there already.", fix="Name a folder that does not exist yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
