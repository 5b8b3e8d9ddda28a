"""Reading several areas of a tenant so that what could not be read is told, never taken for nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Sized
from typing import TypeVar

from toolkit.domain.coverage import Area, Coverage, State
from toolkit.domain.known import Known, NotKnown
from toolkit.errors import GraphRefused, NotLicensed, PermissionMissing, Unreachable

Value = TypeVar("Value")


class Survey:
    """Collects the coverage of one command."""

    def __init__(self) -> None:
        self._areas: dict[str, Area] = {}

    async def of(self, area: str, reading: Awaitable[Value]) -> Known[Value] | NotKnown:
        """What `reading` gives, or why it could not be read. Sign-in failures are not partial: they are raised."""
        try:
            value = await reading
        except PermissionMissing as refused:
            return self._gap(area, "denied", refused.why or refused.what, refused.needs)
        except NotLicensed as unlicensed:
            return self._gap(area, "not licensed", unlicensed.why, ())
        except (GraphRefused, Unreachable) as failed:
            return self._gap(area, "failed", failed.why or failed.what, ())
        self.read(area, len(value) if isinstance(value, Sized) and not isinstance(value, str) else None)
        return Known(value)

    def read(self, area: str, count: int | None = None) -> None:
        """Say that an area was read completely; parts of one area add up, and a gap in one part stays a gap."""
        before = self._areas.get(area)
        if before and before.state != "read":
            return
        if before and before.count is not None and count is not None:
            count += before.count
        self._areas[area] = Area(area, "read", count)

    def gap(self, area: Area) -> None:
        """Take over a gap that another survey found."""
        self._areas[area.name] = area

    def _gap(self, area: str, state: State, why: str, needs: tuple[str, ...]) -> NotKnown:
        self._areas[area] = Area(area, state, None, why, needs)
        return NotKnown(why, needs)

    @property
    def coverage(self) -> Coverage:
        """All areas so far, by name."""
        return Coverage(tuple(self._areas[name] for name in sorted(self._areas)))
