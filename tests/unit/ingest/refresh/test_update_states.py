"""One series through updates: new, unchanged, revised, stale, failed; and what stays readable each time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from rotascope.ingest.calendar import sessions
from rotascope.ingest.fetch.base import FetchError
from rotascope.ingest.refresh.outcome import SeriesOutcome, UpdateReport
from rotascope.model.findings import Severity
from rotascope.store.check import check
from standin.made_up import answer, column

Only = Callable[[UpdateReport, str], SeriesOutcome]
JAN = {"2025-11-30": 1.0, "2025-12-31": 2.0, "2026-01-31": 3.0}
FEB = {**JAN, "2026-02-28": 4.0}
DAYS = {"2026-01-28": 4.1, "2026-01-29": 4.2, "2026-01-30": 4.3}


def daily(rows: dict[str, float], series: str = "B") -> bytes:
    return answer(column(series, rows, frequency="daily"))


def monthly(rows: dict[str, float], vintage: str, series: str = "A") -> bytes:
    return answer(column(series, rows, vintage=vintage))


def close(rows: dict[str, float], series: str = "B", field: str = "close") -> dict[str, object]:
    return column(series, rows, field=field, unit="usd", frequency="daily")


def test_new_then_unchanged_then_a_new_month(bench, only: Only) -> None:
    bench.give("2026-02-02", A=monthly(JAN, "2026-02-02"))
    first = bench.update("A")
    one = only(first, "A")
    assert (one.state, one.rows, one.said) == ("new", 3, "3 rows from 2025-11-30 to 2026-01-31")
    assert first.ok

    again = bench.update("A")
    assert (only(again, "A").state, bench.snapshots()) == ("unchanged", 1)

    bench.give("2026-03-02", A=monthly(FEB, "2026-03-02"))
    one = only(bench.update("A"), "A")
    assert (one.state, one.rows, one.said) == ("new", 1, "1 month added (2026-02-28)")
    assert bench.rows("A") == FEB
    assert bench.rows("A", as_of="2026-02-15") == JAN
    assert check(bench.store) == []


def test_equal_content_in_other_bytes_is_not_stored_again(bench, only: Only) -> None:
    bench.give("2026-02-02", A=monthly(JAN, "2026-02-02"))
    bench.update("A")
    bench.give("2026-02-03", A=json.dumps(json.loads(monthly(JAN, "2026-02-03")), indent=3).encode())
    assert only(bench.update("A"), "A").state == "unchanged"
    assert bench.snapshots() == 1


def test_a_revision_is_a_new_vintage_and_is_listed(bench, only: Only) -> None:
    bench.give("2026-02-02", A=monthly(JAN, "2026-02-02"))
    bench.update("A")
    bench.give("2026-03-02", A=monthly({**FEB, "2025-12-31": 3.2}, "2026-03-02"))
    report = bench.update("A")
    one = only(report, "A")
    assert one.state == "revised"
    assert one.said == "1 month of A changed, up to 1.2 points, on 2025-12-31; 1 month added (2026-02-28)"
    assert bench.rows("A")["2025-12-31"] == 3.2
    assert bench.rows("A", as_of="2026-03-01")["2025-12-31"] == 2.0
    assert [f.code for f in report.tasks[0].findings] == ["revised"]


def test_restated_market_data_is_a_warning_and_a_block_of_its_own(bench, only: Only) -> None:
    bench.give("2026-01-30", B=daily(DAYS))
    bench.update("B")
    bench.give("2026-02-02", B=daily({**DAYS, "2026-01-29": 4.25, "2026-02-02": 4.4}))
    report = bench.update("B")
    assert only(report, "B").state == "revised"
    (found,) = [f for f in report.tasks[0].findings if f.code == "restated_history"]
    assert (found.severity, found.count, found.first) == (Severity.WARNING, 1, date(2026, 1, 29))
    assert bench.rows("B")["2026-01-29"] == 4.25
    assert bench.snapshots() == 2  # nothing is spliced


def test_a_provisional_last_value_is_no_restated_history(bench, only: Only) -> None:
    bench.give("2026-01-30", B=daily(DAYS))
    bench.update("B")
    bench.give("2026-02-02", B=daily({**DAYS, "2026-01-30": 4.31, "2026-02-02": 4.4}))
    codes = [f.code for f in bench.update("B").tasks[0].findings]
    assert codes == ["last_value_changed"]


def test_unchanged_and_due_is_stale_with_the_reason(bench, only: Only) -> None:
    bench.give("2026-01-30", B=daily(DAYS))
    bench.update("B")
    bench.give("2026-02-04")
    report = bench.update("B")
    one = only(report, "B")
    assert (one.state, one.late, one.due, one.last) == ("stale", True, date(2026, 2, 2), date(2026, 1, 30))
    assert "2026-01-30" in one.reason
    assert report.ok  # the source answered: nothing failed


@pytest.mark.parametrize("code", ["server_error", "wall", "quota", "timeout", "unauthorised"])
def test_a_failed_fetch_keeps_the_last_good_values_and_shows_them_stale(bench, only: Only, code: str) -> None:
    bench.give("2026-01-30", A=monthly(JAN, "2026-01-30"), B=daily(DAYS))
    bench.update("A", "B")
    bench.give("2026-02-04", B=FetchError(code, "It does not work.", url="https://made-up.example/B"))
    report = bench.update("A", "B")
    one = only(report, "B")
    assert (one.state, one.code, one.late, one.last) == ("failed", code, True, date(2026, 1, 30))
    assert only(report, "A").state == "unchanged"
    assert not report.ok
    assert [t.key for t in report.failed] == ["made:B"]
    assert bench.rows("B") == DAYS


MANY = {str(d): 4.0 + k / 100 for k, d in enumerate(sessions(date(2025, 12, 1), date(2026, 1, 30)))}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"{not json", "provider_failed"),
        (b"null", "provider_failed"),
        (answer(), "series_missing"),
        (answer(column("OTHER", JAN)), "series_missing"),
        (answer(column("B", {})), "series_missing"),
        (answer(column("B", {"2026-01-30": 1.0, "2026-01-29": 2.0}, frequency="daily")), "contradiction"),
        (daily({d: v * 100 for d, v in MANY.items()} | {"2026-02-02": 441.0}), "restated_units"),
        (daily({d: -v for d, v in MANY.items()} | {"2026-02-02": -4.4}), "restated_sign"),
        (answer(column("B", MANY, unit="ratio", frequency="daily")), "unit_changed"),
        (daily(dict(list(MANY.items())[:20])), "older_than_stored"),
    ],
    ids=["not_json", "null", "empty", "renamed", "no_rows", "not_sorted", "units", "sign", "unit", "older"],
)
def test_bad_content_is_named_and_kept_out(bench, only: Only, bad: bytes, code: str) -> None:
    bench.give("2026-01-30", B=daily(MANY), C=daily(DAYS, "C"))
    bench.update("B", "C")
    bench.give("2026-02-02", B=bad, C=daily({**DAYS, "2026-02-02": 4.5}, "C"))
    report = bench.update("B", "C")
    one = only(report, "B")
    assert (one.state, one.code) == ("failed", code)
    assert one.last == date(2026, 1, 30)
    assert bench.rows("B") == MANY
    assert only(report, "C").state == "new"  # the others are not affected
    assert check(bench.store) == []
    # and a good answer heals it
    bench.give(B=daily({**MANY, "2026-02-02": 4.4}))
    assert only(bench.update("B"), "B").state == "new"
    assert bench.rows("B")["2026-02-02"] == 4.4


def test_what_is_in_quarantine_stays_failed_when_it_comes_again(bench, only: Only) -> None:
    good = {d: 25 * v for d, v in list(MANY.items())[:-2]}
    bench.give("2026-01-28", B=answer(close(good)))
    bench.update("B")
    bad = answer(close({**good, "2026-01-29": 11000.0, "2026-01-30": 110.0}))
    bench.give("2026-01-30", B=bad)
    first = only(bench.update("B"), "B")
    assert (first.state, first.code) == ("failed", "unit_jump")
    second = only(bench.update("B"), "B")
    assert (second.state, second.code, second.last) == ("failed", "unit_jump", date(2026, 1, 28))
    assert bench.snapshots() == 2  # kept for a person to look at, once
    assert bench.rows("B", field="close") == good


def test_yesterdays_file_again_is_refused(bench, only: Only) -> None:
    old, new = daily(DAYS), daily({**DAYS, "2026-02-02": 4.4})
    bench.give("2026-01-30", B=old)
    bench.update("B")
    bench.give("2026-02-02", B=new)
    bench.update("B")
    bench.give("2026-02-03", B=old)
    one = only(bench.update("B"), "B")
    assert (one.state, one.code) == ("failed", "older_than_stored")
    assert bench.rows("B")["2026-02-02"] == 4.4


def test_an_earlier_state_of_the_same_dates_is_refused(bench, only: Only) -> None:
    first, second = monthly(JAN, "2026-02-02"), monthly({**JAN, "2025-12-31": 2.5}, "2026-02-09")
    bench.give("2026-02-02", A=first)
    bench.update("A")
    bench.give("2026-02-09", A=second)
    bench.update("A")
    bench.give("2026-02-16", A=monthly(JAN, "2026-02-16"))
    one = only(bench.update("A"), "A")
    assert (one.state, one.code) == ("failed", "earlier_file_again")
    assert bench.rows("A")["2025-12-31"] == 2.5
    # with something of its own it is believed again: the source took its revision back
    bench.give("2026-03-02", A=monthly(FEB, "2026-03-02"))
    assert only(bench.update("A"), "A").state == "revised"
    assert bench.rows("A")["2025-12-31"] == 2.0


def test_a_source_may_take_back_what_it_had_restated(bench, only: Only) -> None:
    """A changed past of market data is doubtful from the start, so its correction is let in."""
    bench.give("2026-01-30", B=daily(DAYS))
    bench.update("B")
    bench.give(B=daily({**DAYS, "2026-01-29": 42.0}))
    assert only(bench.update("B"), "B").state == "revised"
    bench.give(B=daily(DAYS))
    report = bench.update("B")
    assert only(report, "B").state == "revised"
    assert "restored_history" in {f.code for f in report.tasks[0].findings}
    assert bench.rows("B") == DAYS
    assert only(bench.update("B"), "B").state == "unchanged"
    assert bench.snapshots() == 3
    assert check(bench.store) == []


def test_an_older_vintage_is_refused(bench, only: Only) -> None:
    bench.give("2026-02-16", A=monthly(JAN, "2026-02-16"))
    bench.update("A")
    bench.give(A=monthly({**JAN, "2025-12-31": 9.0}, "2026-02-02"))
    assert only(bench.update("A"), "A").code == "older_than_stored"
    assert bench.rows("A") == JAN


def test_a_dividend_brings_a_new_block_and_no_warning(bench, only: Only) -> None:
    days = {"2026-01-28": 98.0, "2026-01-29": 99.0, "2026-01-30": 100.0}
    adjusted = {d: v * 0.99 for d, v in days.items()} | {"2026-02-02": 99.5}
    bench.give("2026-01-30", B=answer(close(days), close(days, field="adjusted_close")))
    bench.update("B")
    both = answer(close({**days, "2026-02-02": 99.5}), close(adjusted, field="adjusted_close"))
    bench.give("2026-02-02", B=both)
    report = bench.update("B")
    assert {(s.field, s.state) for s in report.series} == {("close", "new"), ("adjusted_close", "new")}
    assert [(f.code, f.severity) for f in report.tasks[0].findings if f.severity != "info"] == []
    assert bench.rows("B", field="adjusted_close") == pytest.approx(adjusted)  # one vintage, not two


def test_a_split_restates_closes_without_a_warning_and_an_unstated_factor_with_one(bench, only: Only) -> None:
    days = {"2026-01-28": 400.0, "2026-01-29": 404.0, "2026-01-30": 408.0}
    quarter = {d: v / 4 for d, v in days.items()} | {"2026-02-02": 103.0}
    split = column("B", {"2026-02-02": 4.0}, field="split", unit="ratio", frequency="daily")
    for told, code in (
        ((close(quarter), split), "restated_for_split"),
        ((close(quarter),), "restated_history"),
    ):
        bench.give("2026-01-30", B=answer(close(days)))
        bench.update("B")
        bench.give("2026-02-02", B=answer(*told))
        codes = [f.code for f in bench.update("B").tasks[0].findings]
        assert code in codes
        bench.store.close()
        bench.home = bench.home.with_name("other")
        bench.__post_init__()


def test_part_of_a_history_is_a_snapshot_of_its_own(bench, only: Only) -> None:
    bench.give("2026-01-30", B=daily(DAYS))
    bench.update("B")
    bench.give("2026-02-02", B=daily({"2026-01-30": 4.3, "2026-02-02": 4.4}))
    report = bench.update("B", since=date(2026, 1, 30))
    assert only(report, "B").state == "new"
    (found,) = report.tasks[0].findings
    assert (found.code, found.severity) == ("shorter_history", Severity.INFO)
    assert bench.rows("B") == {"2026-01-30": 4.3, "2026-02-02": 4.4}  # never spliced


def test_the_report_as_json_names_what_failed(bench) -> None:
    bench.give("2026-02-02", A=monthly(JAN, "2026-02-02"))  # B and C: not found
    told = bench.update().as_json()
    assert (told["ok"], told["new"], told["failed"]) == (False, 1, 2)
    assert told["failed_tasks"] == ["made:B", "made:C"]
    assert json.loads(json.dumps(told)) == told
    reasons = {r["task"]: r["series"][0]["code"] for r in told["results"]}
    assert reasons == {"made:A": "", "made:B": "not_found", "made:C": "not_found"}
