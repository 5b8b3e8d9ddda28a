"""The one block of a view that formats of bare rows show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from toolkit.render.cells import machine_text
from toolkit.render.view import Cell, Fields, Table, View


class Rows(NamedTuple):
    """A header, unless the columns have no names, and the rows."""

    header: Sequence[str] | None
    rows: Iterable[Sequence[Cell]]


def primary_rows(view: View) -> Rows:
    """The rows of the primary block: else of the first table, else key and value of all fields.

    Raises ValueError when the view names a note as its primary block.
    """
    if view.primary is not None:
        block = view.blocks[view.primary]
        if isinstance(block, Table):
            return table_rows(block)
        if isinstance(block, Fields):
            return Rows(("key", "value"), block.pairs)
        raise ValueError(f"{view.kind}: block {view.primary} has no rows")
    for block in view.blocks:
        if isinstance(block, Table):
            return table_rows(block)
    pairs = [pair for block in view.blocks if isinstance(block, Fields) for pair in block.pairs]
    return Rows(("key", "value"), pairs)


def table_rows(table: Table) -> Rows:
    """The rows of `table`."""
    header = [column.key for column in table.columns]
    return Rows(header if any(header) else None, table.rows)


def row_texts(rows: Rows, harmless: Callable[[str], str]) -> Iterable[list[str]]:
    """Header and rows as texts; all but numbers went through `harmless`."""
    if rows.header is not None:
        yield list(map(harmless, rows.header))
    for row in rows.rows:
        yield [str(cell) if type(cell) is int else harmless(machine_text(cell)) for cell in row]
