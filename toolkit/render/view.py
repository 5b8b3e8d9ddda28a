"""What a command hands to a renderer: blocks for people, content for machines; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Tone = Literal["plain", "good", "warning", "bad", "unknown", "dim", "strong"]


class Shown(Struct, frozen=True):
    """Text with a tone; the tone repeats what the words already say."""

    text: str
    tone: Tone = "plain"


class NotShown(Struct, frozen=True):
    """A value that is not known, and why; no format leaves it blank."""

    why: str


Cell = str | int | bool | None | datetime | date | tuple[str, ...] | Shown | NotShown


class Column(Struct, frozen=True):
    """One column: `title` for people, `key` for csv and tsv.

    On a terminal that is too narrow, columns with the highest `priority` are left out first; 0 never is.
    """

    title: str
    key: str
    align: Literal["left", "right"] = "left"
    priority: int = 0


class Table(Struct, frozen=True):
    """Rows of cells under columns; `empty` is said when there are no rows."""

    title: str | None
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    empty: str = "nothing found"


class Fields(Struct, frozen=True):
    """Labelled values of one thing."""

    title: str | None
    pairs: tuple[tuple[str, Cell], ...]


class Note(Struct, frozen=True):
    """One sentence to the reader."""

    tone: Tone
    text: str


Block = Table | Fields | Note


class View(Struct, frozen=True):
    """A command's whole answer.

    People read `blocks`; machines read `content` and `coverage`, which msgspec must be able to encode.
    `primary` is the index of the block that csv and tsv show: the first table where it is not given.
    """

    kind: str
    version: int
    tenant: dict[str, str] | None
    content: object
    blocks: tuple[Block, ...]
    coverage: object = None
    primary: int | None = None
