"""Answers of the SEC: what its refusals mean, and its list of tickers."""

from __future__ import annotations

from rotascope.ingest.fetch.base import FetchError, Response
from rotascope.ingest.providers.checks import check_content, read_json, refuse, reworded

TICKERS_URL = "https://www.sec.gov/files/company_tickers.json"
CONTACT_FIX = (
    'Set ROTASCOPE_CONTACT to a name and an e-mail address, for example "Jane Doe jane@example.org".'
)
_PAUSE = "Wait ten minutes, then ask for fewer companies at a time."


def check_sec(response: Response) -> None:
    """Raise FetchError if the SEC refused; the message says what its refusals mean."""
    try:
        check_content(response, "The SEC", "json")
    except FetchError as error:
        raise sec_error(error) from error


def sec_error(error: FetchError) -> FetchError:
    """Return the error with what the answer means at the SEC."""
    said = f"{error.message} {error.detail}".lower()
    code, message, fix = error.code, error.message, error.fix
    if "undeclared automated tool" in said:
        code, fix = "forbidden", CONTACT_FIX
        message = "The SEC refuses a program that does not name a contact it accepts."
    elif code in ("rate_limited", "quota"):
        message = "The SEC refuses further requests: there were more than 10 in a second."
        code, fix = "rate_limited", _PAUSE
    elif error.status == 404 or code == "not_found":
        code, message = "not_found", f"The SEC has nothing at {error.url.rpartition('/')[2]}."
        fix = "Check the ticker or number; companies that never filed in XBRL have no facts."
    elif error.status == 403:
        code, fix = "forbidden", f"{CONTACT_FIX} {_PAUSE}"
        message = "The SEC refuses the request: the contact is not accepted, or there were too many requests."
    else:
        return error
    return reworded(error, code, message, fix)


def ciks_by_ticker(response: Response) -> dict[str, int]:
    """Return the SEC's number of each ticker (upper case, share classes with a hyphen)."""
    document = read_json(response, "The SEC")
    rows = document.values() if isinstance(document, dict) else document if isinstance(document, list) else []
    out: dict[str, int] = {}
    for row in rows:
        if (
            isinstance(row, dict)
            and isinstance(row.get("cik_str"), int)
            and isinstance(row.get("ticker"), str)
        ):
            out.setdefault(row["ticker"].upper(), row["cik_str"])
    if not out:
        message = "The SEC's list of tickers has no cik_str and ticker."
        raise refuse(
            response, "unexpected_shape", message, "Name companies by number: SEC.CIK0000320193.EPS."
        )
    return out
