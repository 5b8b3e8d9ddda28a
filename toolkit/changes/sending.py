"""Sending one change and seeing it done, whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from toolkit.changes.standing import is_deletion, standing_of
from toolkit.domain.changes import Change, Enterprise, Thing, described, same
from toolkit.errors import GraphRefused, ReplyLost, ToolkitError, Unreachable
from toolkit.ports import DirectoryReader, DirectoryWriter

PATIENCE = (0.0, 0.3, 0.7, 1.5, 3.0, 5.0, 10.0, 15.0, 15.0, 20.0, 20.0, 30.0)
"""Seconds between looks at what was written: Graph's replicas agree late, at times after minutes."""
BRIEFLY = PATIENCE[:6]
"""How long to look for a change whose answer was lost, before it is sent again."""
NOT_YET = ("Not a valid reference update", "does not reference a valid application object", "Directory_ObjectNotFound")
"""How Graph refuses to point at something that was created a moment ago."""


class Unseen(GraphRefused):
    """A change was accepted, but the tenant does not show it: it may be done or not."""


class Sender:
    """Sends changes and looks at the tenant until they can be seen."""

    def __init__(
        self, directory: DirectoryReader, writer: DirectoryWriter, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        self._directory = directory
        self._writer = writer
        self._pause = pause
        self._has_made_applications = False

    async def send(self, change: Change) -> Thing | None:
        """The thing as it stands afterwards. Raises what the reader and the writer do, and Unseen."""
        await self._send(change)
        seen, now = await self._look(change, PATIENCE)
        if not seen:
            raise Unseen(
                "a change was accepted but cannot be seen",
                f"After {sum(PATIENCE):.0f} s, {described(change.subject)} is not as it should be.",
            )
        self._has_made_applications |= isinstance(now, Enterprise)
        return now

    async def _send(self, change: Change) -> None:
        """Once, or again where nobody knows what became of it: Graph has each of these things at most once."""
        try:
            await self._patiently(change)
        except ToolkitError as lost:
            if not _may_be_done(change, lost):
                raise
            if (await self._look(change, BRIEFLY))[0]:
                return
            try:
                await self._patiently(change)
            except ToolkitError:
                # Also refused is what the first one did: an appId in use, nothing left to restore.
                if not (await self._look(change, BRIEFLY))[0]:
                    raise

    async def _patiently(self, change: Change) -> None:
        for delay in PATIENCE[1:8]:
            try:
                return await self._writer.write(change)
            except GraphRefused as refused:
                if not (self._has_made_applications and any(words in refused.why for words in NOT_YET)):
                    raise
                await self._pause(delay)
        return await self._writer.write(change)

    async def _look(self, change: Change, patience: Sequence[float]) -> tuple[bool, Thing | None]:
        now: Thing | None = None
        for delay in patience:
            if delay:
                await self._pause(delay)
            now = await standing_of(self._directory, change.subject)
            if same(now, change.after):
                return True, now
        return False, now


def _may_be_done(change: Change, failure: ToolkitError) -> bool:
    """Also where an application to delete is not found: the client repeats a deletion whose answer was lost."""
    if isinstance(failure, GraphRefused):
        return failure.status >= 500 or (failure.status == 404 and is_deletion(change))
    return isinstance(failure, ReplyLost | Unreachable)
