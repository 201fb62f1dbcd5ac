"""A tiny valid bundle, written by hand, for tests to spoil.

Every value and every text below was worked out on paper; only digests, offsets and the two renderings
are made by program, and by none of the program under test.
"""

from __future__ import annotations

import copy
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEADER = "series,field,date,value,unit,source,vintage,snapshot"

# IWM gains 5% (200 to 210), SPY 2% (500 to 510); on both sessions IWM gains more.
ROWS = """\
IWM,close,2025-12-31,200.0,usd,db,,s1
IWM,close,2026-01-02,204.0,usd,db,,s1
IWM,close,2026-01-30,210.0,usd,db,,s1
IWM,flow,2026-01-02,100.5,usd_m,db,,s1
IWM,flow,2026-01-05,,usd_m,db,,s1
IWM,flow,2026-01-06,-50.25,usd_m,db,,s1
NEWS,flow,2026-01-28,3750.0,usd_m,news,,s2
SPY,close,2025-12-31,500.0,usd,db,,s1
SPY,close,2026-01-02,505.0,usd,db,,s1
SPY,close,2026-01-30,510.0,usd,db,,s1
"""
FIRST, LAST, AS_OF = "2025-12-31", "2026-01-30", "2026-01-30"
WINDOW = {
    "start": "2026-01-01",
    "end": "2026-01-31",
    "base": "prior_close",
    "start_used": FIRST,
    "end_used": LAST,
}
SOURCE = {
    "publisher": "",
    "title": "",
    "url": "",
    "licence": "",
    "published": "",
    "retrieved_at": "",
    "sha256": "",
    "standing": "database",
}

Json = dict[str, Any]


def obs(series: str, field: str, first: str, last: str, source: str = "db") -> Json:
    """Return an observation input; rows and sha256 are filled in by `seal`."""
    return {
        "kind": "observations",
        "series": series,
        "field": field,
        "first": first,
        "last": last,
        "rows": 0,
        "sha256": "",
        "source": source,
        "vintage": None,
    }


def ref(name: str) -> Json:
    """Return an input that is another fact."""
    return {"kind": "fact", "id": name}


def fact(
    name: str,
    series: list[str],
    value: float,
    unit: str,
    decimals: int,
    display: str,
    op: str,
    inputs: list[Json],
    *,
    sources: list[str] | None = None,
    window: Json | None = None,
    **params: Any,
) -> Json:
    """Return a fact as in facts.json."""
    return {
        "id": name,
        "metric": op,
        "series": series,
        "value": value,
        "unit": unit,
        "decimals": decimals,
        "display": display,
        "window": window,
        "as_of": AS_OF,
        "recipe": {"op": op, "params": params},
        "inputs": inputs,
        "sources": ["db"] if sources is None else sources,
        "notes": [],
    }


def ends(series: str) -> list[Json]:
    """Return the two inputs of a price return over the window."""
    return [obs(series, "close", FIRST, FIRST), obs(series, "close", LAST, LAST)]


def facts() -> list[Json]:
    """Return the facts of the bundle."""
    both = [obs("IWM", "close", FIRST, LAST), obs("SPY", "close", FIRST, LAST)]
    return [
        # 100 * (210 / 200 - 1) = 5
        fact("iwm", ["IWM"], 5.0, "percent", 1, "5.0%", "pct_change", ends("IWM"), window=WINDOW),
        # 100 * (510 / 500 - 1) = 2
        fact("spy", ["SPY"], 2.0, "percent", 1, "2.0%", "pct_change", ends("SPY"), window=WINDOW),
        # 5 - 2 = 3 and 2 - 5 = -3
        fact(
            "spread",
            ["IWM", "SPY"],
            3.0,
            "pp",
            1,
            "3.0 pp",
            "difference",
            [ref("iwm"), ref("spy")],
            window=WINDOW,
        ),
        fact("gap", ["SPY", "IWM"], -3.0, "pp", 1, "−3.0 pp", "difference", [ref("spy"), ref("iwm")]),
        # 100.5 - 50.25; the empty value is unknown
        fact(
            "flow",
            ["IWM"],
            50.25,
            "usd_m",
            0,
            "$50m",
            "sum_values",
            [obs("IWM", "flow", "2026-01-02", "2026-01-06")],
        ),
        fact(
            "press",
            ["NEWS"],
            3750.0,
            "usd_m",
            0,
            "$3,750m",
            "observed",
            [obs("NEWS", "flow", "2026-01-28", "2026-01-28", "news")],
            sources=["news"],
        ),
        # 5 is the larger of 5 and 2
        fact("rank", ["IWM"], 1, "rank", 0, "1", "rank_of", [ref("iwm"), ref("spy")], index=0),
        # 204/200 > 505/500 (2% and 1%), 210/204 > 510/505 (2.94% and 0.99%): both sessions
        fact(
            "run",
            ["IWM", "SPY"],
            2,
            "sessions",
            0,
            "2 sessions",
            "streak",
            both,
            kind="levels",
            want="from_start",
        ),
        fact("day", ["IWM"], 20260130, "date", 0, "2026-01-30", "window_date", [ref("iwm")], path="end_used"),
    ]


Part = str | tuple[str, str, Json]


def number(
    text: str, name: str, *, style: str = "short", form: str = "plain", decimals: int = 1
) -> tuple[str, str, Json]:
    """Return a piece of text with a fact span."""
    return text, "fact", {"ref": name, "form": form, "style": style, "decimals": decimals}


def date(text: str, name: str, path: str, style: str) -> tuple[str, str, Json]:
    """Return a piece of text with a date span."""
    return text, "date", {"ref": name, "path": path, "style": style}


def name(text: str, entity: str, claim: str = "", role: str = "") -> tuple[str, str, Json]:
    """Return a piece of text with a name span."""
    return text, "name", {"ref": entity, **({"claim": claim, "role": role} if claim else {})}


def word(text: str, claim: str) -> tuple[str, str, Json]:
    """Return a piece of text with a claim span."""
    return text, "claim", {"ref": claim}


def inline(*parts: Part) -> Json:
    """Return an inline from plain and tagged pieces."""
    text, spans = "", []
    for part in parts:
        piece, kind, data = (part, "", {}) if isinstance(part, str) else part
        if kind:
            spans.append({"start": len(text), "end": len(text) + len(piece), "kind": kind, **data})
        text += piece
    return {"text": text, "spans": spans}


def cite(n: int) -> tuple[str, str, Json]:
    """Return a citation mark."""
    return f"[{n}]", "cite", {"n": n}


def claim(
    name: str,
    predicate: str,
    names: list[str],
    subject: str | None = None,
    object: str | None = None,
    **params: Any,
) -> Json:
    """Return a claim as in report.json."""
    return {
        "id": name,
        "predicate": predicate,
        "facts": names,
        "params": params,
        "subject": subject,
        "object": object,
    }


def blocks() -> list[Json]:
    """Return the blocks of the report."""
    text = '[1] Fund News, "Money moves", 2026-01-28. https://example.org/1'
    return [
        {
            "id": "b1",
            "kind": "title",
            **inline(name("Small caps", "small"), " in ", date("January 2026", "report", "as_of", "month")),
        },
        {
            "id": "b2",
            "kind": "standfirst",
            **inline(
                name("Small caps", "small", "c1", "subject"),
                " ",
                word("beat", "c1"),
                " the ",
                name("S&P 500", "large", "c1", "object"),
                " by ",
                number("3.0 points", "spread", style="long"),
                ".",
            ),
        },
        {
            "id": "b3",
            "kind": "meta",
            **inline("As of ", date("2026-01-30", "report", "as_of", "iso"), ". * from _close_ to close"),
        },
        {"id": "b4", "kind": "heading", "level": 2, **inline("What happened")},
        {
            "id": "b5",
            "kind": "paragraph",
            **inline(
                "From ",
                date("31 December 2025", "iwm", "start_used", "long"),
                " to ",
                number("30 Jan 2026", "day", style="short", decimals=0),
                " ",
                name("small caps", "small", "c2", "subject"),
                " ",
                word("gained", "c2"),
                " ",
                number("5.0%", "iwm", form="abs"),
                cite(0),
                ", the ",
                word("largest", "c3"),
                " return, on ",
                number("two sessions", "run", form="word", decimals=0),
                " in a row.",
            ),
        },
        {
            "id": "b6",
            "kind": "item",
            **inline(
                name("Large caps", "large", "c4", "subject"),
                " ",
                word("trailed", "c4"),
                " ",
                name("small caps", "small", "c4", "object"),
                " by ",
                number("3.0 points", "gap", style="long", form="abs"),
                " (",
                number("+2.0%", "spy", form="signed"),
                " next to ",
                number("5.0%", "iwm"),
                ").",
            ),
        },
        {
            "id": "b7",
            "kind": "paragraph",
            **inline(
                "A report saw ",
                number("$3.8 billion", "press", style="long"),
                " of ",
                word("inflows", "c5"),
                cite(1),
                "; the database has ",
                number("$50m", "flow", decimals=0),
                " and the ",
                ("10-year", "literal", {}),
                " yield.",
            ),
        },
        {
            "id": "b8",
            "kind": "table",
            "caption": inline("Returns | closes"),
            "header": [inline("Fund"), inline("Return")],
            "rows": [
                [inline(name("Small caps", "small")), inline(number("5.0%", "iwm"))],
                [inline(name("S&P 500", "large")), inline(number("2.0%", "spy"))],
            ],
            "bound": True,
        },
        {"id": "b9", "kind": "note", **inline("Prices <from> the database", cite(0))},
        {"id": "b10", "kind": "source", **inline((text, "source", {"ref": "news", "n": 1}))},
        {
            "id": "b11",
            "kind": "tags",
            **inline("rotation ", date("january_2026", "report", "as_of", "tag_month")),
        },
    ]


def report() -> Json:
    """Return report.json."""
    return {
        "format": "rotascope-report/1",
        "as_of": AS_OF,
        "window": dict(WINDOW),
        "case": "tiny",
        "blocks": blocks(),
        "claims": [
            claim("c1", "positive", ["spread"], "small", "large"),
            claim("c2", "positive", ["iwm"], "small"),
            claim("c3", "rank_is", ["rank"], k=1, n=2),
            claim("c4", "negative", ["gap"], "large", "small"),
            claim("c5", "positive", ["press"]),
        ],
        "entities": {
            "small": {"names": ["Small caps", "small caps"], "series": "IWM", "note": "proxy"},
            "large": {"names": ["S&P 500", "Large caps"], "series": "SPY", "note": ""},
        },
        "sources": {
            "db": SOURCE | {"publisher": "Market database"},
            "news": SOURCE
            | {
                "publisher": "Fund News",
                "title": "Money moves",
                "url": "https://example.org/1",
                "published": "2026-01-28",
                "standing": "reported",
            },
        },
        "citations": [{"n": 0, "sources": ["db"]}, {"n": 1, "sources": ["news"]}],
    }


def dump(value: Any) -> str:
    """Return JSON as bundles write it."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def escape(text: str) -> str:
    """Return text for Markdown."""
    return "".join("\\" + c if c in "\\*_[]|<>#`" else c for c in text)


def to_markdown(blocks: list[Json]) -> str:
    """Return report.md."""
    marks = {
        "title": ("# ", ""),
        "standfirst": ("*", "*"),
        "item": ("- ", ""),
        "note": ("> ", ""),
    }
    out = []
    for block in blocks:
        if block["kind"] == "table":
            lines = [f"**{escape(block['caption']['text'])}**", ""]
            lines.append("| " + " | ".join(escape(c["text"]) for c in block["header"]) + " |")
            lines.append("|" + " --- |" * len(block["header"]))
            lines += ["| " + " | ".join(escape(c["text"]) for c in row) + " |" for row in block["rows"]]
            out.append("\n".join(lines))
        else:
            before, after = marks.get(block["kind"], ("", ""))
            before = "#" * block["level"] + " " if block["kind"] == "heading" else before
            out.append(before + escape(block["text"]) + after)
    return "\n\n".join(out) + "\n"


def to_html_inline(piece: Json) -> str:
    """Return the HTML of one inline with its fact spans."""
    out, at = "", 0
    for span in piece["spans"]:
        if span["kind"] == "fact":
            out += html.escape(piece["text"][at : span["start"]])
            shown = html.escape(piece["text"][span["start"] : span["end"]])
            out += f'<data data-fact="{html.escape(span["ref"])}">{shown}</data>'
            at = span["end"]
    return out + html.escape(piece["text"][at:])


def to_html(blocks: list[Json], facts: list[Json], rows: list[list[str]]) -> str:
    """Return report.html."""
    title = next(b["text"] for b in blocks if b["kind"] == "title")
    out = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>',
        "<style>p { margin: 1em 0 }</style></head><body><nav data-chrome>Rotation</nav>",
    ]
    for block in blocks:
        if block["kind"] != "table":
            out.append(f'<p data-block="{block["id"]}">{to_html_inline(block)}</p>')
            continue
        out.append(
            f'<table><caption data-cell="{block["id"]}.caption">{to_html_inline(block["caption"])}</caption>'
        )
        cells = [
            f'<th data-cell="{block["id"]}.h{c}">{to_html_inline(x)}</th>'
            for c, x in enumerate(block["header"])
        ]
        out.append("<tr>" + "".join(cells) + "</tr>")
        for r, row in enumerate(block["rows"]):
            cells = [
                f'<td data-cell="{block["id"]}.r{r}.c{c}">{to_html_inline(x)}</td>' for c, x in enumerate(row)
            ]
            out.append("<tr>" + "".join(cells) + "</tr>")
        out.append("</table>")
    for key, value in (("rotascope-facts", facts), ("rotascope-observations", to_runs(rows))):
        text = json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
        out.append(f'<script type="application/json" id="{key}">{text}</script>')
    return "\n".join([*out, "</body></html>\n"])


def to_runs(rows: Any) -> list[list[str]]:
    """Return observation rows as a page carries them, run by run."""
    out: list[list[str]] = []
    shared: list[str] = []
    for row in rows:
        if [*row[:2], *row[4:]] != shared:
            shared = [*row[:2], *row[4:]]
            out.append([*shared, ""])
        out[-1][-1] += f"{row[2]},{row[3]}\n"
    return out


def walk_spans(value: Any) -> Iterator[Json]:
    """Yield every span below a list of blocks."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "spans" and isinstance(item, list):
                yield from (s for s in item if isinstance(s, dict))
            else:
                yield from walk_spans(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk_spans(item)


class Bundle:
    """A bundle in memory. Change `facts`, `report`, `lines`, then `write` it; hashes are made then."""

    def __init__(self) -> None:
        self.facts = copy.deepcopy(facts())
        self.report = copy.deepcopy(report())
        self.lines = ROWS.splitlines()
        self.markdown: str | None = None
        self.html: str | None = None
        self.extra: dict[str, str] = {"verify.py": "print('not run in this test')\n"}
        self.seal()

    def seal(self) -> Bundle:
        """Fill in the number of rows and the digest of every observation input."""
        for item in self.facts:
            for source in item["inputs"]:
                if source["kind"] == "observations":
                    lines = [line.split(",") for line in self.lines]
                    mine = [
                        f"{x[2]},{x[3]}\n"
                        for x in lines
                        if x[:2] == [source["series"], source["field"]]
                        and source["first"] <= x[2] <= source["last"]
                    ]
                    text = f"{source['series']},{source['field']}\n" + "".join(mine)
                    source["rows"] = len(mine)
                    source["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        return self

    def named(self) -> tuple[list[Json], Json]:
        """Return facts and report with the full ids: name, point, digest of all but id, value and display."""
        made: dict[str, Json] = {}
        given = {f["id"]: f for f in self.facts}

        def finish(short: str) -> str:
            if short not in given or "." in short:
                return short  # no such fact, or a full id already
            if short not in made:
                made[short] = item = copy.deepcopy(given[short])
                for source in item["inputs"]:
                    if source["kind"] == "fact":
                        source["id"] = finish(source["id"])
                bound = {k: v for k, v in item.items() if k not in ("id", "value", "display")}
                text = json.dumps(bound, sort_keys=True, separators=(",", ":"))
                item["id"] = f"{short}.{hashlib.sha256(text.encode()).hexdigest()[:12]}"
            full: str = made[short]["id"]
            return full

        for short in given:
            finish(short)
        report = copy.deepcopy(self.report)
        for span in walk_spans(report["blocks"]):
            if span.get("kind") in ("fact", "date") and isinstance(span.get("ref"), str):
                span["ref"] = finish(span["ref"])
        for item in report["claims"]:
            item["facts"] = [finish(f) for f in item["facts"]]
        return [made.get(f["id"], f) for f in self.facts], report

    def fact(self, name: str) -> Json:
        """Return a fact by id."""
        return next(f for f in self.facts if f["id"] == name)

    def claim(self, name: str) -> Json:
        """Return a claim by id."""
        found: Json = next(c for c in self.report["claims"] if c["id"] == name)
        return found

    def block(self, name: str) -> Json:
        """Return a block by id."""
        found: Json = next(b for b in self.report["blocks"] if b["id"] == name)
        return found

    def set_text(self, name: str, *parts: Part) -> None:
        """Replace the text of a block."""
        self.block(name).update(inline(*parts))

    def add(self, *parts: Part, kind: str = "paragraph") -> None:
        """Add a block before the last one."""
        self.report["blocks"].insert(
            -1, {"id": f"x{len(self.report['blocks'])}", "kind": kind, **inline(*parts)}
        )

    def files(self) -> dict[str, str]:
        """Return the text of every file but the manifest."""
        rows = [line.split(",") for line in self.lines]
        facts, report = self.named()
        made = report["blocks"]
        return {
            "facts.json": dump(facts),
            "report.json": dump(report),
            "observations.csv": "\n".join([HEADER, *self.lines]) + "\n",
            "report.md": to_markdown(made) if self.markdown is None else self.markdown,
            "report.html": to_html(made, facts, rows) if self.html is None else self.html,
            **self.extra,
        }

    def write(self, folder: Path) -> Path:
        """Write the bundle, with a manifest that fits its files."""
        return write_files(folder, self.files(), len(self.facts), len(self.lines))


def write_files(folder: Path, files: Mapping[str, str | bytes], facts: int, rows: int) -> Path:
    """Write files and a manifest over them."""
    folder.mkdir(parents=True, exist_ok=True)
    listed, total = {}, ""
    for key, text in sorted(files.items()):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        (folder / key).write_bytes(data)
        listed[key] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        total += f"{key} {listed[key]['sha256']}\n"
    manifest = {
        "format": "rotascope-bundle/1",
        "files": listed,
        "facts": facts,
        "observations": rows,
        "bundle": hashlib.sha256(total.encode()).hexdigest(),
    }
    (folder / "manifest.json").write_text(dump(manifest), encoding="utf-8")
    return folder
