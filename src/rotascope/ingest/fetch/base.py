"""What a fetch asks for, what comes back, and how it can fail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from rotascope.model.errors import RotascopeError


@dataclass(frozen=True, slots=True)
class Request:
    """A GET. `secret_params` and `secret_headers` are sent, and never stored, logged or shown.

    `accept` says what the content must look like: the fetcher refuses anything else, whatever its status.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    secret_params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    secret_headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    accept: str = "any"  # any, json, csv, zip, xml, html


@dataclass(frozen=True, slots=True)
class Response:
    """Bytes as they came, decompressed. `unchanged` means that the server, or the hash, says nothing is new.

    url: without secrets. fetched_at: when these bytes were first seen.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    unchanged: bool = False

    @property
    def sha256(self) -> str:
        """Return the hash under which the bytes are kept."""
        return hashlib.sha256(self.body).hexdigest()


class FetchError(RotascopeError):
    """A fetch that brought no usable bytes. `code` is stable; `url` has no secrets."""

    def __init__(
        self, code: str, message: str, *, url: str, status: int | None = None, fix: str | None = None
    ) -> None:
        self.code = code
        self.url = url
        self.status = status
        super().__init__(message, fix=fix)


class Fetcher(Protocol):
    """Whatever can fetch: over HTTP, or from recordings in tests."""

    def get(self, request: Request) -> Response:
        """Return the bytes, or raise FetchError after the last try."""
