"""All sources together: names, which one answers, and the page that lists them."""

from __future__ import annotations

import importlib.util
import os
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from rotascope.ingest.providers.registry import KEYLESS, KEYS, all_terms, provider_of, providers
from rotascope.model.errors import UnknownNameError

ROOT = Path(__file__).resolve().parents[4]
NAMES = {
    *("fred", "french", "treasury", "sec", "ishares", "yahoo"),
    *("tiingo", "alphavantage", "fmp", "stooq", "openbb"),
}


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_sources_page", ROOT / "tools" / "make_sources_page.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_sources_are_there_without_any_key() -> None:
    known = providers({}, clock=lambda: datetime(2026, 9, 1, tzinfo=UTC))
    assert set(known) == NAMES
    assert all(provider.name == name for name, provider in known.items())
    assert set(KEYLESS) <= NAMES and set(KEYS) <= NAMES


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ("IWM", "yahoo"),
        ("RUT", "yahoo"),
        ("DGS10", "fred"),
        ("FF.HML.M", "french"),
        ("UST.10Y", "treasury"),
        ("SEC.AAPL.EPS", "sec"),
        ("SEC.GROUP.IWM.EARNINGS_GROWTH", "sec"),
        ("HOLD.IWM", "ishares"),
        ("HOLD.IWM.BE", "ishares"),
        ("tiingo:IWM", "tiingo"),
        ("fmp:IWM", "fmp"),
        ("stooq:IWM", "stooq"),
        ("ishares:IWM", "ishares"),
    ],
)
def test_which_source_a_series_comes_from(series: str, name: str) -> None:
    known = providers({})
    assert provider_of(series, known) == name
    # ... and from no other: otherwise an update would fetch it twice
    assert [n for n, p in known.items() if p.tasks([series])] == [name]


def test_unknown_sources_and_series_are_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'bloomberg'.*fred"):
        provider_of("bloomberg:IWM", providers({}))
    with pytest.raises(UnknownNameError, match=r"treasury has no series 'treasury:IWM'"):
        provider_of("treasury:IWM", providers({}))
    with pytest.raises(UnknownNameError, match=r"No source brings 'no such series'"):
        provider_of("no such series", providers({}))


def test_default_tasks_have_unique_keys_and_need_no_key() -> None:
    tasks = [task for provider in providers({}).values() for task in provider.tasks()]
    assert len({task.key for task in tasks}) == len(tasks) > 20
    assert {task.provider for task in tasks} <= set(KEYLESS)
    with_contact = providers({"ROTASCOPE_CONTACT": "Jane Doe jane@example.org"})
    assert with_contact["sec"].tasks()


def test_keys_come_only_from_the_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {name: f"secret-of-{name}" for name in KEYS.values()}
    for name, value in secrets.items():
        monkeypatch.setitem(os.environ, name, value)
    assert providers({})["sec"].tasks() == []
    shown = repr([vars(p) for p in providers({}).values()])
    assert not any(value in shown for value in secrets.values())


def test_terms_say_everything_that_a_user_should_know() -> None:
    for name, terms in all_terms(providers({})).items():
        for text in (terms.publisher, terms.what, terms.licence, terms.revisions, terms.limits, terms.tested):
            assert text.strip(), name
        assert terms.terms_url.startswith("https://") or name == "feeds"
        assert not terms.live, "say in docs/data-sources.md and in the changelog when and how it was run"


def test_the_page_is_up_to_date() -> None:
    made = tool()
    page = made.PAGE.read_text("utf-8")
    assert made.updated(page) == page, "run: python tools/make_sources_page.py"
    assert "No connector has been run against a live service" in page
    for name in (*NAMES, "feeds"):
        assert f"| `{name}` |" in page


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(SystemExit, match="lacks the marks"):
        tool().updated("# Data sources\n")
