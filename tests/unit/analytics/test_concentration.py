"""Concentration and contributions, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import concentration as c
from rotascope.model.errors import BadInputError, MissingDataError

WEIGHTS = arrays(np.float64, st.integers(1, 30), elements=st.floats(0.001, 100.0))


def test_equal_weights_count_every_name() -> None:
    found = c.concentration(np.full(8, 3.0))
    assert (found.effective, found.herfindahl) == (pytest.approx(8.0), pytest.approx(0.125))


def test_unknown_weights_are_left_out_and_counted() -> None:
    found = c.concentration(np.array([50.0, np.nan, 50.0, 0.0]))
    assert (found.effective, found.counted, found.left_out) == (pytest.approx(2.0), 3, 1)


@given(WEIGHTS, st.floats(0.01, 100.0))
def test_bounds_and_units(weights: np.ndarray, scale: float) -> None:
    found = c.concentration(weights)
    assert 1.0 - 1e-9 <= found.effective <= weights.size + 1e-9
    assert c.concentration(weights * scale).effective == pytest.approx(found.effective)
    assert c.top_share(weights, weights.size) == pytest.approx(1.0)
    assert c.top_share(weights, 1) == pytest.approx(weights.max() / weights.sum())


@given(WEIGHTS, st.data())
def test_without_and_with_put_the_index_together_again(weights: np.ndarray, data: st.DataObject) -> None:
    size = weights.size
    returns = data.draw(arrays(np.float64, size, elements=st.floats(-50, 50)))
    names = data.draw(arrays(np.bool_, size))
    if names.all() or not names.any():
        return
    shares = weights / weights.sum()
    index = float(shares @ returns)
    rest, top = c.return_without(weights, returns, names), c.return_without(weights, returns, ~names)
    assert shares[~names].sum() * rest + shares[names].sum() * top == pytest.approx(index, abs=1e-9)
    parts = c.contribution(100.0 * shares, returns, index)
    assert parts.residual == pytest.approx(0.0, abs=1e-9)


def test_bad_weights_are_refused() -> None:
    with pytest.raises(BadInputError):
        c.concentration(np.array([1.0, -1.0]))
    for bad in ([np.nan], [0.0, 0.0]):
        with pytest.raises(MissingDataError):
            c.concentration(np.array(bad))
    with pytest.raises(BadInputError):
        c.top_share(np.ones(3), 4)
    with pytest.raises(MissingDataError):
        c.return_without(np.ones(2), np.ones(2), np.array([True, True]))
    with pytest.raises(MissingDataError):
        c.contribution(np.ones(2), np.array([1.0, np.nan]), 0.0)
