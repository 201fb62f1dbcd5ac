"""The words of the evidence in a PDF: units, windows, inputs, and how a number is computed.

What a metric is comes from the catalogue. A few facts belong to no metric of their own (a parameter, a
count of other facts); for those the operation is told in words here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WHOLE = 1e15  # whole numbers below it are written without a decimal point
UNITS = {
    "percent": "percent",
    "pp": "percentage points",
    "bp": "basis points",
    "usd": "dollars",
    "usd_m": "millions of dollars",
    "index_level": "index points",
    "ratio": "ratio",
    "share": "share",
    "count": "count",
    "sessions": "sessions",
    "months": "months",
    "years": "years",
    "rank": "rank",
    "percentile": "percentile",
    "date": "date",
    "shares": "shares",
}
OPERATIONS = {
    "observed": "The value as its source states it.",
    "pct_change": "Later value ÷ earlier value − 1, in percent.",
    "change": "Later value − earlier value.",
    "difference": "The first fact − the second.",
    "ratio": "The first fact ÷ the second.",
    "product": "The first fact × the second.",
    "relative_fall": "What a fall of so much in logarithms takes from a ratio.",
    "sum_values": "The sum of the known values.",
    "count_rows": "How many rows have a known value.",
    "count_facts": "How many facts it is made from.",
    "rank_of": "One more than the number of facts with a greater value.",
    "parameter": "A parameter of the fact it is made from.",
    "window_date": "A date of the window of the fact it is made from.",
    "trigger": "The value that the fact would have to pass.",
}
EXTREMES = {
    "max": "The largest of the facts.",
    "min": "The smallest of the facts.",
    "range": "The largest of the facts − the smallest.",
    "median": "The middle one of the facts.",
}


def metric_words(name: str) -> str:
    """Return a metric's name as words.

    >>> metric_words("value_minus_growth")
    'Value minus growth'
    """
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def explanation(metric: str, recipe: Mapping[str, Any]) -> str:
    """Return what a number is and how it is computed, as sentences; empty if nobody says.

    >>> explanation("sectors_falling", {"op": "count_where", "params": {"test": "below", "than": 2}})
    'How many of the facts are below 2.'
    """
    from rotascope.facts.catalogue import load_metrics

    if known := load_metrics().get(metric):
        return f"{known.summary} Formula: {known.recipe}."
    params = recipe["params"]
    if recipe["op"] == "count_where":
        than = f" {params['than']}" if "than" in params else ""
        return f"How many of the facts are {params['test']}{than}."
    if recipe["op"] == "extreme":
        return EXTREMES.get(params["want"], "")
    return OPERATIONS.get(recipe["op"], "")


def exact_value(fact: Mapping[str, Any]) -> str:
    """Return a fact's unrounded value; dates as YYYY-MM-DD.

    >>> exact_value({"unit": "pp", "value": -1.5}), exact_value({"unit": "date", "value": 20260130})
    ('−1.5', '2026-01-30')
    """
    value = fact["value"]
    text = json.dumps(int(value) if value == int(value) and abs(value) < WHOLE else value)
    if fact["unit"] == "date":
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def about(fact: Mapping[str, Any]) -> str:
    """Return the metric of a fact and its series, in words.

    >>> about({"metric": "price_return", "series": ["IWD"]})
    'Price return: IWD'
    """
    return f"{metric_words(fact['metric'])}{': ' if fact['series'] else ''}{', '.join(fact['series'])}"


def state(fact: Mapping[str, Any], as_of: str) -> str:
    """Return unrounded value, unit and window of a fact in words, and its as-of date unless it is `as_of`.

    >>> state({"value": 2.0, "unit": "count", "window": None, "as_of": "2026-02-10"}, "2026-02-11")
    'Value 2 (count). As of 2026-02-10.'
    """
    window, text = fact["window"], ""
    if window is not None:
        start = window.get("start_used", window["start"])
        end = window.get("end_used", window["end"])
        base = "open" if window["base"] == "open" else "close"
        text = f" From the {base} of {start} to the close of {end}."
    when = "" if fact["as_of"] == as_of else f" As of {fact['as_of']}."
    return f"Value {exact_value(fact)} ({UNITS.get(fact['unit'], fact['unit'])}).{text}{when}"


def recipe(recipe: Mapping[str, Any]) -> str:
    """Return the operation and its parameters, these as JSON.

    >>> recipe({"op": "change", "params": {"scale": 100}}), recipe({"op": "ratio", "params": {}})
    ('Operation change {"scale": 100}', 'Operation ratio')
    """
    params = dict(recipe["params"])
    settings = f" {json.dumps(params, sort_keys=True, ensure_ascii=False)}" if params else ""
    return f"Operation {recipe['op']}{settings}"


def input_words(item: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> str:
    """Return one input made of observations in words: what, when, how many rows, whose, their digest."""
    rows = "row" if item["rows"] == 1 else "rows"
    when = item["first"] if item["first"] == item["last"] else f"{item['first']} to {item['last']}"
    vintage = f", vintage {item['vintage']}" if item["vintage"] else ""
    publisher = "several sources" if item["source"] == "*" else source_words(item["source"], sources)
    digest = item["sha256"][:12]
    return (
        f"{item['series']} {item['field']}, {when}, {item['rows']} {rows}{vintage}; {publisher}; "
        f"SHA-256 {digest}"
    )


def source_words(key: str, sources: Mapping[str, Mapping[str, str]]) -> str:
    """Return publisher and title of a source, or its key if neither is known."""
    source = sources.get(key, {})
    named = [text for text in (source.get("publisher", ""), source.get("title", "")) if text]
    return ", ".join(named) or key
