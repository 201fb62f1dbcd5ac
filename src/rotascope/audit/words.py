"""The words around figures: up and down, in and out, supposed, inside a session, about something else."""

from __future__ import annotations

import re


def _any(text: str, before: str = r"\b", after: str = r"\b") -> re.Pattern[str]:
    """Return a pattern for a list of words over several lines."""
    choice = "".join(line.strip() for line in text.splitlines())
    return re.compile(f"{before}(?:{choice}){after}", re.IGNORECASE)


AHEAD = (
    r"outperform(?:ed|s|ing|ance)?|beat(?:en|ing|s)?|outpac(?:ed|es|ing)|led|leads|leading|topp(?:ed|ing)|"
    r"best(?:ed|ing)|surpass(?:ed|ing)|exceed(?:ed|ing)|ahead of"
)
BEHIND = r"underperform(?:ed|s|ing|ance)?|trail(?:ed|s|ing)|lagg(?:ed|ing)|lags|behind"

UP = _any(r"""
    rose|rises?|rising|risen|gain(?:s|ed|ing)?|advanc(?:e|es|ed|ing)|climb(?:s|ed|ing)?|add(?:s|ed|ing)|
    jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)|rall(?:y|ied|ying)|increas(?:e|es|ed|ing)|return(?:s|ed|ing)?|up|
    higher|soar(?:s|ed|ing)?|rebound(?:s|ed|ing)?|ahead|grew|best
""")
DOWN = _any(r"""
    fell|falls?|falling|fallen|declin(?:e|es|ed|ing)|los(?:t|es|ing|s)|drop(?:s|ped|ping)?|slid(?:e|es|ing)?|
    slip(?:s|ped|ping)?|down|lower|off|retreat(?:s|ed|ing)?|tumbl(?:e|es|ed|ing)|shed(?:ding|s)?|sank|
    sink(?:s|ing)?|decreas(?:e|es|ed|ing)|plung(?:e|es|ed|ing)|dip(?:s|ped|ping)?
""")
IN = _any(r"""
    inflows?|took in|taken in|gather(?:ed|ing)|attract(?:ed|ing)|drew|drawn|pulled in|brought in|
    net creations?|added
""")
OUT = _any(r"""
    outflows?|withdr(?:ew|awn|awals?)|redemptions?|redeemed|bled|lost|losing|shed|pulled (?:out|from)|gave up
""")
SUPPOSED = _any(r"""
    could|would|might|may|will|expect(?:s|ed)?|forecasts?|project(?:s|ed)|predict(?:s|ed)?|targets?|
    estimates?d?|anticipat(?:e|es|ed)|if|should|probability|chance|odds|assum(?:e|es|ing)|scenario|on pace|
    annualised|annualized|average[ds]?|typically|historically|median
""")
INTRADAY = _any(r"""
    intraday|at one point|as much as|session (?:high|low)|midday|in early trading|morning|pre-?market|
    after-hours|opened|at the open|earlier in the (?:day|session)|before paring|mid-session|futures
""")
TOPICS = _any(r"""
    earnings|profits?|revenues?|sales|margins?|inflation|CPI|GDP|unemployment|jobless|payrolls|dividends?|
    weights?|weighting|allocation|valuations?|multiples?|price-to-\w+|P/E|ratio|fees?|expense|assets|
    short interest|rate cuts?|tariffs?|coupon|volume|volatility of|correlation|concentration|market cap|
    capitali[sz]ation|holdings?|constituents|stake|share of|percentile|standard deviations?|beta|premium|
    discount|from (?:its|their|a|the) (?:[\w-]+ )?(?:record|peak|high|low)|below (?:its|their)|
    above (?:its|their)|moving average|basis|half of|target
""")
CLAUSE = _any(r"""
    while|whereas|but|as|when|after|before|despite|even|although|though|versus|compared|against|than
""")
WINDOWS = _any("rolling|windows?|periods?|stretch|stretches|decades?")
RUN = _any("straight|consecutive|successive|row|streak|each of|every one of|all of", "", "")
# a name that is no instrument: a word with a capital that does not begin the text
CAPITAL = re.compile(
    r"(?<![.!?]\s)(?<!^)\b"
    r"(?!(?:Index|ETF|ETFs|Fund|Trust|Composite|Average|Industrial|I|The|U|US|S)\b)[A-Z][A-Za-z]{2,}"
)
LEVEL_BEFORE = re.compile(
    r"(?:\b(?:from|to|at|near|around)|\b(?:close|level|finish|end|high|reading|record|open) of|"
    r"\b(?:closed|finished|ended|settled))\s*(?:a\s+(?:record|new high|fresh high)\s+(?:of\s+)?)?"
    r"(?:(?:about|roughly|around|approximately|nearly)\s+)?$",
    re.IGNORECASE,
)
YIELD_BEFORE = re.compile(
    r"\b(?:at|to|near|around|of|was|is|stood|yields?|yielding|yielded)\s*(?:about |roughly |around )?$",
    re.IGNORECASE,
)
BOUND = re.compile(r"\b(?:more|less|fewer)\s+than\s*$", re.IGNORECASE)
# what follows the noun after a number is about something else
_NOUN_AFTER = re.compile(
    r"[^\w\s-].*|\b(?:in|on|for|to|from|against|since|by|as|at|of|with|over|during|and|after|before|through|versus|"
    r"than|which|that|while|but)\b.*",
    re.IGNORECASE | re.DOTALL,
)
START_BEFORE = re.compile(r"\bfrom\s*(?:\w+\s+)?$", re.IGNORECASE)


def direction(between: str, after: str) -> int:
    """Return +1 or -1 for what the words around a number say of its sign, 0 if they say nothing.

    The noun right after the number ("a 1.2% loss") counts before the words in front; of several the last.

    >>> direction(" rose ", " to a low"), direction(" posted a ", " loss"), direction(" was at ", "")
    (1, -1, 0)
    """
    for words in (_NOUN_AFTER.sub("", after), between):
        ups, downs = [[m.start() for m in p.finditer(words)] for p in (UP, DOWN)]
        if ups or downs:
            return 1 if max(ups, default=-1) > max(downs, default=-1) else -1
    return 0
