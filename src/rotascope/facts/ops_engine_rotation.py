"""Operations on relative lines and on how many members take part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rotascope.analytics import breadth as breadth_kernels
from rotascope.analytics import rotation as kernels
from rotascope.analytics.rotation import Quadrant, RotationParameters
from rotascope.facts.columns import Column
from rotascope.facts.ops import Inputs, Params, columns, op
from rotascope.facts.ops_engine_grid import known, on_common_dates, pick
from rotascope.model.errors import MissingDataError
from rotascope.store.series import DateArray, FloatArray

# The codes are part of docs/bundle-format.md.
QUADRANT_CODES = {
    Quadrant.CENTRE: 0,
    Quadrant.LEADING: 1,
    Quadrant.WEAKENING: 2,
    Quadrant.LAGGING: 3,
    Quadrant.IMPROVING: 4,
}


@op("relative_strength")
def _relative_strength(params: Params, inputs: Inputs) -> float:
    _, (a, b) = on_common_dates(columns(inputs))
    return float(kernels.relative_strength(a, b)[-1])


@op("rotation")
def _rotation(params: Params, inputs: Inputs) -> float:
    _, (a, b) = on_common_dates(columns(inputs))
    end = a.size - int(params["back"])
    if end < 1:
        raise MissingDataError(f"There are {a.size} common sessions, and {params['back']} before the last.")
    a, b = a[:end], b[:end]
    chosen = RotationParameters(int(params["trend"]), int(params["momentum"]), int(params.get("step", 1)))
    need = chosen.rows_needed + (chosen.step if "step" in params else 0)
    found = kernels.rotation(a[-need:], b[-need:], chosen)

    def last(values: FloatArray) -> float:
        if np.isnan(values[-1]):
            raise MissingDataError(
                f"{end} common sessions; this setting needs {need}, and a heading needs a move."
            )
        return float(values[-1])

    def quadrant() -> float:
        last(found.momentum)
        here = found.quadrant()
        assert here is not None
        return QUADRANT_CODES[here]

    def stability() -> kernels.Stability:
        grid = [RotationParameters(int(n), int(m)) for n, m in params["grid"]]
        return kernels.quadrant_stability(a, b, chosen, grid)

    return pick(
        params["want"],
        {
            "strength": lambda: last(found.strength),
            "momentum": lambda: last(found.momentum),
            "distance": lambda: last(found.distance),
            "velocity": lambda: last(found.velocity),
            "heading": lambda: last(found.heading),
            "quadrant": quadrant,
            "stability": lambda: stability().share,
            "agreeing": lambda: stability().agreeing,
            "settings": lambda: stability().settings,
            "unknown": lambda: stability().unknown,
        },
    )


@op("breadth")
def _breadth(params: Params, inputs: Inputs) -> float:
    measure, on = str(params["measure"]), np.datetime64(params["on"], "D")
    cols = columns(inputs)
    dates, table = _table(cols)
    end = int(np.searchsorted(dates, on))
    if end >= dates.size or dates[end] != on:
        raise MissingDataError(f"No member has a close on {on}.")
    closes, index = table[: end + 1], None
    if measure == "beating":
        closes, index = closes[:, :-1], closes[:, -1]
    answers = _BREADTH[measure](closes, index, params)
    return pick(params["want"], answers)


def _table(cols: Sequence[Column]) -> tuple[DateArray, FloatArray]:
    """Return every date on which an input has a value, and the values, NaN where one has none."""
    rows = [known(c) for c in cols]
    dates = np.unique(np.concatenate([d for d, _ in rows]))
    table = np.full((dates.size, len(rows)), np.nan)
    for j, (days, values) in enumerate(rows):
        table[np.searchsorted(dates, days), j] = values
    return dates, table


Answers = dict[str, Callable[[], float]]


def _up(closes: FloatArray, index: FloatArray | None, params: Params) -> Answers:
    if len(closes) < 2:
        raise MissingDataError("A change needs two sessions, and there is only one up to this date.")
    everyone = _everyone(closes)
    found = breadth_kernels.advance_decline(closes, everyone)
    share = breadth_kernels.share_up(closes, everyone)
    return {
        "share": lambda: _share(share),
        "advancers": lambda: float(found.advancers[-1]),
        "decliners": lambda: float(found.decliners[-1]),
        "net": lambda: float(found.advancers[-1] - found.decliners[-1]),
        "line": lambda: float(found.line[-1]),
        "counted": lambda: float(found.counted[-1]),
        "left_out": lambda: float(found.left_out[-1]),
    }


def _above_average(closes: FloatArray, index: FloatArray | None, params: Params) -> Answers:
    return _shares(
        breadth_kernels.share_above_average(closes, _everyone(closes), int(params["length"])),
    )


def _beating(closes: FloatArray, index: FloatArray | None, params: Params) -> Answers:
    assert index is not None
    length = int(params["length"])
    if index.size <= length or np.isnan(index[[-1, -1 - length]]).any():
        raise MissingDataError(f"The index has no close {length} sessions apart at the end of the window.")
    return _shares(breadth_kernels.share_beating(closes, _everyone(closes), index, length))


def _highs_lows(closes: FloatArray, index: FloatArray | None, params: Params) -> Answers:
    found = breadth_kernels.highs_lows(closes, _everyone(closes), int(params["length"]))
    return {
        "highs": lambda: float(found.highs[-1]),
        "lows": lambda: float(found.lows[-1]),
        "net": lambda: float(found.net[-1]),
        "counted": lambda: float(found.counted[-1]),
        "left_out": lambda: float(found.left_out[-1]),
    }


_BREADTH = {"up": _up, "above_average": _above_average, "beating": _beating, "highs_lows": _highs_lows}


def _shares(found: breadth_kernels.Breadth) -> Answers:
    return {
        "share": lambda: _share(found),
        "counted": lambda: float(found.counted[-1]),
        "left_out": lambda: float(found.left_out[-1]),
    }


def _share(found: breadth_kernels.Breadth) -> float:
    if found.counted[-1] == 0:
        raise MissingDataError("No member has the closes that this measure needs.")
    return float(found.share[-1])


def _everyone(closes: FloatArray) -> breadth_kernels.BoolArray:
    return np.ones(closes.shape, dtype=np.bool_)
