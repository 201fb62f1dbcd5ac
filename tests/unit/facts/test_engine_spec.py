"""What the rotation engine computes is what the bundle format says, operation by operation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rotascope.facts import ops_engine
from rotascope.facts.ops import OPS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "bundle-format.md"
SECTION = PAGE.read_text("utf-8").split("### Operations of the rotation engine")[1].split("\n## ")[0]
ROWS = {m[1]: m[0] for m in re.finditer(r"^\| `([a-z_]+)` \|.*$", SECTION, re.MULTILINE)}
ENGINE = sorted(
    name for name, run in OPS.items() if (run.__module__ or "").startswith(f"{ops_engine.__name__}_")
)


def test_there_is_an_engine() -> None:
    assert len(ENGINE) >= 27


@pytest.mark.parametrize("name", ENGINE)
def test_every_operation_has_its_row(name: str) -> None:
    assert name in ROWS


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_row_has_its_operation(name: str) -> None:
    assert name in ENGINE
