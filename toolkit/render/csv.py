"""Comma-separated values as RFC 4180 has them; no cell is a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.render.results import as_table
from toolkit.render.rows import Rows, primary_rows, row_texts, table_rows
from toolkit.render.untrusted import for_csv
from toolkit.render.view import View

_CHUNK = 500  # rows
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def render_view(view: View, *, width: int | None, color: bool) -> Iterator[str]:
    """The primary block of `view`."""
    return _lines(primary_rows(view))


def render_result(result: object, *, width: int | None, color: bool) -> Iterator[str]:
    """The result of a query; a header where the result names its columns."""
    return _lines(table_rows(as_table(result)))


def _lines(rows: Rows) -> Iterator[str]:
    lines: list[str] = []
    for texts in row_texts(rows, _cell):
        line = ",".join(texts)
        lines.append(line or '""')  # an empty line would be no row
        if len(lines) == _CHUNK:
            yield "\r\n".join(lines) + "\r\n"
            lines.clear()
    if lines:
        yield "\r\n".join(lines) + "\r\n"


def _cell(text: str) -> str:
    text = for_csv(text)
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
