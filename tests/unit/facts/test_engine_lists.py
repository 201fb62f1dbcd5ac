"""Lists of facts and weights, by hand; and the metrics that are made of them."""

from __future__ import annotations

from datetime import date

import pytest
from engine_desk import ask, data, desk, facts, run, sessions

from rotascope.facts.build import Desk
from rotascope.model.errors import NotAvailableError, RotascopeError, UnknownNameError
from rotascope.model.observations import Field
from rotascope.model.units import Unit


def _of(op: str, values: list[float], **params: object) -> float:
    at = desk()
    made = facts(at, values)
    return at.make(op, (), op, made, unit=Unit.RATIO, decimals=2, params=params).value


def test_rank_correlation() -> None:
    assert _of("rank_correlation", [3, 2, 1, 30, 10, 20]) == 0.5
    assert _of("rank_correlation", [3, 2, 1, 10, 20, 30]) == -1
    # Ranks 1.5 1.5 3 and 1 2 3: deviations -.5 -.5 1 and -1 0 1 give 1.5 / sqrt(1.5 * 2).
    assert _of("rank_correlation", [5, 5, 1, 9, 8, 7]) == pytest.approx(1.5 / 3**0.5)


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [1.0, 2.0], [1.0, 1.0, 2.0, 3.0]])
def test_no_rank_correlation(values: list[float]) -> None:
    with pytest.raises(RotascopeError):
        _of("rank_correlation", values)


def test_dispersion() -> None:
    assert _of("dispersion", [1, 3, 8], want="standard_deviation") == pytest.approx((26 / 3) ** 0.5)
    assert _of("dispersion", [1, 3, 8], want="range") == 7
    assert _of("dispersion", [1, 3, 8], want="mean_gap") == pytest.approx(8 / 3)
    with pytest.raises(RotascopeError):
        _of("dispersion", [1], want="range")


def test_group_gap() -> None:
    assert _of("group_gap", [4, 2, -1], split=2, want="gap") == 4
    assert _of("group_gap", [4, 2, -1], split=2, want="first") == 3
    assert _of("group_gap", [4, 2, -1], split=2, want="second") == -1
    for split in (0, 3):
        with pytest.raises(RotascopeError):
            _of("group_gap", [4, 2, -1], split=split, want="gap")


def test_contribution() -> None:
    # 60% that gains 10% and 30% that loses 5% add 4.5 points of an index that returns 4.1%.
    values = [60.0, 30.0, 10.0, -5.0, 4.1]
    assert _of("contribution", values, want="points") == pytest.approx(4.5)
    assert _of("contribution", values, want="weight") == 90
    assert _of("contribution", values, want="residual") == pytest.approx(-0.4)
    assert _of("contribution", values, want="without") == pytest.approx(-4.0)
    with pytest.raises(RotascopeError):
        _of("contribution", [60.0, 40.0, 10.0, -5.0, 4.1], want="without")


def test_product() -> None:
    assert _of("product", [300.0, 50.0], scale=0.001) == 15.0


def test_p_values_corrected_for_their_number() -> None:
    # Two-sided p of 1.96 is .05, of 2.5758 .01; Holm: .01 * 2, then .05.
    values = [1.959963984540054, -2.5758293035489004]
    assert _of("adjusted_p", values, index=1, method="none") == pytest.approx(0.01)
    assert _of("adjusted_p", values, index=1, method="holm") == pytest.approx(0.02)
    assert _of("adjusted_p", values, index=0, method="holm") == pytest.approx(0.05)
    assert _of("adjusted_p", values, index=0, method="benjamini_hochberg") == pytest.approx(0.05)
    with pytest.raises(RotascopeError):
        _of("adjusted_p", values, index=2, method="holm")


def _weights(*values: float) -> list[object]:
    return [data(f"HOLD.F.N{i}", [v], field=Field.WEIGHT, unit=Unit.PERCENT) for i, v in enumerate(values)]


def test_effective_number() -> None:
    # Shares 1/2, 1/4, 1/4: squares sum to 3/8.
    held = _weights(50.0, 25.0, 25.0, float("nan"))
    wants = {"effective": 8 / 3, "herfindahl": 0.375, "counted": 3, "left_out": 1}
    for want, value in wants.items():
        assert run("effective_number", *held, want=want) == pytest.approx(value)  # type: ignore[arg-type]
    assert run("effective_number", *held, want="top_share", names=2) == 0.75  # type: ignore[arg-type]
    with pytest.raises(RotascopeError):
        run("effective_number", *_weights(-1.0, 2.0), want="effective")  # type: ignore[arg-type]


DAYS = sessions(date(2024, 11, 29), date(2025, 1, 31))
END_NOV, END_DEC, END_JAN = date(2024, 11, 29), date(2024, 12, 31), date(2025, 1, 31)
SECTORS = ["XLE", "XLB", "XLP", "XLI", "XLRE", "XLC", "XLY", "XLU", "XLV", "XLK", "XLF"]


def _sector(name: str, in_december: float, in_january: float) -> object:
    """A sector that stands still but for the last session of each month."""
    at_december, at_january = 100 * (1 + in_december / 100), 0.0
    at_january = at_december * (1 + in_january / 100)
    level = {END_NOV: 100.0, END_JAN: at_january}
    values = [level.get(d, 100.0 if d < END_DEC else at_december) for d in DAYS]
    return data(name, values, DAYS)


def _sectors(leave_out: str = "") -> Desk:
    # December: 0, 1, .. 10 percent in the order of the universe; January: the same in reverse.
    held = [_sector(s, i, 10 - i) for i, s in enumerate(SECTORS) if s != leave_out]
    return desk(*held)  # type: ignore[arg-type]


def test_sector_dispersion_and_persistence() -> None:
    at = _sectors()
    # 0..10: the variance is (11^2 - 1) / 12 = 10.
    assert ask(at, "sector_dispersion", [], END_DEC, END_JAN).value == pytest.approx(10**0.5)
    assert ask(at, "sector_mean_gap", [], END_DEC, END_JAN).value == pytest.approx(30 / 11)
    fact = ask(at, "sector_rank_persistence", [], END_DEC, END_JAN)
    assert fact.value == -1
    assert fact.notes == ("The window before runs from 2024-11-29 to 2024-12-31.",)


def test_groups_of_sectors() -> None:
    at = _sectors()
    # January: XLY 4, XLI 7, XLB 9, XLF 0, XLE 10, XLK 1; XLP 8, XLV 2, XLU 3.
    gap = ask(at, "cyclical_minus_defensive", [], END_DEC, END_JAN)
    assert gap.value == pytest.approx(31 / 6 - 13 / 3)
    assert gap.unit is Unit.PP
    assert ask(at, "group_return", [], END_DEC, END_JAN, group="defensive").value == pytest.approx(13 / 3)
    # Rate-sensitive: XLU 3 and XLRE 6; the others add up to 55 - 9.
    assert ask(at, "rate_sensitive_minus_rest", [], END_DEC, END_JAN).value == pytest.approx(4.5 - 46 / 9)


def test_a_group_is_never_quietly_smaller() -> None:
    with pytest.raises(NotAvailableError):
        ask(_sectors("XLV"), "cyclical_minus_defensive", [], END_DEC, END_JAN)


def test_sectors_without_closes_are_left_out_of_a_dispersion() -> None:
    assert len(ask(_sectors("XLC"), "sector_dispersion", [], END_DEC, END_JAN).inputs) == 10


def test_groups_that_overlap_are_not_compared() -> None:
    with pytest.raises(UnknownNameError, match="XLU"):
        ask(_sectors(), "group_spread", [], END_DEC, END_JAN, first="defensive", second="rate_sensitive")
    with pytest.raises(UnknownNameError, match="no group"):
        ask(_sectors(), "group_spread", [], END_DEC, END_JAN, first="cheap")


def _fund(weight_day: date) -> Desk:
    held = [_sector("AAPL", 0, 10), _sector("MSFT", 0, -5), _sector("IWB", 0, 4)]
    rows = [("AAPL", 40.0, "Equity"), ("MSFT", 20.0, "Equity"), ("JPM", 40.0, "Equity"), ("USD", 0.5, "Cash")]
    for name, weight, kind in rows:
        said = {"field": Field.WEIGHT, "unit": Unit.PERCENT, "attributes": {"asset_class": kind}}
        held.append(data(f"HOLD.IWB.{name}", [weight], [weight_day], **said))  # type: ignore[arg-type]
    return desk(*held)  # type: ignore[arg-type]


def test_contribution_of_names() -> None:
    at, of = _fund(END_DEC), "AAPL,MSFT"
    # 40% of 10 less 20% of 5 are 3 points of 4; the other 40% made 1 point, 2.5% of themselves.
    assert ask(at, "contribution_points", ["IWB"], END_DEC, END_JAN, of=of).value == pytest.approx(3)
    assert ask(at, "return_without", ["IWB"], END_DEC, END_JAN, of=of).value == pytest.approx(2.5)
    assert ask(at, "weight_of_names", ["IWB"], END_DEC, END_JAN, of=of).value == 60


@pytest.mark.parametrize("day", [date(2024, 12, 20), date(2025, 1, 2)])
def test_weights_of_another_time_are_refused(day: date) -> None:
    with pytest.raises(NotAvailableError):
        ask(_fund(day), "contribution_points", ["IWB"], END_DEC, END_JAN, of="AAPL")


def test_concentration_of_a_fund_leaves_cash_out() -> None:
    at = _fund(END_DEC)
    assert ask(at, "names_held", ["IWB"], END_DEC, END_JAN).value == 3
    assert ask(at, "effective_number", ["IWB"], END_DEC, END_JAN).value == pytest.approx(1 / 0.36)
    assert ask(at, "top_weight", ["IWB"], END_DEC, END_JAN, names=1).value == pytest.approx(0.4)
    with pytest.raises(NotAvailableError, match="too old"):
        ask(_fund(date(2024, 11, 29)), "names_held", ["IWB"], END_DEC, END_JAN)
    with pytest.raises(NotAvailableError):
        ask(at, "names_held", ["SPY"], END_DEC, END_JAN)
