"""GitHub markdown; everything a tenant says in it is plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from toolkit.render.cells import legend_of, marks_of, words
from toolkit.render.notes import note_words
from toolkit.render.results import as_table
from toolkit.render.untrusted import for_markdown
from toolkit.render.view import Fields, Note, Table, View

_CHUNK = 500  # rows


def render_view(view: View, *, width: int | None, color: bool) -> Iterator[str]:
    """The blocks of `view`, with an empty line between them."""
    for number, block in enumerate(view.blocks):
        if number:
            yield "\n"
        match block:
            case Table():
                yield from _table(block)
            case Fields():
                yield from _fields(block)
            case Note():
                yield _line(note_words(block))


def render_result(result: object, *, width: int | None, color: bool) -> Iterator[str]:
    """The result of a query as one table."""
    return _table(as_table(result))


def _line(text: str) -> str:
    return for_markdown(text) + "\n"


def _title(title: str | None) -> str:
    return "" if title is None else f"### {for_markdown(title)}\n\n"


def _table(table: Table) -> Iterator[str]:
    yield _title(table.title)
    if not table.rows:
        yield f"_{for_markdown(table.empty)}_\n"
        return
    marks = marks_of(chain.from_iterable(table.rows))
    yield _row([column.title for column in table.columns])
    rules = ("---:" if column.align == "right" else "---" for column in table.columns)
    yield "| " + " | ".join(rules) + " |\n"
    for start in range(0, len(table.rows), _CHUNK):
        chunk = table.rows[start : start + _CHUNK]
        yield "".join([_row([words(cell, marks) for cell in row]) for row in chunk])
    for line in legend_of(marks):
        yield "\n" + _line(line)


def _row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(map(for_markdown, texts)) + " |\n"


def _fields(fields: Fields) -> Iterator[str]:
    yield _title(fields.title)
    for label, cell in fields.pairs:
        yield f"- **{for_markdown(label)}**: {for_markdown(words(cell))}\n"
