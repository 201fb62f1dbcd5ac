"""Names that change places in a finished report are found, whatever else still fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rotascope.app.settings import Settings
from rotascope.app.workflows import ReportRequest, draft_report
from rotascope.report.bundle import manifest
from rotascope_verify import verify

Json = dict[str, Any]
PLAIN = ("report.json", "facts.json", "observations.csv", "verify.py", "charts.json")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the case of the wheel without its renderings: text, facts, rows and charts."""
    draft = draft_report(Settings(tmp_path_factory.mktemp("home")), ReportRequest(case="january-2026"))
    return {n: b for n, b in draft.files.items() if n in PLAIN or n.endswith(".svg")}


def codes(files: dict[str, bytes], report: Json, folder: Path) -> set[str]:
    changed = {
        **files,
        "report.json": (json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode(),
    }
    facts, rows = len(json.loads(files["facts.json"])), files["observations.csv"].count(b"\n") - 1
    for name, content in {**changed, "manifest.json": manifest(changed, facts, rows)}.items():
        (folder / name).write_bytes(content)
    return {f.code for f in verify(folder).failures}


def inlines(report: Json) -> list[Json]:
    out: list[Json] = []
    for block in report["blocks"]:
        if block["kind"] == "table":
            out += [cell for row in block["rows"] for cell in row]
        elif block["kind"] == "chart":
            out += [block["caption"], block["alt"]]
        else:
            out.append(block)
    return out


def names(inline: Json) -> list[Json]:
    return [s for s in inline["spans"] if s["kind"] == "name"]


def exchange(inline: Json) -> None:
    """Let the first two names of a text change places."""
    one, two = names(inline)[:2]
    text = inline["text"]
    first, second = text[one["start"] : one["end"]], text[two["start"] : two["end"]]
    between = text[one["end"] : two["start"]]
    inline["text"] = text[: one["start"]] + second + between + first + text[two["end"] :]
    one["ref"], two["ref"] = two["ref"], one["ref"]
    end = one["start"] + len(second)
    for span in inline["spans"]:
        if one["end"] <= span["start"] and span["end"] <= two["start"]:
            span["start"], span["end"] = span["start"] + end - one["end"], span["end"] + end - one["end"]
    one["end"], two["start"] = end, end + len(between)


def cell_of_a_pair(inline: Json) -> bool:
    return len(names(inline)) == 2 and " minus " in inline["text"] and len(inline["text"]) < 40


def caption_of_two(inline: Json) -> bool:
    return len(names(inline)) == 2 and inline["text"].startswith("SMB and HML: ")


def lead_tested(inline: Json) -> bool:
    return len(names(inline)) == 2 and "ahead of" in inline["text"] and "or under" in inline["text"]


@pytest.mark.parametrize(
    ("which", "code"),
    [(cell_of_a_pair, "name-unrelated"), (caption_of_two, "chart-unrelated"), (lead_tested, "claim-party")],
    ids=["row of a table", "caption of a chart", "test of a lead"],
)
def test_names_that_change_places_are_found(
    files: dict[str, bytes], tmp_path: Path, which: Callable[[Json], bool], code: str
) -> None:
    report = json.loads(files["report.json"])
    assert codes(files, report, tmp_path) == set()
    found = [i for i in inlines(report) if which(i)]
    assert found
    exchange(found[0])
    assert code in codes(files, report, tmp_path)


def test_a_caption_that_names_something_else_is_found(files: dict[str, bytes], tmp_path: Path) -> None:
    report = json.loads(files["report.json"])
    caption = next(b["caption"] for b in report["blocks"] if b["kind"] == "chart" and b["chart"] == "eras")
    (name,) = names(caption)
    assert caption["text"].startswith("SMB")
    caption["text"], name["ref"] = "HML" + caption["text"][3:], "FF.HML.M"
    assert "chart-unrelated" in codes(files, report, tmp_path)


def test_a_caption_with_another_length_is_found(files: dict[str, bytes], tmp_path: Path) -> None:
    report = json.loads(files["report.json"])
    caption = next(
        b["caption"] for b in report["blocks"] if b["kind"] == "chart" and b["chart"] == "ten-years"
    )
    caption["text"] = caption["text"].replace("ten-year", "two-year")
    assert "chart-unrelated" in codes(files, report, tmp_path)
