"""The operation that asks what followed earlier windows. docs/bundle-format.md defines it."""

from __future__ import annotations

from functools import lru_cache

from rotascope.analytics import sequels
from rotascope.analytics.arrays import common
from rotascope.facts.columns import Column
from rotascope.facts.ops import Inputs, Params, columns, op
from rotascope.model.errors import BadInputError, MissingDataError


@op("sequels")
def _sequels(params: Params, inputs: Inputs) -> float:
    length, horizon = int(params["length"]), int(params["horizon"])
    if length < 1 or horizon < 1:
        raise BadInputError(
            f"The length is {length} and the horizon {horizon}.", fix="Both are whole numbers from one on."
        )
    bound = params.get("at_least")
    found = _all(params["grid"], tuple(columns(inputs)), length, horizon).beyond(
        None if bound is None else float(bound)
    )
    want = params["want"]
    if want == "counted":
        return float(found.value.size)
    if want == "ahead":
        return float(found.ahead())
    if want == "independent":
        return float(found.independent(length + horizon))
    if found.value.size == 0:
        raise MissingDataError("No window of this kind has a known sequel of that length.")
    return found.ahead() / found.value.size


@lru_cache(maxsize=32)  # how many there are, how many were ahead, their share: of the same windows
def _all(grid: str, inputs: tuple[Column, ...], length: int, horizon: int) -> sequels.Sequels:
    if grid == "rows":
        (only,) = inputs
        return sequels.of_returns(only.values, length, horizon)
    a, b = inputs
    dates, first, second = common((a.dates, a.values), (b.dates, b.values))
    return sequels.of_spread(dates, first, second, length, horizon)
