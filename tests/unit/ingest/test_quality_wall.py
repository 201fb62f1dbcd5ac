"""Bodies that are no data, whatever the status said."""

from __future__ import annotations

import pytest

from rotascope.ingest.quality import looks_like_wall
from rotascope.model.findings import Severity


@pytest.mark.parametrize(
    "body",
    [
        "",
        "  \n",
        "\ufeff",
        "Exceeded the daily hits limit",
        "Edge: Too Many Requests",
        "No data",
        "Invalid Crumb",
        "Access Denied: reference 18.2, error 403",
        "Not Found",
        "<!DOCTYPE html><html><body>Sign in to continue</body></html>",
        "\n <html lang='en'>",
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        '{"error": "quota"}',
        '{"Error Message": "Invalid API call"}',
        '{"Information": "Thank you for using our service"}',
        '{"message": "Forbidden", "status": 403}',
        '{"quoteSummary": {"result": null, "error": {"code": "Not Found", "description": "None"}}}',
        '{"error_code": 400, "error_message": "Bad Request."}',
        "{}",
        '{"chart": {"result": [{"meta"',
        "Something went wrong on our side. Please come back.",
    ],
)
def test_walls(body: str) -> None:
    found = looks_like_wall(body.encode())
    assert found is not None
    assert found.code == "text_instead_of_data" and found.severity is Severity.REJECTED


@pytest.mark.parametrize(
    "body",
    [
        "Date,Close\n2026-01-02,1.5\n",
        "Date,Close\n",  # a table without rows: for the reader to refuse
        "\ufeffDate;Close\r\n02.01.2026;1,5\r\n",
        "value\n1.5\n1.6\n",
        "date,note\n2026-01-02,too many requests\n",
        "This file was created using the 202605 database.\nMissing data are -99.99\n\n,Mkt-RF\n192607,2.96\n",
        '{"chart": {"result": [{"meta": {}}], "error": null}}',
        '{"observations": [{"date": "2019-03-01", "value": "3.8"}], "error_code": null}',
        '[{"date": "2026-01-02", "message": "x"}]',
        "<?xml version='1.0'?><Workbook><Worksheet/></Workbook>",
    ],
)
def test_data(body: str) -> None:
    assert looks_like_wall(body.encode()) is None


def test_binary_data_is_for_its_reader() -> None:
    assert looks_like_wall(b"PAR1\x15\x04\x15\x00") is None
    assert looks_like_wall(b"PK\x03\x04\x14\x00") is None


def test_the_message_quotes_the_body() -> None:
    found = looks_like_wall(b"<html><script>var x = 1;</script><h1>Verify your browser</h1></html>")
    assert found is not None and "'Verify your browser'" in found.message
