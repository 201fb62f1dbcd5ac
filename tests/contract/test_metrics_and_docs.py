"""What is promised is there: each metric can be verified and is documented, and the docs are up to date."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from rotascope.facts.catalogue import Metric, load_metrics
from rotascope.facts.ops import OPS
from rotascope_verify import supported_ops

ROOT = Path(__file__).resolve().parents[2]
METRICS = sorted(load_metrics().values(), key=lambda m: m.name)
spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
assert spec is not None
assert spec.loader is not None
make_docs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_docs)


def operations_of(metric: Metric) -> set[str]:
    """Return the names of operations in the source of a metric and the helpers of its module."""
    source = inspect.getsource(inspect.getmodule(metric.build))  # type: ignore[arg-type]
    quoted = set(re.findall(r'"([a-z_]+)"', source))
    return quoted & set(OPS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_every_metric_can_be_verified(metric: Metric) -> None:
    """No module of metrics names an operation that the verifier cannot recompute."""
    assert operations_of(metric) <= supported_ops()


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_every_metric_says_what_it_is(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name)
    assert len(metric.summary) > 20
    assert metric.summary.endswith(".")
    assert metric.takes
    assert metric.recipe
    assert 0 <= metric.decimals <= 6
    assert all(metric.params.values())


def test_every_operation_is_specified() -> None:
    """The bundle format has a row for each operation of the verifier."""
    text = (ROOT / "docs" / "bundle-format.md").read_text("utf-8")
    assert [op for op in sorted(supported_ops()) if f"`{op}`" not in text] == []


@pytest.mark.parametrize("page", sorted(make_docs.PAGES))
def test_generated_pages_are_up_to_date(page: str) -> None:
    """`make docs` writes them."""
    assert (ROOT / "docs" / page).read_text("utf-8") == make_docs.PAGES[page]()


def test_a_stale_page_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_docs, "DOCS", tmp_path)
    assert make_docs.main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert make_docs.main([]) == 0
    assert make_docs.main(["--check"]) == 0
    (tmp_path / "metrics.md").write_text("old", encoding="utf-8")
    assert make_docs.main(["--check"]) == 1


def test_every_metric_and_parameter_is_on_the_page() -> None:
    text = make_docs.metrics_page()
    for metric in METRICS:
        assert f"### {metric.name}\n" in text
        for name, what in metric.params.items():
            assert f"- parameter `{name}`: {what}" in text


def test_every_command_is_on_the_page() -> None:
    text = make_docs.commands_page()
    for command in ("report", "fact", "metrics", "verify", "data import", "data status", "data show"):
        assert f"## rotascope {command}\n" in text
