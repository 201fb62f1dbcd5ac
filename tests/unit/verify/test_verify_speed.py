"""A bundle of 300 facts over 100 000 rows, written by this test, checks in a few seconds at most."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Any

import builder as b
import pytest
from builder import Bundle

from rotascope_verify import verify

SERIES, ROWS = 16, 6250  # 100 000 rows


def days(count: int) -> list[str]:
    """Return that many consecutive days up to 2025-12-30."""
    last = datetime.date(2025, 12, 30)
    return [(last - datetime.timedelta(count - 1 - i)).isoformat() for i in range(count)]


@pytest.mark.slow
def test_speed(tmp_path: Path) -> None:
    """Levels double and halve again, so that ranks are known: the last window is among the largest."""
    bundle = Bundle()
    calendar = days(ROWS)
    levels = [1.0 if i % 2 else 2.0 for i in range(ROWS)]
    levels[-1] = 8.0  # the last session is a rise by 8 from 1, the largest of all
    levels[-2] = 1.0
    for s in range(SERIES):
        bundle.lines += [f"T{s:02d},close,{d},{x},usd,db,,s" for d, x in zip(calendar, levels, strict=True)]
    bundle.lines.sort(key=lambda line: line.split(",")[:3])
    for i in range(290):
        series = f"T{i % SERIES:02d}"
        inputs = [b.obs(series, "close", calendar[0], calendar[-1])]
        params: dict[str, Any] = {"grid": "sessions", "length": 1 + 2 * (i // 40), "want": "rank"}
        bundle.facts.append(b.fact(f"w{i}", [series], 1, "rank", 0, "1", "window_rank", inputs, **params))
    seal_fast(bundle)
    folder = bundle.write(tmp_path)
    start = time.perf_counter()
    result = verify(folder)
    took = time.perf_counter() - start
    assert result.failures == []
    assert (result.facts, result.observations) == (299, 100_010)
    assert took < 10, f"{took:.1f} s"  # under 2 s on an idle machine; the bound leaves room for a busy one
    print(f"{took:.2f} s")


def seal_fast(bundle: Bundle) -> None:
    """Seal each distinct input once; the builder itself walks all rows for each."""
    sealed: dict[str, dict[str, Any]] = {}
    whole = bundle.facts
    for item in whole:
        for source in item["inputs"]:
            if source["kind"] != "observations":
                continue
            key = "/".join(source[k] for k in ("series", "field", "first", "last"))
            if key not in sealed:
                bundle.facts = [item]
                bundle.seal()
                sealed[key] = {k: source[k] for k in ("rows", "sha256")}
            source.update(sealed[key])
    bundle.facts = whole
