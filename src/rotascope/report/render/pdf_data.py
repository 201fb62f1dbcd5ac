"""What the PDF's template is given: the report cut into runs of text, and the evidence in order.

It is made from the content of report.json and facts.json alone, so that whoever holds a bundle can typeset
its PDF again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rotascope.model.documents import Inline, Span, Table
from rotascope.report.render import pdf_words as words
from rotascope.report.render.pieces import numeric_columns, pieces

NO_SIGN = "\ufffd"  # stands for a character that no font of the program has, or that is no sign at all
BREAK = "\u200b"  # the template allows a line to end here and prints nothing
# typst breaks addresses by itself, but only whole ones
_TOO_LONG = re.compile(r"https?://\S+|[^\s\-/]{25,}")
_PART = re.compile(r".{12}(?=.{4})")
MOST_INPUTS = 24  # listed in one entry of the evidence
_GROUPED = frozenset({"item", "source", "note"})
Json = Mapping[str, Any]


def page_data(report: Json, facts: Sequence[Json], digest: str) -> dict[str, Any]:
    """Return the template's data for one report.

    report, facts: the content of report.json and of facts.json. digest: the sha256 of report.json.
    """
    numbers = evidence_order(report, facts)
    runs = _Runs(report, numbers)
    groups = [
        {"kind": kind, "blocks": [runs.block(block) for block in blocks]}
        for kind, blocks in _grouped(report["blocks"])
    ]
    return {
        "title": next(b["text"] for b in report["blocks"] if b["kind"] == "title"),
        "as_of": report["as_of"],
        "digest": digest[:12],
        "groups": groups,
        "evidence": _Evidence(report, facts, numbers, runs.places).entries(),
    }


def evidence_order(report: Json, facts: Sequence[Json]) -> dict[str, int]:
    """Return the number of each fact: those printed in order of appearance, from 1, then all others."""
    order = [s["ref"] for inline in inlines(report) for s in inline["spans"] if s["kind"] == "fact"]
    order += [fact["id"] for fact in facts]
    return {ref: n for n, ref in enumerate(dict.fromkeys(order), start=1)}


def chart_files(report: Json) -> dict[str, str]:
    """Return the file in which the template finds the drawing of each chart."""
    names = dict.fromkeys(b["chart"] for b in report["blocks"] if b["kind"] == "chart")
    return {name: f"chart-{n}.svg" for n, name in enumerate(names, start=1)}


def inlines(report: Json) -> Iterator[Json]:
    """Yield each inline of report.json in order."""
    for block in report["blocks"]:
        if block["kind"] == "table":
            yield block["caption"]
            yield from block["header"]
            for row in block["rows"]:
                yield from row
        elif block["kind"] == "chart":
            yield block["caption"]
            yield block["alt"]
        else:
            yield block


def breakable(text: str) -> str:
    """Return a text with break marks inside words that are too long for a line.

    >>> breakable("a" * 30).replace(BREAK, "|")
    'aaaaaaaaaaaa|aaaaaaaaaaaa|aaaaaa'
    """
    return _TOO_LONG.sub(_broken, text.replace(BREAK, NO_SIGN))


def _broken(word: re.Match[str]) -> str:
    return word[0] if word[0].startswith("http") else _PART.sub(rf"\g<0>{BREAK}", word[0])


class _Runs:
    """Cuts inlines into runs, and remembers where each fact was printed."""

    def __init__(self, report: Json, numbers: Mapping[str, int]) -> None:
        self.report, self.numbers = report, numbers
        self.places: dict[int, int] = {}
        self.anchors = _anchors(report)

    def block(self, block: Json) -> dict[str, Any]:
        """Return a block of report.json as the template draws it."""
        if block["kind"] == "table":
            return self._table(block)
        if block["kind"] == "chart":
            return {
                "kind": "chart",
                "file": chart_files(self.report)[block["chart"]],
                "said": block["alt"]["text"],
                "caption": self.runs(block["caption"]),
                "alt": self.runs(block["alt"]),
            }
        anchor = next((n for n, name in self.anchors.items() if name == block["id"]), None)
        return {
            "kind": block["kind"],
            "level": block.get("level", 0),
            "runs": self.runs(block),
            "anchor": None if anchor is None else f"source-{anchor}",
        }

    def _table(self, block: Json) -> dict[str, Any]:
        header = tuple(_inline(cell) for cell in block["header"])
        rows = tuple(tuple(_inline(cell) for cell in row) for row in block["rows"])
        flush = numeric_columns(Table(block["id"], _inline(block["caption"]), header, rows))
        return {
            "kind": "table",
            "caption": self.runs(block["caption"]),
            "header": [self.runs(cell) for cell in block["header"]],
            "rows": [[self.runs(cell) for cell in row] for row in block["rows"]],
            "right": list(flush),
        }

    def runs(self, inline: Json) -> list[dict[str, Any]]:
        """Return the runs of an inline: text, kind of its span, and where it leads."""
        out: list[dict[str, Any]] = []
        for piece in pieces(_inline(inline)):
            run: dict[str, Any] = {"text": breakable(piece.text), "kind": piece.kind}
            data = piece.span.data if piece.span else {}
            if piece.kind == "fact":
                number = self.numbers[data["ref"]]
                self.places[number] = self.places.get(number, 0) + 1
                run |= {"to": f"E{number}", "at": f"E{number}-{self.places[number]}"}
            elif piece.kind == "cite" and data["n"] in self.anchors:
                run["to"] = f"source-{data['n']}"
            elif piece.kind == "source":
                out += self._source(piece.text, data["ref"])
                continue
            out.append(run)
        return out

    def _source(self, text: str, ref: str) -> list[dict[str, Any]]:
        """Return the text of a source, with the address that ends it as a link."""
        url = self.report["sources"].get(ref, {}).get("url", "")
        if not (url.startswith(("https://", "http://")) and text.endswith(url)):
            return [{"text": breakable(text), "kind": "source"}]
        head = {"text": breakable(text.removesuffix(url)), "kind": "source"}
        return [head, {"text": breakable(url), "kind": "url", "to": url}]


def _inline(raw: Json) -> Inline:
    own = ("start", "end", "kind")
    spans = (
        Span(s["start"], s["end"], s["kind"], {k: v for k, v in s.items() if k not in own})
        for s in raw["spans"]
    )
    return Inline(raw["text"], tuple(spans))


def _anchors(report: Json) -> dict[int, str]:
    """Return where citations lead: n -> id of a source's block, or of the note about the database."""
    out: dict[int, str] = {}
    for block in report["blocks"]:
        spans = block.get("spans", [])
        if spans and (
            spans[0]["kind"] == "source"
            or (block["kind"] == "note" and spans[0]["kind"] == "cite" and spans[0]["start"] == 0)
        ):
            out.setdefault(spans[0]["n"], block["id"])
    return out


def _grouped(blocks: Sequence[Json]) -> Iterator[tuple[str, list[Json]]]:
    """Put neighbouring items, sources and notes together."""
    groups: list[tuple[str, list[Json]]] = []
    for block in blocks:
        if not (block["kind"] in _GROUPED and groups and groups[-1][0] == block["kind"]):
            groups.append((block["kind"], []))
        groups[-1][1].append(block)
    return iter(groups)


class _Evidence:
    """Writes the entries of the evidence, after all runs are cut."""

    def __init__(
        self, report: Json, facts: Sequence[Json], numbers: Mapping[str, int], places: Mapping[int, int]
    ) -> None:
        self.sources, self.numbers, self.places = report["sources"], numbers, places
        self.as_of = report["as_of"]
        self.facts = {fact["id"]: fact for fact in facts}

    def entries(self) -> list[dict[str, Any]]:
        """Return one entry for each fact, in the order of their numbers."""
        ordered = sorted(self.facts.values(), key=self._number)
        said: dict[str, int] = {}
        return [self._entry(fact, said) for fact in ordered]

    def _number(self, fact: Json) -> int:
        return self.numbers[fact["id"]]

    def _entry(self, fact: Json, said: dict[str, int]) -> dict[str, Any]:
        """Return one entry. said: explanations and the number of the entry that has them; it grows.

        What a metric is stands once; of the later entries, those that the article prints lead there.
        """
        number, recipe = self._number(fact), fact["recipe"]
        meaning = words.explanation(fact["metric"], recipe)
        first = said.setdefault(meaning, number)
        inputs = [self._input(item) for item in fact["inputs"][:MOST_INPUTS]]
        if more := len(fact["inputs"]) - len(inputs):
            inputs.append({"text": f"and {more} more, in facts.json"})
        return {
            "id": f"E{number}",
            "display": fact["display"],
            "about": breakable(words.about(fact)),
            "meaning": breakable(meaning) if first == number else "",
            "like": f"E{first}" if meaning and first != number and number in self.places else "",
            "state": words.state(fact, self.as_of),
            "recipe": breakable(words.recipe(recipe)),
            "inputs": inputs,
            "notes": [breakable(note) for note in fact["notes"]],
            "places": [f"E{number}-{k}" for k in range(1, self.places.get(number, 0) + 1)],
        }

    def _input(self, item: Json) -> dict[str, Any]:
        if item["kind"] == "fact":
            fact = self.facts[item["id"]]
            text = f"{fact['display']}, {words.about(fact)}"
            return {"to": f"E{self._number(fact)}", "text": breakable(text)}
        return {"text": breakable(words.input_words(item, self.sources))}
