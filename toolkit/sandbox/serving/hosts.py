"""Which host names the served sandbox answers for: Microsoft's sign-in and Graph hosts, and this machine's own.

https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud and
https://learn.microsoft.com/graph/deployments
"""

from __future__ import annotations

from toolkit.sandbox.identity.realm import KNOWN_HOSTS, LOOPBACK
from toolkit.sandbox.tokens import GRAPH_HOSTS

# The sandbox tells sign-in hosts by how they begin; a preview host that begins otherwise is left out.
_SIGN_IN_HOSTS = frozenset(host for host in KNOWN_HOSTS if host.startswith(("login.", "sts.")))

MICROSOFT_HOSTS = _SIGN_IN_HOSTS | (GRAPH_HOSTS - LOOPBACK)
"""Reached through the proxy, at port 443."""
LOCAL_ADDRESSES = ("127.0.0.1", "::1")
LOCAL_NAMES = ("localhost",)


def split_authority(text: str) -> tuple[str, int | None]:
    """Host (lower case, without brackets) and port of `host`, `host:port` or `[v6]:port`; raises ValueError."""
    bare, _, rest = text[1:].partition("]") if text.startswith("[") else _named(text)
    if not bare or (rest and not rest.startswith(":")):
        raise ValueError(text)
    port = rest[1:]
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise ValueError(text)
    return bare.lower(), int(port) if port else None


def is_served(host: str) -> bool:
    """Does the sandbox answer for this host name?"""
    return host in MICROSOFT_HOSTS or host in LOOPBACK


def _named(text: str) -> tuple[str, str, str]:
    host, colon, port = text.partition(":")
    return host, colon, colon + port
