"""Which tasks an update has, and how far an interrupted one had come."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from rotascope.ingest.providers.registry import providers
from rotascope.ingest.refresh.journal import Attempt, attempts, note_attempt, run
from rotascope.ingest.refresh.plan import plan
from rotascope.ingest.refresh.versions import family, find_version, versions
from rotascope.model.errors import BadInputError, UnknownNameError
from rotascope.store.reader import Reader
from standin.made_up import MadeUp, answer, column, noon

NOW = noon("2026-02-02")
TWO = {
    "made": MadeUp(["A", "B"]),
    "other": MadeUp(["B", "C"], name="other", together={"pair": ["X", "Y"]}),
}


def keys(names: list[str], stored: list[object] | None = None) -> list[str]:
    return [p.task.key for p in plan(TWO, names, stored or [])]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ["made:A", "made:B", "other:B", "other:C", "other:pair"]),
        (["made"], ["made:A", "made:B"]),
        (["C"], ["other:C"]),
        (["B"], ["made:B"]),  # one source, not two
        (["other:B"], ["other:B"]),
        (["X", "Y"], ["other:pair"]),
        (["other:pair"], ["other:pair"]),  # as an update prints it
        (["A", "made", "made:A"], ["made:A", "made:B"]),
    ],
)
def test_names_become_tasks(names: list[str], expected: list[str]) -> None:
    assert keys(names) == expected


@pytest.mark.parametrize("name", ["NOPE", "nobody:A", "made:C"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(UnknownNameError):
        keys([name])


def test_a_series_comes_from_where_it_came_before(bench) -> None:
    bench.sources = list(TWO.values())
    bench.give(B=answer(column("B", {"2026-01-31": 1.0})))
    bench.update("other:B")
    stored = bench.store.catalogue.blocks(1)
    assert [p.task.key for p in plan(TWO, ["B"], stored)] == ["other:B"]


def test_what_was_asked_for_once_is_updated_by_default(bench) -> None:
    class OnRequest(MadeUp):
        def tasks(self, series=None):  # type: ignore[no-untyped-def]
            return [] if series is None else super().tasks(series)

    bench.sources = [OnRequest(["A"])]
    bench.give(A=answer(column("A", {"2026-01-31": 1.0})))
    with pytest.raises(UnknownNameError, match="made brings nothing by itself"):
        bench.update("made")
    assert bench.update().tasks == ()
    bench.update("made:A")
    assert [t.key for t in bench.update().tasks] == ["made:A"]


def test_the_real_sources_plan_without_keys() -> None:
    tasks = [p.task for p in plan(providers({}), [], [])]
    assert len({t.key for t in tasks}) == len(tasks) > 40
    assert {t.provider for t in tasks} == {"fred", "french", "treasury", "ishares", "yahoo"}
    assert [p.task.key for p in plan(providers({}), ["DGS10", "FF.HML.M", "SPY"], [])] == [
        "fred:DGS10",
        "french:F-F_Research_Data_Factors",
        "yahoo:SPY",
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("yahoo:SPY:0a1b2c3d", "yahoo"),
        ("fred:CPIAUCSL:2026-01-10", "fred"),
        ("french-crsp-201811", "french"),
        ("french:6_Portfolios_2x3:202605", "french"),
        ("file:DJI:0a1b2c3d", "file:DJI"),
        ("file:BRK-B:0a1b2c3d", "file:BRK-B"),
        ("shiller:0a1b2c3d", "shiller"),
    ],
)
def test_the_family_of_a_source_outlasts_its_releases(source: str, expected: str) -> None:
    assert family(source) == expected


def test_versions_are_found_by_day_or_snapshot(bench) -> None:
    for day, value in (("2026-02-02", 1.0), ("2026-02-09", 2.0)):
        bench.give(day, A=answer(column("A", {"2026-01-31": value}, vintage=day)))
        bench.update("A")
    with Reader(bench.store) as reader:
        found = versions(reader, "A", "value")
        assert [str(b.meta.vintage) for b in found] == ["2026-02-02", "2026-02-09"]
        assert find_version(found, "2026-02-02", "--from") is found[0]
        assert find_version(found, found[1].snapshot[:8], "--from") is found[1]
        with pytest.raises(BadInputError, match=r"2026-02-02.*2026-02-09"):
            find_version(found, "2026-02-03", "--from")
        with pytest.raises(BadInputError):
            find_version(found, found[1].snapshot[:5], "--from")  # too short to be sure


def test_an_interrupted_run_is_gone_on_with_and_a_finished_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), run(tmp_path, ["b", "a"], NOW) as first:
        first.finish("a")
        raise KeyboardInterrupt
    with run(tmp_path, ["a", "b"], NOW + timedelta(hours=1)) as second:  # the order does not matter
        assert second.done == {"a"}
        with run(tmp_path, ["a"], NOW) as other:
            assert other.done == frozenset()
    with run(tmp_path, ["a", "b"], NOW) as third:
        assert third.done == frozenset()


def test_an_old_or_damaged_list_counts_as_none(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), run(tmp_path, ["a", "b"], NOW) as first:
        first.finish("a")
        raise KeyboardInterrupt
    (path,) = (tmp_path / "updates").glob("*.run")
    kept = path.read_text()
    for text in ("", "{", "[]\n", '{"started": 5}\n', kept.splitlines()[0] + "\n[1]\n"):
        path.write_text(text)
        with pytest.raises(KeyboardInterrupt), run(tmp_path, ["a", "b"], NOW) as again:
            assert again.done == frozenset()
            raise KeyboardInterrupt
    path.write_text(kept + '{"done": "b')  # the line that was being written
    with pytest.raises(KeyboardInterrupt), run(tmp_path, ["a", "b"], NOW) as again:
        assert again.done == {"a"}
        raise KeyboardInterrupt
    for later in (timedelta(hours=13), -timedelta(hours=1)):
        path.write_text(kept)
        with pytest.raises(KeyboardInterrupt), run(tmp_path, ["a", "b"], NOW + later) as again:
            assert again.done == frozenset()
            raise KeyboardInterrupt


def test_a_second_program_keeps_no_list(tmp_path: Path) -> None:
    with run(tmp_path, ["a"], NOW) as first:
        first.finish("a")
        with run(tmp_path, ["a"], NOW) as second:
            assert second.done == frozenset()
            second.finish("a")  # says nothing to anyone


def test_how_tasks_ended_is_kept(bench, tmp_path: Path) -> None:
    bench.give("2026-02-02", A=answer(column("A", {"2026-01-31": 1.0}, vintage="2026-02-02")))
    bench.update("A", "B")
    found = attempts(bench.home)
    assert (found["made:A"].state, found["made:A"].code) == ("new", "")
    assert (found["made:B"].state, found["made:B"].code, found["made:B"].series) == (
        "failed",
        "not_found",
        ("B",),
    )
    assert found["made:B"].at == bench.now()
    for name in ("a/b:c", "a?b:c"):  # names that look alike as files
        note_attempt(tmp_path, Attempt(name, ("A",), NOW, "new"))
    assert set(attempts(tmp_path)) == {"a/b:c", "a?b:c"}
    (tmp_path / "updates" / "tasks" / "x.json").write_text(json.dumps({"key": "x"}))
    assert set(attempts(tmp_path)) == {"a/b:c", "a?b:c"}
