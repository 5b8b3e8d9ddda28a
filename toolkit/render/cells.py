"""A cell in words: once for people, once for machines. What comes out is not yet made harmless."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from toolkit.render.view import Cell, NotShown, Shown, Tone

Marks = dict[str, str]  # why a value is not known -> the mark that stands for it


def marks_of(cells: Iterable[Cell]) -> Marks:
    """A mark for every reason in `cells`: `?`, or `?1`, `?2` … where there are several."""
    reasons = list(dict.fromkeys(cell.why for cell in cells if type(cell) is NotShown))
    if len(reasons) == 1:
        return {reasons[0]: "?"}
    return {why: f"?{number}" for number, why in enumerate(reasons, 1)}


def legend_of(marks: Marks) -> list[str]:
    """One line for every mark, telling what it stands for."""
    return [f"{mark} unknown: {why}" for why, mark in marks.items()]


def column_words(cells: Sequence[Cell], marks: Marks) -> list[str]:
    """The words of a column for people, one for each cell."""
    if set(map(type, cells)) == {int}:
        return list(map(str, cells))
    return [cell if type(cell) is str and cell.strip() else words(cell, marks) for cell in cells]


def words(cell: Cell, marks: Marks | None = None) -> str:
    """The words of a cell for people; a blank text is shown in quotes so that it is seen."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return _minute(cell)
        case Shown():
            return cell.text if cell.text.strip() else f'"{cell.text}"'
        case NotShown():
            return marks[cell.why] if marks else f"unknown ({cell.why})"
        case None | ():
            return "-"
        case str():
            return cell if cell.strip() else f'"{cell}"'
        case tuple():
            return ", ".join(part if part.strip() else f'"{part}"' for part in cell)
        case int() | date():
            return str(cell)


def tone_of(cell: Cell) -> Tone:
    """The tone a cell is shown in."""
    match cell:
        case Shown(tone=tone):
            return tone
        case NotShown():
            return "unknown"
        case None | ():
            return "dim"
        case _:
            return "plain"


def _minute(moment: datetime) -> str:
    if moment.tzinfo is None:
        return moment.isoformat(" ", "minutes")
    return moment.astimezone(UTC).isoformat(" ", "minutes").replace("+00:00", "Z")


def machine_text(cell: Cell) -> str:
    """The text of a cell in csv and tsv: "" for None, ISO 8601 for times, `unknown (why)` if not known."""
    match cell:
        case str():
            return cell
        case Shown():
            return cell.text
        case NotShown():
            return f"unknown ({cell.why})"
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return _iso(cell)
        case tuple():
            return "; ".join(cell)
        case int() | date():
            return str(cell)


def _iso(moment: datetime) -> str:
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
