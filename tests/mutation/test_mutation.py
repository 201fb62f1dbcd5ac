"""A thousand planted errors: each digit, sign and unit that is wrong must be found."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from rotascope.app.settings import Settings
from rotascope.app.workflows import ReportRequest, make_report

TOOL = Path(__file__).resolve().parents[2] / "tools" / "mutate.py"
DOTCOM = ReportRequest(start=date(2000, 3, 31), end=date(2002, 9, 30), as_of=date(2019, 1, 15))
SEED = 20260210


@pytest.fixture(scope="module")
def tool() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("mutate", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["mutate"]


def bundle(tool: ModuleType, folder: Path, home: Path, request: ReportRequest) -> dict[str, bytes]:
    make_report(Settings(home), request, lambda _: folder)
    return dict(tool.read_bundle(folder))


def check(tool: ModuleType, files: dict[str, bytes], count: int, seed: int, name: str) -> None:
    tally = tool.run(files, count, seed)
    print(f"\n{name}: {count} planted errors, seed {seed}")
    print("\n".join(tally.lines()))
    missed = [f"{m.kind} in {m.place}: {m.what}" for m in tally.survivors]
    print("\n".join(missed))
    found = tally.by_kind()
    assert sum(planted for _, planted in found.values()) == count
    for kind in tool.CERTAIN:
        killed, planted = found.get(kind, (0, 0))
        assert killed == planted, [m for m in missed if m.startswith(kind)]
    plain = [(k, n) for kind, (k, n) in found.items() if "rebound" not in kind]
    assert sum(k for k, _ in plain) / sum(n for _, n in plain) >= 0.99, missed
    forged = [(k, n) for kind, (k, n) in found.items() if "rebound" in kind]
    assert sum(k for k, _ in forged) / sum(n for _, n in forged) >= 0.7, missed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "request_", "count"),
    [("january-2026", ReportRequest(case="january-2026"), 600), ("2000 to 2002", DOTCOM, 400)],
    ids=["case", "window"],
)
def test_a_thousand_planted_errors_are_found(
    tool: ModuleType, tmp_path: Path, name: str, request_: ReportRequest, count: int
) -> None:
    files = bundle(tool, tmp_path / "r", tmp_path / "home", request_)
    check(tool, files, count, SEED, name)


@pytest.mark.market
@pytest.mark.slow
def test_planted_errors_on_market_data_are_found(tool: ModuleType, tmp_path: Path, market_home: Path) -> None:
    request = ReportRequest(start=date(2025, 12, 31), end=date(2026, 1, 30), as_of=date(2026, 2, 10))
    check(tool, bundle(tool, tmp_path / "r", market_home, request), 30, SEED, "market data")


# The tool itself: what it plants is really wrong, and it notices a verifier that is blind


def test_a_blind_verifier_is_noticed(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = bundle(tool, tmp_path / "r", tmp_path / "home", DOTCOM)

    class Blind:
        ok = True

    monkeypatch.setattr(tool, "verify", lambda folder: Blind)
    tally = tool.run(files, 40, 1)
    assert len(tally.survivors) == 40
    assert all(killed == 0 for killed, _ in tally.by_kind().values())


def test_a_bundle_that_fails_to_begin_with_proves_nothing(tool: ModuleType, tmp_path: Path) -> None:
    files = bundle(tool, tmp_path / "r", tmp_path / "home", DOTCOM)
    files["report.json"] = files["report.json"].replace(b"45.6%", b"45.7%")
    with pytest.raises(ValueError, match="before anything is changed"):
        tool.run(files, 1, 1)


def test_the_same_seed_plants_the_same_errors(tool: ModuleType, tmp_path: Path) -> None:
    files = bundle(tool, tmp_path / "r", tmp_path / "home", DOTCOM)
    runs = [[tool.Planter(files, 7).plant().what for _ in range(3)] for _ in range(2)]
    planter = tool.Planter(files, 7)
    assert runs[0] == runs[1]
    assert len({planter.plant().what for _ in range(30)}) > 20


def test_every_mutant_differs_from_the_bundle_in_content(tool: ModuleType, tmp_path: Path) -> None:
    files = bundle(tool, tmp_path / "r", tmp_path / "home", DOTCOM)
    planter = tool.Planter(files, 11)
    for _ in range(60):
        mutant = planter.plant()
        changed = [n for n in mutant.files if n != "manifest.json" and mutant.files[n] != files[n]]
        both = ["facts.json", "report.json"]  # ids made anew stand in the text as well
        with_charts = ["charts.json", *both]
        ids_anew = mutant.place == tool.REBOUND and changed in (both, with_charts)
        assert len(changed) == 1 or ids_anew, mutant.what


def test_spans_move_with_the_text(tool: ModuleType) -> None:
    inline = {
        "text": "IWM rose 5.5% in January",
        "spans": [{"start": 0, "end": 3}, {"start": 4, "end": 8}, {"start": 9, "end": 13}],
    }
    tool.edit(inline, 4, 8, "declined")
    words = [inline["text"][s["start"] : s["end"]] for s in inline["spans"]]
    assert inline["text"] == "IWM declined 5.5% in January"
    assert words == ["IWM", "declined", "5.5%"]


def test_a_swapped_word_is_never_a_synonym(tool: ModuleType) -> None:
    """ "gained" for "rose" is no error, and "largest" for "best" of a rank is none either."""
    rng = random.Random(3)
    for _ in range(300):
        assert tool.other_word(rng, "rose", "positive") not in tool.PREDICATE_WORDS["positive"]
        assert tool.other_word(rng, "best", "rank_is") not in (
            "largest",
            "best",
            "widest",
            "strongest",
            "top",
        )
        assert tool.other_word(rng, "large", "between") != "large"
