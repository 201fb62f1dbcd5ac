"""HTML: one page that needs nothing but itself, with the evidence of each number inside it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from rotascope.model.documents import Block, Chart, Document, Inline, Table
from rotascope.model.facts import Fact
from rotascope.report.observed import Run
from rotascope.report.render.jsonout import fact_json, sources_json
from rotascope.report.render.pieces import Piece, numeric_columns, pieces, source_anchors

if TYPE_CHECKING:
    from jinja2 import Template

ASSETS = resources.files("rotascope.report.render") / "assets"
_JSON_ESCAPES = tuple((c, f"\\u{ord(c):04x}") for c in "<>&\u2028\u2029")


def render_html(
    doc: Document,
    facts: Sequence[Fact],
    observations: Sequence[Run],
    drawings: Mapping[str, bytes] | None = None,
) -> str:
    """Return report.html. `drawings`: the SVG of each chart by its name.

    `facts` are those of facts.json and `observations` the rows of observations.csv, both in file order;
    they are embedded exactly. The page makes no request:
    its policy allows only the style and the script that it carries.
    """
    from markupsafe import Markup

    css, script = _asset("report.css"), _asset("report.js")
    if doc.charts:
        script += _asset("charts.js")
    return _template().render(
        page=_Page(doc),
        css=Markup(css),
        script=Markup(script),
        policy=_policy(css, script),
        facts=Markup(script_safe(_compact([fact_json(fact) for fact in facts]))),
        observations=Markup(script_safe(_runs_json(observations))),
        context=Markup(script_safe(_compact(_context(doc)))),
        charts=Markup(script_safe(_compact(_charts(doc)))) if doc.charts else "",
        drawings={name: Markup(drawn.decode()) for name, drawn in (drawings or {}).items()},
    )


def script_safe(text: str) -> str:
    r"""Return JSON text that means the same and cannot end or upset the script element around it.

    The escaped characters occur in JSON only inside strings, so escaping them everywhere is safe.

    >>> script_safe('["</script>"]')
    '["\\u003c/script\\u003e"]'
    """
    for character, escaped in _JSON_ESCAPES:  # most texts have none of them, and to look is fast
        if character in text:
            text = text.replace(character, escaped)
    return text


@dataclass(slots=True)
class _Group:
    """Blocks that stand together: a list of items, the sources, or one block alone."""

    kind: str
    blocks: list[Block | Table | Chart] = field(default_factory=list)


class _Page:
    """The document in the order and the groups in which the page shows it."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self.anchors = source_anchors(doc)
        self.cited = set(self.anchors.values())
        head = self._head(doc.blocks)
        self.kicker, self.title, self.standfirst, self.tags = head
        body = [b for b in doc.blocks if not any(b is taken for taken in head)]
        self.groups = list(_grouped(body))

    @staticmethod
    def _head(blocks: Sequence[Block | Table | Chart]) -> list[Block | None]:
        """Return the first block of each kind that belongs to the head of the page."""
        texts = [b for b in blocks if isinstance(b, Block)]
        kinds = ("meta", "title", "standfirst", "tags")
        return [next((b for b in texts if b.kind == kind), None) for kind in kinds]

    @property
    def plain_title(self) -> str:
        return self.title.inline.text if self.title else self.doc.title

    @property
    def description(self) -> str:
        return " ".join(self.standfirst.inline.text.split()) if self.standfirst else self.plain_title

    def href(self, piece: Piece, block_id: str) -> str:
        """Return where a citation leads, or nothing if that is nowhere or right here."""
        n = piece.span.data["n"] if piece.span else None
        return f"#source-{n}" if n in self.cited and self.anchors.get(block_id) != n else ""

    def parts(self, inline: Inline) -> list[Piece]:
        return list(pieces(inline))

    def numeric(self, table: Table) -> tuple[bool, ...]:
        return numeric_columns(table)

    def source_url(self, block: Block) -> str:
        """Return the address that ends the text of a source, if it is one that a page may link to."""
        spans = [s for s in block.inline.spans if s.kind == "source"]
        source = self.doc.sources.get(spans[0].data["ref"]) if spans else None
        url = source.url if source else ""
        return url if url.startswith(("https://", "http://")) and block.inline.text.endswith(url) else ""


def _grouped(blocks: Iterable[Block | Table | Chart]) -> Iterable[_Group]:
    """Put neighbouring items, notes and sources together."""
    groups: list[_Group] = []
    for block in blocks:
        together = block.kind in {"item", "source", "note"}
        if not (together and groups and groups[-1].kind == block.kind):
            groups.append(_Group(block.kind))
        groups[-1].blocks.append(block)
    return groups


def _context(doc: Document) -> dict[str, Any]:
    """Return what the evidence panel needs besides facts and observations."""
    return {
        "claims": [claim.as_json() for claim in doc.claims],
        "entities": {key: entity.as_json() for key, entity in doc.entities.items()},
        "sources": sources_json(doc.sources),
    }


def _charts(doc: Document) -> dict[str, Any]:
    return {name: chart.as_json() for name, chart in doc.charts.items()}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _runs_json(runs: Iterable[Run]) -> str:
    """Return the rows as runs, so that a series says once what all its rows share."""
    lines = ",\n".join(
        json.dumps(
            [run.series, run.field, run.unit, run.source, run.vintage, run.snapshot, run.lines],
            ensure_ascii=False,
        )
        for run in runs
    )
    return f"[\n{lines}\n]\n"


def _policy(css: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_digest(css)}; script-src {_digest(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.jinja")
