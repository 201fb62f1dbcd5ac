"""Errors planted in a valid bundle, with every hash, digest and rendering made to fit again."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import builder as b
import pytest
from builder import Bundle

from rotascope_verify.bundle import verify
from rotascope_verify.lexicon import COMPARISON_WORDS


def failures(bundle: Bundle, tmp_path: Path) -> set[str]:
    return {f.code for f in verify(bundle.write(tmp_path)).failures}


def inlines(bundle: Bundle) -> Iterator[dict[str, Any]]:
    """Yield every inline of the report."""
    for block in bundle.report["blocks"]:
        if block["kind"] == "table":
            yield from (block["caption"], *block["header"], *(cell for row in block["rows"] for cell in row))
        else:
            yield block


def with_char(piece: dict[str, Any], at: int, char: str) -> None:
    piece["text"] = piece["text"][:at] + char + piece["text"][at + 1 :]


def test_every_digit_of_the_text(tmp_path: Path) -> None:
    """Each digit, moved up by one, is seen."""
    planted = 0
    for i, piece in enumerate(inlines(Bundle())):
        for at, char in enumerate(piece["text"]):
            if not char.isdigit():
                continue
            bundle = Bundle()
            with_char(list(inlines(bundle))[i], at, str((int(char) + 1) % 10))
            assert failures(bundle, tmp_path), piece["text"]
            planted += 1
    assert planted > 60


def test_every_span_of_the_text(tmp_path: Path) -> None:
    """Each character of each span, replaced by another, is seen; so is each span left out."""
    for i, piece in enumerate(inlines(Bundle())):
        for k, span in enumerate(piece["spans"]):
            for at in range(span["start"], span["end"]):
                bundle = Bundle()
                with_char(list(inlines(bundle))[i], at, "z" if piece["text"][at] != "z" else "y")
                assert failures(bundle, tmp_path), piece["text"]
            bundle = Bundle()
            del list(inlines(bundle))[i]["spans"][k]
            text = piece["text"][span["start"] : span["end"]]
            assert failures(bundle, tmp_path), text


def test_every_comparison_word(tmp_path: Path) -> None:
    """Each claim word, replaced by each word of the lexicon with another meaning, is seen."""
    synonyms = {
        "beat": {"rose", "gained", "added", "advanced", "climbed", "led", "outperformed", "ahead", "took in"}
        | {"inflow", "inflows", "higher", "widened", "gain", "rise", "increase"},
        "trailed": {"fell", "lost", "slipped", "declined", "dropped", "lagged", "underperformed", "behind"}
        | {"outflow", "outflows", "withdrawals", "lower", "narrowed", "gave back", "loss", "fall", "decline"}
        | {"drop"},
    }
    for name, at in (("b2", 1), ("b6", 1)):
        piece = Bundle().block(name)
        span = piece["spans"][at]
        old = piece["text"][span["start"] : span["end"]]
        for word in sorted(COMPARISON_WORDS - synonyms[old] - {old}):
            bundle = Bundle()
            block = bundle.block(name)
            shift = len(word) - len(old)
            block["text"] = block["text"][: span["start"]] + word + block["text"][span["end"] :]
            for other in block["spans"][at:]:
                other["end"] += shift
                other["start"] += shift if other["start"] > span["start"] else 0
            assert "claim-word" in failures(bundle, tmp_path), word


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("5.0%", "−5.0%"),
        ("5.0%", "5.0 pp"),
        ("3.0 points", "3.0%"),
        ("$3.8 billion", "$3.8 million"),
        ("+2.0%", "−2.0%"),
    ],
)
def test_signs_and_units(tmp_path: Path, old: str, new: str) -> None:
    """The text says another sign or unit; the span is stretched to fit."""
    for i, piece in enumerate(inlines(Bundle())):
        at = piece["text"].find(old)
        if at < 0:
            continue
        bundle = Bundle()
        other = list(inlines(bundle))[i]
        other["text"] = other["text"].replace(old, new, 1)
        for span in other["spans"]:
            span["end"] += len(new) - len(old) if span["end"] > at else 0
            span["start"] += len(new) - len(old) if span["start"] > at else 0
        assert failures(bundle, tmp_path) & {"text-differs", "name-uncovered"}


def test_swapped_names(tmp_path: Path) -> None:
    """Subject and object change places in the text, in the spans, and in spans and claim alike."""
    bundle = Bundle()
    piece = bundle.block("b2")
    first, second = piece["spans"][0], piece["spans"][2]
    first["ref"], second["ref"] = second["ref"], first["ref"]
    assert failures(bundle, tmp_path)
    bundle = Bundle()
    bundle.set_text(
        "b2",
        b.name("S&P 500", "large", "c1", "subject"),
        " ",
        b.word("beat", "c1"),
        " ",
        b.name("small caps", "small", "c1", "object"),
    )
    assert "claim-party" in failures(bundle, tmp_path)
    bundle.claim("c1").update(subject="large", object="small")
    assert failures(bundle, tmp_path) == {"claim-party"}
    bundle.fact("spread")["series"].reverse()
    assert failures(bundle, tmp_path) == {"series-differs"}
    bundle.fact("spread")["inputs"].reverse()
    assert "value-differs" in failures(bundle, tmp_path)


def test_entities_tied_to_the_other_series(tmp_path: Path) -> None:
    bundle = Bundle()
    entities = bundle.report["entities"]
    entities["small"]["series"], entities["large"]["series"] = "SPY", "IWM"
    assert {"claim-party", "row-binding"} <= failures(bundle, tmp_path)


def test_every_observation_value(tmp_path: Path) -> None:
    """Each value that a printed number needs, changed, with counts and digests made anew."""
    for i, line in enumerate(b.ROWS.splitlines()):
        parts = line.split(",")
        if not parts[3]:
            continue
        bundle = Bundle()
        parts[3] = repr(float(parts[3]) * 1.1)
        bundle.lines[i] = ",".join(parts)
        bundle.seal()
        found = failures(bundle, tmp_path)
        # the middle closes matter for the run of sessions only
        assert "value-differs" in found or parts[2] == "2026-01-02", line


def test_tampered_rows_without_new_digests(tmp_path: Path) -> None:
    changes: list[Callable[[list[str]], object]] = [
        lambda x: x.__setitem__(1, x[1].replace("204.0", "204.5")),
        lambda x: x.__setitem__(1, x[1].replace("2026-01-02", "2026-01-05")),
        lambda x: x.pop(1),
        lambda x: x.insert(2, "IWM,close,2026-01-05,205.0,usd,db,,s1"),
    ]
    for change in changes:
        bundle = Bundle()
        change(bundle.lines)
        assert failures(bundle, tmp_path) & {"digest-differs", "rows-differ"}


ROW_CHANGES: list[tuple[Callable[[list[str]], object], str]] = [
    (lambda x: x.__setitem__(0, x[0].replace("200.0", "200")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("200.0", "2e2")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("200.0", "nan")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("200.0", "inf")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("200.0", " 200.0")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("200.0", "2_00.0")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("200.0", "two hundred")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("2025-12-31", "2025-13-31")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace("2025-12-31", "20251231")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0] + ",more"), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace(",db,", ",,")), "row-bad"),
    (lambda x: x.__setitem__(0, x[0].replace(",db,", ",who,")), "source-unknown"),
    (lambda x: x.__setitem__(0, x[0].replace(",db,,", ",news,,")), "source-differs"),
    (lambda x: x.__setitem__(0, x[0].replace(",db,,", ",db,2026-01-15,")), "vintage-differs"),
    (lambda x: x.__setitem__(0, x[0].replace(",db,,", ",db,2026-02-01,")), "as-of-late"),
    (lambda x: x.__setitem__(1, x[1].replace(",usd,", ",usd_m,")), "unit-mixed"),
    (lambda x: x.insert(1, x[0]), "row-twice"),
    (lambda x: x.__setitem__(slice(0, 2), [x[1], x[0]]), "row-order"),
    (lambda x: x.append("ZZZ,close,2026-01-30,1.0,usd,db,,s1"), "row-unused"),
    (lambda x: x.insert(0, "IWM,close,2020-01-30,1.0,usd,db,,s1"), "row-unused"),
    (lambda x: x.append('ZZZ,"close,2026-01-30,1.0,usd,db,,s1'), "csv-bad"),
    (lambda x: x.append(""), "row-bad"),
]


@pytest.mark.parametrize(("change", "code"), ROW_CHANGES)
def test_rows(tmp_path: Path, change: Callable[[list[str]], object], code: str) -> None:
    bundle = Bundle()
    change(bundle.lines)
    if code not in ("csv-bad",):
        with contextlib.suppress(IndexError):  # the row may be too short to seal
            bundle.seal()
    bundle.html = "x"
    assert code in failures(bundle, tmp_path)


def set_fact(name: str, **changes: Any) -> Callable[[Bundle], object]:
    return lambda bundle: bundle.fact(name).update(changes)


def set_input(name: str, index: int, **changes: Any) -> Callable[[Bundle], object]:
    return lambda bundle: bundle.fact(name)["inputs"][index].update(changes)


def set_recipe(name: str, op: str, **params: Any) -> Callable[[Bundle], object]:
    return lambda bundle: bundle.fact(name).update(recipe={"op": op, "params": params})


def set_window(name: str, **changes: Any) -> Callable[[Bundle], object]:
    return lambda bundle: bundle.fact(name).update(window=b.WINDOW | changes)


def late_source(bundle: Bundle) -> None:
    bundle.report["sources"]["news"]["published"] = "2026-02-02"


FACT_CHANGES: list[tuple[Callable[[Bundle], object], str]] = [
    (set_fact("iwm", value=5.1), "value-differs"),
    (set_fact("iwm", value=5.00000001), "value-differs"),
    (set_fact("iwm", value=-5.0), "value-differs"),
    (set_fact("iwm", value=5.0000000000001), "fact-shape"),  # more than 12 digits
    (set_fact("iwm", value="5.0"), "fact-shape"),
    (set_fact("iwm", value=True), "fact-shape"),
    (set_fact("iwm", value=10**400), "fact-shape"),
    (set_fact("iwm", display="5.1%"), "display-differs"),
    (set_fact("iwm", display="5%"), "display-differs"),
    (set_fact("iwm", decimals=2), "display-differs"),
    (set_fact("iwm", decimals=99), "fact-shape"),
    (set_fact("iwm", unit="pp"), "unit-differs"),
    (set_fact("iwm", unit="pp", display="5.0 pp"), "unit-differs"),
    (set_fact("spread", unit="percent", display="3.0%"), "unit-differs"),
    (set_fact("flow", unit="usd", display="$50"), "unit-differs"),
    (set_fact("run", unit="percent", display="2%"), "unit-differs"),
    (set_fact("run", unit="rank", display="2"), "unit-differs"),
    (set_fact("run", unit="furlongs"), "fact-shape"),
    (set_fact("day", unit="count", display="20,260,130"), "unit-differs"),
    (set_fact("day", value=20260230), "value-differs"),
    (set_fact("iwm", series=["SPY"]), "series-differs"),
    (set_fact("iwm", series=[]), "series-differs"),
    (set_fact("run", series=["SPY", "IWM"]), "series-differs"),
    (set_fact("run", series=["IWM"]), "series-differs"),
    (set_fact("rank", series=["SPY"]), "series-differs"),
    (set_fact("rank", series=["IWM", "SPY"]), "series-differs"),
    (set_fact("iwm", as_of="2026-01-29"), "as-of-late"),
    (set_fact("iwm", as_of="2026-01-31"), "as-of-differs"),
    (set_fact("spread", as_of="2026-01-29"), "as-of-late"),
    (late_source, "as-of-late"),
    (set_fact("iwm", sources=[]), "sources-differ"),
    (set_fact("iwm", sources=["db", "news"]), "sources-differ"),
    (set_fact("spread", sources=["db", "db"]), "sources-differ"),
    (set_fact("iwm", notes="none"), "fact-shape"),
    (set_fact("iwm", colour="red"), "fact-shape"),
    (set_fact("iwm", metric=""), "fact-shape"),
    (set_window("iwm", start_used="2026-01-02"), "window-differs"),
    (set_window("iwm", end_used="2026-01-29"), "window-differs"),
    (set_window("spread", end_used="2026-01-29"), "window-differs"),
    (set_window("iwm", end_used="2026-02-02"), "window-differs"),
    (set_window("iwm", start="2025-12-30"), "window-differs"),
    (set_window("iwm", start="2026-01-02"), "window-differs"),
    (set_window("iwm", end="2026-02-01"), "window-differs"),
    (set_window("iwm", base="open"), "window-differs"),
    (set_window("spread", start="2025-12-31"), "window-differs"),
    (set_window("spread", end="2026-01-30"), "window-differs"),
    (set_window("spread", base="open"), "window-differs"),
    (set_window("iwm", start="2026-02-02"), "fact-shape"),
    (set_window("iwm", base="noon"), "fact-shape"),
    (set_window("iwm", middle="2026-01-15"), "fact-shape"),
    (set_input("iwm", 0, rows=2), "rows-differ"),
    (set_input("iwm", 0, sha256="0" * 64), "digest-differs"),
    (set_input("iwm", 0, series="SPY"), "digest-differs"),
    (set_input("iwm", 0, first="2025-12-30"), "rows-differ"),  # the same rows, but not their first date
    (set_input("iwm", 0, last="2026-01-15"), "rows-differ"),
    (set_input("iwm", 0, first="2026-01-15"), "fact-shape"),
    (set_input("iwm", 0, source="*"), "source-differs"),
    (set_input("iwm", 0, source="news"), "source-differs"),
    (set_input("iwm", 0, vintage="2025-12-31"), "vintage-differs"),
    (set_input("iwm", 0, kind="rumour"), "fact-shape"),
    (set_input("iwm", 0, extra=1), "fact-shape"),
    (set_input("spread", 0, id="nothing"), "input-missing"),
    (set_input("spread", 0, id="spy"), "value-differs"),
    (set_recipe("iwm", "change"), "value-differs"),
    (set_recipe("iwm", "guess"), "op-unknown"),
    (set_recipe("iwm", "observed"), "op-failed"),
    (set_recipe("iwm", "pct_change", scale=2), "op-failed"),
    (set_recipe("rank", "rank_of", index=1), "value-differs"),
    (set_recipe("flow", "sum_values", scale=-1), "value-differs"),
    (set_recipe("day", "window_date", path="start_used"), "value-differs"),
]


@pytest.mark.parametrize(("change", "code"), FACT_CHANGES)
def test_facts(tmp_path: Path, change: Callable[[Bundle], object], code: str) -> None:
    """Each change gets fresh ids, hashes and renderings, and is still seen."""
    bundle = Bundle()
    change(bundle)
    found = failures(bundle, tmp_path)
    assert code in found if code else not found


def test_a_changed_fact_keeps_its_old_id(tmp_path: Path) -> None:
    """Whatever of a fact is changed, but for value and display, its id no longer fits."""
    facts, _ = Bundle().named()
    files = Bundle().files()
    for key, value in (("notes", ["hm"]), ("metric", "other"), ("decimals", 2), ("as_of", "2026-01-29")):
        changed = copy.deepcopy(facts)
        changed[0][key] = value
        b.write_files(tmp_path, files | {"facts.json": b.dump(changed)}, len(facts), 10)
        assert "id-differs" in {f.code for f in verify(tmp_path).failures}


def test_one_broken_fact_hides_no_other(tmp_path: Path) -> None:
    bundle = Bundle()
    bundle.fact("iwm")["recipe"]["op"] = "guess"
    bundle.fact("flow")["value"] = 51.0
    bundle.fact("press")["decimals"] = "none"
    found = {(f.code, f.where.partition(".")[0]) for f in verify(bundle.write(tmp_path)).failures}
    assert {
        ("op-unknown", "iwm"),
        ("input-failed", "spread"),
        ("value-differs", "flow"),
        ("fact-shape", "press"),
    } <= found


def test_facts_twice(tmp_path: Path) -> None:
    facts, _ = Bundle().named()
    files = Bundle().files() | {"facts.json": b.dump([*facts, facts[0]])}
    b.write_files(tmp_path, files, len(facts) + 1, 10)
    assert "fact-twice" in {f.code for f in verify(tmp_path).failures}


def test_facts_in_a_circle(tmp_path: Path) -> None:
    """They cannot have fitting ids, but must not hang the check; what needs them fails too."""
    facts, _ = Bundle().named()
    by_name = {f["id"].partition(".")[0]: f for f in facts}
    by_name["iwm"].update(
        recipe={"op": "extreme", "params": {"want": "max"}}, inputs=[b.ref(by_name["spread"]["id"])]
    )
    b.write_files(tmp_path, Bundle().files() | {"facts.json": b.dump(facts)}, len(facts), 10)
    found = {f.where.partition(".")[0] for f in verify(tmp_path).failures if f.code == "fact-cycle"}
    assert found == {"iwm", "spread", "gap", "rank", "day"}


def test_an_unused_fact_is_allowed(tmp_path: Path) -> None:
    bundle = Bundle()
    inputs = [b.ref("iwm"), b.ref("spy")]
    bundle.facts.append(b.fact("spare", ["IWM", "SPY"], 2.5, "ratio", 1, "2.5", "ratio", inputs))
    assert failures(bundle, tmp_path) == set()
