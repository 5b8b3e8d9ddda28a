"""Carrying a plan out: fresh? → journal → write → verify, step by step, and taken back where a step fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from toolkit.changes.binding import bound, learn
from toolkit.changes.standing import standing_of
from toolkit.domain.changes import Change, Enterprise, Thing, same
from toolkit.domain.journal import Began, Ended, Stepped, TakenBack
from toolkit.domain.plans import Mark, Outcome, Plan, Run, Step
from toolkit.errors import GraphRefused, LeftBehind, ReplyLost, RolledBack, StalePlan, ToolkitError
from toolkit.ports import Clock, DirectoryReader, DirectoryWriter, Journal

PATIENCE = (0.0, 0.3, 0.7, 1.5, 3.0, 5.0, 10.0, 15.0, 15.0, 20.0, 20.0, 30.0)
"""Seconds between looks at what was written: Graph's replicas agree late, at times after minutes."""
NOT_YET = ("Not a valid reference update", "does not reference a valid application object", "Directory_ObjectNotFound")
"""How Graph refuses to point at something that was created a moment ago."""

Pause = Callable[[float], Awaitable[None]]
Tell = Callable[[int, Step, Mark], None]


class Carrier:
    """Carries plans out on one tenant. `tell(number, step, mark)` reports each step to a watching person."""

    def __init__(
        self,
        directory: DirectoryReader,
        writer: DirectoryWriter,
        journal: Journal,
        clock: Clock,
        tell: Tell,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._directory = directory
        self._writer = writer
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._pause = pause
        self._ids: dict[str, str] = {}

    async def check_fresh(self, plan: Plan) -> bool:
        """Whether anything is left to do. Raises StalePlan where the tenant is not as the plan assumes."""
        standings = await asyncio.gather(*(self._standing(step.change) for step in plan.steps))
        stale = [
            f"{step.says}: {_difference(step.change, now)}"
            for step, now in zip(plan.steps, standings, strict=True)
            if not (same(now, step.change.before) or same(now, step.change.after))
        ]
        if stale:
            raise StalePlan(
                "the tenant is not as the plan assumes; nothing was changed",
                " ".join(stale),
                hint="make the plan again, look at it, and apply that",
            )
        return any(not same(now, step.change.after) for step, now in zip(plan.steps, standings, strict=True))

    async def carry_out(self, plan: Plan) -> Run:
        """Carry out all steps and give the run.

        Raises RolledBack where a step failed and the tenant is as it was, LeftBehind where a person must look.
        """
        run_id = self._journal.begin(Began(at=self._clock(), plan=plan))
        done: list[tuple[int, Step, Change]] = []
        for number, step in enumerate(plan.steps, start=1):
            try:
                change = await self._step(run_id, number, step)
            except ToolkitError as failed:
                self._mark(run_id, number, step, step.change, "failed", f"{failed.what}. {failed.why}")
                await self._roll_back(run_id, done, failed)
                raise AssertionError("unreachable: rolling back raises") from failed
            if change is not None:
                done.append((number, step, change))
        self._end(run_id, "done")
        if plan.undoes:
            self._journal.append(plan.undoes, TakenBack(at=self._clock(), by=run_id))
        return self._journal.run(run_id)

    async def _step(self, run_id: str, number: int, step: Step) -> Change | None:
        """The change as it was done, with the ids that were read back; None where it held already."""
        change = bound(step.change, self._ids)
        now = await self._standing(change)
        if same(now, change.after):
            learn(self._ids, now)
            self._mark(run_id, number, step, change, "already so")
            return None
        if not same(now, change.before):
            raise StalePlan("the tenant changed meanwhile", _difference(change, now))
        # What was read now has the current id; the plan's may be an older one.
        change = Change(before=now, after=change.after, takes=change.takes)
        self._mark(run_id, number, step, change, "intended")
        await self._write(change)
        seen = await self._verified(change)
        learn(self._ids, seen)
        made = Change(before=change.before, after=seen, takes=change.takes)
        self._mark(run_id, number, step, made, "done")
        return made

    async def _write(self, change: Change) -> None:
        for delay in (*PATIENCE[1:8], None):
            try:
                await self._writer.write(change)
            except ReplyLost as lost:
                # It may have been carried out: what the tenant says decides, not the connection.
                if not same(await self._standing(change), change.after):
                    raise lost from lost.__cause__
            except GraphRefused as refused:
                early = bool(self._ids) and any(words in refused.why for words in NOT_YET)
                if delay is None or not early:
                    raise
                await self._pause(delay)
                continue
            return

    async def _verified(self, change: Change) -> Thing | None:
        now: Thing | None = None
        for delay in PATIENCE:
            if delay:
                await self._pause(delay)
            now = await self._standing(change)
            if same(now, change.after):
                return now
        raise GraphRefused(
            "a change was accepted but cannot be seen", f"After {sum(PATIENCE):.0f} s: {_difference(change, now)}"
        )

    async def _standing(self, change: Change) -> Thing | None:
        return await standing_of(self._directory, change.subject)

    async def _roll_back(self, run_id: str, done: Sequence[tuple[int, Step, Change]], cause: ToolkitError) -> None:
        left: list[str] = []
        for number, step, change in reversed(done):
            if not await self._taken_back(run_id, number, step, change):
                left.append(step.says)
        if left:
            self._end(run_id, "left behind")
            raise LeftBehind(
                "a step failed, and not everything that was done before it could be taken back",
                f"{cause.what}. {cause.why} Still in place: {'; '.join(left)}.",
                hint="look at the journal, put right what stands in the way, and undo it",
                commands=(f"entrakit history show {run_id}", f"entrakit history undo {run_id}"),
            ) from cause
        self._end(run_id, "rolled back")
        raise RolledBack(
            "a step failed; the tenant is as it was",
            f"{cause.what}. {cause.why}",
            hint=cause.hint,
            commands=(*cause.commands, f"entrakit history show {run_id}"),
        ) from cause

    async def _taken_back(self, run_id: str, number: int, step: Step, change: Change) -> bool:
        try:
            for back in change.way_back():
                back = bound(back, self._ids)
                now = await self._standing(back)
                if same(now, back.after):
                    continue
                self._mark(run_id, number, step, change, "rolling back")
                await self._write(Change(before=now, after=back.after))
                await self._verified(back)
        except ToolkitError as failed:
            self._mark(run_id, number, step, change, "roll-back failed", f"{failed.what}. {failed.why}")
            return False
        self._mark(run_id, number, step, change, "rolled back")
        return True

    def _mark(self, run_id: str, number: int, step: Step, change: Change, mark: Mark, detail: str = "") -> None:
        told = Stepped(at=self._clock(), number=number, mark=mark, change=change, detail=detail)
        self._journal.append(run_id, told)
        self._tell(number, step, mark)

    def _end(self, run_id: str, outcome: Outcome) -> None:
        self._journal.append(run_id, Ended(at=self._clock(), outcome=outcome))


def _difference(change: Change, now: Thing | None) -> str:
    if now is None:
        return "it is not there."
    if change.before is None:
        return "it is there already, but not as planned."
    if isinstance(now, Enterprise) and isinstance(change.before, Enterprise):
        state = {True: "enabled", False: "disabled", None: "unknown"}[now.enabled]
        return f"it is {'in the recycle bin' if now.where == 'bin' else state}."
    return "somebody changed it."
