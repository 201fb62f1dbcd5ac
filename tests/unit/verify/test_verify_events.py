"""Dates of events in a bundle: what the verifier accepts, and forged dates that it must find."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rotascope.app.settings import Settings
from rotascope.app.workflows import ReportRequest, make_report
from rotascope_verify import verify
from rotascope_verify.events import check_event
from rotascope_verify.failures import CheckError
from rotascope_verify.observations import Rows, RowsInput

FOMC = "EVENT.FOMC.2026-03-18"
QUARTER = "EVENT.QUARTER_END.2026-03-31"
JOBS = "EVENT.EMPLOYMENT.2026-02-11"
Row = list[str]


# The rule, row by row


def check(
    series: str, value: float | None, known: str = "2024-08-09", field: str = "scheduled", **more: Any
) -> None:
    days = more.get("days", (known,))
    rows = Rows(
        days, (value,) * len(days), frozenset([more.get("unit", "date")]), frozenset(), frozenset(), ""
    )
    check_event(RowsInput(series, field, days[0], days[-1], len(days), "", "", None), rows)


@pytest.mark.parametrize(
    ("series", "value"),
    [
        (FOMC, 20260318.0),
        ("EVENT.OPTION_EXPIRY.2026-02-20", 20260220.0),  # third Friday
        ("EVENT.OPTION_EXPIRY.2025-04-17", 20250417.0),  # the Thursday before Good Friday
        (QUARTER, 20260331.0),
        ("EVENT.QUARTER_END.2024-03-28", 20240328.0),
        ("EVENT.QUARTER_END.1951-03-31", 19510331.0),  # a Saturday, when there were sessions
    ],
)
def test_good_dates_pass(series: str, value: float) -> None:
    check(series, value, "1925-01-01")


def test_other_rows_are_not_its_business() -> None:
    check("GSPC", 6939.03, field="close", unit="index_level")


@pytest.mark.parametrize(
    ("series", "value", "more"),
    [
        (FOMC, 20260319.0, {}),
        (FOMC, None, {}),
        (FOMC, 20260318.5, {}),
        (FOMC, 20260318.0, {"unit": "count"}),
        (FOMC, 20260318.0, {"field": "value"}),
        (FOMC, 20260318.0, {"known": "2026-03-19"}),
        (FOMC, 20260318.0, {"days": ("2024-08-09", "2024-08-10")}),
        ("EVENT.FOMC", 20260318.0, {}),
        ("EVENT.FOMC.2026-02-30", 20260230.0, {}),
        ("EVENT.fomc.2026-03-18", 20260318.0, {}),
        ("FOMC", 20260318.0, {}),
        ("EVENT.FOMC.2026-03-21", 20260321.0, {}),  # a Saturday
        ("EVENT.OPTION_EXPIRY.2026-02-13", 20260213.0, {}),  # the second Friday
        ("EVENT.OPTION_EXPIRY.2026-02-18", 20260218.0, {}),
        ("EVENT.QUARTER_END.2026-04-30", 20260430.0, {}),
        ("EVENT.QUARTER_END.2026-03-27", 20260327.0, {}),
        ("EVENT.QUARTER_END.2028-09-30", 20280930.0, {}),  # a Saturday, long after these sessions ended
    ],
)
def test_wrong_rows_are_found(series: str, value: float | None, more: dict[str, Any]) -> None:
    with pytest.raises(CheckError) as found:
        check(series, value, **more)
    assert found.value.code == "event-bad"


# Planted errors in a whole report: all that follows from the date is made anew, as a forger would


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    base = tmp_path_factory.mktemp("events")
    request = ReportRequest(case="january-2026", formats=("json",))
    make_report(Settings(base / "home"), request, lambda _: base / "r")
    extra = "ro-crate-metadata.json"  # a copy of what other files say; it may be absent
    return {p.name: p.read_bytes() for p in (base / "r").iterdir() if p.is_file() and p.name != extra}


def written(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def codes(files: dict[str, bytes], folder: Path) -> set[str]:
    """Return the codes of what the verifier finds, after a manifest that fits is written."""
    old = json.loads(files["manifest.json"])
    out = {n: b for n, b in sorted(files.items()) if n != "manifest.json"}
    listed = {n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for n, b in out.items()}
    lines = "".join(f"{name} {entry['sha256']}\n" for name, entry in listed.items())
    old |= {"files": listed, "bundle": hashlib.sha256(lines.encode()).hexdigest()}
    folder.mkdir()
    for name, content in {**out, "manifest.json": written(old)}.items():
        (folder / name).write_bytes(content)
    return {f.code for f in verify(folder).failures}


def forged(
    files: dict[str, bytes],
    series: str,
    change: Callable[[Row], Row],
    words: tuple[str, str] = ("", ""),
) -> dict[str, bytes]:
    """Return a bundle in which a row of an event, its fact, its id and the words of the text are changed."""
    head, *rows = list(csv.reader(io.StringIO(files["observations.csv"].decode())))
    (old,) = [r for r in rows if r[0] == series]
    new = change(list(old))
    rows = sorted([new if r is old else r for r in rows], key=lambda r: r[:3])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    facts = json.loads(files["facts.json"])
    renamed = {}
    for fact in facts:
        if fact["series"] == [series]:
            before = fact["id"]
            _restate(fact, new)
            renamed[before] = fact["id"]
    assert renamed
    out = {**files, "observations.csv": text.getvalue().encode()}
    out["facts.json"] = written(facts)
    for name in ("facts.json", "report.json"):
        said = out[name].decode()
        for before, after in renamed.items():
            said = said.replace(before, after)
        said = said.replace(series, new[0])
        out[name] = (said.replace(*words) if words[0] and name == "report.json" else said).encode()
    return out


def _restate(fact: dict[str, Any], row: Row) -> None:
    series, field, day, value = row[:4]
    fact["series"] = [series]
    fact["value"] = float(value)
    digits = f"{float(value):.0f}"
    fact["display"] = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    body = f"{series},{field}\n{day},{value}\n"
    fact["inputs"][0] |= {"series": series, "first": day, "last": day}
    fact["inputs"][0]["sha256"] = hashlib.sha256(body.encode()).hexdigest()
    fact["window"] |= {"start": day, "end_used": day, "end": max(day, fact["window"]["end"])}
    bound = {k: v for k, v in fact.items() if k not in ("id", "value", "display")}
    digest = hashlib.sha256(json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    fact["id"] = fact["id"].rpartition(".")[0] + "." + digest[:12]


def put(row: Row, **cells: str) -> Row:
    places = {"series": 0, "day": 2, "value": 3}
    for name, value in cells.items():
        row[places[name]] = value
    return row


def test_the_report_itself_holds(bundle: dict[str, bytes], tmp_path: Path) -> None:
    text = bundle["report.json"].decode()
    for wanted in ("11 February 2026", "18 March", "31 March 2026", FOMC, QUARTER, JOBS):
        assert wanted in text
    assert codes(bundle, tmp_path / "r") == set()


def test_forging_by_itself_leaves_no_mark(bundle: dict[str, bytes], tmp_path: Path) -> None:
    """A change of the day on which the date became known, to another day before the report, is consistent."""
    files = forged(bundle, FOMC, lambda r: put(r, day="2024-08-12"))
    assert codes(files, tmp_path / "r") == set()


def test_a_forged_date_is_found(bundle: dict[str, bytes], tmp_path: Path) -> None:
    files = forged(bundle, FOMC, lambda r: put(r, value="20260317.0"), ("18 March", "17 March"))
    assert "event-bad" in codes(files, tmp_path / "r")


def test_a_date_that_became_known_after_the_report_is_found(bundle: dict[str, bytes], tmp_path: Path) -> None:
    files = forged(bundle, JOBS, lambda r: put(r, day="2026-02-11"))
    assert "as-of-late" in codes(files, tmp_path / "r")


def test_a_quarter_that_ends_on_another_day_is_found(bundle: dict[str, bytes], tmp_path: Path) -> None:
    """Series, value and text all say 13 March: only the rule of the kind is left to find it."""
    files = forged(
        bundle,
        QUARTER,
        lambda r: put(r, series="EVENT.QUARTER_END.2026-03-13", value="20260313.0"),
        ("31 March 2026", "13 March 2026"),
    )
    assert codes(files, tmp_path / "r") == {"event-bad"}


def test_a_date_in_the_text_alone_is_found(bundle: dict[str, bytes], tmp_path: Path) -> None:
    said = bundle["report.json"].decode()
    files = {**bundle, "report.json": said.replace("11 February 2026", "12 February 2026").encode()}
    assert "text-differs" in codes(files, tmp_path / "r")


def test_two_dates_that_change_places_are_found(bundle: dict[str, bytes], tmp_path: Path) -> None:
    """The name of one event stands before the date of another; each date by itself is bound and right."""
    report = json.loads(bundle["report.json"])
    facts = {f["id"]: f for f in json.loads(bundle["facts.json"])}
    block = next(b for b in report["blocks"] if b.get("text", "").startswith("Next on the calendar"))
    spans = [s for s in block["spans"] if s["kind"] == "fact"]
    assert len(spans) >= 3
    named = [s for s in block["spans"] if s["kind"] == "name"]
    first, second = named[0], named[1]
    first["ref"], second["ref"] = second["ref"], first["ref"]
    a, b = (block["text"][s["start"] : s["end"]] for s in (first, second))
    block["text"] = block["text"].replace(a, "\0").replace(b, a).replace("\0", b)
    shift = len(b) - len(a)
    for span in block["spans"]:
        inside = first["end"] <= span["start"] < second["end"]
        span["start"] += shift if inside else 0
        span["end"] += shift if inside and span is not second else 0
    first["end"] += shift
    assert facts[spans[0]["ref"]]["unit"] == "date"
    files = {**bundle, "report.json": written(report)}
    found = codes(files, tmp_path / "r")
    assert found == {"name-unrelated"}


def test_no_digit_of_a_date_that_lies_ahead_can_change(bundle: dict[str, bytes], tmp_path: Path) -> None:
    """Each digit and each month of each event in the text, one at a time."""
    report = json.loads(bundle["report.json"])
    facts = {f["id"]: f for f in json.loads(bundle["facts.json"])}
    planted = 0
    for block in report["blocks"]:
        for span in block.get("spans", []):
            if span["kind"] != "fact" or facts[span["ref"]]["metric"] != "event_date":
                continue
            said = block["text"]
            for wrong in _wrong_dates(said[span["start"] : span["end"]]):
                block["text"] = said[: span["start"]] + wrong + said[span["end"] :]
                planted += 1
                found = codes({**bundle, "report.json": written(report)}, tmp_path / f"r{planted}")
                assert "text-differs" in found, block["text"]
            block["text"] = said
    assert planted >= 20


def _wrong_dates(text: str) -> list[str]:
    """Return the same date with one digit moved on, and with another month of as many letters."""
    digits = [text[:i] + str((int(c) + 1) % 10) + text[i + 1 :] for i, c in enumerate(text) if c.isdigit()]
    months = [text.replace(a, b) for a, b in (("March", "April"), ("February", "November")) if a in text]
    return [*digits, *(m for m in months if len(m) == len(text))]
