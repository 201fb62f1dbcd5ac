"""Files, manifest, command line, the single file, and input that means harm."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import builder as b
import pytest
from builder import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rotascope_verify
from rotascope_verify import NotABundleError, single_file, verify
from rotascope_verify.cli import main
from rotascope_verify.single import MODULES

PACKAGE = Path(rotascope_verify.__file__).parent


def codes(folder: Path) -> set[str]:
    return {f.code for f in verify(folder).failures}


def change_json(path: Path, change: Any) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(b.dump(value), encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["report.json", "facts.json", "observations.csv", "report.md", "report.html", "verify.py"]
)
def test_any_changed_byte_breaks_the_hash(tmp_path: Path, name: str) -> None:
    folder = Bundle().write(tmp_path)
    (folder / name).write_text((folder / name).read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert "hash-differs" in codes(folder)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda m: m.update(format="other/1"), "manifest-shape"),
        (lambda m: m.update(extra=1), "manifest-shape"),
        (lambda m: m.pop("bundle"), "manifest-shape"),
        (lambda m: m.update(files=[]), "manifest-shape"),
        (lambda m: m.update(facts=8), "count-differs"),
        (lambda m: m.update(observations=True), "count-differs"),
        (lambda m: m.update(bundle="0" * 64), "hash-differs"),
        (lambda m: m.update(bundle=None), "hash-differs"),
        (lambda m: m["files"].pop("report.md"), "file-unlisted"),
        (lambda m: m["files"]["report.md"].update(bytes=1), "hash-differs"),
        (lambda m: m["files"]["report.md"].update(bytes=-1), "manifest-shape"),
        (lambda m: m["files"]["report.md"].update(mode=1), "manifest-shape"),
        (lambda m: m["files"].update({"../secret": {"sha256": "0" * 64, "bytes": 1}}), "file-missing"),
        (lambda m: m["files"].update({"/etc/hosts": {"sha256": "0" * 64, "bytes": 1}}), "file-missing"),
        (lambda m: m["files"].update({"manifest.json": {"sha256": "0" * 64, "bytes": 1}}), "file-missing"),
        (lambda m: m["files"].update({"": {}}), "manifest-shape"),
        (lambda m: m["files"].update({"\ud800".encode("utf-8", "replace").decode(): 3}), "manifest-shape"),
    ],
)
def test_manifest(tmp_path: Path, change: Any, code: str) -> None:
    folder = Bundle().write(tmp_path)
    change_json(folder / "manifest.json", change)
    assert code in codes(folder)


@pytest.mark.parametrize(
    "name", ["report.json", "facts.json", "observations.csv", "verify.py", "manifest.json"]
)
def test_a_missing_file(tmp_path: Path, name: str) -> None:
    folder = Bundle().write(tmp_path)
    (folder / name).unlink()
    assert "file-missing" in codes(folder)


def test_files_that_do_not_belong(tmp_path: Path) -> None:
    folder = Bundle().write(tmp_path / "a")
    (folder / "notes.txt").write_text("9")
    (folder / "sub").mkdir()
    assert codes(folder) == {"file-unknown"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    folder = Bundle().write(tmp_path / "a")
    other = tmp_path / "elsewhere.md"
    (folder / "report.md").rename(other)
    (folder / "report.md").symlink_to(other)
    assert {"file-unsafe", "file-missing"} <= codes(folder)
    (folder / "report.html").unlink()
    os.mkfifo(folder / "report.html")
    assert "file-unsafe" in codes(folder)


def test_what_is_not_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "file", "a\0b"):
        with pytest.raises(NotABundleError):
            verify(path)
        assert main([str(path)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Bundle().write(tmp_path)
    assert main([str(folder)]) == 0
    out = capsys.readouterr().out
    assert out == "OK: 9 facts recomputed from 10 observations, 33 spans, 5 claims, 0 failures\n"
    assert main([str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "facts": 9,
        "observations": 10,
        "spans": 33,
        "claims": 5,
        "failures": [],
    }
    (folder / "report.md").write_text("x")
    assert main([str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("FAIL markdown-differs report.md:b1: ")
    assert lines[-1].startswith("FAILED: ")
    assert main([str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failures"][0].keys() == {"code", "where", "what"}


def test_names_from_the_bundle_cannot_forge_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = Bundle()
    bundle.block("b4").update(id="b4\nOK: all is well\x1b[2J", text="9")
    bundle.markdown = "\u202e"
    assert main([str(bundle.write(tmp_path))]) == 1
    out = capsys.readouterr().out
    assert all(line.startswith("FAIL") for line in out.splitlines())
    assert "\x1b" not in out
    assert "\u202e" not in out


# The single file


def test_the_single_file_is_deterministic_and_complete() -> None:
    text = single_file()
    assert text == single_file()
    tree = ast.parse(text)
    imported = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {str(n.module).split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names
    assert set(MODULES) | {"__init__", "__main__", "single"} == {p.stem for p in PACKAGE.glob("*.py")}


def test_no_two_modules_define_one_name() -> None:
    """They all share one namespace in the single file."""
    names: Counter[str] = Counter()
    for module in MODULES:
        own: set[str] = set()
        for node in ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                own |= {t.id for t in targets if isinstance(t, ast.Name)}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                assert not any(a.asname for a in node.names)
        names.update(own)
    assert [n for n, count in names.items() if count > 1] == []


def test_the_package_imports_only_the_standard_library() -> None:
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert all(a.name.split(".")[0] in sys.stdlib_module_names for a in node.names)
            if isinstance(node, ast.ImportFrom):
                root = str(node.module).split(".")[0]
                assert root == "rotascope_verify" or root in sys.stdlib_module_names


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONIOENCODING": "ascii", "PATH": os.environ.get("PATH", "")}
    return subprocess.run(
        [sys.executable, "-I", *args],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_single_file_runs_alone(tmp_path: Path) -> None:
    """In isolated mode, from another folder, on a terminal that knows ASCII only."""
    bundle = Bundle()
    bundle.extra = {"verify.py": single_file()}
    folder = bundle.write(tmp_path / "good")
    done = run(str(folder / "verify.py"), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK: 9 facts")
    bundle.fact("gap")["value"] = -3.5
    bad = bundle.write(tmp_path / "bad")
    done = run(str(folder / "verify.py"), str(bad), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "FAIL value-differs gap." in done.stdout
    done = run("verify.py", "--json", cwd=bad)
    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False
    done = run(str(folder / "verify.py"), str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert not list(folder.glob("__pycache__"))


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    folder = Bundle().write(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "rotascope_verify", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    assert (done.returncode, done.stderr) == (0, "")


# Harm

TEXTS = [
    "",
    "null",
    "[]",
    "{}",
    "[1, 2]",
    '"x"',
    "{",
    "NaN",
    "[NaN]",
    '[{"value": Infinity}]',
    "[1e999]",
    "[" * 100_000,
    "[" + "9" * 5000 + "]",
    '{"a": 1, "a": 2}',
    '"\\ud800"',
    '[{"id": null}]',
    '{"blocks": [{"id": "a", "kind": "title", "text": "x", "spans": [{"kind": []}]}]}',
]


@pytest.mark.parametrize(
    "name", ["report.json", "facts.json", "manifest.json", "observations.csv", "report.md", "report.html"]
)
@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_nonsense_in_any_file(tmp_path: Path, name: str, number: int) -> None:
    folder = Bundle().write(tmp_path)
    (folder / name).write_text(TEXTS[number], encoding="utf-8")
    result = verify(folder)
    assert not result.ok
    json.dumps(result.as_json())


@pytest.mark.parametrize(
    "name", ["report.json", "facts.json", "manifest.json", "observations.csv", "report.md", "report.html"]
)
def test_bytes_that_are_no_text(tmp_path: Path, name: str) -> None:
    folder = Bundle().write(tmp_path)
    (folder / name).write_bytes(b"\xff\xfe\x00[1]")
    assert "encoding-bad" in codes(folder)


def test_json_must_be_written_in_the_one_way(tmp_path: Path) -> None:
    files = Bundle().files()
    for text in (
        json.dumps(json.loads(files["report.json"])),
        files["report.json"].rstrip("\n"),
        "\ufeff" + files["report.json"],
    ):
        b.write_files(tmp_path, files | {"report.json": text}, 9, 10)
        assert codes(tmp_path) & {"json-form", "json-bad"}


def test_a_long_chain_of_facts_is_no_trouble(tmp_path: Path) -> None:
    bundle = Bundle()
    last = "iwm"
    for i in range(1500):
        bundle.facts.append(
            b.fact(f"m{i}", ["IWM"], 5.0, "percent", 1, "5.0%", "extreme", [b.ref(last)], want="max")
        )
        last = f"m{i}"
    bundle.facts.reverse()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # for the builder, not for the verifier
    try:
        folder = bundle.write(tmp_path)
    finally:
        sys.setrecursionlimit(limit)
    assert codes(folder) == set()


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        10**30,
        1e300,
        -0.0,
        "",
        "x",
        "2026-01-30",
        "iwm",
        "\0",
        "9" * 50,
        [],
        {},
        [[]],
        [None],
        {"id": 1},
        {"a": {}},
    ]
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of every value in a JSON value."""
    out = [here] if here else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        out += paths(item, (*here, key))
    return out


FILES = Bundle().files()
PLACES = [(name, path) for name in ("report.json", "facts.json") for path in paths(json.loads(FILES[name]))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK, st.booleans()), min_size=1, max_size=3))
def test_junk_at_any_place_never_raises(
    tmp_path: Path, changes: list[tuple[tuple[str, tuple[Any, ...]], Any, bool]]
) -> None:
    """One to three values replaced or removed; the manifest is made anew."""
    values = {name: json.loads(FILES[name]) for name in ("report.json", "facts.json")}
    for (name, path), junk, remove in changes:
        try:
            target = values[name]
            for key in path[:-1]:
                target = target[key]
            if remove:
                del target[path[-1]]
            else:
                target[path[-1]] = junk
        except (TypeError, LookupError):
            continue  # an earlier change took this place away
    files = {k: v for k, v in FILES.items() if k != "report.html"}
    b.write_files(tmp_path, files | {k: b.dump(v) for k, v in values.items()}, 9, 10)
    for failure in verify(tmp_path).failures:
        assert "Error:" not in failure.what, failure  # an error that no rule foresaw


def test_hashes_cover_the_listed_order(tmp_path: Path) -> None:
    """`bundle` is over "NAME sha256" lines, sorted by name: worked out here by hand."""
    folder = Bundle().write(tmp_path)
    names = ["facts.json", "observations.csv", "report.html", "report.json", "report.md", "verify.py"]
    text = "".join(f"{n} {hashlib.sha256((folder / n).read_bytes()).hexdigest()}\n" for n in names)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["bundle"] == hashlib.sha256(text.encode()).hexdigest()
    assert verify(folder).ok
