"""Which block answers, against the same rules written as one order; and what is told where none does."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_files import day

from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Standing
from rotascope.model.units import Unit
from rotascope.store.absence import nothing_answers, refuse_outside
from rotascope.store.blocks import BlockInfo
from rotascope.store.choice import Choice, Extent, Question, choose
from rotascope.store.contents import Contents
from rotascope.store.packs import Pack
from rotascope.store.rows import RowLoader, Rows
from rotascope.store.series import RowText

BEGIN = date(2026, 1, 1)
NAMES = ("a", "b")


@dataclasses.dataclass(frozen=True)
class Given:
    """A block with its rows: the day of each, and from when it is known where it was published."""

    info: BlockInfo
    days: list[date]
    published: list[date] | None

    def visible(self, as_of: date) -> list[date]:
        if self.info.meta.vintage is not None and self.info.meta.vintage > as_of:
            return []
        known = self.published or self.days
        return [d for d, k in zip(self.days, known, strict=True) if d <= as_of and k <= as_of]


class GivenRows(RowLoader):
    """Rows from memory instead of files."""

    def __init__(self, blocks: Sequence[Given]) -> None:
        self._given = {b.info.snapshot: b for b in blocks}

    def load(self, block: BlockInfo) -> Rows:
        one = self._given[block.snapshot]
        days = np.array(one.days, dtype="datetime64[D]")
        values = np.ones(len(days))
        known = None if one.published is None else np.array(one.published, dtype="datetime64[D]")
        return Rows(days, values, None, RowText(days, values), known)


# few days, most of them near each other, so that blocks often are equal by one rule and differ by the next
days = st.sampled_from([0, 1, 2, 7, 8, 20]).map(lambda n: BEGIN + timedelta(days=n))
moments = st.integers(0, 5).map(lambda n: datetime(2026, 1, 1, n, tzinfo=UTC))


@st.composite
def a_block(draw: st.DrawFn, number: int) -> Given:
    dated = sorted(draw(st.sets(days, min_size=1, max_size=4)))
    published = draw(st.none() | st.lists(days, min_size=len(dated), max_size=len(dated)))
    info = BlockInfo(
        meta=SeriesMeta(
            "IWM",
            Field.CLOSE,
            Unit.USD,
            Frequency.DAILY,
            draw(st.sampled_from(NAMES)),
            vintage=draw(st.none() | days),
            retrieved_at=draw(st.none() | moments),
        ),
        snapshot=f"{number:02x}" * 32,
        first=dated[0],
        last=dated[-1],
        rows=len(dated),
        unknown_rows=0,
        quarantined=draw(st.booleans()),
        standing=Standing.DATABASE if published is None else Standing.REPORTED,
        has_refs=False,
        origin=draw(st.sampled_from(["store", "pack:p"])),
        file="file",
        path=Path("file"),
    )
    return Given(info, dated, published)


some_blocks = st.integers(1, 5).flatmap(lambda n: st.tuples(*(a_block(i) for i in range(n))))
questions = st.builds(
    Question,
    st.just("IWM"),
    st.just(Field.CLOSE),
    days,
    st.none() | st.sampled_from(NAMES),
    st.none() | st.sampled_from(["p", "00000000", "0000000", "02" * 32]),
    st.none() | st.tuples(days, days).map(lambda pair: (min(pair), max(pair))),
)


def worth(block: Given, question: Question) -> tuple[object, ...]:
    """The rules as one order: the block with the greatest of these answers."""
    seen, info, reach = block.visible(question.as_of), block.info, 0
    if question.covers is not None:
        first, last = question.covers[0], question.covers[1]
        week = timedelta(days=5)  # a close so long before a date still stands for it
        reach = 2 if seen[0] <= first and last - seen[-1] <= week else 0
        reach = max(reach, 1 if seen[0] <= last and first - seen[-1] <= week else 0)
    retrieved = info.meta.retrieved_at or datetime(1970, 1, 1, tzinfo=UTC)
    return (
        reach,
        not info.quarantined,
        block.published is None,
        info.meta.vintage or seen[-1],
        seen[-1],
        BEGIN - seen[0],
        len(seen),
        info.origin == "store",
        retrieved,
        -int(info.snapshot, 16),
    )


def asked_for(block: BlockInfo, question: Question) -> bool:
    if question.source not in (None, block.source):
        return False
    if question.snapshot is None:
        return True
    if question.snapshot == "p":
        return block.origin == "pack:p"
    return len(question.snapshot) >= 8 and block.snapshot.startswith(question.snapshot)


def expected(blocks: Sequence[Given], question: Question) -> Given | None:
    by_name = question.source is not None or question.snapshot is not None
    able = [
        b
        for b in blocks
        if b.visible(question.as_of) and asked_for(b.info, question) and (by_name or not b.info.quarantined)
    ]
    return max(able, key=lambda b: worth(b, question), default=None)


def chosen(blocks: Sequence[Given], question: Question) -> Choice | None:
    return choose([b.info for b in blocks], question, GivenRows(blocks))


@settings(max_examples=600, deadline=None)
@given(some_blocks, questions, st.randoms(use_true_random=False))
def test_the_greatest_by_the_rules_answers_in_any_order(
    blocks: tuple[Given, ...], question: Question, order: object
) -> None:
    mixed = list(blocks)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    best, choice = expected(blocks, question), chosen(mixed, question)
    assert (choice and choice.block) == (best and best.info)
    if choice is not None and best is not None:
        seen = {b.info.snapshot for b in blocks if b.visible(question.as_of)}
        assert {b.snapshot for b in choice.others} == seen - {best.info.snapshot}


@settings(deadline=None)
@given(some_blocks, questions)
def test_a_block_of_another_field_neither_answers_nor_is_named(
    blocks: tuple[Given, ...], question: Question
) -> None:
    assert chosen(blocks, dataclasses.replace(question, field=Field.OPEN)) is None


def contents_of(blocks: Sequence[Given]) -> Contents:
    return Contents(None, [Pack("p", "title", "f" * 64, {}, tuple(b.info for b in blocks), ())])


@settings(deadline=None)
@given(some_blocks, questions)
def test_where_nothing_answers_the_first_known_day_is_the_first_that_does(
    blocks: tuple[Given, ...], question: Question
) -> None:
    if chosen(blocks, question) is not None:
        return
    contents = contents_of(blocks)
    error = nothing_answers(question, contents, GivenRows(blocks))
    asked = [b for b in blocks if asked_for(b.info, question)]
    if not asked:
        assert "is not there from" in str(error)
    elif any(b.visible(question.as_of) for b in asked):
        assert "only in quarantine" in str(error)
        assert all(b.info.quarantined for b in asked if b.visible(question.as_of))
    else:
        later = (question.as_of + timedelta(days=n) for n in range(1, 100))
        first = next(d for d in later if any(b.visible(d) for b in asked))
        assert f"became known on {first}." in str(error)


@pytest.mark.parametrize(
    ("window", "covers", "meets"),
    [
        (("2026-01-05", "2026-01-20"), True, True),
        (("2026-01-05", "2026-01-25"), True, True),  # five days after the last row
        (("2026-01-05", "2026-01-26"), False, True),
        (("2026-01-04", "2026-01-20"), False, True),  # a day before the first row
        (("2026-01-25", "2026-01-30"), False, True),
        (("2026-01-26", "2026-01-30"), False, False),
        (("2026-01-01", "2026-01-05"), False, True),
        (("2026-01-01", "2026-01-04"), False, False),
    ],
)
def test_a_few_days_are_forgiven_at_the_end_and_none_at_the_beginning(
    window: tuple[str, str], covers: bool, meets: bool
) -> None:
    extent = Extent(day("2026-01-05"), day("2026-01-20"), 12)
    dates = (day(window[0]), day(window[1]))
    assert (extent.covers(dates), extent.meets(dates)) == (covers, meets)


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-01-08", None, "from 2026-01-08 to 2026-02-01"),
        (None, "2026-01-01", "from 2026-01-02 to 2026-01-01"),
        ("2026-01-06", "2026-01-03", "from 2026-01-06 to 2026-01-03"),
        ("2026-01-03", "2026-01-06", ""),  # between two rows: there are none, and nothing is wrong
    ],
)
def test_a_window_is_refused_unless_rows_are_on_both_sides(
    start: str | None, end: str | None, told: str
) -> None:
    info = a_plain_block()
    dates = np.array(["2026-01-02", "2026-01-07"], dtype="datetime64[D]")
    first, last = (None if text is None else day(text) for text in (start, end))
    if not told:
        refuse_outside(info, dates, first, last, day("2026-02-01"))
        return
    with pytest.raises(NotAvailableError, match=f"no rows {told}.*run from 2026-01-02 to 2026-01-07"):
        refuse_outside(info, dates, first, last, day("2026-02-01"))


def a_plain_block() -> BlockInfo:
    return BlockInfo(
        meta=SeriesMeta("IWM", Field.CLOSE, Unit.USD, Frequency.DAILY, "a"),
        snapshot="0" * 64,
        first=BEGIN,
        last=BEGIN,
        rows=1,
        unknown_rows=0,
        quarantined=False,
        standing=Standing.DATABASE,
        has_refs=False,
        origin="store",
        file="file",
        path=Path("file"),
    )
