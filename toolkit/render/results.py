"""A query's result as a table, the way users of other command lines know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from toolkit.render.view import Cell, Column, Table


def as_table(result: object) -> Table:
    """The table that shows `result`: objects give named columns, lists numbered ones, values one column.

    Columns that have no name in the result have no key, so csv and tsv print them without a header.
    """
    rows = cast("list[object]", result) if isinstance(result, list) else [] if result is None else [result]
    rows = [row for row in rows if row not in ({}, [])]
    if rows and all(isinstance(row, dict) for row in rows):
        return _named(cast("Sequence[dict[str, object]]", rows))
    if rows and all(isinstance(row, list) for row in rows):
        return _numbered(cast("Sequence[list[object]]", rows))
    return Table(None, (Column("Result", ""),), [(_cell(row),) for row in rows])


def _named(rows: Sequence[dict[str, object]]) -> Table:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    columns = tuple(Column(key, key, _align([row.get(key) for row in rows])) for key in keys)
    return Table(None, columns, [tuple(_cell(row.get(key)) for key in keys) for row in rows])


def _numbered(rows: Sequence[list[object]]) -> Table:
    count = max(map(len, rows))
    full = [row + [None] * (count - len(row)) for row in rows]
    columns = tuple(Column(f"Column{i + 1}", "", _align([row[i] for row in full])) for i in range(count))
    return Table(None, columns, [tuple(map(_cell, row)) for row in full])


def _align(values: Sequence[object]) -> Literal["left", "right"]:
    return "right" if all(type(value) in (int, float) for value in values) else "left"


def _cell(value: object) -> Cell:
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return str(value)
        case list():
            items = cast("list[object]", value)
            if all(isinstance(item, str) for item in items):
                return tuple(cast("list[str]", items))
            return _compact(items)
        case _:
            return _compact(value)


def _compact(value: object) -> str:
    from msgspec.json import encode

    return encode(value).decode()
