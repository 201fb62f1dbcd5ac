"""The fast writer of JSON writes what the standard library writes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.report.render import canonical_json
from rotascope.report.render.jsontext import indented

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.text(max_size=5), inside, max_size=4)
        | st.tuples(inside, inside)
    ),
    max_leaves=30,
)


class Word(StrEnum):
    CLOSE = "close"


def plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)


@given(VALUES)
def test_any_value_is_written_as_the_standard_library_writes_it(value: Any) -> None:
    assert indented(value) == plain(value)
    assert canonical_json(value) == plain(value) + "\n"


@pytest.mark.parametrize(
    "value",
    [
        {"b": Word.CLOSE, "a": np.float64(0.1)},
        [True, 1, 1.0, -0.0, 1e22, 1e-7, 10**40],
        {"\u2028": '\u2028\x00\x7f\ud83d\ude00"\\'},
        {"": [], "x": {}, "y": ((),)},
    ],
)
def test_words_numbers_signs_and_nothing(value: Any) -> None:
    assert indented(value) == plain(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"a": -float("inf")}]])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        indented(value)


@pytest.mark.parametrize("value", [{1: "a"}, {"a": {2}}, b"x", np.int64(1), {None: 1}])
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        indented(value)
