"""Requests and replies of the sandbox: plain values, no server and no event loop behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class BadJson(ValueError):
    """The body of a request is not JSON."""


@dataclass(slots=True)
class Request:
    """One HTTP request as the sandbox sees it; header names are lower case, doubled slashes are gone."""

    method: str
    scheme: str
    host: str
    path: str
    segments: tuple[str, ...]
    raw_query: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Request:
        """The request of an absolute URL."""
        parts = urlsplit(url)
        segments = tuple(unquote(segment) for segment in parts.path.split("/") if segment)
        return cls(
            method=method.upper(),
            scheme=parts.scheme or "https",
            host=parts.netloc,
            path="/" + "/".join(segments),
            segments=segments,
            raw_query=parts.query,
            query=_query(parts.query),
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=body,
        )

    @property
    def base(self) -> str:
        """`https://host[:port]` as the client wrote it, for links back to where it came from."""
        return f"{self.scheme}://{self.host}"

    @property
    def hostname(self) -> str:
        """The host without its port, lower case."""
        host = self.host.lower()
        if host.startswith("["):
            return host[1:].partition("]")[0]
        return host.partition(":")[0]

    def json(self) -> Any:
        """The decoded body, `None` when it is empty; raises `BadJson`."""
        if not self.body:
            return None
        try:
            return _decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadJson(str(error)) from error

    def form(self) -> dict[str, str]:
        """The fields of a form post, the first value of each."""
        return _query(self.body.decode("utf-8", "replace"))


def _query(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


@dataclass(slots=True)
class Reply:
    """What the sandbox answers."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def json(self) -> Any:
        """The decoded body, `None` when it is empty."""
        return _decode(self.body) if self.body else None


def json_bytes(value: object) -> bytes:
    """`value` as JSON text in UTF-8."""
    return _encode(value)


def json_reply(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer; `headers` may replace the content type."""
    return Reply(status, _encode(value), {"Content-Type": "application/json", **(headers or {})})


def redirect(url: str) -> Reply:
    """A 302 to `url`."""
    return Reply(302, b"", {"Location": url, "Cache-Control": "no-store"})


def html(text: str, status: int = 200) -> Reply:
    """An HTML page; the caller escapes what a tenant wrote with `escaped`."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Reply(status, text.encode("utf-8"), headers)


def escaped(text: str) -> str:
    """`text` made harmless inside HTML."""
    return escape(text, quote=True)
