"""Two hundred reports over random windows: each verifies, reads cleanly, and says how long it took."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "read_reports.py"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("read_reports", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["read_reports"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


tool = _tool()
WHEEL = tool.windows(2026, 100, *tool.WHEEL)
MARKET = tool.windows(1126, 100, date(2006, 1, 3), date(2026, 4, 30))


def check(home: Path, asked: Any, record: Any) -> None:
    reading = tool.read(home, asked)
    record("report", reading.line())
    record("seconds", [reading.writing, reading.verifying])
    assert reading.failures == []
    assert reading.faults == []


@pytest.mark.parametrize("asked", WHEEL, ids=lambda a: f"{a.start}-{a.end}-{a.as_of}")
def test_windows_of_the_wheel(asked: Any, tmp_path: Path, record_property: Any) -> None:
    check(tmp_path, asked, record_property)


@pytest.mark.market
@pytest.mark.parametrize("asked", MARKET, ids=lambda a: f"{a.start}-{a.end}-{a.as_of}")
def test_windows_of_market_data(asked: Any, market_home: Path, record_property: Any) -> None:
    check(market_home, asked, record_property)


def test_a_fault_is_seen() -> None:
    """The reader of faults is no use if it sees none."""
    from rotascope.model.documents import Block, Document, Inline
    from rotascope.model.facts import Window

    texts = ("It rose. It rose.", "A  seam.", "It fell , then.", "The the end.", "No end")
    blocks = [Block("h", "heading", Inline("Empty"), 2)]
    blocks += [Block("g", "heading", Inline("Next"), 2)]
    blocks += [Block(f"b{i}", "paragraph", Inline(t)) for i, t in enumerate(texts)]
    day = date(2026, 1, 30)
    document = Document("T", day, Window(day, day), "", blocks, [], {}, {}, [])
    found = list(tool.faults(document))
    assert [f.split(":")[0] for f in found] == [
        *["not a clean sentence"] * 3,
        "stands twice",
        "an empty section",
    ]
