"""States by a rule, by hand, and without a look ahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import regimes
from rotascope.model.errors import BadInputError

NAN = np.nan
SERIES = arrays(
    np.float64, st.integers(2, 40), elements=st.one_of(st.just(NAN), st.integers(-9, 9).map(float))
)


def test_direction_with_a_band() -> None:
    found = regimes.direction_states(np.array([1.0, 1.5, 2.0, 1.9, NAN, 3.0]), 2, 0.4)
    assert found.codes.tolist() == [-1, -1, 2, 1, -1, 2]
    assert (found.name(2), found.name(3), found.name(4)) == ("rising", "flat", None)
    assert regimes.direction_states(np.array([3.0, 1.0]), 1, 0.0).name() == "falling"


def test_percentile_states_by_hand() -> None:
    found = regimes.percentile_states(np.array([5.0, 1.0, 9.0, 4.0]), 40.0, 80.0, minimum=2)
    # shares: -, 1 of 2, 3 of 3, 2 of 4
    assert [found.name(i) for i in range(4)] == [None, "middle", "high", "middle"]


def test_hysteresis_keeps_its_state_between_the_cuts_and_over_gaps() -> None:
    values = np.array([25.0, 30.0, 25.0, NAN, 21.0, 19.9, 25.0])
    found = regimes.hysteresis_states(values, 30.0, 20.0)
    assert found.codes.tolist() == [0, 1, 1, -1, 1, 0, 0]


def test_age_counts_the_last_run() -> None:
    names = ("a", "b")
    assert regimes.States(np.array([0, 1, 1, 1]), names).age() == 3
    assert regimes.States(np.array([1, 1]), names).age() == 2
    assert regimes.States(np.array([1, -1, 1]), names).age() == 1


@given(SERIES, st.integers(1, 8))
def test_later_values_never_change_an_earlier_state(values: np.ndarray, cut: int) -> None:
    for rule in (
        lambda v: regimes.direction_states(v, 1, 1.0),
        lambda v: regimes.percentile_states(v, minimum=3),
        lambda v: regimes.hysteresis_states(v, 5.0, 0.0),
    ):
        if values.size > cut:
            np.testing.assert_array_equal(rule(values).codes[:-cut], rule(values[:-cut]).codes)


def test_impossible_rules_are_refused() -> None:
    values = np.arange(5.0)
    with pytest.raises(BadInputError):
        regimes.direction_states(values, 0, 1.0)
    with pytest.raises(BadInputError):
        regimes.percentile_states(values, 70.0, 30.0)
    with pytest.raises(BadInputError):
        regimes.hysteresis_states(values, 20.0, 30.0)
