"""How one number is tagged: by hand, at random against the verifier, and all kinds at once through Arelle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ixbrl import arelle

from rotascope.model.documents import Block, Document, Inline, Span, Table
from rotascope.model.facts import Fact, Recipe, Window
from rotascope.model.numerals import render
from rotascope.model.units import Unit
from rotascope.report.render.ixbrl import render_ixbrl
from rotascope.report.render.xbrl_facts import context_xml, period, tag
from rotascope.report.render.xbrl_taxonomy import FILE, concept_of, concepts, taxonomy
from rotascope_verify.facts import Fact as TheirFact
from rotascope_verify.spans import Span as TheirSpan
from rotascope_verify.xbrl import parse_taxonomy
from rotascope_verify.xbrl_expect import check_xbrl_value, xbrl_concept, xbrl_context, xbrl_tag

AS_OF = date(2026, 2, 10)
JANUARY = Window(date(2025, 12, 31), date(2026, 1, 30), "prior_close", date(2025, 12, 31), date(2026, 1, 30))


def fact(
    value: float, unit: Unit, metric: str = "made_up", window: Window | None = JANUARY, **more: Any
) -> Fact:
    whole = Fact(
        id=f"{metric}.X.{value}.{unit}.{'0' * 12}",
        metric=metric,
        series=("RUT", "GSPC"),
        value=value,
        unit=unit,
        decimals=1,
        display="",
        window=window,
        as_of=AS_OF,
        recipe=Recipe("observed", {}),
        inputs=(),
        sources=(),
    )
    return replace(whole, **more)


def span(form: str, style: str, decimals: int, length: int = 1) -> Span:
    return Span(0, length, "fact", {"ref": "", "form": form, "style": style, "decimals": decimals})


# value, unit, form, style, decimals | text as before + tagged + after | scale, sign, decimals | hidden
BY_HAND = """
4.5        percent      plain   long  1 | |4.5|%            | -2  . 3  |
-3.44      percent      plain   long  1 | −|3.4|%           | -2  - 3  |
-3.44      percent      abs     long  1 | |3.4|%            | -2  - 3  |
2.25       percent      signed  long  2 | +|2.25|%          | -2  . 4  |
-0.04      percent      signed  long  1 | |0.0|%            | -2  . 3  |
0.696      share        plain   long  0 | |70|%             | -2  . 2  |
6.079      pp           signed  long  1 | +|6.1| points     | .   . 1  |
-6.079     pp           abs     short 1 | |6.1| pp          | .   - 1  |
4          pp           word    long  0 | |four points|     | .   . 0  | 4
-8         bp           plain   short 0 | −|8| bp           | .   - 0  |
239.614    usd          plain   short 2 | $|239.61|         | .   . 2  |
-3752.28   usd_m        plain   long  1 | −$|3.8| billion   | 9   - -8 |
-3752.28   usd_m        plain   short 0 | −$|3,752|m        | 6   - -6 |
-3752.28   usd_m        abs     bare  0 | |3,752|           | 6   - -6 |
532        usd_m        signed  long  0 | +$|532| million   | 6   . -6 |
999.96     usd_m        plain   long  1 | $|1,000.0| million | 6  . -5 |
2613.744   index_level  plain   long  2 | |2,613.74|        | .   . 2  |
7          count        word    bare  0 | |seven|           | .   . 0  | 7
0          count        word    bare  0 | |zero|            | .   . 0  | 0
13         count        word    bare  0 | |13|              | .   . 0  |
14         sessions     word    long  0 | |14| sessions     | .   . 0  |
3          sessions     word    long  0 | |three sessions|  | .   . 0  | 3
1          months       plain   long  0 | |1| month         | .   . 0  |
5.5        years        plain   long  1 | |5.5| years       | .   . 1  |
2          rank         ordinal bare  0 | |second|          | .   . 0  | 2
22         rank         ordinal bare  0 | |22|nd            | .   . 0  |
1234       rank         ordinal bare  0 | |1,234|th         | .   . 0  |
97.2       percentile   plain   long  0 | |97|th percentile | .   . 0  |
99.8       percentile   plain   long  0 | |99|th percentile | .   . -1 |
0.1        percentile   plain   long  0 | |1|st percentile  | .   . -1 |
0.6        percentile   plain   long  0 | |1|st percentile  | .   . 0  |
97.26      percentile   plain   short 1 | |97.3|            | .   . 1  |
1.5e6      shares       plain   short 0 | |1,500,000|       | .   . 0  |
"""


@pytest.mark.parametrize("line", BY_HAND.strip().splitlines())
def test_a_tag_by_hand(line: str) -> None:
    given_, before, text, after, attributes, hidden = [part.strip(" ") for part in line.split("|")]
    value, unit, form, style, decimals = given_.split()
    made_of = fact(float(value), Unit(unit))
    whole = before + text + (f" {after}" if line.split("|")[3].startswith(" ") else after)
    assert render(made_of.value, made_of.unit, form, style, int(decimals)) == whole.strip()
    made = tag(made_of, span(form, style, int(decimals)), whole.strip(), "c1")
    scale, sign, places = attributes.split()
    assert (made.before, made.text) == (before, text)
    assert made.after.strip() == after
    assert made.attributes.get("scale", ".") == scale
    assert made.attributes.get("sign", ".") == sign
    assert made.attributes["decimals"] == places
    assert made.hidden == hidden


@pytest.mark.parametrize(
    ("style", "text", "form", "hidden"),
    [
        ("iso", "2026-01-30", None, ""),
        ("long", "30 January 2026", "ixt:date-day-monthname-year-en", ""),
        ("short", "30 Jan 2026", "ixt:date-day-monthname-year-en", ""),
        ("month", "January 2026", None, "2026-01-30"),
        ("year", "2026", None, "2026-01-30"),
        ("day_month", "30 January", None, "2026-01-30"),
    ],
)
def test_a_date_by_hand(style: str, text: str, form: str | None, hidden: str) -> None:
    made = tag(fact(20260130, Unit.DATE), span("plain", style, 0), text, "c1")
    assert (made.element, made.text, made.hidden) == ("ix:nonNumeric", text, hidden)
    assert made.attributes.get("format") == form
    assert made.attributes["name"] == "rot:other_date"


def test_periods_by_hand() -> None:
    """January 2026 from the close of 31 December is the days from 1 to 30 January."""
    assert period(fact(1, Unit.PP)) == (date(2026, 1, 1), date(2026, 1, 30))
    opened = replace(JANUARY, base="open", start_used=date(2026, 1, 2))
    assert period(fact(1, Unit.PP, window=opened)) == (date(2026, 1, 2), date(2026, 1, 30))
    asked = Window(date(2025, 12, 28), date(2026, 1, 31), "prior_close", None, date(2026, 1, 30))
    assert period(fact(1, Unit.PP, window=asked)) == (date(2025, 12, 29), date(2026, 1, 30))
    one_day = Window(
        date(2026, 1, 30), date(2026, 1, 30), "prior_close", date(2026, 1, 30), date(2026, 1, 30)
    )
    assert period(fact(1, Unit.PP, window=one_day)) == (date(2026, 1, 30), date(2026, 1, 30))
    assert period(fact(1, Unit.COUNT, window=None)) == (AS_OF, AS_OF)


def test_concepts_by_hand() -> None:
    assert concept_of("net_flow", Unit.USD_M).name == "net_flow"
    assert concept_of("net_flow", Unit.USD_M).type == "monetaryItemType"
    assert concept_of("net_flow", Unit.SHARES).name == "other_number"  # no money
    assert concept_of("level", Unit.USD).name == "level"
    assert concept_of("level", Unit.INDEX_LEVEL).instant
    assert concept_of("last_as_large", Unit.DATE).type == "dateItemType"
    assert concept_of("last_as_large", Unit.COUNT).name == "other_number"
    assert concept_of("price_return", Unit.DATE).name == "other_date"
    assert concept_of("nothing_known", Unit.RATIO).name == "other_number"


def theirs(ours: Fact) -> TheirFact:
    """Return a fact as the verifier holds it."""
    window = ours.window.as_json() if ours.window else {}
    return TheirFact(
        id=ours.id, metric=ours.metric, series=ours.series, value=ours.value, unit=str(ours.unit),
        decimals=ours.decimals, display=ours.display, window={k: v for k, v in window.items() if k != "base"},
        as_of=ours.as_of.isoformat(), op="observed", params={}, inputs=(), sources=(),
    )  # fmt: skip


WHOLE = (Unit.COUNT, Unit.SESSIONS, Unit.MONTHS, Unit.YEARS, Unit.RANK)
CONCEPTS = parse_taxonomy(taxonomy())


@st.composite
def printed(draw: st.DrawFn) -> tuple[Fact, Span, str]:
    """Draw a fact and a way to print it that the format allows."""
    unit = draw(st.sampled_from([u for u in Unit if u is not Unit.DATE]))
    form = draw(st.sampled_from(["plain", "signed", "abs", "word", "ordinal"]))
    style = draw(st.sampled_from(["short", "long", "bare"]))
    decimals = draw(st.integers(0, 4))
    value = draw(st.floats(-1e7, 1e7)) if unit is not Unit.PERCENTILE else draw(st.floats(0, 100))
    value = float(f"{value:.12g}")
    if form in ("word", "ordinal"):
        unit, style, decimals = draw(st.sampled_from(WHOLE)), "bare", 0
        value = float(draw(st.integers(1, 3000)))
    if unit is Unit.PERCENTILE and style == "long":
        form = "plain"
    metric = draw(st.sampled_from(sorted(concepts())))
    ours = fact(value, unit, metric, draw(st.sampled_from([JANUARY, None])))
    return ours, span(form, style, decimals), render(value, unit, form, style, decimals)


@given(printed())
def test_two_implementations_tag_alike_and_xbrl_reads_the_fact(drawn: tuple[Fact, Span, str]) -> None:
    ours, where, text = drawn
    made = tag(ours, where, text, "c1")
    assert made.before + made.text + made.after == text
    concept = xbrl_concept(theirs(ours), CONCEPTS)
    want = xbrl_tag(
        theirs(ours), ours.value, TheirSpan(0, len(text), "fact", dict(where.data)), text, concept
    )
    attributes = {k: v for k, v in made.attributes.items() if k not in ("contextRef", "unitRef")}
    assert (made.element, attributes) == (f"ix:{want.element}", want.attributes)
    assert (len(made.before), made.text, made.hidden or made.text) == (want.start, want.text, want.content)
    check_xbrl_value(attributes, want.content, ours.value, str(ours.unit))
    read = Decimal((made.hidden or made.text).replace(",", "")).scaleb(int(attributes.get("scale", "0")))
    read = -read if "sign" in attributes else read
    factor = {Unit.PERCENT: Decimal("0.01"), Unit.USD_M: Decimal(10**6)}.get(ours.unit, Decimal(1))
    half = Decimal("0.5").scaleb(-int(attributes["decimals"]))
    assert abs(read - Decimal(repr(ours.value)) * factor) <= half * (1 + Decimal("1e-20"))


@given(printed(), st.sampled_from(["open", "prior_close"]))
def test_two_implementations_make_the_same_context(drawn: tuple[Fact, Span, str], base: Any) -> None:
    ours = drawn[0]
    if ours.window:
        ours = replace(ours, window=replace(ours.window, base=base))
    first, last, members = xbrl_context(theirs(ours), xbrl_concept(theirs(ours), CONCEPTS), base)
    text = context_xml("c1", ours)
    assert all(f">{m}<" in text for m in members.values())
    assert text.count("Member dimension=") == len(members)
    days = f"<xbrli:startDate>{first}</xbrli:startDate><xbrli:endDate>{last}</xbrli:endDate>"
    assert (days if first else f"<xbrli:instant>{last}</xbrli:instant>") in text


def document(facts: list[tuple[Fact, Span]], *, words: str = "") -> Document:
    """Return an article with one paragraph for each fact, a table with all of them, and some words."""
    lines = []
    for f, s in facts:
        text = render(f.value, f.unit, s.data["form"], s.data["style"], s.data["decimals"])
        lines.append(Inline(text, (Span(0, len(text), "fact", {**s.data, "ref": f.id}),)))
    blocks: list[Any] = [Block("b1", "title", Inline(f"Title {words}"))]
    blocks += [Block(f"b{i}", "paragraph", line) for i, line in enumerate(lines, 2)]
    rows = tuple((Inline(f"row {words}"), line) for line in lines)
    blocks.append(Table("t1", Inline(f"Caption {words}"), (Inline(""), Inline("Value")), rows))
    blocks += [Block("i1", "item", Inline(f"item {words}")), Block("b99", "heading", Inline("Heading"), 3)]
    return Document(f"Title {words}", AS_OF, JANUARY, "", blocks, [], {}, {}, [])


def every_kind() -> list[tuple[Fact, Span]]:
    out: list[tuple[Fact, Span]] = []
    for n, line in enumerate(BY_HAND.strip().splitlines()):
        value, unit, form, style, decimals = line.split("|")[0].split()
        metric = {"usd": "level", "usd_m": "net_flow", "percent": "price_return"}.get(unit, f"made_up_{n}")
        notes = ("A note with 9 & <signs>.",) if n % 3 == 0 else ()
        window = (JANUARY, None, replace(JANUARY, base="open"))[n % 3]
        made = fact(float(value), Unit(unit), metric, window, notes=notes)
        out.append((replace(made, id=f"{made.id}{n}"), span(form, style, int(decimals))))
    days = ("iso", "long", "short", "month", "year", "day_month", "tag_month", "month_name")
    out += [(fact(20260130.0, Unit.DATE, "last_as_large"), span("plain", style, 0)) for style in days]
    return out


HOSTILE = "<b>&amp; \"quoted\" 'x' ]]> <!-- <? --> שלום \u2212 {{x}} https://example.com/?a=1&b=2 "


def test_arelle_accepts_every_kind_and_hostile_words(tmp_path: Path) -> None:
    doc = document(every_kind(), words=HOSTILE)
    page = render_ixbrl(doc, [f for f, _ in every_kind()])
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "report.xhtml").write_text(page, encoding="utf-8")
    (folder / FILE).write_text(taxonomy(), encoding="utf-8")
    said = arelle(folder / "report.xhtml", tmp_path / "scratch")
    assert said["messages"] == []
    assert said["errors"] == []
    read = {f["members"]["FactAxis"] for f in said["facts"]}
    assert read == {f.id for f, _ in every_kind()}
    assert {n for f in said["facts"] for n in f["notes"]} == {"A note with 9 & <signs>."}


def test_hostile_words_come_back_as_they_are() -> None:
    root = ElementTree.fromstring(render_ixbrl(document([], words=HOSTILE), []).encode())
    found = next(e for e in root.iter() if e.get("id") == "b1")
    assert found.text == f"Title {HOSTILE}"


def test_a_page_without_facts_has_no_contexts_and_is_valid(tmp_path: Path) -> None:
    (tmp_path / "report.xhtml").write_text(render_ixbrl(document([]), []), encoding="utf-8")
    (tmp_path / FILE).write_text(taxonomy(), encoding="utf-8")
    said = arelle(tmp_path / "report.xhtml", tmp_path / "scratch")
    assert (said["messages"], said["errors"], said["facts"]) == ([], [], [])


def test_the_taxonomy_is_read_alike_by_both_sides() -> None:
    ours = {c.name: (c.type, "instant" if c.instant else "duration") for c in concepts().values()}
    assert ours == {c.name: (c.type, c.period) for c in CONCEPTS.values()}
