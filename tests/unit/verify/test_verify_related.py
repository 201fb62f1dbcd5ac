"""Related reading: what the verifier lets pass, and what it does not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from builder import Bundle

from rotascope_verify.bundle import verify

ENTRY: dict[str, Any] = {
    "title": "Value led by 3 points; twice the largest since 2001",
    "publisher": "Rotascope",
    "as_of": "2026-01-06",
    "window": {"start": "2025-12-01", "end": "2025-12-31"},
    "label": "mixed",
    "digest": "a" * 64,
    "url": "",
    "why": "The window before this one, with 12 of the same measures, on sectors",
}
TEXT = (
    '"Value led by 3 points; twice the largest since 2001", Rotascope, 2026-01-06, 2025-12-01 to 2025-12-31, '
    "label mixed. The window before this one, with 12 of the same measures, on sectors."
)


def bundle(*entries: dict[str, Any], texts: tuple[str, ...] = (TEXT,)) -> Bundle:
    made = Bundle()
    made.report["as_of"] = max(made.report["as_of"], "2026-02-10")
    made.report["related"] = [copy.deepcopy(e) for e in entries]
    for n, text in enumerate(texts):
        block = {"id": f"r{n}", "kind": "item", "text": text}
        block["spans"] = [{"start": 0, "end": len(text), "kind": "related", "n": n}]
        made.report["blocks"].insert(-1, block)
    return made


def codes(made: Bundle, folder: Path) -> set[str]:
    return {f.code for f in verify(made.write(folder / "b")).failures}


def plain(folder: Path) -> set[str]:
    made = Bundle()
    made.report["as_of"] = max(made.report["as_of"], "2026-02-10")
    return {f.code for f in verify(made.write(folder / "plain")).failures}


def test_a_true_list_passes(tmp_path: Path) -> None:
    assert codes(bundle(ENTRY), tmp_path) == plain(tmp_path)


def test_an_article_has_no_window(tmp_path: Path) -> None:
    article = {
        **ENTRY,
        "window": None,
        "label": "",
        "url": "https://press.example/1",
        "why": "It writes of IWM",
    }
    text = '"Value led by 3 points; twice the largest since 2001", Rotascope, 2026-01-06. It writes of IWM. '
    assert codes(bundle(article, texts=(text + "https://press.example/1",)), tmp_path) == plain(tmp_path)
    assert "related-shape" in codes(bundle({**article, "label": "mixed"}, texts=(text,)), tmp_path / "x")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"as_of": "2027-01-01"}, "related-late"),
        ({"title": "Another title"}, "text-differs"),
        ({"why": "Another reason"}, "text-differs"),
        ({"label": "happy"}, "related-shape"),
        ({"label": "positive"}, "text-differs"),
        ({"digest": "A" * 64}, "related-shape"),
        ({"title": ""}, "related-shape"),
        ({"window": {"start": "2025-12-31", "end": "2025-12-01"}}, "related-shape"),
        ({"window": {"start": "2025-12-01"}}, "related-shape"),
        ({"rank": 1}, "related-shape"),
    ],
)
def test_what_is_wrong_is_found(change: dict[str, Any], code: str, tmp_path: Path) -> None:
    assert code in codes(bundle({**ENTRY, **change}), tmp_path)


def test_list_and_text_go_together(tmp_path: Path) -> None:
    assert "related-block" in codes(bundle(ENTRY, texts=()), tmp_path / "a")
    assert "ref-missing" in codes(bundle(ENTRY, texts=(TEXT, TEXT)), tmp_path / "b")
    assert "related-shape" in codes(bundle(ENTRY, ENTRY, texts=(TEXT, TEXT)), tmp_path / "c")
    assert "related-shape" in codes(bundle(texts=()), tmp_path / "d")
    many = [{**ENTRY, "digest": c * 64} for c in "abcdef"]
    assert "related-shape" in codes(bundle(*many, texts=(TEXT,) * 6), tmp_path / "e")


def test_a_related_span_hides_nothing_elsewhere(tmp_path: Path) -> None:
    """Only an item may have one, and only over its whole text."""
    made = bundle(ENTRY)
    made.report["blocks"][-2]["kind"] = "paragraph"
    assert "related-block" in codes(made, tmp_path / "a")
    made = bundle(ENTRY)
    block = made.report["blocks"][-2]
    block["text"] += " 99 more."
    assert {"related-block", "digit-uncovered"} <= codes(made, tmp_path / "b")
