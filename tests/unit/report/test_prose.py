"""Sentences: digits belong to pieces, spans stand where the text says, claims count when used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rotascope.model.facts import Fact, Recipe, Window
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope.report.prose import Prose, day, number
from rotascope.report.words import band, is_flat, moved, tolerance, versus

FACT = Fact(
    id="value_minus_growth.IWD-IWF.x.0",
    metric="value_minus_growth",
    series=("IWD", "IWF"),
    value=6.079,
    unit=Unit.PP,
    decimals=3,
    display="6.079 pp",
    window=Window(
        date(2025, 12, 31), date(2026, 1, 30), "prior_close", date(2025, 12, 31), date(2026, 1, 30)
    ),
    as_of=date(2026, 2, 10),
    recipe=Recipe("difference", {}),
    inputs=(),
    sources=(),
)


@pytest.fixture
def prose() -> Prose:
    return Prose(load_universe())


def test_spans_cover_exactly_their_pieces(prose: Prose) -> None:
    verb, amount = versus(prose, FACT)
    line = prose.say(
        "{a} {verb} {b} by {x} in {when}.",
        a=prose.name("IWD", "Value", of=verb, role="subject"),
        verb=verb,
        b=prose.name("IWF", "Growth", of=verb, role="object"),
        x=amount,
        when=day(FACT, "end_used", "month"),
    )
    assert line.text == "Value beat Growth by 6.1 points in January 2026."
    assert [line.text[s.start : s.end] for s in line.spans] == [
        "Value",
        "beat",
        "Growth",
        "6.1 points",
        "January 2026",
    ]
    assert [s.kind for s in line.spans] == ["name", "claim", "name", "fact", "date"]


def test_nested_and_joined_lines_shift_their_spans(prose: Prose) -> None:
    inner = prose.say("({x})", x=number(FACT, "signed", decimals=1))
    outer = prose.join(
        prose.say("A gap {y} here.", y=inner), None, prose.say("And {z}.", z=number(FACT, decimals=0))
    )
    assert outer.text == "A gap (+6.1 points) here. And 6 points."
    assert [outer.text[s.start : s.end] for s in outer.spans] == ["+6.1 points", "6 points"]


@pytest.mark.parametrize("template", ["It was 6 points.", "In 2026 {x}.", "The 10 best"])
def test_a_digit_outside_of_a_piece_is_refused(prose: Prose, template: str) -> None:
    with pytest.raises(ValueError, match="outside of every piece"):
        prose.say(template, x="so")


def test_a_digit_in_a_plain_argument_is_refused(prose: Prose) -> None:
    with pytest.raises(ValueError, match="outside of every piece"):
        prose.say("{x}", x="7 of 10")


def test_fixed_terms_become_literals(prose: Prose) -> None:
    line = prose.say("Ten-year windows of the S&P 500.")
    assert [(s.kind, line.text[s.start : s.end]) for s in line.spans] == [
        ("literal", "Ten-year"),
        ("literal", "S&P 500"),
    ]


def test_claims_are_recorded_only_when_used(prose: Prose) -> None:
    prose.claim("beat", "positive", FACT)
    used = prose.claim("beat", "positive", FACT)
    prose.say("{x}", x=used)
    assert [c.id for c in prose.claims] == [used.data["ref"]]
    assert list(prose.facts) == [FACT.id]


def test_a_name_that_is_not_one_is_refused(prose: Prose) -> None:
    with pytest.raises(ValueError, match="is not a name of IWD"):
        prose.name("IWD", "Russell 3000")


def test_citations_are_numbered_by_first_use(prose: Prose) -> None:
    assert [prose.cite(s).text for s in ("b", "a", "b")] == ["[1]", "[2]", "[1]"]


@pytest.mark.parametrize(
    ("value", "verb", "amount"),
    [(4.52, "rose", "4.5%"), (-1.55, "fell", "1.6%"), (0.04, "flat", "0.0%"), (-0.049, "flat", "0.0%")],
)
def test_the_verb_follows_the_printed_value(prose: Prose, value: float, verb: str, amount: str) -> None:
    fact = replace(FACT, value=value, unit=Unit.PERCENT, series=("IWD",))
    word, figure = moved(prose, fact)
    assert (word.text, figure.text) == (verb, amount)
    assert is_flat(fact) == (verb == "flat")


def test_a_move_too_small_for_whole_numbers_keeps_a_decimal(prose: Prose) -> None:
    fact = replace(FACT, value=-0.17, unit=Unit.PERCENT, series=("IWD",))
    word, figure = moved(prose, fact, decimals=0)
    assert (word.text, figure.text) == ("fell", "0.2%")


@pytest.mark.parametrize(
    ("percentile", "word"),
    [
        (0.0, "slight"),
        (59.99, "slight"),
        (60.0, "modest"),
        (80.0, "clear"),
        (97.4, "large"),
        (97.5, "extreme"),
        (100.0, "extreme"),
    ],
)
def test_size_words_are_bands(prose: Prose, percentile: float, word: str) -> None:
    assert band(prose, replace(FACT, value=percentile, unit=Unit.PERCENTILE)).text == word


def test_a_tolerance_is_never_rounded_up() -> None:
    assert tolerance(1.7116169999) == 1.711616
