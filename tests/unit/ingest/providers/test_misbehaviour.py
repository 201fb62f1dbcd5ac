"""Every case of misbehaviour against every source: a named error or a finding, never a bad row in silence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rotascope.ingest.fetch.base import CODES
from rotascope.ingest.providers.registry import all_terms, providers
from rotascope.model.findings import Severity
from standin.cases import BY_NAME, CASES, Outcome, applies, run, silent_changes, table
from standin.subjects import Subject, subjects

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
    "renamed": {"unexpected_shape", "no_usable_rows", "no_entries", "undated_article"},
    "other units": {"restated_units", "implausible_units", "unit_jump"},
    "hundredfold": {"unit_jump", "impossible_return", "implausible_units"},
    "negative": {"non_positive_price", "negative_value", "negative_yield", "changed_within_release"},
    "nan": {"not_a_number", "not_json", "blank_values", "changed_within_release", "calendar_gaps"},
    "text": {
        *("unexpected_shape", "unreadable_number", "unreadable_row", "unreadable_facts"),
        "undated_article",
    },
    "missing split": {"missing_split"},
}
# The SEC has no allowance for a day: whatever speaks of one is its limit of pace.
PACE = {("quota text", "SEC, companies"), ("quota text", "SEC, groups")}
PAIRS = [(case.name, name) for name, subject in SUBJECTS.items() for case in CASES if applies(case, subject)]


@cache
def outcome(case: str, subject: str) -> Outcome:
    return run(BY_NAME[case], SUBJECTS[subject])


def test_the_list_is_complete() -> None:
    """Each case has an expectation written by hand; each source has it, or a reason why not."""
    assert {c.name for c in CASES} == {*TRANSPORT, *CONTENT, "reordered", "same again"}
    for name, subject in SUBJECTS.items():
        missing = {c.name for c in CASES if not applies(c, subject) and not c.transport}
        assert missing == set(subject.without), name
        assert all(len(why) > 10 for why in subject.without.values())


def test_every_source_is_there() -> None:
    """Those of the registry, and feeds and articles, which are read without a task."""
    assert {s.provider.name for s in SUBJECTS.values()} == set(all_terms(providers({})))


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Yield the codes that are given, as text, to whatever makes an error of a fetch."""
    places = {"FetchError": 0, "Verdict": 0, "_BodyError": 0, "refused": 0, "refuse": 1, "_again": 1}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in places and len(node.args) > places[name]:
            parts = [p.value for p in ast.walk(node.args[places[name]]) if isinstance(p, ast.Constant)]
            yield from (p for p in parts if isinstance(p, str) and p.isidentifier())


def test_errors_have_the_names_of_the_list_and_no_others() -> None:
    folder = ROOT / "src" / "rotascope" / "ingest"
    used: dict[str, str] = {}
    for path in [*folder.glob("fetch/*.py"), *folder.glob("providers/*.py")]:
        used |= dict.fromkeys(codes_in(ast.parse(path.read_text("utf-8"))), path.name)
    assert {code: file for code, file in used.items() if code not in CODES} == {}
    assert len(used) > 15


@pytest.mark.parametrize(("case", "subject"), PAIRS)
def test_case(case: str, subject: str) -> None:
    found = outcome(case, subject)
    assert found.error == "" or found.error in CODES
    if (case, subject) in PACE:
        assert found.error == "rate_limited"
    elif case in TRANSPORT:
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
    assert found.tries == tries
    if case in ("429 seconds", "429 date"):
        asked = 3 * 7.0 if case == "429 seconds" else 9.0
        assert found.waited >= asked - 0.5
    if tries == 1:
        assert found.waited <= 1.0  # only for the pace of the host


def test_wrong_units_and_jumps_are_quarantined() -> None:
    for case in ("other units", "hundredfold"):
        for name, subject in SUBJECTS.items():
            if case in subject.without:
                continue
            assert Severity.QUARANTINE in outcome(case, name).codes.values(), (case, name)


def test_the_table_in_the_manual_is_up_to_date() -> None:
    """Put together from the outcomes above, so that nothing is run twice."""
    page = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    for group in dict.fromkeys(s.group for s in SUBJECTS.values()):
        made = table([s for s in SUBJECTS.values() if s.group == group], outcome)
        assert f"\n## {group}\n\n{made}\n" in page, "run tools/make_failure_table.py"
    for code, what in CODES.items():
        assert f"| `{code}` | {what} |\n" in page, "run tools/make_failure_table.py"


def test_an_error_names_the_source_and_has_no_address_of_this_machine() -> None:
    for case, name in PAIRS:
        found = outcome(case, name)
        if found.error:
            assert "127.0.0.1" not in found.message and len(found.message) > 20, (case, name)
