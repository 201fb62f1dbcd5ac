"""Plant single errors in a bundle and count how many of them its verifier finds.

    python tools/mutate.py BUNDLE... [--count 1000] [--seed 1] [--jobs 2]

Each mutant differs from the bundle in one thing: a digit, a sign, a unit, a date, a number word, a comparison
word or a name. The manifest is made anew each time, so that no mutant falls to its hash alone. Errors in the
text, the facts and the observations are planted in a bundle without its two renderings, which the format
allows, so that no mutant falls because a copy disagrees; the renderings have mutants of their own. Spans move
with the text around them: what is wrong is what the text says, not where its spans lie. Errors of kinds
called rebound are planted in a fact whose id, with all that refers to it, is made anew, as a forger would.

What only the manifest binds is left alone: snapshot names, licences, addresses, times of retrieval and the
digests of raw files. A digit of a value counts if it changes the value by more than the verifier's tolerance.
"""

from __future__ import annotations

import argparse
import calendar
import csv
import hashlib
import io
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rotascope_verify import verify
from rotascope_verify.lexicon import FIND_COMPARISON_WORDS, FIND_NUMBER_WORDS, PREDICATE_WORDS
from rotascope_verify.numerals import ORDINALS, WORDS

Files = Mapping[str, bytes]
REPORT, FACTS, ROWS, CHARTS = "report.json", "facts.json", "observations.csv", "charts.json"
MARKDOWN, PAGE, PDF, MANIFEST = "report.md", "report.html", "report.pdf", "manifest.json"
COPIES = (
    "ro-crate-metadata.json",
    "report.xhtml",
    "rotascope-2026.xsd",
)  # they repeat the rest: left out of all mutants
SHARE = 100
TOLERANCE = 2e-9  # twice the verifier's, so that a mutant is an error by any reading
VOID = frozenset(["br", "col", "hr", "img", "input", "link", "meta", "wbr"])
CERTAIN = (
    "digit",
    "sign",
    "unit",
    "date",
    "name",
    "chart value",
    "chart axis",
    "chart place",
)  # kinds of which every mutant must fall

_PAIRS = """
rose fell
gained lost
beat trailed
led lagged
ahead behind
above below
more than=less than
larger than=smaller than
wider than=narrower than
inflow outflow
inflows outflows
higher lower
widened narrowed
gain loss
rise fall
increase decline
took in=lost
at least=at most
or more=or less
agrees disagrees
agree disagree
confirms contradicts
largest smallest
best worst
widest narrowest
strongest weakest
highest lowest
top bottom
longest shortest
most least
majority minority
strong weak
half double
flat rose
advanced declined
climbed dropped
outperformed underperformed
"""
OPPOSITES = dict(line.split("=") if "=" in line else line.split() for line in _PAIRS.strip().splitlines())
OPPOSITES |= {b: a for a, b in OPPOSITES.items() if b not in OPPOSITES}
MONTHS = list(calendar.month_name)[1:]
NUMBERS = [*WORDS[1:], *ORDINALS[1:]]
UNIT_SWAPS = (
    ("basis points", "points"), (" points", "%"), (" pp", "%"), ("%", " points"), ("billion", "million"),
    ("million", "billion"), (" bp", " pp"), (" sessions", " months"), (" session", " month"),
    (" months", " sessions"), (" month", " year"), (" years", " months"), (" percentile", "%"), ("$", ""),
)  # fmt: skip
FACT_UNITS = (
    "percent pp bp usd usd_m index_level ratio share count sessions months years rank percentile date shares"
)


class NoSiteError(Exception):
    """There is nothing in the bundle that this kind of error could be planted in."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted error: its kind, the place, what was changed, and the whole changed bundle."""

    kind: str
    place: str
    what: str
    files: dict[str, bytes]


@dataclass(slots=True)
class Tally:
    """Killed and planted by kind and place, and the mutants that went unnoticed."""

    counts: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    survivors: list[Mutant] = field(default_factory=list)

    def add(self, mutant: Mutant, killed: bool) -> None:
        """Count one mutant."""
        cell = self.counts.setdefault((mutant.kind, mutant.place), [0, 0])
        cell[0] += killed
        cell[1] += 1
        if not killed:
            self.survivors.append(mutant)

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """Return (killed, planted) for each kind."""
        out: dict[str, tuple[int, int]] = {}
        for (kind, _), (killed, planted) in sorted(self.counts.items()):
            before = out.get(kind, (0, 0))
            out[kind] = (before[0] + killed, before[1] + planted)
        return out

    def lines(self) -> list[str]:
        """Return the table that is printed."""
        rows = [f"{kind:<12} {k:>5} of {n:>5}  {k / n:7.2%}" for kind, (k, n) in self.by_kind().items()]
        killed, planted = (sum(c[i] for c in self.counts.values()) for i in (0, 1))
        return [*rows, f"{'all':<12} {killed:>5} of {planted:>5}  {killed / max(planted, 1):7.2%}"]


def read_bundle(folder: Path) -> dict[str, bytes]:
    """Return the files of a bundle."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def sealed(files: Files) -> dict[str, bytes]:
    """Return the files with a manifest that fits them; its counts stay those of the original."""
    old = json.loads(files[MANIFEST])
    out = {name: content for name, content in sorted(files.items()) if name not in (MANIFEST, *COPIES)}
    listed = {n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for n, b in out.items()}
    lines = "".join(f"{name} {entry['sha256']}\n" for name, entry in listed.items())
    old |= {"files": listed, "bundle": hashlib.sha256(lines.encode()).hexdigest()}
    return {**out, MANIFEST: _json(old)}


def is_killed(files: Files, folder: Path) -> bool:
    """Return whether the verifier finds something wrong; `folder` is scratch space that is kept in step."""
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    return not verify(folder).ok


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


# Picking and changing


def other_digit(rng: random.Random, text: str, at: int) -> str:
    """Return the text with the digit at `at` changed."""
    return text[:at] + rng.choice([d for d in "0123456789" if d != text[at]]) + text[at + 1 :]


def any_digit(rng: random.Random, text: str) -> str:
    """Return the text with one digit changed. Raises NoSiteError if it has none."""
    places = [i for i, c in enumerate(text) if c in "0123456789"]
    if not places:
        raise NoSiteError
    return other_digit(rng, text, rng.choice(places))


def other_value(rng: random.Random, value: float) -> float:
    """Return a number that differs in one digit, by more than the tolerance."""
    whole = isinstance(value, int)
    text = str(value) if whole else repr(float(value))
    for _ in range(50):
        changed = any_digit(rng, text)
        if changed.lstrip("-")[:1] == "0" and changed.lstrip("-")[1:2].isdigit():
            continue
        new = int(changed) if whole else float(f"{float(changed):.12g}")
        if abs(new - value) > TOLERANCE * max(1.0, abs(value)):
            return new
    raise NoSiteError


def other_day(rng: random.Random, day: str) -> str:
    """Return another date, near or far."""
    step = rng.choice([1, -1, 2, -7, 30, -31, 365, -366, 3650])
    return (date.fromisoformat(day) + timedelta(days=step)).isoformat()


def other_word(rng: random.Random, word: str, predicate: str) -> str:
    """Return the opposite of a comparison word or a neighbour, never one that the same predicate allows."""
    lower = word.lower()
    exact = predicate in ("between", "rank_is", "ratio_near")
    allowed = set() if exact else set(PREDICATE_WORDS.get(predicate, ()))
    same_rank = (
        {"largest", "best", "widest", "strongest", "top"},
        {"smallest", "worst", "weakest", "bottom"},
    )
    allowed |= {lower} | ({"twice", "double"} if lower in ("twice", "double") else set())
    allowed |= set().union(*(s for s in same_rank if lower in s and predicate == "rank_is"))
    opposite = OPPOSITES.get(lower)
    if opposite and opposite not in allowed and rng.random() < 0.5:
        found = opposite
    else:
        words = sorted(set().union(*PREDICATE_WORDS.values()) - allowed)
        near = [w for w in words if w in PREDICATE_WORDS.get(predicate, ())]
        found = rng.choice(near if near and rng.random() < 0.5 else words)
    return found.capitalize() if word[:1].isupper() else found


def edit(inline: dict[str, Any], start: int, end: int, new: str) -> None:
    """Replace a stretch of a text; spans around and behind it move along."""
    inline["text"] = inline["text"][:start] + new + inline["text"][end:]
    shift = len(new) - (end - start)
    for span in inline["spans"]:
        if span["start"] >= end:
            span["start"] += shift
        if span["end"] >= end:
            span["end"] += shift


def inlines(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each inline of report.json but those of sources, which only repeat the list of sources."""
    for block in report["blocks"]:
        if block["kind"] == "table":
            yield block["caption"]
            yield from block["header"]
            for row in block["rows"]:
                yield from row
        elif block["kind"] == "chart":
            yield from (block["caption"], block["alt"])
        elif block["kind"] != "source":
            yield block


def spans(report: dict[str, Any], *kinds: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each inline with each of its spans of the given kinds."""
    return [(i, s) for i in inlines(report) for s in i["spans"] if s["kind"] in kinds]


# Errors in report.json


def text_digit(report: dict[str, Any], rng: random.Random) -> str:
    """Change one digit of the text."""
    sites = [(i, at) for i in inlines(report) for at, c in enumerate(i["text"]) if c in "0123456789"]
    inline, at = _one(rng, sites)
    before = inline["text"]
    inline["text"] = other_digit(rng, before, at)
    return f"{before[max(at - 20, 0) : at + 8]!r} -> {inline['text'][at]}"


def text_sign(report: dict[str, Any], rng: random.Random) -> str:
    """Turn the sign of a printed number."""
    inline, span = _one(rng, spans(report, "fact"))
    old = inline["text"][span["start"] : span["end"]]
    if not re.search(r"[1-9]", old):
        raise NoSiteError
    bare = old.lstrip("+\u2212")
    new = rng.choice([s + bare for s in ("", "+", "\u2212") if s + bare != old])
    edit(inline, span["start"], span["end"], new)
    return f"{old!r} -> {new!r}"


def text_unit(report: dict[str, Any], rng: random.Random) -> str:
    """Print a number with another unit."""
    sites = []
    for inline, span in spans(report, "fact"):
        old = inline["text"][span["start"] : span["end"]]
        sites += [(inline, span, old, old.replace(a, b, 1)) for a, b in UNIT_SWAPS if a in old]
        if old[-1:].isdigit():
            sites.append((inline, span, old, old + rng.choice(["%", " points", "m", " sessions"])))
    inline, span, old, new = _one(rng, sites)
    edit(inline, span["start"], span["end"], new)
    return f"{old!r} -> {new!r}"


def text_date(report: dict[str, Any], rng: random.Random) -> str:
    """Change a date of the text: another month, or another digit."""
    sites = [
        (i, s)
        for i, s in spans(report, "date", "fact")
        if re.search("|".join(MONTHS), _text(i, s)) or s["kind"] == "date"
    ]
    inline, span = _one(rng, sites)
    old = _text(inline, span)
    found = [m for m in MONTHS if m in old]
    if found and rng.random() < 0.5:
        new = old.replace(found[0], rng.choice([m for m in MONTHS if m != found[0]]))
    else:
        new = any_digit(rng, old)
    edit(inline, span["start"], span["end"], new)
    return f"{old!r} -> {new!r}"


def text_number_word(report: dict[str, Any], rng: random.Random) -> str:
    """Change a number written as a word."""
    sites = [
        (i, m)
        for i in inlines(report)
        for m in FIND_NUMBER_WORDS.finditer(i["text"])
        if m[1].lower() in NUMBERS
    ]
    inline, hit = _one(rng, sites)
    old = hit[1]
    at = NUMBERS.index(old.lower()) // 12 * 12
    new = rng.choice([w for w in NUMBERS[at : at + 12] if w != old.lower()])
    new = new.capitalize() if old[:1].isupper() else new
    edit(inline, hit.start(1), hit.end(1), new)
    return f"{old!r} -> {new!r}"


def text_word(report: dict[str, Any], rng: random.Random) -> str:
    """Swap a comparison word for its opposite or for a neighbour."""
    inline, span = _one(rng, spans(report, "claim"))
    predicate = next(c["predicate"] for c in report["claims"] if c["id"] == span["ref"])
    old = _text(inline, span)
    new = other_word(rng, old, predicate)
    edit(inline, span["start"], span["end"], new)
    return (
        f"{predicate} {old!r} -> {new!r} in {inline['text'][max(span['start'] - 40, 0) : span['end'] + 40]!r}"
    )


def text_name(report: dict[str, Any], rng: random.Random) -> str:
    """Put the name of something else into the text."""
    inline, span = _one(rng, spans(report, "name"))
    names = report["entities"][span["ref"]]["names"]
    others = sorted({n for e in report["entities"].values() for n in e["names"]} - set(names))
    new = _one(rng, others)
    old = _text(inline, span)
    edit(inline, span["start"], span["end"], new)
    return f"{old!r} -> {new!r}"


def text_swapped(report: dict[str, Any], rng: random.Random) -> str:
    """Swap two names of one sentence, tags and all: who beat whom."""
    sites = []
    for inline in inlines(report):
        # swapping a name for the same name of another entity changes nothing that a reader sees
        named = [s for s in inline["spans"] if s["kind"] == "name"]
        sites += [
            (inline, a, b)
            for i, a in enumerate(named)
            for b in named[i + 1 :]
            if _text(inline, a) != _text(inline, b)
        ]
    inline, a, b = _one(rng, sites)
    first, second = _text(inline, a), _text(inline, b)
    edit(inline, b["start"], b["end"], first)
    edit(inline, a["start"], a["end"], second)
    a["ref"], b["ref"] = b["ref"], a["ref"]
    return f"{first!r} <-> {second!r} in {inline['text'][:160]!r}"


def text_renamed(report: dict[str, Any], rng: random.Random) -> str:
    """Name something else, tag and all."""
    inline, span = _one(rng, spans(report, "name"))
    old = _text(inline, span)
    others = {
        k: [n for n in e["names"] if n != old] for k, e in report["entities"].items() if k != span["ref"]
    }
    ref = _one(rng, sorted(k for k, names in others.items() if names))
    new = _one(rng, others[ref])
    span["ref"] = ref
    edit(inline, span["start"], span["end"], new)
    return f"{old!r} -> {new!r} in {inline['text'][:160]!r}"


def claim_param(report: dict[str, Any], rng: random.Random) -> str:
    """Change the predicate of a claim, so that it says the opposite of its word."""
    turned = {"positive": "negative", "negative": "positive", "gt": "lt", "lt": "gt", "max_of": "min_of"}
    turned |= {"min_of": "max_of", "near": "not_near", "same_sign": "opposite", "opposite": "same_sign"}
    claim = _one(rng, [c for c in report["claims"] if c["predicate"] in turned])
    old, claim["predicate"] = claim["predicate"], turned[claim["predicate"]]
    return f"{claim['id']}: {old} -> {claim['predicate']}"


def report_date(report: dict[str, Any], rng: random.Random) -> str:
    """Change the date that the report says it looks from."""
    old = report["as_of"]
    report["as_of"] = other_day(rng, old)
    return f"as_of {old} -> {report['as_of']}"


# Errors in facts.json


def fact_value_digit(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Change a digit of a value."""
    fact = _one(rng, facts)
    old = fact["value"]
    fact["value"] = other_value(rng, old)
    return f"{fact['id']} value {old!r} -> {fact['value']!r}"


def fact_text_digit(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Change a digit of the display, the decimals, a parameter, a note, or an input's count or digest."""
    fact = _one(rng, facts)
    sites: list[tuple[dict[str, Any], str]] = [(fact, "display"), (fact, "decimals")]
    sites += [
        (fact["recipe"]["params"], k) for k, v in fact["recipe"]["params"].items() if not isinstance(v, bool)
    ]
    sites += [(i, k) for i in fact["inputs"] if i["kind"] == "observations" for k in ("rows", "sha256")]
    sites += [({"note": n, "into": fact, "at": j}, "note") for j, n in enumerate(fact["notes"])]
    holder, key = _one(rng, sites)
    old = holder[key]
    holder[key] = any_digit(rng, old) if isinstance(old, str) else other_value(rng, old)
    if key == "note":
        fact["notes"][holder["at"]] = holder["note"]
    return f"{fact['id']} {key} {old!r} -> {holder[key]!r}"


def fact_sign(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Turn the sign of a value, or of its display."""
    fact = _one(rng, [f for f in facts if f["value"] and f["unit"] != "date"])
    old = fact["value"], fact["display"]
    if rng.random() < 0.5:
        fact["value"] = -fact["value"]
    else:
        fact["display"] = (
            fact["display"][1:] if fact["display"].startswith("\u2212") else "\u2212" + fact["display"]
        )
    return f"{fact['id']} {old} -> {fact['value'], fact['display']}"


def fact_unit(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Give a fact another unit."""
    fact = _one(rng, facts)
    old = fact["unit"]
    fact["unit"] = rng.choice([u for u in FACT_UNITS.split() if u != old])
    return f"{fact['id']} unit {old} -> {fact['unit']}"


def fact_date(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Change a date of a fact: of its window, of an input, or its as-of date."""
    fact = _one(rng, facts)
    sites: list[tuple[dict[str, Any], str]] = [(fact, "as_of")]
    sites += [(fact["window"], k) for k in (fact["window"] or {}) if k != "base"]
    sites += [(i, k) for i in fact["inputs"] if i["kind"] == "observations" for k in ("first", "last")]
    holder, key = _one(rng, sites)
    old = holder[key]
    holder[key] = other_day(rng, old)
    return f"{fact['id']} {key} {old} -> {holder[key]}"


def fact_name(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Let a fact be about another series, or made from another one."""
    names = sorted({s for f in facts for s in f["series"]})
    fact = _one(rng, facts)
    sites: list[tuple[Any, Any]] = [(fact["series"], k) for k in range(len(fact["series"]))]
    sites += [(i, "series") for i in fact["inputs"] if i["kind"] == "observations"]
    holder, key = _one(rng, sites)
    old = holder[key]
    holder[key] = _one(rng, [n for n in names if n != old])
    return f"{fact['id']} {old} -> {holder[key]}"


def rebind(facts: list[dict[str, Any]], report: dict[str, Any], charts: dict[str, Any]) -> None:
    """Give each fact the id that its content asks for, and let everything follow that refers to it."""
    new: dict[str, str] = {}
    waiting = list(facts)
    while waiting:
        known = {f["id"] for f in waiting}
        ready = [f for f in waiting if not any(i.get("id") in known for i in f["inputs"])]
        for fact in ready:
            fact["inputs"] = [{**i, "id": new[i["id"]]} if i["kind"] == "fact" else i for i in fact["inputs"]]
            body = {k: v for k, v in fact.items() if k not in ("id", "value", "display")}
            text = json.dumps(body, sort_keys=True, separators=(",", ":"))
            name = fact["id"].rpartition(".")[0]
            new[fact["id"]] = f"{name}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        waiting = [f for f in waiting if f not in ready]
    for fact in facts:
        fact["id"] = new.get(fact["id"], fact["id"])
    facts.sort(key=lambda f: str(f["id"]))
    for inline in [*inlines(report), *(b for b in report["blocks"] if b["kind"] == "source")]:
        for span in inline["spans"]:
            span["ref"] = new.get(span["ref"], span["ref"]) if "ref" in span else None
            if span["ref"] is None:
                del span["ref"]
    for claim in report["claims"]:
        claim["facts"] = [new[f] for f in claim["facts"]]
    for chart in charts.values():
        for dataset in chart["datasets"].values():
            for binding in dataset.get("bindings", {}).values():
                binding["refs"] = [new.get(ref, ref) for ref in binding["refs"]]


def fact_param(facts: list[dict[str, Any]], rng: random.Random) -> str:
    """Change a digit of a parameter, of the decimals, or of the number of rows."""
    fact = _one(rng, facts)
    params = fact["recipe"]["params"]
    sites: list[tuple[dict[str, Any], str]] = [(params, k) for k in params]
    sites += [(fact, "decimals")] if fact["unit"] != "date" else []  # a date has none to print
    sites += [(i, "rows") for i in fact["inputs"] if i["kind"] == "observations"]
    holder, key = _one(rng, sites)
    old = holder[key]
    holder[key] = any_digit(rng, old) if isinstance(old, str) else other_value(rng, old)
    return f"{fact['id']} {key} {old!r} -> {holder[key]!r}"


# Errors in observations.csv


def row_digit(rows: list[list[str]], rng: random.Random) -> str:
    """Change a digit of an observed value."""
    row = _one(rng, [r for r in rows if r[3]])
    old, row[3] = row[3], repr(float(other_value(rng, float(row[3]))))
    return f"{row[:3]} {old} -> {row[3]}"


def row_sign(rows: list[list[str]], rng: random.Random) -> str:
    """Turn the sign of an observed value."""
    row = _one(rng, [r for r in rows if r[3] and float(r[3])])
    old, row[3] = row[3], repr(-float(row[3]))
    return f"{row[:3]} {old} -> {row[3]}"


def row_unit(rows: list[list[str]], rng: random.Random) -> str:
    """State a value in another unit."""
    row = _one(rng, rows)
    old, row[4] = row[4], rng.choice([u for u in FACT_UNITS.split() if u != row[4]])
    return f"{row[:3]} {old} -> {row[4]}"


def row_date(rows: list[list[str]], rng: random.Random) -> str:
    """Move a value to another date."""
    row = _one(rng, rows)
    old, row[2] = row[2], other_day(rng, row[2])
    rows.sort(key=lambda r: r[:3])
    return f"{row[:2]} {old} -> {row[2]}"


def row_missing(rows: list[list[str]], rng: random.Random) -> str:
    """Make a known value unknown, or an unknown one zero."""
    unknown = [r for r in rows if not r[3]]
    row = _one(rng, unknown if unknown and rng.random() < 0.5 else [r for r in rows if r[3]])
    old, row[3] = row[3], "" if row[3] else "0.0"
    return f"{row[:3]} {old!r} -> {row[3]!r}"


def row_source(rows: list[list[str]], rng: random.Random) -> str:
    """Credit a value to another source."""
    row = _one(rng, rows)
    old = row[5]
    row[5] = _one(rng, sorted({r[5] for r in rows} - {old}))
    return f"{row[:3]} {old} -> {row[5]}"


# Errors in the charts


def _chart_columns(charts: dict[str, Any], kind: type) -> list[tuple[str, str, str, list[Any]]]:
    """Return each column of drawn values of a type: chart, dataset, field, values."""
    return [
        (chart, key, name, values)
        for chart, body in sorted(charts.items())
        for key, dataset in sorted(body["datasets"].items())
        for name, values in sorted(dataset["columns"].items())
        if values and isinstance(values[0], kind) and dataset["kind"] != "ticks"
    ]


def chart_value(charts: dict[str, Any], rng: random.Random) -> str:
    """Change a number that is drawn."""
    chart, key, name, values = _one(rng, _chart_columns(charts, float) + _chart_columns(charts, int))
    at = rng.randrange(len(values))
    old, values[at] = values[at], other_value(rng, values[at])
    return f"{chart} {key} {name}: {old} -> {values[at]}"


def chart_sign(charts: dict[str, Any], rng: random.Random) -> str:
    """Turn the sign of a number that is drawn."""
    columns = _chart_columns(charts, float)
    chart, key, name, values = _one(rng, [c for c in columns if any(abs(v) > TOLERANCE for v in c[3])])
    at = _one(rng, [i for i, v in enumerate(values) if abs(v) > TOLERANCE])
    values[at] = -values[at]
    return f"{chart} {key} {name}: {-values[at]} -> {values[at]}"


def chart_date(charts: dict[str, Any], rng: random.Random) -> str:
    """Move a date that is drawn."""
    columns = [c for c in _chart_columns(charts, str) if re.fullmatch(r"\d{4}-\d\d-\d\d", c[3][0])]
    chart, key, name, values = _one(rng, columns)
    at = rng.randrange(len(values))
    old, values[at] = values[at], other_day(rng, values[at])
    return f"{chart} {key} {name}: {old} -> {values[at]}"


def chart_name(charts: dict[str, Any], rng: random.Random) -> str:
    """Exchange two names that are drawn, or two labels of lines."""
    labels = [
        [d["label"] for d in body["datasets"].values() if d.get("label", {}).get("text")]
        for _, body in sorted(charts.items())
    ]
    pairs = [found for found in labels if len({x["text"] for x in found}) > 1]
    if pairs and rng.random() < 0.5:
        one, other = rng.sample(_one(rng, pairs), 2)
        one["text"], other["text"] = other["text"], one["text"]
        if one["text"] == other["text"]:
            raise NoSiteError
        return f"label {one['text']} <-> {other['text']}"
    columns = [c for c in _chart_columns(charts, str) if not re.match(r"\d{4}-", c[3][0])]
    chart, key, name, values = _one(rng, [c for c in columns if len(set(c[3])) > 1])
    i, j = rng.sample(range(len(values)), 2)
    if values[i] == values[j]:
        raise NoSiteError
    values[i], values[j] = values[j], values[i]
    return f"{chart} {key} {name}: {values[j]} <-> {values[i]}"


def chart_axis(charts: dict[str, Any], rng: random.Random) -> str:
    """Stretch an axis, so that the drawing is no image of it any more."""
    scales = [
        (chart, channel["scale"])
        for chart, body in sorted(charts.items())
        for layer in body["spec"]["layer"]
        for channel in layer["encoding"].values()
        if channel.get("type") == "quantitative" and "scale" in channel
    ]
    chart, scale = _one(rng, scales)
    low, high = scale["domain"]
    step = (high - low) * rng.choice([0.1, 0.5, 2.0])
    scale["domain"] = [low - step, high] if rng.random() < 0.5 else [low, high + step]
    return f"{chart}: {[low, high]} -> {scale['domain']}"


def drawn_place(text: str, _: list[tuple[int, int]], rng: random.Random) -> tuple[str, str]:
    """Move a corner of what is drawn by a few points."""
    marks = [m.start() for m in re.finditer(r"role-mark [a-z_]+_marks", text)]
    found = [
        m
        for m in re.finditer(r"(?<=[ML,])-?\d+(?:\.\d+)?(?=[,LZ\"])", text)
        if marks and m.start() > marks[0]
    ]
    hit = _one(rng, found)
    new = f"{float(hit[0]) + rng.choice([-9, -5, 5, 9]):g}"
    return text[: hit.start()] + new + text[hit.end() :], f"place {hit[0]} -> {new} at {hit.start()}"


def drawn_label(text: str, _: list[tuple[int, int]], rng: random.Random) -> tuple[str, str]:
    """Change a digit of a label in a drawing."""
    stretches = [m.span(1) for m in re.finditer(r"<text[^>]*>([^<]*\d[^<]*)</text>", text)]
    return rendered_digit(text, stretches, rng)


# Errors in the renderings


def rendered_digit(text: str, stretches: list[tuple[int, int]], rng: random.Random) -> tuple[str, str]:
    """Change a digit that a reader of the rendering sees."""
    at = _one(rng, [i for a, b in stretches for i in range(a, b) if text[i] in "0123456789"])
    changed = other_digit(rng, text, at)
    return changed, f"{text[max(at - 20, 0) : at + 8]!r} -> {changed[at]}"


def rendered_sign(text: str, stretches: list[tuple[int, int]], rng: random.Random) -> tuple[str, str]:
    """Drop or turn a sign that a reader sees."""
    at = _one(rng, [i for a, b in stretches for i in range(a, b) if text[i] in "+\u2212"])
    new = rng.choice([s for s in ("", "+", "\u2212") if s != text[at]])
    return text[:at] + new + text[at + 1 :], f"{text[at : at + 8]!r} -> {new!r}"


def rendered_unit(text: str, stretches: list[tuple[int, int]], rng: random.Random) -> tuple[str, str]:
    """Swap a unit that a reader sees."""
    units = re.compile(
        r"(?<=\d)(%| points| pp| basis points)|(?<=\d )(billion|million|sessions|months|years)"
    )
    hit = _one(rng, [m for a, b in stretches for m in units.finditer(text, a, b)])
    new = rng.choice([u for u in ("%", " points", "billion", "sessions") if u != hit[0]])
    return text[: hit.start()] + new + text[hit.end() :], f"{text[hit.start() - 8 : hit.end()]!r} -> {new!r}"


def rendered_word(text: str, stretches: list[tuple[int, int]], rng: random.Random) -> tuple[str, str]:
    """Swap a comparison word that a reader sees."""
    hit = _one(rng, [m for a, b in stretches for m in FIND_COMPARISON_WORDS.finditer(text, a, b)])
    new = other_word(rng, hit[1], "")
    return text[: hit.start(1)] + new + text[hit.end(1) :], f"{hit[1]!r} -> {new!r}"


def seen(name: str, text: str) -> list[tuple[int, int]]:
    """Return the stretches of a rendering that show the article: a whole Markdown file, a page's inlines."""
    if name == MARKDOWN:
        return [(0, len(text))]
    out: list[tuple[int, int]] = []
    depth, behind = 0, 0
    for tag in re.finditer(r"<(script|style)\b.*?</\1>|<!--.*?-->|<(/?)([a-z0-9]+)[^>]*>", text, re.S):
        if depth:
            out.append((behind, tag.start()))
            if tag[3] and tag[3] not in VOID:
                depth += -1 if tag[2] else 1
        elif "data-block=" in tag[0] or "data-cell=" in tag[0]:
            depth = 0 if tag[1] or tag[2] else 1
        behind = tag.end()
    return [(a, b) for a, b in out if a < b]


def embedded(text: str) -> list[tuple[int, int]]:
    """Return the stretches of a page that carry its data."""
    return [
        m.span(1) for m in re.finditer(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S)
    ]


Change = Callable[[Any, random.Random], str]
Rendered = Callable[[str, list[tuple[int, int]], random.Random], tuple[str, str]]
IN_REPORT: dict[str, list[Change]] = {
    "digit": [text_digit, text_digit],
    "sign": [text_sign],
    "unit": [text_unit],
    "date": [text_date, report_date],
    "number word": [text_number_word],
    "comparison": [text_word, text_word, claim_param],
    "name": [text_name, text_swapped, text_renamed],
}
IN_FACTS: dict[str, list[Change]] = {
    "digit": [fact_value_digit, fact_text_digit],
    "sign": [fact_sign],
    "unit": [fact_unit],
    "date": [fact_date],
    "name": [fact_name],
}
REBOUND = "facts.json, ids anew"
IN_REBOUND: dict[str, list[Change]] = {
    "digit, rebound": [fact_param],
    "unit, rebound": [fact_unit],
    "date, rebound": [fact_date],
    "name, rebound": [fact_name],
}
IN_ROWS: dict[str, list[Change]] = {
    "digit": [row_digit],
    "sign": [row_sign],
    "unit": [row_unit],
    "date": [row_date],
    "missing": [row_missing],
    "source": [row_source],
}
IN_RENDERING: dict[str, list[Rendered]] = {
    "digit": [rendered_digit],
    "sign": [rendered_sign],
    "unit": [rendered_unit],
    "comparison": [rendered_word],
}


DRAWING = "a drawing"
IN_CHARTS: dict[str, list[Change]] = {
    "chart value": [chart_value, chart_value],
    "sign": [chart_sign],
    "date": [chart_date],
    "name": [chart_name],
    "chart axis": [chart_axis],
}
IN_DRAWING: dict[str, list[Rendered]] = {"chart place": [drawn_place], "digit": [drawn_label]}


def _one(rng: random.Random, sites: Sequence[Any]) -> Any:
    if not sites:
        raise NoSiteError
    return rng.choice(sites)


def _text(inline: dict[str, Any], span: dict[str, Any]) -> str:
    return str(inline["text"][span["start"] : span["end"]])


class Planter:
    """Makes mutants of one bundle, the same ones for the same seed."""

    def __init__(self, files: Files, seed: int) -> None:
        self.files = dict(files)
        self.bare = {n: b for n, b in files.items() if n not in (MARKDOWN, PAGE, PDF)}
        self.rng = random.Random(seed)
        self.pages = {n: files[n].decode() for n in (MARKDOWN, PAGE) if n in files}
        self.seen = {n: seen(n, text) for n, text in self.pages.items()}
        recipes: list[tuple[str, str, Any]] = []
        self.drawings = sorted(n for n in files if n.endswith(".svg"))
        tables = [(REPORT, IN_REPORT), (FACTS, IN_FACTS), (REBOUND, IN_REBOUND), (ROWS, IN_ROWS)]
        tables += [(CHARTS, IN_CHARTS)] if self.drawings else []
        for place, table in tables:
            recipes += [(kind, place, change) for kind, changes in table.items() for change in changes]
        recipes += [(k, n, c) for n in self.pages for k, changes in IN_RENDERING.items() for c in changes]
        if self.drawings:
            recipes += [(k, DRAWING, change) for k, changes in IN_DRAWING.items() for change in changes]
        if PAGE in self.pages:
            recipes.append(("digit", "data in the page", rendered_digit))
        self.recipes = recipes

    def plant(self) -> Mutant:
        """Return one mutant."""
        while True:
            kind, place, change = self.rng.choice(self.recipes)
            try:
                what, files = self._changed(place, change)
            except NoSiteError:
                continue
            return Mutant(kind, place, f"{change.__name__}: {what}", sealed(files))

    def unchanged(self) -> dict[str, bytes]:
        """Return the bundle taken apart and put together as for a mutant, with nothing changed."""
        facts, report, charts = (json.loads(self.files.get(n, b"{}")) for n in (FACTS, REPORT, CHARTS))
        rows = list(csv.reader(io.StringIO(self.files[ROWS].decode(), newline="")))
        return {**self._rebound(facts, report, charts), ROWS: _csv(rows)}

    def _rebound(self, facts: Any, report: Any, charts: Any) -> dict[str, bytes]:
        rebind(facts, report, charts)
        drawn = {CHARTS: _json(charts)} if charts else {}
        return {**self.bare, FACTS: _json(facts), REPORT: _json(report), **drawn}

    def _changed(self, place: str, change: Any) -> tuple[str, dict[str, bytes]]:
        if place == REBOUND:
            facts, report, charts = (json.loads(self.files.get(n, b"{}")) for n in (FACTS, REPORT, CHARTS))
            what = change(facts, self.rng)
            return what, self._rebound(facts, report, charts)
        if place == DRAWING:
            name = self.rng.choice(self.drawings)
            changed, what = change(self.files[name].decode(), [], self.rng)
            return f"{name}: {what}", {**self.bare, name: changed.encode()}
        if place in (REPORT, FACTS, CHARTS):
            value = json.loads(self.files[place])
            what = change(value, self.rng)
            return what, {**self.bare, place: _json(value)}
        if place == ROWS:
            header, *rows = csv.reader(io.StringIO(self.files[ROWS].decode(), newline=""))
            what = change(rows, self.rng)
            return what, {**self.bare, ROWS: _csv([header, *rows])}
        name = PAGE if place == "data in the page" else place
        stretches = embedded(self.pages[PAGE]) if place == "data in the page" else self.seen[name]
        changed, what = change(self.pages[name], stretches, self.rng)
        return what, {**self.files, name: changed.encode()}


def run(files: Files, count: int, seed: int) -> Tally:
    """Plant `count` errors, one at a time, and return what became of them.

    Raises ValueError if the bundle does not verify to begin with.
    """
    tally, planter = Tally(), Planter(files, seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for start in (planter.files, planter.bare, planter.unchanged()):
            if is_killed(sealed(start), folder):
                raise ValueError(
                    f"the bundle fails before anything is changed: {verify(folder).failures[0].line()}"
                )
        for _ in range(count):
            mutant = planter.plant()
            tally.add(mutant, is_killed(mutant.files, folder))
    return tally


def run_many(files: Files, count: int, seed: int, jobs: int) -> Tally:
    """Plant `count` errors in shares of at most a hundred, several processes at a time.

    Shares have seeds of their own, so the outcome does not depend on the number of processes.
    """
    shares = [(seed * 1_000_003 + i, min(SHARE, count - i)) for i in range(0, count, SHARE)]
    out = Tally()
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        for tally in pool.map(_share, [files] * len(shares), *zip(*shares, strict=True)):
            for key, (killed, planted) in tally.counts.items():
                cell = out.counts.setdefault(key, [0, 0])
                cell[0] += killed
                cell[1] += planted
            out.survivors += tally.survivors
    return out


def _share(files: Files, seed: int, count: int) -> Tally:
    return run(files, count, seed)


def main(argv: Sequence[str] | None = None) -> int:
    """Print how many planted errors are found; return 1 if a digit, a sign or a unit goes unnoticed."""
    parser = argparse.ArgumentParser(description="Plant errors in a report and count those that are found.")
    parser.add_argument("bundle", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes; each plants its share")
    args = parser.parse_args(argv)
    missed = 0
    for bundle in args.bundle:
        tally = run_many(read_bundle(bundle), args.count, args.seed, args.jobs)
        print(f"{bundle}: {args.count} planted errors, seed {args.seed}")
        print("\n".join(tally.lines()))
        for mutant in tally.survivors:
            print(f"  not found: {mutant.kind} in {mutant.place}: {mutant.what}")
        missed += sum(m.kind in CERTAIN for m in tally.survivors)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
