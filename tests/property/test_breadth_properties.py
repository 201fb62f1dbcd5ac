"""What must hold of breadth whatever the prices and members are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rotascope.analytics import breadth

PRICE = st.one_of(
    st.just(np.nan), st.integers(1, 6).map(float)
)  # few values, so that ties and gaps are common


@st.composite
def panels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = (draw(st.integers(4, 14)), draw(st.integers(1, 5)))
    return draw(arrays(np.float64, shape, elements=PRICE)), draw(arrays(np.bool_, shape))


def plain_share(
    closes: np.ndarray, members: np.ndarray, t: int, length: int
) -> tuple[int, int, int, int, int, int]:
    """Return up, above, highs, lows, counted for one session and for windows, one name at a time."""
    up = above = highs = lows = pairs = windows = 0
    for c in range(closes.shape[1]):
        if not members[t, c]:
            continue
        last = closes[max(t - length + 1, 0) : t + 1, c]
        if t >= 1 and not np.isnan(closes[t - 1 : t + 1, c]).any():
            pairs += 1
            up += closes[t, c] > closes[t - 1, c]
        if last.size == length and not np.isnan(last).any():
            windows += 1
            above += closes[t, c] > last.sum() / length + 1e-9
            highs += closes[t, c] > last[:-1].max()
            lows += closes[t, c] < last[:-1].min()
    return int(up), int(above), int(highs), int(lows), pairs, windows


@given(panels(), st.integers(2, 4))
def test_equals_counting_one_name_at_a_time(panel: tuple[np.ndarray, np.ndarray], length: int) -> None:
    closes, members = panel
    up = breadth.share_up(closes, members)
    above = breadth.share_above_average(closes, members, length)
    extremes = breadth.highs_lows(closes, members, length)
    for t in range(len(closes)):
        ups, aboves, highs, lows, pairs, windows = plain_share(closes, members, t, length)
        assert up.counted[t] == pairs
        assert above.counted[t] == extremes.counted[t] == windows
        assert (extremes.highs[t], extremes.lows[t]) == (highs, lows)
        assert np.isnan(up.share[t]) if pairs == 0 else up.share[t] == ups / pairs
        assert np.isnan(above.share[t]) if windows == 0 else above.share[t] == aboves / windows
        for found in (up, above, extremes):
            assert found.counted[t] + found.left_out[t] == members[t].sum()


@given(panels(), st.integers(1, 3))
def test_future_rows_never_change_the_past(panel: tuple[np.ndarray, np.ndarray], cut: int) -> None:
    closes, members = panel
    closes, members = np.vstack([closes, closes]), np.vstack([members, members])
    for rule in (
        lambda c, m: breadth.share_up(c, m).share,
        lambda c, m: breadth.share_above_average(c, m, 3).share,
        lambda c, m: breadth.highs_lows(c, m, 3).net,
        lambda c, m: breadth.advance_decline(c, m).line,
    ):
        np.testing.assert_array_equal(rule(closes, members)[:-cut], rule(closes[:-cut], members[:-cut]))


@given(panels())
def test_a_name_that_is_never_a_member_changes_nothing(panel: tuple[np.ndarray, np.ndarray]) -> None:
    closes, members = panel
    wider = np.hstack([closes, np.arange(1.0, len(closes) + 1)[:, None]])
    outside = np.hstack([members, np.zeros((len(closes), 1), dtype=bool)])
    np.testing.assert_array_equal(
        breadth.share_up(wider, outside).share, breadth.share_up(closes, members).share
    )


@given(panels())
def test_advancers_decliners_and_unchanged_are_all(panel: tuple[np.ndarray, np.ndarray]) -> None:
    closes, members = panel
    found = breadth.advance_decline(closes, members)
    assert (found.advancers + found.decliners <= found.counted).all()
    assert found.line[-1] == (found.advancers - found.decliners).sum()
