"""The human format: boxed tables fitted to a terminal, or plain aligned text that is never cut.

Drawn by hand: rich takes 6 s for 10,000 rows and 40 ms to import, and an answer is mostly short.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from toolkit.render.cells import Marks, column_words, legend_of, marks_of, tone_of, words
from toolkit.render.layout import Fit, fit, padded, room_of, shortened, wrapped
from toolkit.render.notes import note_words
from toolkit.render.results import as_table
from toolkit.render.untrusted import for_terminal
from toolkit.render.view import Block, Cell, Column, Fields, Note, Table, Tone, View

_CHUNK = 500  # rows
_LIST_ROOM = 60  # a longer list of values stands one below the other
_CODES: dict[Tone, str] = {
    "good": "\x1b[32m",
    "warning": "\x1b[33m",
    "bad": "\x1b[31m",
    "unknown": "\x1b[35m",
    "dim": "\x1b[2m",
    "strong": "\x1b[1m",
}
_PLAIN = "\x1b[0m"


class Page(NamedTuple):
    """What is written on: `width` is None where nothing limits a line."""

    width: int | None
    color: bool

    def paint(self, text: str, tone: Tone) -> str:
        """`text` in the colour of `tone`, where there is colour."""
        code = _CODES.get(tone) if self.color and text else None
        return f"{code}{text}{_PLAIN}" if code else text

    def lines(self, text: str, tone: Tone, *, indent: int = 0, hanging: int = 0) -> Iterator[str]:
        """`text`, made harmless and wrapped; lines after the first stand `hanging` cells further in."""
        text = for_terminal(text)
        room = None if self.width is None else max(self.width - indent - hanging, 8)
        parts = [text] if room is None else wrapped(text, room)
        for number, part in enumerate(parts):
            yield " " * (indent + (hanging if number else 0)) + self.paint(part, tone) + "\n"


def render_view(view: View, *, width: int | None, color: bool) -> Iterator[str]:
    """The blocks of `view`, one under the other."""
    page = Page(width, color)
    before: Block | None = None
    for block in view.blocks:
        if before is not None and not (isinstance(block, Note) and isinstance(before, Note)):
            yield "\n"
        before = block
        match block:
            case Table():
                yield from _table(block, page)
            case Fields():
                yield from _fields(block, page)
            case Note():
                yield from page.lines(note_words(block), block.tone, hanging=2)


def render_result(result: object, *, width: int | None, color: bool) -> Iterator[str]:
    """The result of a query as one table."""
    return _table(as_table(result), Page(width, color))


class _Grid(NamedTuple):
    """A table in harmless words, column by column, with each column's natural width and its tones."""

    columns: Sequence[Column]
    titles: list[str]
    words: list[list[str]]
    natural: list[int]
    tones: list[list[Tone] | None]


def _grid(table: Table, marks: Marks, page: Page) -> _Grid:
    cells: list[tuple[Cell, ...]] = list(zip(*table.rows, strict=True))
    texts = [_harmless(column_words(column, marks)) for column in cells]
    titles = [for_terminal(column.title) for column in table.columns]
    natural = [_widest([title, *column]) for title, column in zip(titles, texts, strict=True)]
    return _Grid(table.columns, titles, texts, natural, [_tones(column, page) for column in cells])


def _harmless(texts: list[str]) -> list[str]:
    whole = "".join(texts)
    return texts if whole.isascii() and whole.isprintable() else [for_terminal(text) for text in texts]


def _widest(texts: list[str]) -> int:
    return max(map(len, texts)) if "".join(texts).isascii() else max(map(room_of, texts))


def _tones(cells: Sequence[Cell], page: Page) -> list[Tone] | None:
    if not page.color or all(type(cell) is str for cell in cells):
        return None
    return [tone_of(cell) for cell in cells]


def _table(table: Table, page: Page) -> Iterator[str]:
    if table.title is not None:
        yield from page.lines(table.title, "strong")
    if not table.rows:
        yield from page.lines(table.empty, "dim", indent=0 if page.width is None else 1)
        return
    marks = marks_of(chain.from_iterable(table.rows))
    grid = _grid(table, marks, page)
    if page.width is None:
        yield from _unboxed(grid)
        yield from _legend(marks, page)
        return
    fitted = fit(grid.columns, grid.natural, page.width - 2, gap=3)
    if fitted is None:
        yield from _records(grid, page)
        yield from _legend(marks, page)
        return
    cut = yield from _boxed(grid, fitted, page)
    seen = marks_of(row[i] for row in table.rows for i in fitted.shown) if fitted.left_out else marks
    yield from _legend({why: marks[why] for why in seen}, page)
    if fitted.left_out or cut:
        yield from page.lines(_omission(grid, fitted, cut=cut), "dim", indent=1)


def _legend(marks: Marks, page: Page) -> Iterator[str]:
    for line in legend_of(marks):
        yield from page.lines(line, "unknown", indent=0 if page.width is None else 1, hanging=2)


def _unboxed(grid: _Grid) -> Iterator[str]:
    last = len(grid.natural) - 1
    aligned: list[list[str]] = []
    for position, (texts, column, width) in enumerate(zip(grid.words, grid.columns, grid.natural, strict=True)):
        lines = [grid.titles[position], "-" * width, *texts]
        bare = position == last and column.align == "left"
        aligned.append(lines if bare else _aligned(lines, width, column.align))
    rows = ["  ".join(row).rstrip() for row in zip(*aligned, strict=True)]
    for start in range(0, len(rows), _CHUNK):
        yield "\n".join(rows[start : start + _CHUNK]) + "\n"


def _aligned(texts: list[str], width: int, align: Literal["left", "right"]) -> list[str]:
    if not "".join(texts).isascii():
        return [padded(text, width, align) for text in texts]
    if align == "right":
        return [text.rjust(width) for text in texts]
    return [text.ljust(width) for text in texts]


def _boxed(grid: _Grid, fitted: Fit, page: Page) -> Generator[str, None, bool]:
    """The boxed table; returns whether some text had to be cut."""
    bar = page.paint("│", "dim")
    header = [shortened(wrapped(grid.titles[i], room), room)[0] for i, room in _pairs(fitted)]
    yield "\n".join(_stacked(grid, header, ["strong"] * len(header), fitted, page, bar)) + "\n"
    yield page.paint("┼".join("─" * (room + 2) for room in fitted.rooms), "dim") + "\n"
    cut = False
    for start in range(0, len(grid.words[0]), _CHUNK):
        lines: list[str] = []
        for row in range(start, min(start + _CHUNK, len(grid.words[0]))):
            cut |= _boxed_row(grid, row, fitted, page, bar, lines)
        yield "\n".join(lines) + "\n"
    return cut


def _pairs(fitted: Fit) -> Iterator[tuple[int, int]]:
    return zip(fitted.shown, fitted.rooms, strict=True)


def _boxed_row(grid: _Grid, row: int, fitted: Fit, page: Page, bar: str, lines: list[str]) -> bool:
    """Add the lines of one row to `lines`; whether some text had to be cut."""
    cut = False
    stacks: list[list[str]] = []
    for i, room in _pairs(fitted):
        text = grid.words[i][row]
        if grid.natural[i] <= room or room_of(text) <= room:
            stacks.append([text])
            continue
        stack, shorter = shortened(wrapped(text, room), room)
        stacks.append(stack)
        cut |= shorter
    tones: list[Tone] = [column[row] if (column := grid.tones[i]) else "plain" for i in fitted.shown]
    lines.extend(_stacked(grid, stacks, tones, fitted, page, bar))
    return cut


def _stacked(
    grid: _Grid, stacks: list[list[str]], tones: list[Tone], fitted: Fit, page: Page, bar: str
) -> Iterator[str]:
    """The lines of one row, given the lines of each of its cells."""
    for level in range(max(map(len, stacks))):
        parts: list[str] = []
        for (i, room), stack, tone in zip(_pairs(fitted), stacks, tones, strict=True):
            text = stack[level] if level < len(stack) else ""
            whole = padded(text, room, grid.columns[i].align)
            painted = page.paint(text, tone)
            parts.append(whole if painted is text else whole.replace(text, painted, 1))
        yield (" " + f" {bar} ".join(parts)).rstrip()


def _omission(grid: _Grid, fitted: Fit, *, cut: bool) -> str:
    sentences: list[str] = []
    if fitted.left_out:
        names = ", ".join(grid.titles[i] for i in fitted.left_out)
        sentences.append(f"Left out to fit: {names}.")
    if cut:
        sentences.append("Text that ends in … was cut.")
    return " ".join([*sentences, "-o json shows all."])


def _records(grid: _Grid, page: Page) -> Iterator[str]:
    """Row after row as labelled values, for a terminal narrower than the narrowest table."""
    for row in range(len(grid.words[0])):
        if row:
            yield "\n"
        for title, texts in zip(grid.titles, grid.words, strict=True):
            yield from page.lines(f"{title}: {texts[row]}", "plain", hanging=2)


def _fields(fields: Fields, page: Page) -> Iterator[str]:
    if fields.title is not None:
        yield from page.lines(fields.title, "strong")
    indent = 2 if fields.title is not None else 0
    labels = [for_terminal(label) for label, _ in fields.pairs]
    room = max(map(room_of, labels), default=0)
    for label, (_, cell) in zip(labels, fields.pairs, strict=True):
        start = " " * indent + page.paint(label, "dim") + " " * (room - room_of(label) + 2)
        taken = indent + room + 2
        for number, line in enumerate(_value_lines(cell, page, taken)):
            yield (start if number == 0 else " " * taken) + page.paint(line, tone_of(cell)) + "\n"


def _value_lines(cell: Cell, page: Page, taken: int) -> list[str]:
    text = for_terminal(words(cell))
    if page.width is None:
        return [text]
    room = max(page.width - taken, 16)
    if room_of(text) <= min(room, _LIST_ROOM if isinstance(cell, tuple) else room):
        return [text]
    parts = [for_terminal(part) for part in cell] if isinstance(cell, tuple) else [text]
    return [line for part in parts for line in wrapped(part, room)]
