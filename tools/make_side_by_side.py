"""Write docs/side-by-side.md: what an article about January 2026 says, what the data say, and why they differ.

    python tools/make_side_by_side.py [--check]

Needs a data home with prices, flows and factors (`rotascope data import`); each of our figures is a fact, made
here as of 10 February 2026 and printed by the function that prints the reports. With `--check` nothing is
written: the exit code is 1 if the page is not what this program would write.
"""

from __future__ import annotations

import argparse
import string
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from rotascope.app import wiring
from rotascope.app.settings import Settings
from rotascope.facts.build import Desk
from rotascope.facts.catalogue import find_metric
from rotascope.model.facts import Window
from rotascope.model.numerals import render
from rotascope.model.units import Unit
from rotascope.model.universe import load_universe
from rotascope_verify import supported_ops

PAGE = Path(__file__).resolve().parents[1] / "docs" / "side-by-side.md"
AS_OF = date(2026, 2, 10)
BASE, OPEN, END, NOW = date(2025, 12, 31), date(2026, 1, 2), date(2026, 1, 30), date(2026, 2, 9)
_ERAS: dict[str, Any] = {"start": date(1926, 7, 1), "end": date(2018, 11, 30), "from": "1938-01-01"}
Kind = Literal["differs", "agrees", "incomplete", "unsupported"]


class Ask:
    """One figure of ours: a metric over a window, and how it is printed."""

    def __init__(self, metric: str, *series: str, start: date = BASE, end: date = END, base: str = "prior_close",
                 form: str = "plain", decimals: int | None = None, **params: Any) -> None:  # fmt: skip
        self.metric, self.series, self.params = metric, series, params
        self.window = Window(start, end, "open" if base == "open" else "prior_close")
        self.form, self.decimals = form, decimals

    def printed(self, desk: Desk) -> str:
        """Return the fact as the reports print it."""
        fact = find_metric(self.metric).fact(desk, self.series, self.window, **self.params)
        points = 1 if fact.unit is Unit.PP else fact.decimals
        places = points if self.decimals is None else self.decimals
        return render(fact.value, fact.unit, self.form, "iso" if fact.unit is Unit.DATE else "long", places)


@dataclass(frozen=True)
class Row:
    """A statement of the article in our words, our answer as a template, and why they differ."""

    says: str
    kind: Kind
    ours: str
    why: str
    asks: dict[str, Ask]


def _index(name: str, series: str, start: str, end: str, change: str, why: str) -> Row:
    opened = Ask("price_return", series, start=OPEN, end=NOW, base="open", form="signed", decimals=2)
    closed = Ask("price_return", series, end=NOW, form="signed", decimals=2)
    first = Ask("price_return", series, start=OPEN, end=NOW, form="signed", decimals=2)
    return Row(
        f"{name} from {start} to {end}, {change}, 2 January to 9 February",
        "differs",
        "**{closed}** from the close of 31 December; {first} from the close of 2 January; {opened} from the open",
        why,
        {"closed": closed, "first": first, "opened": opened},
    )


ROWS = (
    Row(
        "Russell 1000 Value beat Russell 1000 Growth by about six points in January",
        "incomplete",
        "Holds: **{russell}** by the Russell funds. The CRSP pair gives {crsp}, the S&P pair **{sp}**. The {rank} "
        "largest of {months} months since 2005; without its best session {without}",
        "One family of indices out of three. Families define value differently, and a reader with S&P style "
        "funds saw a third of the gap. Unusual is said with a rank, not with \"one of the most pronounced\".",
        {
            "russell": Ask("value_minus_growth", "IWD", "IWF"),
            "crsp": Ask("value_minus_growth", "VTV", "VUG"),
            "sp": Ask("value_minus_growth", "IVE", "IVW"),
            "rank": Ask("window_rank", "IWD", "IWF", grid="months", form="ordinal"),
            "months": Ask("window_count", "IWD", "IWF", grid="months"),
            "without": Ask("spread_without_largest_day", "IWD", "IWF"),
        },
    ),
    Row(
        "Russell 2000 returned roughly four points more than the Russell 1000",
        "agrees",
        "Holds: **{russell}**; CRSP {crsp}, S&P {sp}",
        "The funds that stand in for the indices are named as proxies.",
        {
            "russell": Ask("small_minus_large", "IWM", "IWB"),
            "crsp": Ask("small_minus_large", "VB", "VV"),
            "sp": Ask("small_minus_large", "IJR", "IVV"),
        },
    ),
    Row(
        "Value ahead of growth by about 14% since November 2025",
        "differs",
        "{feb3} from 31 October to 3 February; **{feb9}** to 9 February; {jan} to 30 January; {nov} from 28 November to "
        "9 February",
        "The figure belongs to another day than the levels beside it, and \"since November\" has two bases. A "
        "window has two dates and a base.",
        {
            "feb3": Ask("value_minus_growth", "IWD", "IWF", start=date(2025, 10, 31), end=date(2026, 2, 3)),
            "feb9": Ask("value_minus_growth", "IWD", "IWF", start=date(2025, 10, 31), end=NOW),
            "jan": Ask("value_minus_growth", "IWD", "IWF", start=date(2025, 10, 31)),
            "nov": Ask("value_minus_growth", "IWD", "IWF", start=date(2025, 11, 28), end=NOW),
        },
    ),
    _index("Russell 2000", "RUT", "2,491.82", "2,689.05", "+7.92%", "The start is the open of 2 January."),
    _index("Dow Jones", "DJI", "48,105.98", "50,135.88", "+4.22%", "The start is the open of 2 January."),
    _index("S&P 500", "GSPC", "6,878.11", "6,964.81", "+1.26%", "The start is the open of 2 January."),
    _index(
        "Nasdaq Composite",
        "IXIC",
        "23,481.49",
        "23,238.67",
        "−1.03%",
        "The start is the open: the fall exists on the open alone. Two later passages argue from it.",
    ),
    Row(
        "A spread of about nine points between small-cap growth and large-cap growth",
        "unsupported",
        "Russell 2000 less Nasdaq Composite, close to close: {gap}; neither is a growth index",
        "The Russell 2000 holds value and growth alike, and the Nasdaq Composite is no style index. A name says "
        "what a series is.",
        {"gap": Ask("return_spread", "RUT", "IXIC", end=NOW)},
    ),
    Row(
        "Index levels written with a dollar sign",
        "differs",
        "{rut} on 9 February, in index points",
        "Index points are no dollars. Each of our figures carries its unit.",
        {"rut": Ask("level", "RUT", end=NOW)},
    ),
    Row(
        "Sectors: Utilities first (+2.09%), then Basic Materials, Technology and Real Estate; Consumer Defensive last",
        "differs",
        "January: Energy **{xle}**, Materials {xlb}, Consumer staples **{xlp}** led; Utilities {xlu}, rank {xlu_rank} "
        "of 11; Technology {xlk}; Financials {xlf} came last",
        "No window is given; moves of that size fit one day. Read as the month's rotation they put the third best "
        "sector last and the eighth first.",
        {
            "xle": Ask("price_return", "XLE", form="signed", decimals=1),
            "xlb": Ask("price_return", "XLB", form="signed", decimals=1),
            "xlp": Ask("price_return", "XLP", form="signed", decimals=1),
            "xlu": Ask("price_return", "XLU", form="signed", decimals=1),
            "xlk": Ask("price_return", "XLK", form="signed", decimals=1),
            "xlf": Ask("price_return", "XLF", form="signed", decimals=1),
            "xlu_rank": Ask("return_rank", "XLU"),
        },
    ),
    Row(
        "Rate cuts to come explain the sectors and the small companies",
        "unsupported",
        "The ten-year yield rose by {dgs10} over the month",
        "A rising yield cannot stand for falling rates. Our drivers are tested by a stated rule; to fit is not to "
        "cause.",
        {"dgs10": Ask("yield_change", "DGS10")},
    ),
    Row(
        "The main small-company fund took in $1.4 billion on 3 February: strong demand",
        "incomplete",
        "{feb3} that day, after **{feb2}** the day before; **{jan}** over January",
        "One day of inflows in a month of outflows. A day is printed with its neighbours and the window's sum.",
        {
            "feb3": Ask("flow_on", "IWM", start=date(2026, 2, 2), end=date(2026, 2, 3), form="signed", decimals=2),
            "feb2": Ask("flow_on", "IWM", start=date(2026, 1, 30), end=date(2026, 2, 2), form="signed", decimals=2),
            "jan": Ask("net_flow", "IWM", form="signed", decimals=2),
        },
    ),
    Row(
        "Small companies beat large ones in about two thirds of all ten-year windows",
        "incomplete",
        "**{all}** of {count} windows to November 2018; **{late}** of those that end after 1988",
        "True of the whole record, and much weaker in the part that today's investors lived through. As of 10 "
        "February 2026 the edition at hand ends in November 2018, and the page says so.",
        {
            "all": Ask("rolling_win_share", "FF.SMB.M", start=date(1926, 7, 1), end=date(2018, 11, 30), months=120),
            "count": Ask("rolling_window_count", "FF.SMB.M", start=date(1926, 7, 1), end=date(2018, 11, 30), months=120),
            "late": Ask("rolling_win_share", "FF.SMB.M", start=date(1926, 7, 1), end=date(2018, 11, 30), months=120,
                        end_after="1988-12-31"),
        },
    ),
    Row(
        "Eras of small-company leadership last 6 to 16 years",
        "incomplete",
        "With a turn at 0.3 in the log ratio, {count} eras since 1938, of {first}, {second}, {third} and so on; the one "
        "still open is named",
        "Lengths depend on the threshold at which a turn counts. A range without its rule cannot be checked.",
        {
            "count": Ask("era_count", "FF.SMB.M", **_ERAS),
            "first": Ask("era_length", "FF.SMB.M", index=0, **_ERAS),
            "second": Ask("era_length", "FF.SMB.M", index=1, **_ERAS),
            "third": Ask("era_length", "FF.SMB.M", index=2, **_ERAS),
        },
    ),
    Row(
        "Small companies' present underperformance is an anomaly",
        "unsupported",
        "They led by {gap} over the window",
        "Contradicts the headline of the same article. Sentences are held against one set of facts, so two of "
        "them cannot disagree.",
        {"gap": Ask("small_minus_large", "IWM", "IWB")},
    ),
    Row(
        "Causes: valuation, duration, profit taking, earnings to come, trade policy",
        "unsupported",
        "Candidates are measured: change over the window, relation to the gap before it, percentile, and a verdict",
        "Cause is never claimed. What no data stand behind is not said, or cited as somebody's words.",
        {},
    ),
    Row(
        "Citation `[0]`, the market data",
        "unsupported",
        "Each row that a figure used lies in the bundle, with its source, and a program of the standard library "
        "computes each figure again",
        "A citation that cannot be opened proves nothing.",
        {},
    ),
)  # fmt: skip

HEAD = """# Side by side: an article about January 2026

On 10 February 2026 ginlix.ai published "Market Rotation Analysis: Value and Small-Cap Leadership in January 2026"
(https://www.ginlix.ai/news/26986-value-and-small-cap-leadership-in-january-2026). This page sets its statements,
in our words, beside what the data gave on that day. Each of our figures is a fact, made by
`tools/make_side_by_side.py` from imported prices, flows and factors and printed like those of a report; a test
makes the page again wherever those data are at hand. Funds stand in for the Russell, CRSP and S&P indices.

| It says | | The data say | Why ours differs |
|---|---|---|---|
"""

TAIL = """
*agrees*: the same figure. *incomplete*: true, and misleading without what stands beside it. *differs*: another
figure by the rule that both claim to follow. *unsupported*: nothing in the data, or in the article, carries it.

What the article has and ours has too, part by part: title, tags, label (ours by a rule that is printed),
context, styles and size, sectors, contributing factors, correlations, precedent and regime, opportunities, risks,
time sensitivity, summary, monitoring priorities (ours with numbers), tickers with quotes (ours say how late they
are), related reading, sources (ours open), disclaimer. What ours adds: families beside each other, how unusual a
month was, precedents with their count, what the data does not support, what would change the reading, charts
that are verified like the text, and the means to check all of it.
"""


def page(desk: Desk) -> str:
    """Return the whole page."""
    lines = []
    for row in ROWS:
        values = {name: ask.printed(desk) for name, ask in row.asks.items()}
        wanted = {place for _, place, _, _ in string.Formatter().parse(row.ours) if place}
        if wanted != set(values):
            raise ValueError(f"{row.says}: the figures are {sorted(values)}, the places {sorted(wanted)}")
        lines.append(f"| {row.says} | {row.kind} | {row.ours.format(**values)} | {row.why} |\n")
    return HEAD + "".join(lines) + TAIL


def written(home: Path) -> str:
    """Return the page as the data of a home give it."""
    with wiring.open_reader(Settings(home)) as reader:
        return page(Desk(reader, load_universe("us"), AS_OF, verifiable=supported_ops()))


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    text = written(Settings.from_environment().home)
    if parser.parse_args().check:
        return 0 if PAGE.read_text("utf-8") == text else 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
