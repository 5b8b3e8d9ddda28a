"""Whom to trust over TLS: what the environment names holds for the sign-in service and for Graph alike.

`requests` (under msal) and httpx (under the Graph SDK) each read variables of their own; a person sets one of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import BadUsage

if TYPE_CHECKING:
    import ssl

BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name a file of certificates, or a folder that OpenSSL has hashed."""

Trust = Callable[[], "ssl.SSLContext"]
"""Makes a context of its own for each library: they set on it what they negotiate (ALPN).

Raises BadUsage where certificates cannot be read.
"""


def trust_of(env: Mapping[str, str]) -> Trust | None:
    """The certification authorities that the environment names; None where it names none."""
    named: dict[Path, str] = {}
    for variable in BUNDLES:
        if path := env.get(variable):
            named.setdefault(Path(path), variable)
    for path in env.get("SSL_CERT_DIR", "").split(os.pathsep):
        if path and Path(path).is_dir():
            named.setdefault(Path(path), "SSL_CERT_DIR")
    return (lambda: _context(named)) if named else None


def _context(named: Mapping[Path, str]) -> ssl.SSLContext:
    import ssl

    context: ssl.SSLContext | None = None
    for path, variable in named.items():
        cafile, capath = (None, path) if path.is_dir() else (path, None)
        try:
            if context is None:
                context = ssl.create_default_context(cafile=cafile, capath=capath)
            else:
                context.load_verify_locations(cafile=cafile, capath=capath)
        except OSError as unusable:
            is_missing = isinstance(unusable, FileNotFoundError)
            raise BadUsage(
                f"cannot use the certificates that {variable} names",
                f"{path} {'is not there' if is_missing else 'holds no certificate that can be read'}.",
                hint=f"let {variable} name a PEM file with the certification authorities to trust, or unset it",
            ) from unusable
    assert context is not None
    return context
