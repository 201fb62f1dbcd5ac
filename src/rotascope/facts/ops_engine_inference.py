"""Operations that say how sure a mean or a percentile is."""

from __future__ import annotations

import numpy as np

from rotascope.analytics import bootstrap, changepoints, inference, windows
from rotascope.analytics.arrays import FloatArray
from rotascope.facts.ops import Inputs, Params, columns, op
from rotascope.facts.ops_engine_grid import as_day, grid_values, pick
from rotascope.model.errors import BadInputError, MissingDataError

LEAST_REPLICATIONS, MOST_REPLICATIONS = 100, 1000
MOST_BLOCKS = 3_000_000  # what a reader's machine checks in seconds without any library


@op("newey_west")
def _newey_west(params: Params, inputs: Inputs) -> float:
    found = grid_values(params, columns(inputs)).values
    value = inference.newey_west(found, int(params["lags"]))
    return pick(
        params["want"],
        {
            "mean": lambda: value.mean,
            "standard_error": lambda: value.standard_error,
            "t": lambda: value.t,
            "count": lambda: found.size,
        },
    )


@op("block_length")
def _block_length(params: Params, inputs: Inputs) -> float:
    found = grid_values(params, columns(inputs))
    if params["of"] not in ("values", "hits"):
        raise BadInputError(f"There is no block length of '{params['of']}'.", fix="Choose values or hits.")
    length = bootstrap.optimal_block_length(_hits(found) if params["of"] == "hits" else found.values)
    return pick(
        params["want"],
        {"stationary": lambda: length.stationary, "circular": lambda: length.circular},
    )


@op("bootstrap_window")
def _bootstrap_window(params: Params, inputs: Inputs) -> float:
    found = grid_values(params, columns(inputs))
    replications = int(params["replications"])
    if not LEAST_REPLICATIONS <= replications <= MOST_REPLICATIONS:
        raise BadInputError(
            f"{replications} replications: choose {LEAST_REPLICATIONS} to {MOST_REPLICATIONS}."
        )
    auto = params["block_length"] == "auto"
    length = (
        bootstrap.optimal_block_length(_hits(found)).stationary if auto else float(params["block_length"])
    )
    if length < 1.0 or found.values.size * replications / length > MOST_BLOCKS:
        raise BadInputError(
            f"{replications} replications of {found.values.size} windows in blocks of {length:.4g} are too "
            "many to check.",
            fix="Use the months grid, or fewer replications.",
        )
    if params["want"] == "block_length":
        return length
    interval = bootstrap.percentile_interval(
        found.values,
        float(found.values[-1]),
        replications,
        bootstrap.stream(int(params["seed"])),
        block_length=length,
        level=float(params["level"]),
    )
    return pick(
        params["want"],
        {
            "percentile": lambda: interval.estimate,
            "low": lambda: interval.low,
            "high": lambda: interval.high,
        },
    )


def _hits(found: windows.Windows) -> FloatArray:
    return np.asarray(found.values <= found.values[-1], dtype=np.float64)


@op("changepoints")
def _changepoints(params: Params, inputs: Inputs) -> float:
    values = grid_values(params, columns(inputs))
    found = changepoints.pelt(values.values, float(params["penalty"]), int(params["least"]))

    def changed() -> int:
        if not found.changes:
            raise MissingDataError("No change of level is found at this penalty.")
        return found.changes[-1]

    def before() -> float:
        changed()
        return found.means[-2]

    return pick(
        params["want"],
        {
            "count": lambda: len(found.changes),
            "last_change": lambda: as_day(values.ends[changed()]),
            "last_mean": lambda: found.means[-1],
            "mean_before": before,
        },
    )
