"""Every case of misbehaviour against every source: a named error or a finding, never a bad row in silence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rotascope.ingest.fetch.base import CODES
from rotascope.model.findings import Severity
from standin.cases import BY_NAME, CASES, Outcome, Subject, applies, cell, run, silent_changes, subjects

ROOT = Path(__file__).resolve().parents[4]
SUBJECTS = {subject.name: subject for subject in subjects()}

# What the server does, by hand: the error's name, and how often the source is asked.
TRANSPORT = {
    "429": ({"rate_limited"}, 4),
    "429 seconds": ({"rate_limited"}, 4),
    "429 date": ({"rate_limited"}, 4),
    "429 hours": ({"rate_limited"}, 1),
    "401": ({"unauthorised"}, 1),
    "403": ({"forbidden"}, 1),
    "404": ({"not_found"}, 1),
    "500": ({"server_error"}, 4),
    "503": ({"server_error"}, 4),
    "slow": ({"timeout"}, 4),
    "cut off": ({"cut_off"}, 4),
    "gzip broken": ({"bad_encoding"}, 4),
    "gzip cut": ({"bad_encoding"}, 4),
    "redirect loop": ({"bad_redirect"}, 6),
    "html wall": ({"wall"}, 1),
    "quota text": ({"quota"}, 1),
    "empty": ({"empty"}, 1),
    "json null": ({"unexpected_shape", "wall"}, 1),
}
# What is wrong with the content: errors or findings of which one must be there, and the severity at least.
CONTENT = {
    "renamed": {"unexpected_shape"},
    "other units": {"restated_units", "implausible_units", "unit_jump"},
    "hundredfold": {"unit_jump", "impossible_return"},
    "negative": {"non_positive_price", "negative_value", "negative_yield", "changed_within_release"},
    "nan": {"not_a_number", "blank_values", "changed_within_release", "calendar_gaps"},
    "text": {"unexpected_shape", "unreadable_number", "unreadable_row"},
    "missing split": {"missing_split"},
}
PAIRS = [(case.name, name) for name, subject in SUBJECTS.items() for case in CASES if applies(case, subject)]


@cache
def outcome(case: str, subject: str) -> Outcome:
    return run(BY_NAME[case], SUBJECTS[subject])


def test_the_list_is_complete() -> None:
    """Each case has an expectation written by hand, and each source has most of them."""
    assert {c.name for c in CASES} == {*TRANSPORT, *CONTENT, "reordered", "same again"}
    for name, subject in SUBJECTS.items():
        missing = {c.name for c in CASES if not applies(c, subject)}
        assert missing <= {"missing split", "reordered"} or subject.file, (name, missing)


@pytest.mark.parametrize(("case", "subject"), PAIRS)
def test_case(case: str, subject: str) -> None:
    found = outcome(case, subject)
    assert found.error == "" or found.error in CODES
    if case in TRANSPORT:
        check_transport(case, SUBJECTS[subject], found)
    elif case == "same again":
        assert found.unchanged and not found.error
    elif case == "reordered":
        assert found.error or all(f.severity is Severity.INFO for f in found.findings)
    else:
        assert CONTENT[case] & {found.error, *found.codes}
    if not found.error:
        assert silent_changes(found) == []


def check_transport(case: str, subject: Subject, found: Outcome) -> None:
    codes, tries = TRANSPORT[case]
    assert found.error in codes
    if subject.file:
        return
    assert found.kept  # the last good answer stays the one of its address
    extra = 1 if case == "401" and subject.name == "Yahoo" else 0  # it asks for a cookie, in vain
    assert found.tries == tries + extra
    if case in ("429 seconds", "429 date"):
        asked = 3 * 7.0 if case == "429 seconds" else 9.0
        assert found.waited >= asked - 0.5
    if tries == 1:
        assert found.waited <= 1.0  # only for the pace of the host


def test_wrong_units_and_jumps_are_quarantined() -> None:
    for case in ("other units", "hundredfold"):
        for name in SUBJECTS:
            assert Severity.QUARANTINE in outcome(case, name).codes.values(), (case, name)


def test_the_table_in_the_manual_is_up_to_date() -> None:
    """Put together from the outcomes above, so that nothing is run twice."""
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    for case in CASES:
        cells = [
            cell(outcome(case.name, name)) if applies(case, subject) else ""
            for name, subject in SUBJECTS.items()
        ]
        assert f"| {case.what} | {' | '.join(cells)} |\n" in page, "run tools/make_failure_table.py"
    for code, what in CODES.items():
        assert f"| `{code}` | {what} |\n" in page, "run tools/make_failure_table.py"


def test_an_error_names_the_source_and_has_no_address_of_this_machine() -> None:
    for case, name in PAIRS:
        found = outcome(case, name)
        if found.error:
            assert "127.0.0.1" not in found.message and len(found.message) > 20, (case, name)
