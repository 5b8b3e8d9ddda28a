"""Domain values as cells: unknown stays visible, risk has a tone."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from toolkit.domain.applications import TenantName
from toolkit.domain.known import Known, NotKnown
from toolkit.render.view import Cell, NotShown, Shown, Tone

Value = TypeVar("Value")

RISK_TONES: dict[str, Tone] = {
    "critical": "bad",
    "high": "bad",
    "medium": "warning",
    "low": "dim",
    "unclassified": "unknown",
}


def tenant_line(tenant: TenantName) -> dict[str, str]:
    """The tenant as the envelope of the machine formats carries it."""
    return {"id": tenant.id, "name": tenant.name, "domain": tenant.domain}


def risk_cell(level: str) -> Shown:
    """A risk level in its tone."""
    return Shown(level, RISK_TONES[level])


def told_cell(value: str | bool | datetime | UnsetType | None, why: str = "Graph did not return it") -> Cell:
    """The value, `-` for none, unknown for what Graph left out."""
    return NotShown(why) if value is UNSET else value


def rows_of(told: Known[tuple[Value, ...]] | NotKnown) -> tuple[Value, ...]:
    """The rows that are known; what is said instead of none comes from `nothing`."""
    return told.value if isinstance(told, Known) else ()


def nothing(told: Known[tuple[Value, ...]] | NotKnown, words: str) -> str:
    """What to say where there are no rows: that there are none, or that nobody knows."""
    return f"not known: {told.why}" if isinstance(told, NotKnown) else words


def on_off(enabled: bool | UnsetType | None, yes: str, no: str) -> Cell:
    """A state in words, with the unusual one toned."""
    if enabled is UNSET or enabled is None:
        return NotShown("Graph did not say")
    return Shown(yes, "good") if enabled else Shown(no, "bad")
