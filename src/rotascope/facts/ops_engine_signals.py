"""Operations on rules that hold one of two legs, and on how many rules were tried."""

from __future__ import annotations

import math

import numpy as np

from rotascope.analytics import inference, monthly
from rotascope.analytics.arrays import FloatArray, require_positive
from rotascope.facts.columns import Column
from rotascope.facts.ops import Inputs, Params, columns, op, values
from rotascope.facts.ops_engine_grid import on_common_dates, pick
from rotascope.model.errors import BadInputError, MissingDataError


def held(params: Params, inputs: list[Column]) -> monthly.Held:
    """Return the rule of a recipe by month, on the common dates of its inputs."""
    dates, levels = on_common_dates(inputs)
    for level in levels:
        require_positive(level, "levels")
    first, second, *others = levels
    return monthly.by_month(dates, _states(params, first, second, others), first, second)


def _states(params: Params, first: FloatArray, second: FloatArray, others: list[FloatArray]) -> FloatArray:
    rule = params["rule"]
    if rule == "momentum" and len(others) in (0, 2):
        a, b = others or (first, second)
        return monthly.momentum_states(a, b, int(params["long"]), int(params["skip"]))
    if rule == "crossing" and not others:
        return monthly.crossing_states(first, second, int(params["trend"]), int(params["momentum"]))
    if rule == "thrust":
        low, high = float(params["low"]), float(params["high"])
        return monthly.thrust_states(others, int(params["length"]), low, high, int(params["within"]))
    raise BadInputError(f"The rule '{rule}' does not go with {len(others)} further inputs.")


@op("signal")
def _signal(params: Params, inputs: Inputs) -> float:
    found, cost = held(params, columns(inputs)), float(params["cost"])
    if cost < 0:
        raise BadInputError(f"A cost of {cost} basis points is impossible.", fix="Give zero or more.")

    def t() -> float:
        excess = found.excess(cost)
        monthly.moments(excess)  # refuses returns that do not vary
        return inference.newey_west(excess, int(params["lags"])).t

    return pick(
        params["want"],
        {
            "mean_excess": lambda: found.mean_excess(cost),
            "against_first": lambda: found.mean_excess(cost, 1.0),
            "against_second": lambda: found.mean_excess(cost, 0.0),
            "sharpe": lambda: monthly.moments(found.excess(cost)).sharpe,
            "sharpe_year": lambda: monthly.moments(found.excess(cost)).sharpe_year,
            "skewness": lambda: monthly.moments(found.excess(cost)).skewness,
            "kurtosis": lambda: monthly.moments(found.excess(cost)).kurtosis,
            "t": t,
            "beaten": lambda: found.beaten(cost),
            "hit_rate": found.hit_rate,
            "exposure": lambda: float(found.weights[:-1].mean()),
            "trades": found.trades,
            "position": lambda: float(found.weights[-1]),
            "count": lambda: found.months,
        },
    )


@op("deflated_sharpe")
def _deflated_sharpe(params: Params, inputs: Inputs) -> float:
    *ratios, count, skewness, kurtosis = values(inputs)
    at = int(params["index"])
    if len(ratios) < 2 or not 0 <= at < len(ratios):
        raise BadInputError(f"Number {at} is not among {len(ratios)} ratios, two or more.")
    own = ratios[at]
    width = 1.0 - skewness * own + (kurtosis - 1.0) / 4.0 * own**2
    if count <= 1 or width <= 0:
        raise MissingDataError("These moments give no deflated Sharpe ratio.")
    hurdle = float(np.std(ratios, ddof=1)) * inference.expected_best(len(ratios))
    z = (own - hurdle) * math.sqrt(count - 1.0) / math.sqrt(width)
    # the small tail itself, not one minus the large one: a p of a millionth stays a millionth
    return pick(params["want"], {"p": lambda: 0.5 * math.erfc(z / math.sqrt(2.0)), "hurdle": lambda: hurdle})
