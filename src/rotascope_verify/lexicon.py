"""The words that the rules are about. docs/bundle-format.md, "Coverage" and "Claims"."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(","))


PREDICATE_WORDS: dict[str, frozenset[str]] = {
    "positive": _words(
        "rose, gained, added, advanced, climbed, beat, led, outperformed, ahead, took in, inflow, inflows, "
        "higher, widened, gain, rise, increase"
    ),
    "negative": _words(
        "fell, lost, slipped, declined, dropped, lagged, trailed, underperformed, behind, outflow, outflows, "
        "withdrawals, lower, narrowed, gave back, loss, fall, decline, drop"
    ),
    "near_zero": _words("flat, unchanged, little changed"),
    "gt": _words(
        "more than, larger than, wider than, above, exceeds, exceeded, higher than, better than, "
        "longer than, ahead, beat, led, topped"
    ),
    "lt": _words(
        "less than, smaller than, narrower than, below, fewer than, lower than, worse than, shorter than, "
        "behind, lagged, trailed"
    ),
    "at_least": _words("at least, or more, no fewer than"),
    "at_most": _words("at most, or less, no more than"),
    "near": _words("roughly, about, nearly, almost, close to, matches, agrees, agree"),
    "not_near": _words("disagree, disagrees, differs, differ"),
    "between": _words("slight, modest, clear, large, extreme, ordinary, unusual, rare, weak, strong"),
    "rank_is": _words("largest, best, widest, strongest, top, smallest, worst, weakest, bottom"),
    "max_of": _words("largest, best, widest, strongest, longest, most, highest, top, led"),
    "min_of": _words("smallest, worst, narrowest, weakest, shortest, least, lowest, bottom, lagged, trailed"),
    "same_sign": _words("same direction, agree, agrees, confirms, confirmed, both"),
    "opposite": _words("opposite, contradict, contradicts, disagree, disagrees, against"),
    "majority": _words("most, majority"),
    "minority": _words("minority"),
    "ratio_near": _words("half, a third, a quarter, twice, double"),
}

# The label of a report. These words mean more elsewhere, so they need no span outside of a label.
LABEL_WORDS: dict[str, frozenset[str]] = {
    "label_positive": _words("positive"),
    "label_negative": _words("negative"),
    "label_mixed": _words("mixed"),
    "label_neutral": _words("neutral"),
    "verdict_is": _words("consistent, inconsistent, too little data"),
    "quadrant_is": _words("leading, weakening, lagging, improving"),
}
CODES: dict[str, float] = {
    "consistent": 1,
    "inconsistent": -1,
    "too little data": 0,
    "leading": 1,
    "weakening": 2,
    "lagging": 3,
    "improving": 4,
}

BANDS: dict[str, tuple[float, float]] = {
    "slight": (0, 60),
    "modest": (60, 80),
    "clear": (80, 90),
    "large": (90, 97.5),
    "extreme": (97.5, 100.1),
    "ordinary": (10, 90),
    "unusual": (90, 100.1),
    "rare": (99, 100.1),
    "strong": (80, 100.1),
    "weak": (0, 20),
}
RATIOS: dict[str, float] = {"half": 0.5, "a third": 1 / 3, "a quarter": 0.25, "twice": 2, "double": 2}
FIRST_RANK_WORDS = _words("largest, best, widest, strongest, top")
LAST_RANK_WORDS = _words("smallest, worst, weakest, bottom")
ORDINAL_RANK_WORDS = _words("largest, best, widest")
AGREE_WORDS = _words("agree, agrees, matches")

LITERALS = frozenset(
    {
        "S&P 500",
        "10-year",
        "2-year",
        "3-month",
        "ten-year",
        "Ten-year",
        "two-year",
        "Magnificent 7",
        "Fama-French",
    }
)
LITERAL_MONTHS = {"10-year": 120, "ten-year": 120, "2-year": 24, "two-year": 24, "3-month": 3}
NUMBER_WORDS = _words(
    "two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, second, third, fourth, fifth, "
    "sixth, seventh, eighth, ninth, tenth, eleventh, twelfth, twice, half, double, dozen"
)
COMPARISON_WORDS = frozenset().union(*PREDICATE_WORDS.values())


def _finder(words: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern that finds, at each position, the longest of the words that starts there.

    A hyphen ends a word. The look-ahead lets matches overlap; a shorter word at the same position
    lies wherever the longest one lies.
    """
    ordered = sorted(words, key=lambda w: (-len(w), w))
    choice = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in ordered)
    return re.compile(rf"(?<!\w)(?=({choice})(?!\w))", re.IGNORECASE)


FIND_NUMBER_WORDS = _finder(NUMBER_WORDS)
FIND_COMPARISON_WORDS = _finder(COMPARISON_WORDS)


def needs_span(name: str) -> bool:
    """Whether a name of an entity must be tagged: it has a digit, or two words, or is all capitals."""
    return any(c.isdigit() for c in name) or (len(name.split()) >= 2 and name[:1].isupper()) or name.isupper()


def find_name(name: str) -> re.Pattern[str]:
    """Return the pattern that finds a name as a whole word, in its own case."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
