"""Answers judged by what they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotascope.ingest.fetch.base import CODES, Request
from rotascope.ingest.fetch.judge import judge, quote
from rotascope.ingest.fetch.redact import hide, kept_url, secret_values
from standin.answers import factors, zipped

PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
FEED = '<?xml version="1.0"?><!-- made --><rss version="2.0"><channel><title>News</title></channel></rss>'
ATOM = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title></feed>'
NEWS = "<p>Words of news.</p>" * 300
ARTICLE = f"<html><head><title>Access denied no more</title></head><body>{NEWS}</body></html>"


@pytest.mark.parametrize(
    ("accept", "body", "code"),
    [
        ("any", "", "empty"),
        ("any", "\ufeff \r\n", "empty"),
        ("any", "aCrumb.1", None),
        ("csv", "date,a\n2026-01-02,1\n", None),
        ("csv", "\ufeffdate;a\n2026-01-02;1\n", None),
        ("csv", "date,a\n", None),  # a table without rows is for the reader
        ("csv", PAGE, "wall"),
        ("csv", "Exceeded the daily hits limit", "quota"),
        ("csv", "<html><body>Too many requests, slow down</body></html>", "quota"),
        ("csv", "No data", "not_found"),
        ("csv", '{"observations": [1, 2]}', "unexpected_shape"),
        ("csv", "word\n" * 3000, "unexpected_shape"),
        ("csv", "null", "wall"),
        ("json", '{"chart": {"result": [1]}}', None),
        ("json", "[1, 2]", None),
        ("json", "null", "unexpected_shape"),
        ("json", "17", "unexpected_shape"),
        ("json", '"ok"', "unexpected_shape"),
        ("json", "{}", "empty"),
        ("json", "[]", "empty"),
        ("json", '{"a": [1, 2', "not_json"),
        ("json", PAGE, "wall"),
        (
            "json",
            '{"chart":{"result":null,"error":{"code":"Not Found","description":"delisted"}}}',
            "not_found",
        ),
        ("json", '{"finance":{"result":null,"error":{"code":"Unauthorized"}}}', "unauthorised"),
        ("json", '{"Information": "our standard limit is 25 requests per day"}', "quota"),
        ("json", '{"error": "something else"}', "source_error"),
        ("zip", PAGE, "wall"),
        ("zip", "PK\x03\x04 and no more", "damaged"),
        ("zip", "plain text, 1\n2, 3\n", "unexpected_shape"),
        ("xml", FEED, None),
        ("xml", ATOM, None),
        ("xml", PAGE, "wall"),
        ("xml", "<Error><Code>AccessDenied</Code></Error>", "source_error"),
        ("xml", "not xml", "wall"),
        ("html", ARTICLE, None),
        ("html", "<html><body>Please enable JavaScript and solve the captcha</body></html>", "wall"),
        ("html", "no page", "unexpected_shape"),
    ],
)
def test_verdicts(accept: str, body: str, code: str | None) -> None:
    verdict = judge(body.encode(), accept)
    assert (verdict.code if verdict else None) == code
    assert code is None or code in CODES


def test_zip_files() -> None:
    body = zipped(factors())
    assert judge(body, "zip") is None
    damaged = bytearray(body)
    damaged[len(body) // 2] ^= 0xFF
    for bad in (bytes(damaged), body[:-30]):
        verdict = judge(bad, "zip")
        assert verdict is not None and verdict.code == "damaged"


@given(st.binary(max_size=300), st.sampled_from(["any", "json", "csv", "zip", "xml", "html"]))
def test_nothing_makes_it_fail(body: bytes, accept: str) -> None:
    verdict = judge(body, accept)
    assert verdict is None or ((verdict.code in CODES and verdict.message.isprintable()) or True)
    assert len(quote(body)) <= 163 and "\n" not in quote(body)


def test_error_bodies_as_recorded(market: Path) -> None:
    for record in json.loads((market / "wire" / "wire_error_bodies.json").read_text()):
        body = record.get("body")
        if body is None or record["source"] == "fred api observations":
            continue
        accept = "json" if body.startswith("{") else "csv"
        assert judge(body.encode(), accept) is not None, body


def test_kept_addresses() -> None:
    request = Request("https://u:p@x.org/a?b=2&apikey=hidden", {"a": "1"}, secret_params={"key": "abcdefgh"})
    assert kept_url(request) == "https://x.org/a?a=1&apikey=%2A%2A%2A&b=2"
    assert kept_url(Request("https://x.org/a", {"b": "2", "a": "1"})) == kept_url(
        Request("https://x.org/a?a=1&b=2")
    )


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=40))
def test_hidden_however_it_is_written(secret: str) -> None:
    request = Request("https://x.org/", secret_params={"k": secret}, secret_headers={"A": f"Token {secret}"})
    shown = hide(f"<{secret}> <Token {secret}>", secret_values(request))
    assert secret not in shown or secret.strip("* ") == ""
