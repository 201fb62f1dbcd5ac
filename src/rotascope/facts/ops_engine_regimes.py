"""Operations that name the state of a market: by rule, or as a chance under a stated Markov chain."""

from __future__ import annotations

import numpy as np

from rotascope.analytics import inference, regimes, switching
from rotascope.analytics.arrays import FloatArray
from rotascope.facts.ops import Inputs, Params, columns, op
from rotascope.facts.ops_engine_grid import grid_values, known, pick
from rotascope.model.errors import BadInputError, MissingDataError

_SUM_TOLERANCE = 1e-9
_MOST_LAGS = 4  # as docs/bundle-format.md says


@op("state")
def _state(params: Params, inputs: Inputs) -> float:
    found = _states(params, known(columns(inputs)[0])[1])
    if found.name() is None:
        raise MissingDataError("The history is too short for this rule: the last state is unknown.")
    return pick(params["want"], {"state": lambda: float(found.codes[-1]), "age": found.age})


def _states(params: Params, values: FloatArray) -> regimes.States:
    if values.size == 0:
        raise MissingDataError("Every value of the signal is unknown, so it has no state.")
    rule = params["rule"]
    if rule == "direction":
        return regimes.direction_states(values, int(params["length"]), float(params["band"]))
    if rule == "percentile":
        low, high, least = float(params["low"]), float(params["high"]), int(params["minimum"])
        return regimes.percentile_states(values, low, high, least)
    if rule == "hysteresis":
        return regimes.hysteresis_states(values, float(params["enter"]), float(params["leave"]))
    raise BadInputError(f"There is no rule '{rule}'.", fix="Choose direction, percentile or hysteresis.")


@op("regime_rank")
def _regime_rank(params: Params, inputs: Inputs) -> float:
    *legs, state = columns(inputs)
    found = grid_values(params, legs)
    overlap = int(params["length"]) if params["grid"] == "sessions" else 1
    days, values = known(state)
    codes = _states(params["regime"], values).codes
    at = np.searchsorted(days, found.ends, side="right") - 1
    mine = np.where(at >= 0, codes[np.maximum(at, 0)], regimes.UNKNOWN)
    if mine[-1] == regimes.UNKNOWN:
        raise MissingDataError("The state of the current window is unknown.")
    place = inference.standing_where(found.values, float(found.values[-1]), mine == mine[-1], overlap)
    return pick(
        params["want"],
        {
            "rank": lambda: place.rank,
            "percentile": lambda: place.percentile,
            "count": lambda: place.count,
            "independent": lambda: place.independent,
        },
    )


@op("switching")
def _switching(params: Params, inputs: Inputs) -> float:
    values = grid_values(params, columns(inputs)).values
    model = _model(params)
    used = values.size - model.ar.size
    if used < 1:
        raise MissingDataError(f"{values.size} values leave none after the first {model.ar.size}.")

    def probability() -> float:
        state = int(params["state"])
        if not 0 <= state < model.means.size:
            raise BadInputError(f"There are {model.means.size} states; number {state} is not among them.")
        return float(switching.filtered_probabilities(values, model)[-1, state])

    return pick(
        params["want"],
        {
            "probability": probability,
            "log_likelihood": lambda: switching.log_likelihood(values, model),
            "count": lambda: used,
        },
    )


def _model(params: Params) -> switching.SwitchingModel:
    transition = np.array(params["transition"], dtype=np.float64)
    means, variances = (np.array(params[k], dtype=np.float64) for k in ("means", "variances"))
    states = means.size
    if not 2 <= states <= 4 or transition.shape != (states, states) or variances.shape != (states,):
        raise BadInputError("A chain has 2 to 4 states, with a mean, a variance and a row of chances each.")
    if (transition < 0).any() or (abs(transition.sum(axis=1) - 1.0) > _SUM_TOLERANCE).any():
        raise BadInputError("The chances of a row are zero or more and add up to one.")
    if (variances <= 0).any():
        raise BadInputError("A variance is above zero.")
    switching.long_run_shares(transition[None])  # every answer needs a chain that says how it starts
    ar = np.array(params["ar"], dtype=np.float64)
    if ar.size > _MOST_LAGS:
        raise BadInputError(
            f"There are {ar.size} weights of earlier deviations.", fix=f"Give up to {_MOST_LAGS}."
        )
    return switching.SwitchingModel(transition, means, variances, ar)
