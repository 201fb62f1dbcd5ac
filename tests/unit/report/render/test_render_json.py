"""The JSON files, against docs/bundle-format.md."""

from __future__ import annotations

import json
import math

import pytest
from render_samples import BLOCKS, FACTS, HOSTILE, a_document, a_fact

from rotascope.report.render import canonical_json, facts_json, render_json


def test_report_has_the_keys_of_the_format() -> None:
    report = json.loads(render_json(a_document()))
    assert sorted(report) == sorted(
        ["format", "as_of", "window", "case", "blocks", "claims", "entities", "sources", "citations"]
    )
    assert report["format"] == "rotascope-report/1"
    assert report["window"]["end_used"] == "2026-01-30"
    assert report["blocks"][2]["spans"][0] == {"start": 6, "end": 10, "kind": "claim", "ref": "c1"}
    assert report["blocks"][3]["level"] == 2
    assert report["blocks"][5]["rows"][1][3] == {"text": "", "spans": []}
    assert report["entities"]["IWD"]["series"] == "IWD"
    assert report["citations"][1] == {"n": 1, "sources": ["wire"]}
    assert len(report["blocks"]) == len(BLOCKS)


def test_absent_properties_of_a_source_are_empty() -> None:
    sources = json.loads(render_json(a_document()))["sources"]
    assert sources["prices"] == {
        "publisher": "Prices & Co",
        "title": "",
        "url": "",
        "licence": "",
        "published": "",
        "retrieved_at": "2026-02-03T09:30:00+00:00",
        "sha256": "",
        "standing": "database",
    }
    assert sources["wire"]["published"] == "2026-01-30"
    assert sources["wire"]["standing"] == "reported"


def test_facts_keep_their_order_and_text() -> None:
    text = facts_json(FACTS)
    facts = json.loads(text)
    assert [fact["id"] for fact in facts] == ["gap", "iwd", "day"]
    assert facts[0]["notes"] == [HOSTILE]
    assert '"value": 20260130,' in text  # a date is an integer
    assert text.endswith("]\n") and "−" not in text


def test_canonical_form() -> None:
    assert canonical_json({"b": 1, "a": {"é": [None, 0.1]}}) == (
        '{\n  "a": {\n    "é": [\n      null,\n      0.1\n    ]\n  },\n  "b": 1\n}\n'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_cannot_say_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        facts_json([a_fact("x", value)])
