"""What a chart of Yahoo's must look like, and which of its days are over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from datetime import timezone as fixed_offset
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rotascope.ingest.fetch.base import Response
from rotascope.ingest.fetch.judge import judge
from rotascope.ingest.providers.parsing import refused
from rotascope.ingest.readers import yahoo_chart
from rotascope.model.findings import Finding, Severity
from rotascope.store.series import ParsedFile

_LATEST = timedelta(minutes=30)  # after the end of a session, by which a delayed price has come too
_PRICES = ("open", "high", "low", "close")
_EMPTY = "There are no prices in this window."


def checked(response: Response, *, rows: bool = True) -> Mapping[str, Any]:
    """Return the chart in an answer. With `rows`, it must have days that go with its lists of prices.

    Raises: FetchError: not_json, source_error, not_found, unauthorised, empty, unexpected_shape, wall, quota.
    """
    verdict = judge(response.body, "json")
    if verdict is not None:
        raise refused(verdict.code, verdict.message, [response])
    document = json.loads(response.body.removeprefix(b"\xef\xbb\xbf"))
    outer = document.get("chart") if isinstance(document, dict) else None
    if not isinstance(outer, dict):
        raise refused("unexpected_shape", "The answer is no chart.", [response])
    if outer.get("error"):
        raise refused("source_error", f"Yahoo says: {str(outer['error'])[:160]}.", [response])
    found = yahoo_chart.chart_of(document)
    if found is None:
        raise refused("unexpected_shape", "The chart has no result with a description.", [response])
    if rows:
        _check_rows(found, response)
    return found


def _check_rows(found: Mapping[str, Any], response: Response) -> None:
    stamps, lists = found.get("timestamp"), _lists(found)
    granularity = found["meta"].get("dataGranularity")
    if granularity != "1d":
        raise refused(
            "unexpected_shape", f"The bars are of {granularity}, and one day was asked for.", [response]
        )
    if not stamps:
        if any(lists.values()):
            raise refused("unexpected_shape", "There are prices without their days.", [response])
        raise refused("empty", _EMPTY, [response])
    if not isinstance(stamps, list) or not all(_is_number(s) for s in stamps):
        raise refused("unexpected_shape", "The days are not all numbers.", [response])
    lacking = [name for name in _PRICES if not isinstance(lists.get(name), list)]
    if lacking:
        have = ", ".join(sorted(lists)) or "none"
        raise refused(
            "unexpected_shape", f"There is no list of {', '.join(lacking)}; there is {have}.", [response]
        )
    for name, values in lists.items():
        if not isinstance(values, list) or len(values) != len(stamps):
            raise refused("unexpected_shape", f"The list of {name} is not as long as the days.", [response])
        if not all(v is None or _is_number(v) for v in values):
            raise refused("unexpected_shape", f"The list of {name} holds what is no number.", [response])


def _lists(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lists of values by name."""
    indicators = found.get("indicators")
    out: dict[str, Any] = {}
    for group in ("quote", "adjclose"):
        members = indicators.get(group) if isinstance(indicators, dict) else None
        first = members[0] if isinstance(members, list) and members else {}
        if isinstance(first, dict):
            out |= first
    return out


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def finished_days(found: Mapping[str, Any], fetched_at: datetime) -> tuple[bytes, list[Finding]]:
    """Return the chart as JSON without days that are not over, and a finding for each that was left out.

    Yahoo adds the running session as a last row, with the last price as its close. Of two rows for one day
    the last is the newer.
    """
    zone = zone_of(found["meta"])
    stamps = list(found["timestamp"])
    days = [datetime.fromtimestamp(stamp, zone).date() for stamp in stamps]
    drop: set[int] = set()
    findings = []
    if len(days) > 1 and days[-1] == days[-2]:
        drop.add(len(days) - 2)
        findings.append(
            _note("live_row", f"{days[-1]} comes twice at the end; the later row counts.", days[-1])
        )
    if not is_over(found["meta"], days[-1], zone, fetched_at):
        drop.add(len(days) - 1)
        message = f"The session of {days[-1]} was not over; its last price is no close and is left out."
        findings.append(_note("session_not_over", message, days[-1]))
    return _without(found, drop), findings


def is_over(meta: Mapping[str, Any], day: date, zone: tzinfo, fetched_at: datetime) -> bool:
    """Return whether the session of `day` had ended when a chart was fetched.

    The chart states when its last price was made and when the current session ends. A session that may
    still go on, because the chart does not say, counts as not over.
    """
    today = fetched_at.astimezone(zone).date()
    regular = (meta.get("currentTradingPeriod") or {}).get("regular") or {}
    end, last = _seconds(regular.get("end")), _seconds(meta.get("regularMarketTime"))
    if end is None:
        return day < today
    session = datetime.fromtimestamp(end, zone)
    if day != session.date():
        return day < session.date() or day < today
    if fetched_at >= session + _LATEST:
        return True
    return last is not None and last >= end and fetched_at >= session


def _seconds(value: Any) -> float | None:
    return float(value) if _is_number(value) else None


def _without(found: Mapping[str, Any], drop: set[int]) -> bytes:
    """Return a chart document without some rows."""
    result = dict(found)
    count = len(found["timestamp"])
    keep = [at for at in range(count) if at not in drop]
    if drop:
        result["timestamp"] = [found["timestamp"][at] for at in keep]
        result["indicators"] = {
            group: [
                {name: [values[at] for at in keep] for name, values in member.items()} for member in members
            ]
            for group, members in found["indicators"].items()
        }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def oddities(body: bytes, found: Mapping[str, Any]) -> list[Finding]:
    """Return findings for values that are no JSON numbers, for days without any price, and unknown splits."""
    strange: list[str] = []
    json.loads(body.removeprefix(b"\xef\xbb\xbf"), parse_constant=strange.append)
    findings = []
    if strange:
        message = f"{len(strange)} values are {strange[0]}, which is no number; they count as unknown."
        findings.append(Finding("not_a_number", Severity.WARNING, message, count=len(strange)))
    lists = _lists(found)
    blank = sum(all(lists[n][at] is None for n in _PRICES) for at in range(len(found["timestamp"])))
    if blank:
        message = f"{blank} days have no price at all; they have no row."
        findings.append(Finding("blank_days", Severity.INFO, message, count=blank))
    return findings


def rename(parsed: ParsedFile, old: str, new: str) -> None:
    """Give the blocks the series that was asked for, where Yahoo writes it in another way."""
    if old == new:
        return
    parsed.blocks[:] = [
        replace(b, meta=replace(b.meta, series=new)) if b.meta.series == old else b for b in parsed.blocks
    ]
    parsed.findings[:] = [replace(f, series=new) if f.series == old else f for f in parsed.findings]


def zone_of(meta: Mapping[str, Any]) -> tzinfo:
    """Return the time zone of the exchange: by name, else by its offset now."""
    try:
        return ZoneInfo(str(meta.get("exchangeTimezoneName", "")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return fixed_offset(timedelta(seconds=_seconds(meta.get("gmtoffset")) or 0.0))


def _note(code: str, message: str, day: date) -> Finding:
    return Finding(code, Severity.INFO, message, first=day, last=day)
