"""What a fetch asks for, what comes back, and how it can fail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from rotascope.model.errors import RotascopeError

CODES: Mapping[str, str] = MappingProxyType(
    {
        "rate_limited": "the source wants fewer requests",
        "quota": "the source's allowance for the day or the key is used up",
        "unauthorised": "the source wants a key, a cookie or a crumb, or refuses the one it got",
        "consent_required": "the source asks a person to agree to something first",
        "forbidden": "the source refuses this program or this address",
        "not_found": "the source has nothing at this address",
        "bad_request": "the source does not understand the question",
        "server_error": "the source fails",
        "unreachable": "no connection to the source",
        "timeout": "no answer, or not all of it, in the time allowed",
        "cut_off": "the connection ended before the answer did",
        "bad_encoding": "the answer cannot be unpacked",
        "bad_redirect": "the source sends the request in circles, or to no address",
        "too_large": "the answer is larger than any that is expected",
        "wall": "a page or a message for people where data should be",
        "source_error": "the source states an error in place of data, with whatever status",
        "empty": "nothing, or a document with nothing in it",
        "not_json": "JSON was expected and this is not JSON",
        "damaged": "a packed file that cannot be opened",
        "unexpected_shape": "data of another form than this source has had so far",
        "no_usable_rows": "rows of which none could be read",
        "secret_echoed": "the answer repeats a key; it was not kept",
        "missing_key": "the source needs a key or a contact, and none is set",
        "not_installed": "the source needs an extra that is not installed",
        "not_fetched": "programs may not fetch from this source; a person may",
    }
)
"""Everything that can go wrong with a fetch, by its stable name."""


@dataclass(frozen=True, slots=True)
class Request:
    """A GET. `secret_params` and `secret_headers` are sent, and never stored, logged or shown.

    `accept` says what the content must look like: the fetcher refuses anything else, whatever its status.
    `ok`: further statuses, outside 200..299, whose answers are wanted too. `follow`: go where redirects
    lead; without it a redirect is an answer like any other if `ok` has its status. `conditional`: ask the
    source whether anything is new, if the last answer is still there. `keep`: False for answers that are
    credentials and not data; those are never written to disk.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    secret_params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    secret_headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    accept: str = "any"  # any, json, csv, zip, xml, html
    ok: tuple[int, ...] = ()
    follow: bool = True
    conditional: bool = True
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """Bytes as they came, decompressed. `unchanged` means that the server, or the hash, says nothing is new.

    url: without secrets. headers: names in lower case; where one comes several times its values are on lines
    of their own. fetched_at: when these bytes were first seen at this address. An unchanged response has
    its bytes all the same: whether they were ever stored is for the store to say.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    fetched_at: datetime
    unchanged: bool = False

    @property
    def sha256(self) -> str:
        """Return the hash under which the bytes are kept."""
        return hashlib.sha256(self.body).hexdigest()


class FetchError(RotascopeError):
    """A fetch that brought no usable bytes.

    code: stable, see CODES. url: without secrets. detail: what the source said, shortened, without secrets.
    retry_after: seconds that the source asks to wait, if it does.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        url: str,
        status: int | None = None,
        fix: str | None = None,
        detail: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.code = code
        self.url = url
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(message, fix=fix)


class Fetcher(Protocol):
    """Whatever can fetch: over HTTP, or from recordings in tests."""

    def get(self, request: Request) -> Response:
        """Return the bytes, or raise FetchError after the last try."""
