"""Claims: comparisons in words as predicates over recomputed facts. docs/bundle-format.md, "Claims"."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rotascope_verify.evaluate import Facts
from rotascope_verify.facts import Fact
from rotascope_verify.failures import CheckError, Log, quote
from rotascope_verify.lexicon import (
    AGREE_WORDS,
    BANDS,
    CODES,
    FIRST_RANK_WORDS,
    LABEL_WORDS,
    LAST_RANK_WORDS,
    ORDINAL_RANK_WORDS,
    PREDICATE_WORDS,
    RATIOS,
)
from rotascope_verify.ops_windows import rank_windows
from rotascope_verify.reading import as_list, as_number, as_object, check_keys, get_text, get_texts
from rotascope_verify.sources import Entity

TWO_LEGGED = ("difference", "compound_legs", "extreme_day", "streak", "window_rank", "trigger")
SIGNED = ("positive", "negative")
SIGNED_IF_POSITIVE = ("rank_is", "at_least", "max_of", "min_of")
SAME_UNIT = ("gt", "lt", "near", "not_near", "max_of", "min_of")


@dataclass(frozen=True, slots=True)
class Claim:
    """A comparison that the text makes. `facts` are ids; subject and object are ids of entities, or None."""

    id: str
    predicate: str
    facts: tuple[str, ...]
    params: dict[str, float]
    subject: str | None
    object: str | None


@dataclass(frozen=True, slots=True)
class Predicate:
    """When a predicate is true, how many facts it takes, and which parameters it must and may have."""

    test: Callable[[list[float], dict[str, float]], bool]
    least: int
    most: int
    need: str = ""
    may: str = ""


def _near(v: list[float], p: dict[str, float]) -> bool:
    return abs(v[0] - _other(v, p)) <= p["tol"]


def _other(v: list[float], p: dict[str, float]) -> float:
    return v[1] if len(v) == 2 else p["x"]


def _one_sign(v: list[float], p: dict[str, float]) -> bool:
    return all(x > 0 for x in v) or all(x < 0 for x in v)


def _label(v: list[float]) -> tuple[bool, bool]:
    """Whether some signal is up, and whether some is down; one within a twentieth of zero is neither."""
    return any(x > LABEL_BAND for x in v), any(x < -LABEL_BAND for x in v)


def _half(v: list[float]) -> float:
    return v[1] / 2 if len(v) == 2 else 0.5


ALL = 100_000
LABEL_BAND = 0.05
SLACK = 1e-12  # a bound of 0.15 * 4 in binary is a hair off 0.6
PREDICATES: dict[str, Predicate] = {
    "positive": Predicate(lambda v, p: v[0] > 0, 1, 1),
    "negative": Predicate(lambda v, p: v[0] < 0, 1, 1),
    "near_zero": Predicate(lambda v, p: abs(v[0]) <= p["tol"], 1, 1, "tol"),
    "gt": Predicate(lambda v, p: v[0] > v[1], 2, 2),
    "lt": Predicate(lambda v, p: v[0] < v[1], 2, 2),
    "at_least": Predicate(lambda v, p: v[0] >= p["x"], 1, 1, "x"),
    "at_most": Predicate(lambda v, p: v[0] <= p["x"], 1, 1, "x"),
    "near": Predicate(_near, 1, 2, "tol", "x"),
    "not_near": Predicate(lambda v, p: abs(v[0] - v[1]) > p["tol"], 2, 2, "tol"),
    "between": Predicate(lambda v, p: p["lo"] <= v[0] < p["hi"], 1, 1, "lo hi"),
    "rank_is": Predicate(lambda v, p: v[0] == p["k"], 1, 1, "k", "n"),
    "max_of": Predicate(lambda v, p: all(v[0] >= x for x in v[1:]), 2, ALL),
    "min_of": Predicate(lambda v, p: all(v[0] <= x for x in v[1:]), 2, ALL),
    "same_sign": Predicate(_one_sign, 2, ALL),
    "opposite": Predicate(lambda v, p: min(v) < 0 < max(v), 2, 2),
    "majority": Predicate(lambda v, p: v[0] > _half(v), 1, 2),
    "minority": Predicate(lambda v, p: v[0] < _half(v), 1, 2),
    "ratio_near": Predicate(lambda v, p: abs(v[0] / v[1] - p["x"]) <= p["tol"], 2, 2, "x tol"),
    "verdict_is": Predicate(lambda v, p: v[0] == p["k"], 1, 1, "k"),
    "quadrant_is": Predicate(lambda v, p: v[0] == p["k"], 1, 1, "k"),
    "label_positive": Predicate(lambda v, p: _label(v) == (True, False), 1, ALL),
    "label_negative": Predicate(lambda v, p: _label(v) == (False, True), 1, ALL),
    "label_mixed": Predicate(lambda v, p: _label(v) == (True, True), 1, ALL),
    "label_neutral": Predicate(lambda v, p: _label(v) == (False, False), 1, ALL),
}


def parse_claims(raw: Any, entities: dict[str, Entity], log: Log) -> dict[str, Claim]:
    """Return the claims by id. Failures: claim-shape, claim-twice."""
    out: dict[str, Claim] = {}
    with log.guard("claim-shape", "claims"):
        for i, item in enumerate(as_list(raw, "claims")):
            name = item.get("id") if isinstance(item, dict) else None
            where = f"claim:{name}" if isinstance(name, str) else f"claims[{i}]"
            with log.guard("claim-shape", where):
                claim = _parse_claim(item)
                for entity in (claim.subject, claim.object):
                    if entity is not None and entity not in entities:
                        raise CheckError(f"there is no entity {quote(entity)}")
                if claim.id in out:
                    raise CheckError("another claim has the same id", "claim-twice")
                out[claim.id] = claim
    return out


def _parse_claim(item: Any) -> Claim:
    obj = as_object(item, "a claim")
    check_keys(obj, "id predicate facts params subject object")
    params = as_object(obj["params"], "params")
    claim = Claim(
        id=get_text(obj, "id"),
        predicate=get_text(obj, "predicate"),
        facts=get_texts(obj, "facts"),
        params={k: as_number(v, f"params.{k}") for k, v in params.items()},
        subject=None if obj["subject"] is None else get_text(obj, "subject"),
        object=None if obj["object"] is None else get_text(obj, "object"),
    )
    spec = PREDICATES.get(claim.predicate)
    if spec is None:
        raise CheckError(f"there is no predicate {quote(claim.predicate)}")
    if not spec.least <= len(claim.facts) <= spec.most:
        raise CheckError(f"{claim.predicate} takes {spec.least} to {spec.most} facts, not {len(claim.facts)}")
    check_keys(claim.params, spec.need, spec.may)
    if claim.predicate == "near" and (len(claim.facts) == 2) == ("x" in claim.params):
        raise CheckError("near compares with a second fact or with params.x, one of them")
    return claim


def check_claim(claim: Claim, facts: Facts) -> None:
    """The predicate must hold on the recomputed values. Raises CheckError with the code of the rule."""
    stated = [facts.fact(name) for name in claim.facts]
    values = [facts.value(name) for name in claim.facts]
    _check_units(claim, [fact.unit for fact in stated])
    _check_tolerance(claim, values, stated[0].unit)
    if claim.predicate == "rank_is":
        _check_rank(claim, stated[0], facts)
    try:
        true = PREDICATES[claim.predicate].test(values, claim.params)
    except ZeroDivisionError:
        raise CheckError("a ratio to zero", "claim-false") from None
    if not true:
        shown = ", ".join(f"{name} = {value!r}" for name, value in zip(claim.facts, values, strict=True))
        given = "".join(f", {k} = {v!r}" for k, v in sorted(claim.params.items()))
        raise CheckError(f"{claim.predicate} does not hold: {shown}{given}", "claim-false")


def _check_units(claim: Claim, units: list[str]) -> None:
    kinds = {"percent" if u == "pp" else u for u in units}
    if claim.predicate in SAME_UNIT and len(kinds) > 1:
        raise CheckError(f"compares different units: {', '.join(sorted(kinds))}", "claim-units")
    if claim.predicate == "between" and units != ["percentile"]:
        raise CheckError(f"between is about a percentile, not {units[0]}", "claim-units")
    if claim.predicate in ("majority", "minority") and len(units) == 1 and units[0] not in ("share", "ratio"):
        raise CheckError(f"{claim.predicate} of one fact is about a share, not {units[0]}", "claim-units")
    if claim.predicate == "near_zero" and units[0] not in ("percent", "pp", "bp"):
        raise CheckError(f"near_zero has no tolerance for {units[0]}", "claim-units")


def _check_tolerance(claim: Claim, v: list[float], unit: str) -> None:
    """Tolerances have bounds that do not depend on the word; those that do are in check_word."""
    tol = claim.params.get("tol")
    if tol is None:
        return
    bad = tol < 0
    if claim.predicate == "near_zero":
        bad = bad or tol > (2 if unit == "bp" else 0.1)
    elif claim.predicate == "near":
        bad = bad or tol > 0.25 * _larger(claim, v) * (1 + SLACK)
    elif claim.predicate == "not_near":
        bad = bad or tol < 0.25 * _larger(claim, v) * (1 - SLACK)
    elif claim.predicate == "ratio_near":
        bad = bad or tol > 0.15 * claim.params["x"] * (1 + SLACK)
    if bad:
        raise CheckError(f"tol = {tol!r} is outside what {claim.predicate} allows", "claim-tolerance")


def _larger(claim: Claim, v: list[float]) -> float:
    """Return the larger of |a| and |b|, what a tolerance is a part of."""
    return max(abs(v[0]), abs(_other(v, claim.params)))


def _check_rank(claim: Claim, fact: Fact, facts: Facts) -> None:
    """The fact must be a rank, and `n` the number of what it ranks."""
    if fact.op == "rank_of":
        n = len(fact.inputs)
    elif fact.op == "window_rank" and fact.params.get("want") == "rank":
        n = len(rank_windows(facts.call(fact))[1])
    else:
        raise CheckError(f"{quote(fact.id)} is not a rank", "claim-rank")
    if "n" in claim.params and claim.params["n"] != n:
        raise CheckError(f"n = {claim.params['n']:g}, but {n} are ranked", "claim-rank")


def check_word(claim: Claim, word: str, values: list[float], with_ordinal: bool) -> None:
    """The word must be one that the predicate, with these parameters, allows. Raises CheckError.

    with_ordinal: whether an ordinal of the claim's fact stands right before the word.
    """
    word = word.lower()
    if word not in (PREDICATE_WORDS | LABEL_WORDS)[claim.predicate]:
        raise CheckError(f"{quote(word)} is not a word for {claim.predicate}", "claim-word")
    p = claim.params
    good = True
    if claim.predicate == "between":
        good = (p["lo"], p["hi"]) == BANDS[word]
    elif claim.predicate in ("verdict_is", "quadrant_is"):
        good = p["k"] == CODES[word]
    elif claim.predicate == "ratio_near":
        good = math.isclose(p["x"], RATIOS[word], rel_tol=1e-9)
    elif claim.predicate == "near":
        good = word in AGREE_WORDS or p["tol"] <= 0.15 * _larger(claim, values) * (1 + SLACK)
    elif claim.predicate == "rank_is":
        good = (
            (word in FIRST_RANK_WORDS and p["k"] == 1)
            or (word in LAST_RANK_WORDS and p["k"] == p.get("n"))
            or (word in ORDINAL_RANK_WORDS and with_ordinal)
        )
    if not good:
        raise CheckError(f"{quote(word)} does not fit the parameters of {claim.predicate}", "claim-word")


def check_parties(claim: Claim, facts: Facts, entities: dict[str, Entity]) -> None:
    """Subject and object must stand for the series that the facts compare (claim-party)."""
    first = facts.fact(claim.facts[0])
    legs = first.series
    two_legged = first.op in TWO_LEGGED and len(legs) == 2
    subjects: tuple[str, ...] = legs
    objects: tuple[str, ...] = ()
    if claim.predicate in SIGNED:
        subjects = legs[:1]
        objects = legs[1:] if two_legged else ()
    elif claim.predicate not in ("max_of", "min_of", "rank_is"):
        if len(claim.facts) == 2:
            objects = facts.fact(claim.facts[1]).series
        elif two_legged:
            subjects, objects = legs[:1], legs[1:]
    for role, entity, allowed in (("subject", claim.subject, subjects), ("object", claim.object, objects)):
        if entity is not None and entities[entity].series not in allowed:
            raise CheckError(
                f"the {role} {quote(entity)} is not what the facts are about there", "claim-party"
            )


def fixes_sign(claim: Claim, value: float) -> bool:
    """Whether a claim tells the reader the sign of a number printed without one."""
    return claim.predicate in SIGNED or (claim.predicate in SIGNED_IF_POSITIVE and value > 0)
