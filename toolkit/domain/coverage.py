"""What a reading command looked at, and what it could not see."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["read", "denied", "not licensed", "failed"]


class Area(Struct, frozen=True, omit_defaults=True):
    """One part of the tenant that was asked for; `count` is how many objects came back."""

    name: str
    state: State
    count: int | None = None
    why: str = ""
    needs: tuple[str, ...] = ()


class Coverage(Struct, frozen=True):
    """All areas that a command asked for."""

    areas: tuple[Area, ...] = ()

    @property
    def complete(self) -> bool:
        """True only when every area was read to its last page."""
        return all(area.state == "read" for area in self.areas)

    @property
    def gaps(self) -> tuple[Area, ...]:
        """The areas that were not read."""
        return tuple(area for area in self.areas if area.state != "read")
