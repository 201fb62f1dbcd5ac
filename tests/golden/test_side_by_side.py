"""The page that sets a published article beside the data says what the data say today."""

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
    spec = importlib.util.spec_from_file_location(
        "make_side_by_side", ROOT / "tools" / "make_side_by_side.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_side_by_side"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["make_side_by_side"]


@pytest.mark.market
def test_the_page_is_what_the_data_give(tool: ModuleType, market_home: Path) -> None:
    assert tool.PAGE.read_text("utf-8") == tool.written(market_home)


def test_the_page_holds_the_figures_that_were_worked_out_by_hand() -> None:
    """Each is from the prices themselves, outside of this project."""
    text = (ROOT / "docs" / "side-by-side.md").read_text("utf-8")
    for figure in (
        "+8.35%",
        "+7.21%",
        "+4.31%",
        "+3.62%",
        "+1.74%",
        "+1.55%",
        "−0.01%",
        "13.9 points",
        "14.9 points",
    ):
        assert figure in text
