"""Addresses that are nobody's business to fetch: this machine, and networks that are not the public web."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from rotascope.ingest.fetch.base import FetchError

_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet")


def addresses(host: str) -> list[str]:
    """Return the addresses that a name stands for; none if it cannot be found (a proxy may know it)."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted({str(one[4][0]) for one in found})


def public_only(resolve: Callable[[str], Iterable[str]] = addresses) -> Callable[[str], str]:
    """Return a route for a fetcher that lets only addresses of the public web pass, redirects included.

    The name is looked up once more when the connection is made: a server of names that changes its answer in
    between is not caught here.

    Raises (the route): FetchError `not_fetched` for a host that is private, local, or resolves to such.
    """

    def route(url: str) -> str:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
        if not host or host == "localhost" or host.endswith(_LOCAL_NAMES):
            raise _refused(host or url, url)
        for address in [host] if _is_address(host) else resolve(host):
            if not _is_public(address):
                raise _refused(host, url)
        return url

    return route


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        # 2130706433 and 0x7f.1 are addresses to a socket, and no names of anything
        return host.replace(".", "").replace("0x", "").isdigit() or host.startswith("0x")
    return True


def _is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


def _refused(host: str, url: str) -> FetchError:
    return FetchError(
        "not_fetched",
        f"{host[:100]} is no address of the public web; such hosts are not fetched.",
        url=url.partition("?")[0],
        fix="Save the page from a browser and add the file.",
    )
