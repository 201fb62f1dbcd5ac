"""SEC EDGAR: what companies report, and when they first reported it.

Two kinds of series come from here.

`SEC.<company>.EPS`, `.NETINCOME`, `.REVENUE`: quarterly, dated on the last day of the fiscal quarter. The
company is a ticker or `CIK` with its number. Each row names the filing that **first** stated it, and is known
from the day of that filing on; later restatements do not change it. `SEC.<company>.EPS.RESTATED` holds the
quarters whose value a later filing changed, known from the filing that changed it. A fourth quarter, which
companies do not report, is the year less nine months (income and revenue only), known with the annual report.

`SEC.GROUP.<fund>.EARNINGS_GROWTH`: see `sec_groups`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from rotascope.ingest.fetch.base import Fetcher, FetchError, Request, Response
from rotascope.ingest.providers import sec_groups
from rotascope.ingest.providers.base import Task, Terms, asked_for
from rotascope.ingest.providers.checks import first_response, need_columns, read_json, refuse
from rotascope.ingest.providers.parsing import finish
from rotascope.ingest.providers.sec_answers import (
    CONTACT_FIX,
    TICKERS_URL,
    check_sec,
    ciks_by_ticker,
    sec_error,
)
from rotascope.ingest.providers.sec_facts import CONCEPTS, Concept, Filed, Quarters, quarters
from rotascope.model.findings import Finding, Severity
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source, Standing
from rotascope.model.units import Unit
from rotascope.store.series import ParsedFile, SeriesBlock

FACTS_URL = "https://data.sec.gov/api/xbrl/companyfacts/CIK{cik:010d}.json"
READER = "sec-facts/1"

_SERIES = re.compile(
    r"SEC\.(?P<company>[A-Z0-9][A-Z0-9.-]*?)\.(?P<name>EPS|NETINCOME|REVENUE)(?P<restated>\.RESTATED)?"
)
_CIK = re.compile(r"(?:CIK)?0*(\d{1,10})")
_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Sec:
    """Company facts and frames of the SEC. `contact`: who asks; the SEC refuses programs that do not say."""

    name = "sec"
    terms = Terms(
        publisher="U.S. Securities and Exchange Commission (EDGAR)",
        what="quarterly earnings per share, net income and revenue of companies, with the filing that first "
        "stated each; growth of earnings by size group",
        licence="public domain: works of the United States government, and filings open to all",
        terms_url="https://www.sec.gov/search-filings/edgar-search-assistance/accessing-edgar-data",
        revisions="restated by later filings; values as first reported and restated ones are two series",
        limits="10 requests a second, and a pause of about ten minutes for those who exceed it",
        needs="`ROTASCOPE_CONTACT`: a name and an e-mail address, sent with each request",
        tested="recorded company facts, list of tickers, 403 and 404 answers; documented frames",
    )

    def __init__(self, contact: str = "") -> None:
        self._contact = contact.strip()

    def tasks(self, series: Sequence[str] | None = None) -> list[Task]:
        """Return one task for each company, and one for the size groups.

        By default only the size groups, and those only where a contact is set.
        """
        groups = tuple(sec_groups.SERIES)
        if series is None:
            return [Task(self.name, "sec:groups", groups)] if self._contact else []
        wanted: dict[str, list[str]] = {}
        for name in (n for s in series if (n := asked_for(self.name, s))):
            if name in groups:
                wanted.setdefault("groups", list(groups))
            elif found := _SERIES.fullmatch(name):
                wanted.setdefault(found["company"], []).append(name)
        return [Task(self.name, f"sec:{key}", tuple(names)) for key, names in wanted.items()]

    def fetch(self, task: Task, fetcher: Fetcher, *, since: date | None = None) -> list[Response]:
        """Fetch a company's facts, and the list of tickers where the company is named by one.

        The SEC serves whole histories; `since` is not used. Raises FetchError: `missing_key` before anything
        is sent if there is no contact, `not_found` for an unknown ticker, `forbidden`, `rate_limited`.
        """
        self._need_contact(FACTS_URL)
        if task.key == "sec:groups":
            return sec_groups.fetch(lambda url: self._get(fetcher, url), fetcher)
        company = task.key.removeprefix("sec:")
        if found := _CIK.fullmatch(company):
            return [self._get(fetcher, FACTS_URL.format(cik=int(found[1])))]
        listed = self._get(fetcher, TICKERS_URL)
        cik = ciks_by_ticker(listed).get(company.replace(".", "-"))
        if cik is None:
            raise refuse(
                listed,
                "not_found",
                f"The SEC lists no company with the ticker {company}.",
                "Use its number instead: SEC.CIK0000320193.EPS. Funds and foreign listings have no facts.",
            )
        return [self._get(fetcher, FACTS_URL.format(cik=cik)), listed]

    def parse(self, task: Task, responses: Sequence[Response]) -> ParsedFile:
        """Return the series of a task. All of a company's series come, whichever of them was asked for.

        Raises: FetchError if the content is a wall, damaged or of another form, or has no quarter in dollars.
        """
        if task.key == "sec:groups":
            return finish(sec_groups.parse(responses), task, responses)
        for response in responses:
            check_sec(response)
        response = first_response(responses, "The SEC")
        parsed = parse_facts(response, task.key.removeprefix("sec:"))
        if not parsed.blocks:
            why = " ".join(f.message for f in parsed.findings)
            fix = "Companies that report once a year, or not in dollars, have no quarters here."
            raise refuse(response, "no_usable_rows", f"Nothing of {task.key} can be used. {why}", fix)
        return finish(parsed, task, responses)

    def _need_contact(self, url: str) -> None:
        if not _CONTACT.search(self._contact):
            shown = f"'{self._contact}' is none" if self._contact else "ROTASCOPE_CONTACT is not set"
            message = f"The SEC answers only programs that name a contact with an e-mail address; {shown}."
            raise FetchError("missing_key", message, url=url, fix=CONTACT_FIX)

    def _get(self, fetcher: Fetcher, url: str) -> Response:
        agent = f"rotascope {self._contact}"
        try:
            response = fetcher.get(Request(url, headers={"User-Agent": agent}, accept="json"))
        except FetchError as error:
            raise sec_error(error) from error
        check_sec(response)
        return response


def parse_facts(response: Response, company: str) -> ParsedFile:
    """Return the quarterly series of one company-facts document.

    Raises: FetchError `not_json`, or `unexpected_shape`, for another company's facts too.
    """
    document = read_json(response, "The SEC")
    have = document if isinstance(document, dict) else {}
    need_columns(response, "The SEC", have, ("cik", "facts"))
    facts = document["facts"] if isinstance(document["facts"], dict) else {}
    number = int(str(document["cik"]).lstrip("0") or 0)
    if (asked := _CIK.fullmatch(company)) and int(asked[1]) != number:
        message = f"These facts are those of CIK {number}, not of {company}."
        raise refuse(response, "unexpected_shape", message, "Fetch them again.")
    entity = " ".join(str(document.get("entityName", "")).split())
    writer = _Writer(response, company, number, entity)
    for concept in CONCEPTS:
        writer.add(concept, quarters(facts, concept), facts)
    return writer.finish()


class _Writer:
    """Blocks, sources and findings of one company."""

    def __init__(self, response: Response, company: str, number: int, entity: str) -> None:
        self._response = response
        self._prefix = f"SEC.{company}"
        self._entity = entity or company
        self._number = number
        self._filings: dict[str, Source] = {}
        source = Source(
            id=f"sec:{number:010d}:{response.sha256[:8]}",
            publisher="U.S. Securities and Exchange Commission",
            title=f"Company facts of {self._entity}",
            url=response.url,
            licence=Sec.terms.licence,
            retrieved_at=response.fetched_at,
            sha256=response.sha256,
        )
        self._parsed = ParsedFile(source=source, reader=READER)

    def add(self, concept: Concept, found: Quarters, facts: Mapping[str, Any]) -> None:
        """Add the two series of a concept."""
        series = f"{self._prefix}.{concept.name}"
        self._parsed.rows_read += len(found.first)
        self._block(series, found.first, "as first reported")
        self._block(f"{series}.RESTATED", found.last, "as restated by a later filing")
        if not found.first:
            units = sorted({u for t, tag in concept.tags for u in _units(facts, t, tag)})
            told = f"; it reports in {', '.join(units)}" if units else ""
            self._note(
                "no_quarters", Severity.INFO, f"{self._entity} has no quarterly {concept.name}{told}.", series
            )
        if found.last:
            message = f"{len(found.last)} quarters of {series} were changed by later filings."
            self._note("restated", Severity.INFO, message, series, len(found.last))
        derived = sum(f.year_less for f in found.first.values())
        if derived:
            message = f"{derived} fourth quarters of {series} are the year less nine months."
            self._note("derived_quarters", Severity.INFO, message, series, derived)
        if found.contradictions:
            message = (
                f"{found.contradictions} periods of {series} have two values in one filing; none is used."
            )
            self._note("contradictory_facts", Severity.WARNING, message, series, found.contradictions)
        if found.unreadable:
            message = f"{found.unreadable} facts of {series} have no usable dates or value."
            self._note("unreadable_facts", Severity.REJECTED, message, series, found.unreadable)

    def _note(self, code: str, severity: Severity, message: str, series: str, count: int = 1) -> None:
        self._parsed.findings.append(Finding(code, severity, message, series=series, count=count))

    def _block(self, series: str, values: Mapping[date, Filed], basis: str) -> None:
        if not values:
            return
        days = sorted(values)
        meta = SeriesMeta(
            series=series,
            field=Field.VALUE,
            unit=Unit.USD,
            frequency=Frequency.QUARTERLY,
            source=self._parsed.source.id,
            retrieved_at=self._response.fetched_at,
            attributes={"company": self._entity, "basis": basis, "cik": f"{self._number:010d}"},
        )
        refs = tuple(self._filing(values[day]) for day in days)
        block = SeriesBlock(
            meta=meta,
            dates=np.array(days, dtype="datetime64[D]"),
            values=np.array([values[day].value for day in days], dtype=np.float64),
            refs=refs,
        )
        self._parsed.blocks.append(block)

    def _filing(self, fact: Filed) -> str:
        """Return the id of the source that is the filing of a value; it is known from that day on."""
        name = f"sec:{fact.accession}" + (":q4" if fact.year_less else "")
        how = ", year less nine months" if fact.year_less else ""
        folder = fact.accession.replace("-", "")
        if name in self._filings and self._filings[name].published != fact.filed:
            name += f":{fact.filed}"  # one number, two days: neither may lend the other its date
        self._filings.setdefault(
            name,
            Source(
                id=name,
                publisher=self._entity,
                title=f"Form {fact.form or '?'} filed {fact.filed}{how}",
                url=f"https://www.sec.gov/Archives/edgar/data/{self._number}/{folder}/",
                licence=Sec.terms.licence,
                published=fact.filed,
                standing=Standing.REPORTED,
            ),
        )
        return name

    def finish(self) -> ParsedFile:
        """Return what was read."""
        self._parsed.references.extend(self._filings.values())
        return self._parsed


def _units(facts: Mapping[str, Any], taxonomy: str, tag: str) -> list[str]:
    entry = facts.get(taxonomy)
    told = entry.get(tag) if isinstance(entry, Mapping) else None
    units = told.get("units") if isinstance(told, Mapping) else None
    return [str(u) for u in units] if isinstance(units, Mapping) else []
