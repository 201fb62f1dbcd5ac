"""Co-movement, standings and triggers: operations and metrics, by hand."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta

import numpy as np
import pytest
from engine_desk import ask, data, desk, facts, run, sessions

from rotascope.facts.metrics.sequels import trigger_of
from rotascope.model.errors import BadInputError, MissingDataError, NotAvailableError, UnknownNameError
from rotascope.model.observations import Field, Frequency
from rotascope.model.units import Unit
from rotascope.store.series import SeriesData

DAYS = sessions(date(2010, 1, 1), date(2024, 12, 31))


def walk(seed: int, n: int, start: float = 100.0) -> list[float]:
    steps = np.random.default_rng(seed).standard_normal(n) * 0.01
    return (start * np.exp(np.cumsum(steps))).tolist()


def lines(names: str, n: int = 400) -> list[SeriesData]:
    return [data(name, walk(i, n), DAYS[:n]) for i, name in enumerate(names)]


def pearson(x: list[float], y: list[float]) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def test_ratio_against_difference() -> None:
    a, b, c = lines("ABC", 101)
    y = [
        math.log(a.values[i] / a.values[i - 1]) - math.log(b.values[i] / b.values[i - 1])
        for i in range(1, 101)
    ]
    x = [c.values[i] - c.values[i - 1] for i in range(1, 101)]
    found = run("co_movement", a, b, c, first="ratio", second="difference", grid="sessions", step=1, last=40,
                want="correlation")  # fmt: skip
    assert found == pytest.approx(pearson(y[-40:], x[-40:]))
    before = run("co_movement", a, b, c, first="ratio", second="difference", grid="sessions", step=1, last=40,
                 want="earlier")  # fmt: skip
    assert before == pytest.approx(pearson(y[:60], x[:60]))


def test_blocks_are_counted_back_from_the_end_and_sums_take_every_day() -> None:
    """Of 103 days every fifth from the last back: 2, 7, .. 102; a block holds the five days after a row."""
    price = data("P", [float(2**i) for i in range(103)], DAYS[:103])
    flow = data("F", [float(i * i) for i in range(103)], DAYS[:103], field=Field.FLOW, unit=Unit.USD)
    blocks = [sum(float(j * j) for j in range(i - 4, i + 1)) for i in range(7, 103, 5)]
    changes = [float(2**i - 2 ** (i - 5)) for i in range(7, 103, 5)]
    found = run("co_movement", price, flow, first="difference", second="sum", grid="sessions", step=5,
                last=52, want="correlation")  # fmt: skip
    assert found == pytest.approx(pearson(changes, blocks))
    pairs = run("co_movement", price, flow, first="difference", second="sum", grid="sessions", step=5,
                last=52, want="pairs")  # fmt: skip
    assert pairs == 20


def test_months_that_do_not_follow_one_another_give_no_change() -> None:
    ends = [date(2000 + m // 12, m % 12 + 1, 28) for m in range(60)]
    keep = [d for d in ends if d.month != 3]
    values = dict(zip(ends, walk(3, 60), strict=True))
    a = data("A", [values[d] for d in keep], keep, frequency=Frequency.MONTHLY)
    b = data("B", walk(4, 60), ends, frequency=Frequency.MONTHLY)
    pairs = run("co_movement", a, b, first="value", second="log", grid="months", last=99, want="pairs")
    assert pairs == 59 - 2 * 5  # each March takes two changes away


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"first": "ratio"}, BadInputError),
        ({"first": "weather"}, BadInputError),
        ({"first": "value"}, BadInputError),
        ({"step": 0}, BadInputError),
        ({"last": 0}, BadInputError),
        ({"grid": "months", "first": "sum"}, BadInputError),
        ({"want": "cause"}, BadInputError),
    ],
)
def test_co_movement_refuses(change: dict[str, object], error: type[Exception]) -> None:
    a, b = lines("AB", 100)
    params = {"first": "log", "second": "log", "grid": "sessions", "step": 1, "last": 50, "want": "pairs"}
    assert run("co_movement", a, b, **params) == 50
    with pytest.raises(error):
        run("co_movement", a, b, **{**params, **change})


def test_sum_windows_by_hand() -> None:
    """Runs of two: 3, 5, 3 (the unknown day adds nothing), 4: three no greater than 4, two no smaller."""
    days = DAYS[:5]
    flow = data("F", [1.0, 2.0, 3.0, float("nan"), 4.0], days, field=Field.FLOW, unit=Unit.USD)
    on = data("NYSE", [1.0] * 5, days, field=Field.SESSION, unit=Unit.COUNT)
    answers = {"percentile": 75.0, "percentile_below": 50.0, "count": 4.0, "independent": 2.0}
    assert {w: run("sum_windows", flow, on, length=2, want=w) for w in answers} == answers
    with pytest.raises(MissingDataError):
        run("sum_windows", flow, on, length=6, want="count")
    with pytest.raises(MissingDataError, match="unknown"):
        late = data("F", [1.0, 2.0, 3.0, 4.0, float("nan")], days, field=Field.FLOW, unit=Unit.USD)
        run("sum_windows", late, on, length=1, want="percentile")


def test_return_windows_by_hand() -> None:
    """Two periods: 1.1 * 1.1 = 1.21, 1.1 * 0.9 = 0.99, 0.9 * 1.2 = 1.08: the last is the middle one."""
    series = data("X", [10.0, 10.0, -10.0, 20.0], field=Field.VALUE, unit=Unit.PERCENT)
    answers = {"percentile": 200 / 3, "percentile_below": 200 / 3, "count": 3.0, "independent": 2.0}
    for want, value in answers.items():
        assert run("return_windows", series, length=2, want=want) == pytest.approx(value)
    with pytest.raises(MissingDataError):
        run("return_windows", series, length=5, want="count")
    gone = data("X", [10.0, float("nan"), 5.0], field=Field.VALUE, unit=Unit.PERCENT)
    with pytest.raises(MissingDataError):
        run("return_windows", gone, length=1, want="percentile")


def test_dispersion_windows_by_hand() -> None:
    """Returns of 10 and -10, 0 and 0, 10 and 20: they lie 10, 0 and 5 apart."""
    days = DAYS[:4]
    a = data("A", [100.0, 110.0, 110.0, 121.0], days)
    b = data("B", [100.0, 90.0, 90.0, 108.0], days)
    answers = {
        "percentile": 200 / 3,
        "percentile_below": 200 / 3,
        "count": 3.0,
        "median": 5.0,
        "independent": 3.0,
    }
    for want, value in answers.items():
        assert run("dispersion_windows", a, b, grid="sessions", length=1, want=want) == pytest.approx(value)
    with pytest.raises(MissingDataError):
        run("dispersion_windows", a, b, grid="sessions", length=4, want="count")
    with pytest.raises(BadInputError):
        run("dispersion_windows", a, grid="sessions", length=1, want="count")


def test_a_trigger_lies_ahead() -> None:
    at = desk()
    (now,) = facts(at, [6.1], Unit.PP)
    below = trigger_of(at, now, "below", 3.0)
    assert (below.value, below.unit, below.series) == (3.0, Unit.PP, now.series)
    assert dict(below.recipe.params) == {"test": "below", "than": 3.0}
    with pytest.raises(MissingDataError, match="crossed already"):
        trigger_of(at, now, "above", 3.0)
    with pytest.raises(BadInputError):
        trigger_of(at, now, "beside", 3.0)


# Metrics


def pair_desk(n: int = 400) -> list[SeriesData]:
    return [data(name, walk(i, n), DAYS[:n]) for i, name in enumerate(("IWD", "IWF", "IWM", "IWB"))]


def test_the_window_itself_is_left_out() -> None:
    """Whatever happens after the base of the window, the correlation before it is the same."""
    held = pair_desk()
    start, end = DAYS[350], DAYS[399]
    found = ask(desk(*held), "pair_correlation", (), start, end, a="style", b="size")
    assert found.series == ("IWD", "IWF", "IWM", "IWB")
    assert found.window is not None and found.window.end_used == start
    wild = [
        SeriesData(d.meta, d.dates, np.append(d.values[:351], d.values[351:] * 7), "s1", d.source)
        for d in held
    ]
    other = ask(desk(*wild), "pair_correlation", (), start, end, a="style", b="size")
    assert other.value == found.value
    assert ask(desk(*held), "pair_observations", (), start, end, a="style", b="size").value == 252
    inputs = list(found.inputs)
    assert max(i.last for i in inputs) == start  # type: ignore[union-attr]


def test_metrics_name_what_is_missing() -> None:
    at = desk(*pair_desk())
    window = DAYS[350], DAYS[399]
    with pytest.raises(UnknownNameError, match="Two different signals"):
        ask(at, "pair_correlation", (), *window, a="style", b="style")
    with pytest.raises(UnknownNameError, match="weather"):
        ask(at, "pair_correlation", (), *window, a="style", b="weather")
    with pytest.raises(NotAvailableError, match="oil"):
        ask(at, "pair_correlation", (), *window, a="style", b="oil")
    with pytest.raises(MissingDataError, match="20 pairs"):
        ask(at, "pair_correlation", (), DAYS[10], DAYS[40], a="style", b="size")


def test_stale_pairs_are_refused() -> None:
    at = desk(*(data(d.meta.series, d.values[:300].tolist(), DAYS[:300]) for d in pair_desk()))
    with pytest.raises(NotAvailableError, match="no common values"):
        ask(at, "pair_correlation", (), DAYS[350], DAYS[399], a="style", b="size")


def test_flow_percentile_counts_sums_of_as_many_sessions() -> None:
    n = 300
    flows = [float(i % 7) for i in range(n)]
    at = desk(data("IWM", flows, DAYS[:n], field=Field.FLOW, unit=Unit.USD))
    found = ask(at, "flow_percentile", ("IWM",), DAYS[n - 8], DAYS[n - 1])
    assert found.value == 100.0  # every seven days in a row sum to 21
    assert ask(at, "flow_percentile", ("IWM",), DAYS[n - 8], DAYS[n - 1], side="below").value == 100.0
    one = ask(at, "flow_percentile", ("IWM",), DAYS[n - 2], DAYS[n - 1])
    flow = flows[-1]
    assert one.value == pytest.approx(100 * sum(f <= flow for f in flows) / n)
    with pytest.raises(NotAvailableError, match="too short a record"):
        ask(at, "flow_percentile", ("IWM",), DAYS[200], DAYS[n - 1])


def test_factor_percentile_counts_stretches_of_as_many_months() -> None:
    ends = [date(2000 + m // 12, m % 12 + 1, 1) + timedelta(days=27) for m in range(24)]
    values = [float((m * 5) % 11) - 5 for m in range(24)]
    at = desk(
        data("FF.HML.M", values, ends, field=Field.VALUE, unit=Unit.PERCENT, frequency=Frequency.MONTHLY)
    )
    found = ask(at, "factor_percentile", ("FF.HML.M",), ends[21], ends[23])
    growth = [(1 + a / 100) * (1 + b / 100) for a, b in itertools.pairwise(values)]
    assert found.value == pytest.approx(100 * sum(g <= growth[-1] + 1e-12 for g in growth) / 23)
    assert ask(at, "factor_windows", ("FF.HML.M",), ends[21], ends[23]).value == 23
