"""Tab-separated values, one line for each row; no cell is a formula."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.render.results import as_table
from toolkit.render.rows import Rows, primary_rows, row_texts, table_rows
from toolkit.render.untrusted import for_tsv
from toolkit.render.view import View

_CHUNK = 500  # rows


def render_view(view: View, *, width: int | None, color: bool) -> Iterator[str]:
    """The primary block of `view`."""
    return _lines(primary_rows(view))


def render_result(result: object, *, width: int | None, color: bool) -> Iterator[str]:
    """The result of a query; a header where the result names its columns."""
    return _lines(table_rows(as_table(result)))


def _lines(rows: Rows) -> Iterator[str]:
    lines: list[str] = []
    for texts in row_texts(rows, for_tsv):
        lines.append("\t".join(texts) + "\n")
        if len(lines) == _CHUNK:
            yield "".join(lines)
            lines.clear()
    if lines:
        yield "".join(lines)
