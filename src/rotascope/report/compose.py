"""Put the sections together into one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rotascope.facts.build import Desk
from rotascope.facts.metrics.unusual import is_calendar_month
from rotascope.model.documents import Block, Chart, ChartData, Citation, Document, Inline, Span, Table
from rotascope.model.errors import NotAvailableError
from rotascope.model.facts import Fact, Window
from rotascope.model.library import Related, Shelf
from rotascope.model.observations import Source, Standing
from rotascope.model.press import CheckedArticle
from rotascope.report.case import Case
from rotascope.report.parts import ChartPart, Part, Parts, TablePart, heading
from rotascope.report.prose import Prose
from rotascope.report.sections import (
    absent,
    against,
    crossdomain,
    drivers,
    flows,
    giants,
    history,
    label,
    method,
    opportunities,
    overview,
    press,
    related,
    risks,
    rotation,
    sectors,
    signals,
    size,
    standfirst,
    styles,
    summary,
    tickers,
    timing,
    title,
    watch,
)
from rotascope.report.story import Story, gather

Section = Callable[[Story], Parts]
EMPTY_SHELF = Shelf()

ANALYSIS: tuple[Section, ...] = (
    overview.write,
    styles.write,
    size.write,
    giants.write,
    sectors.write,
    rotation.write,
    flows.write,
    absent.write,
)


def compose(
    desk: Desk,
    window: Window,
    case: Case | None = None,
    *,
    shelf: Shelf = EMPTY_SHELF,
    articles: Sequence[CheckedArticle] = (),
    begun: Callable[[str, ChartData], None] | None = None,
) -> tuple[Document, list[Fact]]:
    """Write the article for a window as of the desk's date, and return it with the facts that it uses.

    `shelf`: earlier reports and saved articles that it may point to; an empty one leaves that section out.
    `articles`: those whose figures it cites, as they were checked; the desk must have the figures as series.
    `begun`: told the name of each chart and the chart while the rest is still being written.

    Raises: BadWindowError for an impossible window; NotAvailableError if no data says who led in it. Anything
    else that is missing is named in one line.
    """
    desk.check_window(window)
    prose = Prose(desk.universe, window)
    story = gather(desk, prose, window, case)
    story.press = tuple(articles)
    if story.is_empty and case is None:
        raise NotAvailableError(
            f"Nothing in the data covers the window {window.start} to {window.end} as of {desk.as_of}.",
            fix="`rotascope data status` shows what is there; choose a window inside, a later --as-of, "
            "or import files.",
        )
    with desk.looking_at(window):
        front, body, end = _parts(_Sections(story, begun))
    entries = related.choose(story, shelf, next(p.inline.text for p in front if p.kind == "tags"))
    parts: Parts = [*front, *body, *related.write(entries), *end]
    return _document(story, parts, entries), list(prose.facts.values())


class _Sections:
    """Writes sections of a story, and tells of each chart in them at once."""

    def __init__(self, story: Story, begun: Callable[[str, ChartData], None] | None) -> None:
        self.story = story
        self._begun = begun

    def __call__(self, section: Section) -> Parts:
        parts = section(self.story)
        for part in parts:
            if isinstance(part, ChartPart) and self._begun is not None:
                self._begun(part.name, part.chart)
        return parts


def _parts(write: _Sections) -> tuple[list[Part], Parts, Parts]:
    """Return the head of the article, its body, and its end: the method."""
    story = write.story
    front = [
        Part("meta", _meta(story)),
        Part("title", title.title(story)),
        Part("standfirst", standfirst.standfirst(story)),
        Part("tags", _tags(story)),
    ]
    body: Parts = [heading("Integrated analysis")]
    for section in ANALYSIS:
        body += write(section)
    body += [heading("Key insights"), *write(drivers.write), *write(crossdomain.write), *write(history.write)]
    body += write(signals.write)
    body += [*write(against.write), heading("Risks and opportunities")]
    body += [*write(opportunities.write), *write(risks.write), *write(timing.write), *write(watch.write)]
    body += [*write(summary.write), *write(press.write), *write(tickers.write)]
    return front, [*body, *write(label.explain)], write(method.write)


def _meta(story: Story) -> Inline:
    word = label.label(story)
    return story.prose.say(
        "{word} · {market} · {as_of}" if word else "{market} · {as_of}",
        word=word or "",
        market=story.desk.universe.title,
        as_of=story.report_day(),
    )


def _tags(story: Story) -> Inline:
    p = story.prose
    tags = ["#market_rotation"]
    tags += ["#value_stocks", "#growth_stocks"] if story.styles or story.value_factor else []
    tags += ["#small_caps", "#large_caps"] if story.sizes or story.size_factor else []
    tags += ["#sector_rotation"] if story.sectors else []
    plain = p.say(" ".join(tags))
    lead = story.styles[0].spread if story.styles else (story.indices[0] if story.indices else None)
    if lead is None or lead.window is None or not is_calendar_month(lead.window):
        return plain
    return p.say("{plain} #{month}", plain=plain, month=story.report_day("window.end", "tag_month"))


def _document(story: Story, parts: Parts, entries: tuple[Related, ...]) -> Document:
    prose = story.prose
    citations = _citations(story)
    sources = dict(story.desk.sources)
    parts = [*parts, *_source_parts(citations, sources)]
    blocks = [_block(f"b{i}", part) for i, part in enumerate(parts, 1)]
    title = next(b for b in blocks if b.kind == "title")
    assert isinstance(title, Block)
    return Document(
        title=title.inline.text,
        as_of=story.as_of,
        window=story.window,
        case=story.case.name if story.case else "",
        blocks=blocks,
        claims=prose.claims,
        entities=dict(sorted(prose.entities.items())),
        sources=dict(sorted(_used_sources(story, sources).items())),
        citations=citations,
        charts={part.name: part.chart for part in parts if isinstance(part, ChartPart)},
        related=entries,
        quotes=dict(story.prose.quotes),
    )


def _citations(story: Story) -> list[Citation]:
    used = _used_facts(story)
    ids = sorted({s for f in used for s in f.sources})
    for source in story.prose.cited:
        story.desk.find_source(source)
    database = tuple(i for i in ids if story.desk.sources[i].standing is Standing.DATABASE)
    reported = [i for i in ids if story.desk.sources[i].standing is Standing.REPORTED]
    order = [*story.prose.cited, *(i for i in reported if i not in story.prose.cited)]
    return [Citation(0, database), *(Citation(n, (i,)) for n, i in enumerate(order, 1))]


def _used_facts(story: Story) -> list[Fact]:
    return story.desk.closure(list(story.prose.facts.values()))


def _used_sources(story: Story, sources: dict[str, Source]) -> dict[str, Source]:
    wanted = {s for f in _used_facts(story) for s in f.sources} | set(story.prose.cited)
    return {i: s for i, s in sources.items() if i in wanted}


def _source_parts(citations: list[Citation], sources: dict[str, Source]) -> Parts:
    parts: Parts = [heading("Sources")]
    about = "[0] The market database: each row that a computed figure used is in observations.csv."
    parts.append(Part("note", Inline(about, (Span(0, 3, "cite", {"n": 0}),))))
    for citation in citations:
        parts += [Part("source", source_line(citation.n, sources[i], i)) for i in citation.sources]
    return parts


def source_line(n: int, source: Source, key: str) -> Inline:
    """Return the text of a source: number, publisher, title, date, address; what is empty is left out."""
    text = f"[{n}] {source.publisher}"
    text += f', "{source.title}"' if source.title else ""
    text += f", {source.published.isoformat()}." if source.published else "."
    text += f" {source.url}" if source.url else ""
    return Inline(text, (Span(0, len(text), "source", {"ref": key, "n": n}),))


def _block(block_id: str, part: Part | TablePart | ChartPart) -> Block | Table | Chart:
    if isinstance(part, TablePart):
        return Table(block_id, part.caption, part.header, part.rows, part.bound)
    if isinstance(part, ChartPart):
        return Chart(block_id, part.name, part.caption, part.alt)
    return Block(block_id, part.kind, part.inline, part.level)
