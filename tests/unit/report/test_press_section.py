"""The section on the press: what it prints, that it verifies, and that nobody can bend a quotation."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rotascope.app.citing import CitingReader
from rotascope.app.press import check_article
from rotascope.facts.build import Desk
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Window
from rotascope.model.observations import Field
from rotascope.model.press import CheckedArticle, SavedArticle, Verdict, figure_series
from rotascope.model.universe import load_universe
from rotascope.report.bundle import bundle_files, manifest, write_bundle
from rotascope.report.compose import compose
from rotascope_verify import single_file, verify

DAY = date(2026, 2, 10)
TEXT = """A title
The Russell 2000 gained 6.47% between January 2 and February 9, 2026, more than most.
The S&P 500 rose 3.2% in January 2026, and small companies did better than that.
The Russell 1000 Value beat the Russell 1000 Growth by 6.0 points in January 2026.
IWM took in $1.4 billion on February 3, 2026, the most of any day of this year.
The Dow Jones Industrial Average closed at 50,000.01 on February 9, 2026, a record.
The Nasdaq Composite lost 0.5% in January 2026, and the S&P 500 could lose 20% more.
"""


@cache
def hand() -> ModuleType:
    spec = spec_from_file_location("corpus_market_press", Path(__file__).parents[2] / "corpus" / "market.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def saved(text: str = TEXT, name: str = "example-1", publisher: str = "24/7 Example 500") -> SavedArticle:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return SavedArticle(name, name, 1, publisher, "Up 7%", "", DAY, moment, digest, "text", text, moment)


@cache
def bundle(*texts: str) -> tuple[Any, dict[str, bytes], list[CheckedArticle]]:
    articles = [saved(t, f"example-{i}") for i, t in enumerate(texts, 1)]
    checked = [check_article(hand().HandReader(), a) for a in articles]
    desk = Desk(CitingReader(hand().HandReader(), checked), load_universe(), DAY)
    document, used = compose(desk, Window(date(2025, 12, 31), date(2026, 1, 30)), articles=checked)
    return document, bundle_files(desk, document, used, single_file(), ("markdown", "html")), checked


def failures(files: dict[str, bytes], folder: Path) -> list[str]:
    write_bundle(files, folder)
    return [f.code for f in verify(folder).failures]


def test_it_verifies_and_says_the_outcome(tmp_path: Path) -> None:
    _, files, checked = bundle(TEXT)
    assert failures(files, tmp_path / "b") == []
    text = files["report.md"].decode()
    section = text[text.index("What the press printed") : text.index("## Related tickers")]
    rows = [line for line in section.splitlines() if line.startswith("| \\[")]
    assert len(rows) == 5
    assert "| +3.2% | +1.5% | below what was printed |" in rows[0]
    assert "| +6.47% | +7.00% | agrees only from the open of 2 January 2026 |" in rows[1]
    assert "| $1.4 billion | $1.4 billion | agrees |" in section
    assert "| +6.0 points | +6.0 points | agrees |" in section
    assert "| −0.5% | −0.5% | agrees |" in section
    assert section.count("In the words of") == 1
    assert "could lose" not in section
    assert [f.verdict for f in checked[0].figures][-1] is Verdict.NOT_CHECKABLE


def test_figures_are_rows_of_a_reported_source() -> None:
    _, files, checked = bundle(TEXT)
    rows = [r for r in files["observations.csv"].decode().splitlines() if r.startswith("PRESS.")]
    assert len(rows) == 5
    assert all(row.split(",")[5] == "example-1" for row in rows)
    assert all(row.split(",")[7] == checked[0].source.sha256 for row in rows)
    sources = json.loads(files["report.json"])["sources"]
    assert sources["example-1"]["standing"] == "reported"
    assert sources["example-1"]["published"] == "2026-02-10"


def test_at_most_five_figures_and_two_quotations() -> None:
    document, files, _ = bundle(TEXT, TEXT.replace("3.2%", "3.4%"), TEXT.replace("3.2%", "3.6%"))
    text = files["report.md"].decode()
    assert text.count("what was printed |") + text.count("| agrees") <= 5
    assert len(document.quotes) == 2


def test_nothing_to_show_leaves_the_section_out() -> None:
    document, files, _ = bundle("A title\nNothing here is a figure of a market that anyone knows.")
    assert "What the press printed" not in files["report.md"].decode()
    assert not document.quotes and "quotes" not in json.loads(files["report.json"])


def test_a_figure_is_not_seen_before_its_article() -> None:
    _, _, checked = bundle(TEXT)
    reader = CitingReader(hand().HandReader(), checked)
    series = figure_series(checked[0], checked[0].figures[0])
    assert len(reader.read(series, Field.VALUE, as_of=DAY)) == 1
    with pytest.raises(NotAvailableError):
        reader.read(series, Field.VALUE, as_of=date(2026, 2, 9))


def spoil_excerpt(report: Any) -> None:
    report["quotes"]["q1"]["excerpt"] = report["quotes"]["q1"]["excerpt"].replace("3.2", "3.3")


def spoil_both(report: Any) -> None:
    """Another text in both places: only whoever keeps the article could see it, but the renderings differ."""
    before = report["quotes"]["q1"]["excerpt"]
    spoil_excerpt(report)
    for block in report["blocks"]:
        if before in block.get("text", ""):
            block["text"] = block["text"].replace("3.2", "3.3")


def spoil_hash(report: Any) -> None:
    report["quotes"]["q1"]["sha256"] = "0" * 64


def spoil_source(report: Any) -> None:
    report["quotes"]["q1"]["source"] = "by-hand"


def spoil_ref(report: Any) -> None:
    for block in report["blocks"]:
        for span in block.get("spans", []):
            if span["kind"] == "quote":
                span["ref"] = "q9"


def spoil_marks(report: Any) -> None:
    for block in report["blocks"]:
        if any(s["kind"] == "quote" for s in block.get("spans", [])):
            block["text"] = block["text"].replace("“", "'").replace("”", "'")


def spoil_cite(report: Any) -> None:
    for block in report["blocks"]:
        if any(s["kind"] == "quote" for s in block.get("spans", [])):
            block["spans"] = [s for s in block["spans"] if s["kind"] != "cite"]


def spoil_long(report: Any) -> None:
    report["quotes"]["q2"] = {**report["quotes"]["q1"], "excerpt": "x" * 301}


def spoil_unused(report: Any) -> None:
    report["quotes"]["q2"] = dict(report["quotes"]["q1"])


def spoil_empty(report: Any) -> None:
    report["quotes"] = {}


def spoil_key(report: Any) -> None:
    report["quotes"]["q1"]["page"] = 3


def spoil_kind(report: Any) -> None:
    for block in report["blocks"]:
        if any(s["kind"] == "quote" for s in block.get("spans", [])):
            block["kind"] = "note"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_excerpt, "text-differs"),
        (spoil_both, "text-differs"),
        (spoil_hash, "quote-bad"),
        (spoil_source, "quote-bad"),
        (spoil_ref, "ref-missing"),
        (spoil_marks, "quote-marks"),
        (spoil_cite, "quote-source"),
        (spoil_long, "quote-bad"),
        (spoil_unused, "quote-unused"),
        (spoil_empty, "quote-shape"),
        (spoil_key, "quote-shape"),
        (spoil_kind, "quote-marks"),
    ],
)
def test_bent_quotations_are_found(spoil: Callable[[Any], None], code: str, tmp_path: Path) -> None:
    _, files, _ = bundle(TEXT)
    report = copy.deepcopy(json.loads(files["report.json"]))
    spoil(report)
    told = json.loads(files["manifest.json"])
    out = {n: b for n, b in files.items() if n != "manifest.json"}
    out["report.json"] = (json.dumps(report, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    out["manifest.json"] = manifest(out, told["facts"], told["observations"])
    found = failures(out, tmp_path / "b")
    assert found
    if spoil is not spoil_both:
        assert code in found, found
