"""What of a text goes into the PDF: every sign and every space, and nothing that nobody sees."""

from __future__ import annotations

from unicodedata import category

from hypothesis import example, given
from hypothesis import strategies as st

from rotascope.report.render.pdf import _visible
from rotascope.report.render.pdf_data import BREAK, NO_SIGN


@given(st.text())
@example("plain")
@example("a\u202eb\x00c\u00a0d\u2028e\t\ud800" + BREAK)
def test_each_character_is_judged_alone(text: str) -> None:
    shown = _visible(text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        seen = before == BREAK or before.isspace() or not category(before).startswith("C")
        assert after == (before if seen else NO_SIGN)
