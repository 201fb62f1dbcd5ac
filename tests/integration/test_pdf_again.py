"""A report with a PDF, from the command line: written, verified, typeset again, and spoiled."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WINDOW = ("--start", "2000-03-31", "--end", "2002-09-30", "--as-of", "2019-01-15")


def rotascope(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ROTASCOPE_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "rotascope", *arguments], env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pdf")
    out = base / "r"
    done = rotascope("report", *WINDOW, "--out", str(out), "--format", "pdf,html", home=base / "home")
    assert done.returncode == 0, done.stderr
    assert f"hand on:  {out / 'report.pdf'}" in done.stdout
    return out


def test_another_process_and_home_give_the_same_bytes(report: Path, tmp_path: Path) -> None:
    out = tmp_path / "r"
    done = rotascope("report", *WINDOW, "--out", str(out), "--format", "pdf", home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert (out / "report.pdf").read_bytes() == (report / "report.pdf").read_bytes()


def test_it_can_be_typeset_again(report: Path, tmp_path: Path) -> None:
    done = rotascope("verify", str(report), "--again", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "report.pdf: the same bytes again.\n")
    assert done.stdout.startswith("OK: ")


def test_the_verifier_in_the_folder_reads_it_too(report: Path, tmp_path: Path) -> None:
    """Without the program: verify.py alone. One glyph moved is found by its hash, and by --again."""
    copy = tmp_path / "r"
    shutil.copytree(report, copy)
    check = [sys.executable, "-I", str(copy / "verify.py"), "--json"]
    assert json.loads(subprocess.run(check, capture_output=True, text=True).stdout)["ok"]
    pdf = (copy / "report.pdf").read_bytes()
    moved = re.sub(rb"/XYZ (\d)", lambda hit: b"/XYZ %d" % ((int(hit[1]) + 1) % 10), pdf, count=1)
    assert moved != pdf
    (copy / "report.pdf").write_bytes(moved)
    codes = [
        f["code"]
        for f in json.loads(subprocess.run(check, capture_output=True, text=True).stdout)["failures"]
    ]
    assert "hash-differs" in codes
    assert not any(code.startswith("pdf-") for code in codes)
    done = rotascope("verify", str(copy), "--again", home=tmp_path)
    assert done.returncode == 1
    assert "FAIL pdf-again report.pdf" in done.stderr


def test_a_folder_without_a_pdf_says_so(report: Path, tmp_path: Path) -> None:
    copy = tmp_path / "r"
    shutil.copytree(report, copy)
    (copy / "report.pdf").unlink()
    done = rotascope("verify", str(copy), "--again", home=tmp_path)
    assert done.returncode != 0
    assert "cannot be made again" in done.stderr
