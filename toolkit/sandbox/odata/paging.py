"""Pages of a collection: where one ends and the opaque address of the next.

https://learn.microsoft.com/graph/paging
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from toolkit.sandbox.http import Request
from toolkit.sandbox.odata.errors import GraphError

_PATH = "/()=',:@$!*;+"
_SKIPTOKEN = re.compile(r"^(?:\$|%24)skiptoken=", re.IGNORECASE)


class _Place(msgspec.Struct, array_like=True):
    offset: int
    last: str


def page(rows: Sequence[dict[str, Any]], size: int, token: str | None) -> tuple[Sequence[dict[str, Any]], str | None]:
    """The rows of one page and the token of the next, `None` at the end; raises `GraphError` for a bad token."""
    start = 0 if token is None else _resume(rows, token)
    end = start + size
    if end >= len(rows):
        return rows[start:], None
    return rows[start:end], _token(_Place(end, str(rows[end - 1].get("id", ""))))


def next_link(request: Request, token: str) -> str:
    """The absolute address of the next page: what was asked, with `$skiptoken` put in."""
    kept = [part for part in request.raw_query.split("&") if part and not _SKIPTOKEN.match(part)]
    return f"{request.base}{quote(request.path, safe=_PATH)}?{'&'.join([*kept, f'$skiptoken={token}'])}"


def _token(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).rstrip(b"=").decode("ascii")


def _resume(rows: Sequence[dict[str, Any]], token: str) -> int:
    """Right after the last row served, even when rows before it went away meanwhile."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        place = msgspec.msgpack.decode(raw, type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        text = "The specified page token value has expired and can no longer be included in your request."
        raise GraphError(400, "Directory_ExpiredPageToken", text) from error
    for at in range(min(place.offset, len(rows)) - 1, -1, -1):
        if rows[at].get("id") == place.last:
            return at + 1
    return min(place.offset, len(rows))
