"""The sample reports in docs/ are what the program writes today."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "tools" / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_samples"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["make_samples"]


@pytest.mark.slow
def test_the_samples_are_up_to_date(tool: ModuleType, tmp_path: Path) -> None:
    different = tool.differing(tmp_path / "home", tmp_path / "out")
    assert different == [], "run `make samples`"
    assert len(tool.SAMPLES) >= 6


def test_a_changed_sample_is_noticed(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "SAMPLES", {"january-2026": tool.SAMPLES["january-2026"]})
    monkeypatch.setattr(tool, "FOLDER", tmp_path / "docs")
    assert "january-2026/report.md" in tool.differing(tmp_path / "home", tmp_path / "out")
