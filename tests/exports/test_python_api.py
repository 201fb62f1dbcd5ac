"""Rotascope from Python: what docs/python.md promises, and how it fails."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import rotascope
from rotascope import api
from rotascope.app import workflows
from rotascope.app.workflows import Draft, PublicationError
from rotascope.model.documents import Block, Inline
from rotascope.model.errors import BadInputError, BadWindowError, UnknownNameError
from rotascope.model.facts import FactInput
from rotascope.model.units import Unit
from rotascope.report.render.compact import render_compact

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL)
WINDOW = {"start": "2000-03-31", "end": "2002-09-30", "as_of": "2019-01-15"}


@pytest.fixture(scope="module")
def dotcom() -> api.Report:
    return rotascope.report(**WINDOW)  # type: ignore[arg-type]


def test_every_example_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the page, in one namespace, as a reader would."""
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    assert len(EXAMPLES) >= 8
    for example in EXAMPLES:
        exec(compile(example, "docs/python.md", "exec"), space)
    assert (tmp_path / "reports" / "dotcom" / "verify.py").is_file()


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_takes_nothing_with_it() -> None:
    heavy = "{'numpy', 'duckdb', 'jinja2', 'rotascope.api'}"
    assert python(f"import sys, rotascope; print({heavy} & set(sys.modules))").strip() == "set()"
    assert {"fact", "report"} <= set(dir(rotascope))


def test_the_function_and_the_package_share_a_name() -> None:
    """`rotascope.report` can be called whether or not the package of that name was imported first."""
    call = "try:\n    rotascope.report()\nexcept Exception as e:\n    print(type(e).__name__)\n"
    for before in ("", "import rotascope.report.bundle\n", "from rotascope.report import bundle\n"):
        assert python(f"{before}import rotascope\n{call}{call}").split() == ["BadWindowError"] * 2
    with pytest.raises(AttributeError, match="has no attribute 'reports'"):
        _ = rotascope.reports  # type: ignore[attr-defined]


def test_a_report_holds_its_facts_and_files(dotcom: api.Report) -> None:
    spans = [s for _, i in dotcom.document.inlines() for s in i.spans if s.kind == "fact"]
    assert {s.data["ref"] for s in spans} <= set(dotcom.facts)
    inputs = [i.id for f in dotcom.facts.values() for i in f.inputs if isinstance(i, FactInput)]
    assert set(inputs) <= set(dotcom.facts)
    assert {"report.html", "report.xhtml", "ro-crate-metadata.json", "verify.py"} <= set(dotcom.files)
    assert dotcom.document.as_of == date(2019, 1, 15)
    assert dotcom.document.title in repr(dotcom)


def test_saving_writes_a_bundle_and_refuses_other_folders(dotcom: api.Report, tmp_path: Path) -> None:
    folder = dotcom.save(tmp_path / "a")
    assert {p.name for p in folder.iterdir()} == set(dotcom.files)
    assert dotcom.save(folder) == folder  # again
    other = tmp_path / "mine"
    other.mkdir()
    (other / "diary.txt").write_text("x")
    with pytest.raises(BadInputError, match="is not a report"):
        dotcom.save(other)
    assert [p.name for p in other.iterdir()] == ["diary.txt"]


class Frame(HTMLParser):
    """The attributes of the one element of a notebook display."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_a_notebook_shows_the_article_in_a_frame_without_scripts(dotcom: api.Report) -> None:
    ((tag, given),) = Frame(dotcom._repr_html_()).tags
    assert tag == "iframe"
    assert given["sandbox"] is None  # nothing is allowed
    page = given["srcdoc"]
    assert page is not None
    assert "<script" not in page
    assert html.escape(dotcom.document.title) in page
    shown = [i for where, i in dotcom.document.inlines() if not where.endswith(".alt")]  # that of a drawing
    assert page.count('class="fact"') == sum(s.kind == "fact" for i in shown for s in i.spans)
    assert len(page) < 600_000


def test_a_notebook_may_choose(dotcom: api.Report) -> None:
    bundle = dotcom._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/plain", "text/markdown", "text/html"}
    assert bundle["text/markdown"] == dotcom.to_markdown() == dotcom.files["report.md"].decode()
    assert dotcom.to_html().encode() == dotcom.files["report.html"]


def test_words_cannot_leave_the_frame(from_the_wheel: Draft) -> None:
    bad = "</title><script>alert('x')</script>\"><img src=x onerror=y>"
    doc = replace(from_the_wheel.document, title=bad, blocks=[Block("b1", "title", Inline(bad))])
    page = render_compact(doc, {}, {})
    assert "<script" not in page
    assert "<img" not in page


def test_verifying_again_finds_what_was_changed(dotcom: api.Report) -> None:
    assert dotcom.verify().ok
    text = dotcom.files["report.md"].replace(b"2000", b"2001", 1)
    draft = Draft(dotcom.document, dotcom.facts, {**dotcom.files, "report.md": text})
    found = api.Report(draft, dotcom.verify()).verify()
    assert {f.code for f in found.failures} >= {"markdown-differs", "hash-differs"}


def test_nothing_unverified_is_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = workflows.draft_report

    def spoiled(*args: object, **kwargs: object) -> Draft:
        draft = real(*args, **kwargs)  # type: ignore[arg-type]
        return Draft(draft.document, draft.facts, {**draft.files, "report.md": b"# Other\n"})

    monkeypatch.setattr(workflows, "draft_report", spoiled)
    with pytest.raises(PublicationError, match="does not verify"):
        rotascope.report(**WINDOW)  # type: ignore[arg-type]


def test_a_fact_by_hand() -> None:
    """S&P 500: 1498.58 on 31 March 2000, 815.28 on 30 September 2002."""
    f = rotascope.fact("price_return", "GSPC", **WINDOW)  # type: ignore[arg-type]
    assert f.unit is Unit.PERCENT
    assert isinstance(f.value, float)
    assert abs(f.value - 100 * (815.28 / 1498.58 - 1)) < 0.01
    assert f.display.startswith("−45.")
    assert f.format(decimals=1) == "−45.6%"
    assert f.format(form="abs", decimals=2) == "45.60%"
    assert f.recipe.op == "pct_change"
    assert f.window is not None
    assert (f.window.start_used, f.window.end_used) == (date(2000, 3, 31), date(2002, 9, 30))
    assert "pct_change" in f.explain()
    assert "2000-03-31" in f.explain()
    assert repr(f) == f"<Fact price_return(GSPC) = {f.display}>"
    assert f._repr_html_().startswith(f"<details><summary><strong>{f.display}</strong>")
    assert f.as_json()["value"] == f.value


def test_a_date_is_a_date() -> None:
    days = {"start": "1926-07-01", "end": "2018-11-30", "as_of": "2019-01-15"}
    f = rotascope.fact("era_start", "FF.SMB.M", **days, index=1)  # type: ignore[arg-type]
    assert f.unit is Unit.DATE
    assert isinstance(f.value, date)


def test_days_may_be_dates_and_the_home_a_path(tmp_path: Path) -> None:
    days = {name: date.fromisoformat(text) for name, text in WINDOW.items()}
    one = rotascope.fact("price_return", "GSPC", **WINDOW)  # type: ignore[arg-type]
    assert rotascope.fact("price_return", "GSPC", **days, home=tmp_path) == one  # type: ignore[arg-type]


PRICE = ("price_return", "GSPC")
MISTAKES = [
    (lambda: rotascope.report("31.12.2025", "2026-01-30"), BadInputError, "'31.12.2025' is not a date"),
    (lambda: rotascope.report(20251231, "2026-01-30"), BadInputError, "20251231 is not a date"),
    (lambda: rotascope.report(), BadWindowError, "needs a window"),
    (lambda: rotascope.report("2026-01-30", "2025-12-31"), BadWindowError, "start comes before the end"),
    (lambda: rotascope.report(case="may-2026"), UnknownNameError, "january-2026"),
    (lambda: rotascope.report(**{**WINDOW, "as_of": "2999-01-01"}), BadWindowError, "in the future"),
    (lambda: rotascope.fact(*PRICE, **WINDOW, base="close"), BadInputError, "prior_close or open"),
    (lambda: rotascope.fact(*PRICE, **WINDOW, months=3), UnknownNameError, "no parameter 'months'"),
    (lambda: rotascope.fact(*PRICE, start=None, end="2026-01-30"), BadWindowError, "one is missing"),
    (lambda: rotascope.fact(*PRICE), BadWindowError, "There is no window"),
]


@pytest.mark.parametrize(("call", "error", "says"), MISTAKES, ids=[says for _, _, says in MISTAKES])
def test_errors_say_what_to_do(call: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=re.escape(says)):
        call()
