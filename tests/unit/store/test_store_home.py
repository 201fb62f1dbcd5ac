"""Where the data folder is."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotascope.model.errors import StoreError
from rotascope.store.home import home


def test_the_variable_names_the_folder_and_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTASCOPE_HOME", str(tmp_path / "a" / "b"))
    assert home() == tmp_path / "a" / "b"
    assert home().is_dir()


def test_a_tilde_is_the_home_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("ROTASCOPE_HOME", "~/market")
    assert home() == tmp_path / "market"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_platform_decides(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROTASCOPE_HOME") if value is None else monkeypatch.setenv("ROTASCOPE_HOME", value)
    monkeypatch.setattr(
        "rotascope.store.home.platformdirs.user_data_dir", lambda name, appauthor: str(tmp_path / name)
    )
    assert home() == tmp_path / "rotascope"


def test_a_file_in_the_way_is_an_error_with_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("ROTASCOPE_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError, match=r"cannot be made.*ROTASCOPE_HOME"):
        home()
