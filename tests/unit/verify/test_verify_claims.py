"""Every predicate, word and party: cases that hold and cases that must not."""

from __future__ import annotations

from typing import Any

import builder as b
import pytest
from builder import Bundle

from rotascope_verify.bundle import verify
from rotascope_verify.lexicon import BANDS, PREDICATE_WORDS

# Values of the observed facts that the claims below are about.
VALUES: dict[str, tuple[float, str]] = {
    "up": (4.0, "percent"),
    "up2": (2.0, "percent"),
    "down": (-4.0, "percent"),
    "down2": (-5.0, "percent"),
    "zero": (0.0, "percent"),
    "tiny": (0.1, "percent"),
    "close": (3.5, "percent"),
    "bp2": (2.0, "bp"),
    "bp3": (3.0, "bp"),
    "count4": (4.0, "count"),
    "count9": (9.0, "count"),
    "p59": (59.0, "percentile"),
    "p60": (60.0, "percentile"),
    "p80": (80.0, "percentile"),
    "p90": (90.0, "percentile"),
    "p97": (97.5, "percentile"),
    "p100": (100.0, "percentile"),
    "p10": (10.0, "percentile"),
    "s50": (0.5, "share"),
    "s51": (0.51, "share"),
    "s49": (0.49, "share"),
}


def codes(
    tmp_path: Any, predicate: str, facts: list[str], word: str, *, before: tuple[Any, ...] = (), **params: Any
) -> set[str]:
    """Add one claim about observed values to the tiny bundle and return the codes of what fails."""
    bundle = Bundle()
    for name in {f for f in facts if f in VALUES}:
        value, unit = VALUES[name]
        bundle.lines.append(f"Z{name},x,2026-01-02,{value!r},{unit},db,,s")
        display = {
            "percent": f"{value}%".replace("-", "−"),
            "bp": f"{value} bp",
            "share": f"{value * 100:.1f}%",
        }.get(unit, f"{value}")
        inputs = [b.obs(f"Z{name}", "x", "2026-01-02", "2026-01-02")]
        bundle.facts.append(b.fact(name, [f"Z{name}"], value, unit, 1, display, "observed", inputs))
    bundle.lines.sort(key=lambda line: line.split(",")[:3])
    bundle.report["claims"].append(b.claim("c9", predicate, facts, **params))
    bundle.add("It is ", *before, b.word(word, "c9"), " so.")
    bundle.seal()
    return {f.code for f in verify(bundle.write(tmp_path)).failures}


GOOD: list[tuple[str, list[str], str, dict[str, float]]] = [
    ("positive", ["up"], "rose", {}),
    ("positive", ["up"], "Took In", {}),
    ("negative", ["down"], "gave back", {}),
    ("near_zero", ["tiny"], "flat", {"tol": 0.1}),
    ("near_zero", ["zero"], "unchanged", {"tol": 0}),
    ("near_zero", ["bp2"], "little changed", {"tol": 2}),
    ("gt", ["up", "up2"], "more than", {}),
    ("lt", ["up2", "up"], "below", {}),
    ("at_least", ["up"], "at least", {"x": 4}),
    ("at_most", ["up"], "or less", {"x": 4}),
    ("near", ["up", "close"], "roughly", {"tol": 0.6}),
    ("near", ["close"], "close to", {"tol": 0.5, "x": 4}),
    ("near", ["up", "close"], "agrees", {"tol": 1.0}),
    ("not_near", ["up", "up2"], "differ", {"tol": 1.0}),
    ("between", ["p59"], "slight", {"lo": 0, "hi": 60}),
    ("between", ["p60"], "modest", {"lo": 60, "hi": 80}),
    ("between", ["p80"], "clear", {"lo": 80, "hi": 90}),
    ("between", ["p90"], "large", {"lo": 90, "hi": 97.5}),
    ("between", ["p97"], "extreme", {"lo": 97.5, "hi": 100.1}),
    ("between", ["p100"], "rare", {"lo": 99, "hi": 100.1}),
    ("between", ["p10"], "ordinary", {"lo": 10, "hi": 90}),
    ("between", ["p10"], "weak", {"lo": 0, "hi": 20}),
    ("rank_is", ["rank"], "largest", {"k": 1}),
    ("rank_is", ["rank"], "top", {"k": 1, "n": 2}),
    ("max_of", ["up", "up2", "down"], "highest", {}),
    ("max_of", ["up", "up"], "most", {}),
    ("min_of", ["down", "up"], "least", {}),
    ("same_sign", ["up", "up2"], "both", {}),
    ("same_sign", ["down", "down2"], "same direction", {}),
    ("opposite", ["down", "up"], "contradicts", {}),
    ("majority", ["s51"], "most", {}),
    ("majority", ["up", "close"], "majority", {}),
    ("minority", ["s49"], "minority", {}),
    ("minority", ["count4", "count9"], "minority", {}),
    ("ratio_near", ["up2", "up"], "half", {"x": 0.5, "tol": 0}),
    ("ratio_near", ["up", "up2"], "twice", {"x": 2, "tol": 0.3}),
]

NOGOOD: list[tuple[str, list[str], str, dict[str, Any], str]] = [
    ("positive", ["down"], "rose", {}, "claim-false"),
    ("positive", ["zero"], "rose", {}, "claim-false"),
    ("negative", ["zero"], "fell", {}, "claim-false"),
    ("negative", ["up"], "fell", {}, "claim-false"),
    ("near_zero", ["up"], "flat", {"tol": 0.1}, "claim-false"),
    ("near_zero", ["tiny"], "flat", {"tol": 0.2}, "claim-tolerance"),
    ("near_zero", ["bp3"], "flat", {"tol": 3}, "claim-tolerance"),
    ("near_zero", ["count4"], "flat", {"tol": 0.1}, "claim-units"),
    ("gt", ["up2", "up"], "more than", {}, "claim-false"),
    ("gt", ["up", "up"], "more than", {}, "claim-false"),
    ("gt", ["up", "bp2"], "more than", {}, "claim-units"),
    ("lt", ["up", "up2"], "below", {}, "claim-false"),
    ("at_least", ["up"], "at least", {"x": 4.1}, "claim-false"),
    ("at_most", ["up"], "at most", {"x": 3.9}, "claim-false"),
    ("near", ["up", "up2"], "roughly", {"tol": 0.6}, "claim-false"),
    ("near", ["up", "close"], "roughly", {"tol": 0.61}, "claim-word"),
    ("near", ["up", "close"], "agrees", {"tol": 1.1}, "claim-tolerance"),
    ("near", ["up", "close"], "agrees", {"tol": -1}, "claim-tolerance"),
    ("not_near", ["up", "close"], "differ", {"tol": 0.4}, "claim-tolerance"),
    ("not_near", ["up", "close"], "differ", {"tol": 1.0}, "claim-false"),
    ("between", ["p60"], "slight", {"lo": 0, "hi": 60}, "claim-false"),
    ("between", ["p59"], "modest", {"lo": 60, "hi": 80}, "claim-false"),
    ("between", ["p59"], "modest", {"lo": 50, "hi": 80}, "claim-word"),
    ("between", ["p90"], "clear", {"lo": 80, "hi": 90}, "claim-false"),
    ("between", ["up"], "slight", {"lo": 0, "hi": 60}, "claim-units"),
    ("rank_is", ["rank"], "largest", {"k": 2}, "claim-false"),
    ("rank_is", ["rank"], "strongest", {"k": 2, "n": 2}, "claim-word"),
    ("rank_is", ["rank"], "smallest", {"k": 1, "n": 1}, "claim-rank"),
    ("rank_is", ["rank"], "smallest", {"k": 1, "n": 2}, "claim-word"),
    ("rank_is", ["rank"], "smallest", {"k": 2, "n": 2}, "claim-false"),
    ("rank_is", ["up"], "largest", {"k": 4}, "claim-rank"),
    ("max_of", ["up2", "up"], "largest", {}, "claim-false"),
    ("min_of", ["up", "up2"], "smallest", {}, "claim-false"),
    ("same_sign", ["up", "down"], "both", {}, "claim-false"),
    ("same_sign", ["up", "zero"], "both", {}, "claim-false"),
    ("opposite", ["up", "up2"], "opposite", {}, "claim-false"),
    ("opposite", ["up", "zero"], "opposite", {}, "claim-false"),
    ("majority", ["s50"], "most", {}, "claim-false"),
    ("majority", ["up2", "up"], "most", {}, "claim-false"),
    ("majority", ["count4"], "most", {}, "claim-units"),
    ("minority", ["s50"], "minority", {}, "claim-false"),
    ("ratio_near", ["up", "up2"], "half", {"x": 2, "tol": 0.1}, "claim-word"),
    ("ratio_near", ["up", "up2"], "twice", {"x": 2, "tol": 0.31}, "claim-tolerance"),
    ("ratio_near", ["close", "up2"], "twice", {"x": 2, "tol": 0.2}, "claim-false"),
    ("ratio_near", ["up", "zero"], "twice", {"x": 2, "tol": 0.2}, "claim-false"),
    # words of another predicate
    ("positive", ["up"], "fell", {}, "claim-word"),
    ("negative", ["down"], "rose", {}, "claim-word"),
    ("gt", ["up", "up2"], "less than", {}, "claim-word"),
    ("positive", ["up"], "soared", {}, "claim-word"),
    ("positive", ["up"], "took  in", {}, "claim-word"),
    # shape
    ("exceeds_by_far", ["up"], "rose", {}, "claim-shape"),
    ("positive", ["up", "up2"], "rose", {}, "claim-shape"),
    ("positive", [], "rose", {}, "claim-shape"),
    ("gt", ["up"], "above", {}, "claim-shape"),
    ("positive", ["up"], "rose", {"tol": 1}, "claim-shape"),
    ("near_zero", ["up"], "flat", {}, "claim-shape"),
    ("near", ["up"], "about", {"tol": 0.1}, "claim-shape"),
    ("near", ["up", "close"], "about", {"tol": 0.1, "x": 3}, "claim-shape"),
    ("near", ["up", "close"], "about", {"tol": "1"}, "claim-shape"),
    ("between", ["p60"], "modest", {"lo": True, "hi": 80}, "claim-shape"),
    ("positive", ["nowhere"], "rose", {}, "ref-missing"),
]


@pytest.mark.parametrize(("predicate", "facts", "word", "params"), GOOD)
def test_good(tmp_path: Any, predicate: str, facts: list[str], word: str, params: dict[str, Any]) -> None:
    assert codes(tmp_path, predicate, facts, word, **params) == set()


@pytest.mark.parametrize(("predicate", "facts", "word", "params", "code"), NOGOOD)
def test_nogood(
    tmp_path: Any, predicate: str, facts: list[str], word: str, params: dict[str, Any], code: str
) -> None:
    assert code in codes(tmp_path, predicate, facts, word, **params)


def test_every_predicate_has_a_good_and_a_nogood_case() -> None:
    assert {case[0] for case in GOOD} == PREDICATE_WORDS.keys()
    assert {case[0] for case in NOGOOD if case[4] == "claim-false"} == PREDICATE_WORDS.keys()
    assert BANDS.keys() == PREDICATE_WORDS["between"]


def test_an_ordinal_goes_with_largest(tmp_path: Any) -> None:
    """ "The second largest" is rank 2 of spy among the two returns."""
    bundle = Bundle()
    bundle.facts.append(
        b.fact("rank2", ["SPY"], 2, "rank", 0, "2", "rank_of", [b.ref("iwm"), b.ref("spy")], index=1)
    )
    bundle.report["claims"].append(b.claim("c9", "rank_is", ["rank2"], k=2))
    ordinal = b.number("second", "rank2", form="ordinal", style="bare", decimals=0)
    bundle.add("It is the ", ordinal, " ", b.word("largest", "c9"), " return.")
    assert verify(bundle.write(tmp_path / "good")).ok
    bundle.report["blocks"][-2].update(
        b.inline("It is ", ordinal, ", not the ", b.word("largest", "c9"), ".")
    )
    assert {f.code for f in verify(bundle.write(tmp_path / "far")).failures} == {"claim-word"}
    bundle.report["blocks"][-2].update(b.inline("It is the ", b.word("largest", "c9"), " return."))
    assert {f.code for f in verify(bundle.write(tmp_path / "none")).failures} == {"claim-word"}


def test_rank_among_windows_counts_the_windows(tmp_path: Any) -> None:
    """Two windows of one session: spreads 1 (2% - 1%) and 1.95; the last is the largest of two."""
    bundle = Bundle()
    inputs = [b.obs("IWM", "close", b.FIRST, b.LAST), b.obs("SPY", "close", b.FIRST, b.LAST)]
    both = {"grid": "sessions", "length": 1, "want": "rank"}
    bundle.facts.append(b.fact("wr", ["IWM", "SPY"], 1, "rank", 0, "1", "window_rank", inputs, **both))
    bundle.report["claims"].append(b.claim("c9", "rank_is", ["wr"], k=1, n=2))
    bundle.add("The ", b.word("widest", "c9"), " gap.")
    bundle.seal()
    assert verify(bundle.write(tmp_path / "good")).ok
    bundle.claim("c9")["params"]["n"] = 3
    assert {f.code for f in verify(bundle.write(tmp_path / "bad")).failures} == {"claim-rank"}


@pytest.mark.parametrize(
    ("claim", "changes", "code"),
    [
        ("c1", {"subject": "large", "object": "small"}, "claim-party"),
        ("c1", {"subject": "small", "object": "small"}, "claim-party"),
        ("c1", {"object": None}, "claim-party"),  # the name span in the text still says object
        ("c2", {"subject": "large"}, "claim-party"),
        ("c2", {"object": "large"}, "claim-party"),
        ("c3", {"subject": "small"}, "claim-party"),  # not named in the text
        ("c4", {"facts": ["spread"]}, "claim-false"),
        ("c1", {"subject": "nobody"}, "claim-shape"),
        ("c1", {"subject": 3}, "claim-shape"),
        ("c1", {"extra": 3}, "claim-shape"),
        ("c1", {"id": "c2"}, "claim-twice"),
        ("c5", {"id": "c6"}, "claim-unused"),
    ],
)
def test_parties_and_shape(tmp_path: Any, claim: str, changes: dict[str, Any], code: str) -> None:
    bundle = Bundle()
    bundle.claim(claim).update(changes)
    assert code in {f.code for f in verify(bundle.write(tmp_path)).failures}


def test_parties_of_a_comparison_of_two_facts(tmp_path: Any) -> None:
    bundle = Bundle()
    bundle.report["claims"].append(b.claim("c9", "gt", ["iwm", "spy"], "small", "large"))

    def say(first: str, second: str) -> None:
        texts = {"small": "Small caps", "large": "Large caps"}
        piece = b.inline(
            b.name(texts[first], first, "c9", "subject"),
            " ",
            b.word("topped", "c9"),
            " ",
            b.name(texts[second], second, "c9", "object"),
        )
        bundle.report["blocks"][-2].update(piece)

    bundle.add("")
    say("small", "large")
    assert verify(bundle.write(tmp_path / "good")).ok
    bundle.claim("c9").update(subject="large", object="small")
    say("large", "small")
    assert {f.code for f in verify(bundle.write(tmp_path / "swapped")).failures} == {"claim-party"}


def test_each_band_word_has_a_band_of_its_own() -> None:
    """No word can stand in for another: its parameters would be those of another band."""
    assert len(set(BANDS.values())) == len(BANDS)
