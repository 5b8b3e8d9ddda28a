"""The sign and the word before a note, so that its colour tells nothing new."""

from __future__ import annotations

from toolkit.render.view import Note, Tone

_LEADS: dict[Tone, str] = {
    "good": "✓ ",
    "warning": "! warning: ",
    "bad": "✗ problem: ",
    "unknown": "? unknown: ",
}


def note_words(note: Note) -> str:
    """The note's sentence with its sign and word."""
    return _LEADS.get(note.tone, "") + note.text
