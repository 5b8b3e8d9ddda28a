"""How much room text takes, how it wraps, and which columns a terminal has room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple
from unicodedata import combining, east_asian_width

from toolkit.render.view import Column

MOST_LINES = 3
_UNBROKEN = 36  # an id is shown on one line
_COMFORTABLE = 28  # longer text may wrap at this width before other columns are left out
_NARROWEST = 8
_BREAK_AFTER = frozenset("-/._@\\:,;")


def room_of(text: str) -> int:
    """How many terminal cells `text` takes."""
    if text.isascii():
        return len(text)
    return sum(map(_room_of_character, text))


def _room_of_character(character: str) -> int:
    if character.isascii():
        return 1
    if combining(character) or "\u1160" <= character <= "\u11ff" or character in "\ufe0e\ufe0f":
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def padded(text: str, room: int, align: Literal["left", "right"] = "left") -> str:
    """`text` filled up with spaces to `room` cells."""
    blank = " " * (room - room_of(text))
    return blank + text if align == "right" else text + blank


def wrapped(text: str, room: int) -> list[str]:
    """`text` in lines of at most `room` cells, broken at spaces, else after punctuation, else anywhere."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if room_of(candidate) <= room:
            line = candidate
            continue
        if line:
            lines.append(line)
        while room_of(word) > room:
            head = _head(word, room)
            lines.append(head)
            word = word[len(head) :]
        line = word
    lines.append(line)
    return lines


def _head(word: str, room: int) -> str:
    taken = 0
    end = 0
    for character in word:
        taken += _room_of_character(character)
        if taken > room and end:
            break
        end += 1
    for position in range(end, end // 2, -1):
        if word[position - 1] in _BREAK_AFTER:
            return word[:position]
    return word[:end]


def shortened(lines: list[str], room: int) -> tuple[list[str], bool]:
    """At most MOST_LINES of `lines`, the last one ending in … when some are missing; and whether they are."""
    if len(lines) <= MOST_LINES:
        return lines, False
    last = lines[MOST_LINES - 1]
    while last and room_of(last) >= room:
        last = last[:-1]
    return [*lines[: MOST_LINES - 1], last + "…"], True


class Fit(NamedTuple):
    """The columns that are shown, the room each gets, and the columns that are left out."""

    shown: list[int]
    rooms: list[int]
    left_out: list[int]


def fit(columns: Sequence[Column], natural: Sequence[int], room: int, gap: int) -> Fit | None:
    """The columns and widths for a terminal `room` cells wide; None when not even narrow columns fit.

    `natural` is what each column would take undisturbed, `gap` what stands between two columns.
    """
    shown = list(range(len(columns)))
    left_out: list[int] = []
    wanted = [width if width <= _UNBROKEN else _COMFORTABLE for width in natural]
    while _total([wanted[i] for i in shown], gap) > room:
        droppable = [i for i in shown if columns[i].priority > 0]
        if not droppable:
            break
        loser = max(droppable, key=lambda i: (columns[i].priority, i))
        shown.remove(loser)
        left_out.append(loser)
    space = room - gap * (len(shown) - 1)
    rooms = _shared([natural[i] for i in shown], space)
    if rooms is None:
        return None
    return Fit(shown, rooms, sorted(left_out))


def _total(widths: Sequence[int], gap: int) -> int:
    return sum(widths) + gap * (len(widths) - 1)


def _shared(natural: Sequence[int], space: int) -> list[int] | None:
    """Each column's natural width, the widest cut back to a common width until all fit into `space`."""
    if sum(natural) <= space:
        return list(natural)
    if sum(min(width, _NARROWEST) for width in natural) > space:
        return None
    limit = max(natural)
    while sum(min(width, limit) for width in natural) > space:
        limit -= 1
    rooms = [min(width, limit) for width in natural]
    for i, width in enumerate(natural):  # what is left over goes to the first columns that can use it
        if sum(rooms) < space and rooms[i] < width:
            rooms[i] += 1
    return rooms
