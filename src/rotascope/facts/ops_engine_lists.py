"""Operations on lists of facts, and on weights."""

from __future__ import annotations

import math

import numpy as np

from rotascope.analytics import concentration, inference, ranking
from rotascope.facts.ops import Inputs, Params, columns, op, values
from rotascope.facts.ops_engine_grid import pick
from rotascope.model.errors import BadInputError, MissingDataError


@op("rank_correlation")
def _rank_correlation(params: Params, inputs: Inputs) -> float:
    found = np.array(values(inputs))
    if found.size % 2 or found.size < 4:
        raise BadInputError(f"{found.size} facts are not two lists of one length, of two or more.")
    return ranking.rank_correlation(found[: found.size // 2], found[found.size // 2 :])


@op("dispersion")
def _dispersion(params: Params, inputs: Inputs) -> float:
    listed = np.array(values(inputs))
    if listed.size < 2:
        raise BadInputError("A dispersion needs two facts or more.")
    found = ranking.dispersion(listed)
    return pick(
        params["want"],
        {
            "standard_deviation": lambda: found.standard_deviation,
            "range": lambda: found.spread,
            "mean_gap": lambda: found.mean_gap,
        },
    )


@op("group_gap")
def _group_gap(params: Params, inputs: Inputs) -> float:
    listed = np.array(values(inputs))
    split = int(params["split"])
    found = ranking.group_gap(listed, list(range(split)), list(range(split, listed.size)))
    return pick(
        params["want"],
        {"first": lambda: found.first, "second": lambda: found.second, "gap": lambda: found.gap},
    )


@op("effective_number")
def _effective_number(params: Params, inputs: Inputs) -> float:
    weights = np.array([float(c.values[0]) for c in columns(inputs)])
    found = concentration.concentration(weights)
    return pick(
        params["want"],
        {
            "effective": lambda: found.effective,
            "herfindahl": lambda: found.herfindahl,
            "top_share": lambda: concentration.top_share(weights, int(params["names"])),
            "counted": lambda: found.counted,
            "left_out": lambda: found.left_out,
        },
    )


@op("contribution")
def _contribution(params: Params, inputs: Inputs) -> float:
    listed = np.array(values(inputs))
    half = listed.size // 2
    if listed.size < 3 or listed.size % 2 == 0:
        raise BadInputError("A contribution takes weights, as many returns, and the return of the index.")
    weights, returns, index = listed[:half], listed[half:-1], float(listed[-1])
    found = concentration.contribution(weights, returns, index)
    weight = math.fsum(weights.tolist())

    def without() -> float:
        if weight >= 100.0:
            raise MissingDataError("No weight is left once these names are taken out.")
        return found.residual / (1.0 - weight / 100.0)

    return pick(
        params["want"],
        {
            "points": lambda: found.total,
            "weight": lambda: weight,
            "residual": lambda: found.residual,
            "without": without,
        },
    )


@op("product")
def _product(params: Params, inputs: Inputs) -> float:
    a, b = values(inputs)
    return a * b * float(params["scale"])


@op("adjusted_p")
def _adjusted_p(params: Params, inputs: Inputs) -> float:
    p = np.array([inference.two_sided_p(t) for t in values(inputs)])
    at = int(params["index"])
    if not 0 <= at < p.size:
        raise BadInputError(f"There are {p.size} t values; number {at} is not among them.")
    return pick(
        params["method"],
        {
            "none": lambda: p[at],
            "holm": lambda: inference.holm(p)[at],
            "benjamini_hochberg": lambda: inference.benjamini_hochberg(p)[at],
        },
    )
