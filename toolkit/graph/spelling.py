"""Answers in one spelling.

Services that stand in for Graph write ids in capitals, begin with a byte order mark, or send .NET's last instant, which
is a tenth of a microsecond too late for Python.
"""

from __future__ import annotations

import re

_MARK = b"\xef\xbb\xbf"
_LAST_INSTANT = b"9999-12-31T23:59:59.999999"
_SHOUTED = re.compile(rb'd" ?: ?"[0-9a-f-]{0,35}[A-F]')
_ID = re.compile(rb'([Ii]d" ?: ?)("[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")')


def plain(body: bytes) -> bytes:
    """The answer with its GUIDs in lower case, as Graph writes them: everywhere else ids are compared as text."""
    body = body.removeprefix(_MARK).replace(_LAST_INSTANT + b"9", _LAST_INSTANT)
    if _SHOUTED.search(body) is None:
        return body
    return _ID.sub(lambda found: found[1] + found[2].lower(), body)
