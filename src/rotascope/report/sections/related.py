"""Related reading: earlier reports and saved articles, ranked by what they have in common with this one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rotascope.model.documents import ClaimRecord, Inline, Span
from rotascope.model.facts import Fact
from rotascope.model.library import Published, Related, Shelf
from rotascope.model.press import SavedArticle
from rotascope.report.parts import Part, Parts, heading
from rotascope.report.story import Story

MOST = 5
_LEAST_READINGS = 2  # a report that shares fewer has little to do with this one
_LEAST_NAMES = 2
_TAG_WEIGHT = 2
_LABEL = "label_"
_PUBLISHER = "Rotascope"

# The metrics that stand for a subject, and what the subject is called.
TOPICS = {
    "value_minus_growth": "value and growth",
    "small_minus_large": "small and big companies",
    "factor_return": "the factors of Fama and French",
    "return_rank": "sectors",
    "sector_dispersion": "sectors",
    "equal_minus_cap_weight": "equal weights",
    "rotation_quadrant": "relative rotation",
    "net_flow": "fund flows",
    "reported_flow": "fund flows",
    "driver_verdict": "drivers",
    "pair_correlation": "correlations",
    "valuation_gap": "valuation",
    "precedent_count": "precedents",
    "rolling_win_share": "the long record",
    "era_count": "eras of leadership",
}


def readings(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return what a report measures, as `metric series series`, sorted, each once."""
    return tuple(sorted({" ".join((f.metric, *f.series)) for f in facts if f.metric in TOPICS}))


def label_of(claims: Iterable[ClaimRecord]) -> str:
    """Return the label that the claims of a document state, or an empty text."""
    found = (c.predicate for c in claims if c.predicate.startswith(_LABEL))
    return next((p.removeprefix(_LABEL) for p in found), "")


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags of a line of them, without the one for the month."""
    return tuple(sorted(t for t in text.split() if t.startswith("#") and not t[-1].isdigit()))


def choose(story: Story, shelf: Shelf, tags: str) -> tuple[Related, ...]:
    """Return the closest entries, at most five: nothing that was not known on the report's date.

    A report of the same window is listed once, in its latest version before this one. The same shelf and the
    same report give the same list, whatever order the shelf is in.
    """
    own, marks = set(readings(story.prose.facts.values())), set(tags_of(tags))
    scored = []
    for entry in _versions(story, shelf.reports):
        shared = sorted(own & set(entry.readings))
        if len(shared) >= _LEAST_READINGS:
            score = len(shared) + _TAG_WEIGHT * len(marks & set(entry.tags))
            scored.append((score, _of_report(story, entry, shared)))
    names = _names(story)
    for article in shelf.articles:
        known = article.published is not None and article.published <= story.as_of
        written = sorted(_mentioned(article, names)) if known and article.removed_at is None else []
        if len(written) >= _LEAST_NAMES and not _is_cited(story, article):
            scored.append((_TAG_WEIGHT * len(written), _of_article(article, written)))
    scored.sort(key=lambda s: (-s[0], -s[1].as_of.toordinal(), s[1].digest))
    return tuple(_once(r for _, r in scored))[:MOST]


def _once(found: Iterable[Related]) -> Iterable[Related]:
    seen: set[str] = set()
    for entry in found:
        if entry.digest not in seen:
            seen.add(entry.digest)
            yield entry


def _versions(story: Story, reports: Iterable[Published]) -> list[Published]:
    """Return the reports known on the report's date, of each window the latest one; not this report itself."""
    own = (story.desk.universe.name, story.window.start, story.window.end)
    latest: dict[tuple[object, ...], Published] = {}
    for entry in reports:
        key = (entry.universe, entry.start, entry.end)
        if (
            entry.universe != own[0]
            or entry.as_of > story.as_of
            or (key == own and entry.as_of == story.as_of)
        ):
            continue
        before = latest.get(key)
        if before is None or (before.as_of, before.digest) < (entry.as_of, entry.digest):
            latest[key] = entry
    return list(latest.values())


def _of_report(story: Story, entry: Published, shared: list[str]) -> Related:
    counts: dict[str, int] = {}
    for reading in shared:
        topic = TOPICS[reading.split(" ", 1)[0]]
        counts[topic] = counts.get(topic, 0) + 1
    topics = sorted(counts, key=lambda t: (-counts[t], t))[:3]
    why = f"{_placed(story, entry)}, with {len(shared)} of the same measures, on {_listed(topics)}"
    return Related(
        title=entry.title,
        publisher=_PUBLISHER,
        as_of=entry.as_of,
        digest=entry.digest,
        why=why,
        window=(entry.start, entry.end),
        label=entry.label,
    )


def _placed(story: Story, entry: Published) -> str:
    """Say how the window of a report lies to this one."""
    start, end = story.window.start, story.window.end
    if (entry.start, entry.end) == (start, end):
        return "The same window, seen earlier"
    if entry.end == start:
        return "The window before this one"
    if entry.start == end:
        return "The window after this one"
    if entry.end < start:
        return "An earlier window"
    if entry.start > end:
        return "A later window"
    return "A window that shares days with this one"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _names(story: Story) -> dict[str, str]:
    """Return the full names that this report uses: the name, and the series that it stands for."""
    entities = story.prose.entities.values()
    return {e.names[0]: e.series for e in entities if not e.series.startswith("EVENT.")}


def _mentioned(article: SavedArticle, names: dict[str, str]) -> list[str]:
    text = f"{article.title}\n{article.text}"
    return [n for n in names if re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text)]


def _is_cited(story: Story, article: SavedArticle) -> bool:
    return article.id in story.prose.cited


def _of_article(article: SavedArticle, names: list[str]) -> Related:
    assert article.published is not None
    return Related(
        title=article.title,
        publisher=article.publisher,
        as_of=article.published,
        digest=article.sha256,
        why=f"It writes of {_listed(names[:3])}",
        url=article.url,
    )


def write(entries: Iterable[Related]) -> Parts:
    """Return the list, or nothing where it is empty."""
    items = [Part("item", _item(n, entry)) for n, entry in enumerate(entries)]
    return [heading("Related reading"), *items] if items else []


def _item(n: int, entry: Related) -> Inline:
    text = entry.text()
    return Inline(text, (Span(0, len(text), "related", {"n": n}),))
