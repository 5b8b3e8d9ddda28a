"""Carrying a plan out: fresh? → journal → write → verify, step by step, and taken back where a step fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, NoReturn

from toolkit.changes.binding import at_hand, bound, learn
from toolkit.changes.sending import Sender, Unseen
from toolkit.changes.standing import is_whole, standing_of, whole_takes
from toolkit.domain.changes import Change, Enterprise, Thing, described, same
from toolkit.domain.journal import Began, Ended, NotWritten, Stepped, TakenBack
from toolkit.domain.plans import Mark, Outcome, Plan, Run, Step
from toolkit.errors import LeftBehind, NotFound, PermissionMissing, RolledBack, StalePlan, ToolkitError
from toolkit.ports import Clock, DirectoryReader, DirectoryWriter, Journal

Pause = Callable[[float], Awaitable[None]]
Tell = Callable[[int, Step, Mark], None]


class Touched(NamedTuple):
    """A step that was begun: something of it may be in place."""

    number: int
    step: Step
    change: Change


class Carrier:
    """Carries one plan out on one tenant. `tell(number, step, mark)` reports each step to a watching person."""

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
        self._sender = Sender(directory, writer, pause)
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._ids: dict[str, str] = {}

    async def check_fresh(self, plan: Plan) -> bool:
        """Whether anything is left to do. Raises StalePlan where the tenant is not as the plan assumes."""
        standings = await asyncio.gather(*(self._standing(step.change) for step in plan.steps))
        stale = [
            f"{step.says}: {_difference(step.change, now)}"
            for step, now in zip(plan.steps, standings, strict=True)
            if not (same(now, step.change.before) or _holds(step.change.after, now))
        ]
        if not stale and plan.undoes is None:
            grown = [step for step in plan.steps if not await self._is_whole(step)]
            stale = [f"{step.says}: what goes with it changed." for step in grown]
        if stale:
            raise StalePlan(
                "the tenant is not as the plan assumes; nothing was changed",
                " ".join(stale),
                hint="make the plan again, look at it, and apply that",
            )
        return any(not _holds(step.change.after, now) for step, now in zip(plan.steps, standings, strict=True))

    async def _is_whole(self, step: Step) -> bool:
        """An undo may delete what has gathered around an application since; a plan deletes only what was looked at."""
        now = await self._standing(step.change)
        if _holds(step.change.after, now):
            return True
        return is_whole(step.change.takes, await whole_takes(self._directory, at_hand(step.change, now)))

    async def carry_out(self, plan: Plan) -> Run:
        """Carry out all steps and give the run.

        Raises RolledBack where a step failed and the tenant is as it was, LeftBehind where a person must look, and
        PermissionMissing where the first write was refused.
        """
        run_id = self._journal.begin(Began(at=self._clock(), plan=plan))
        touched: list[Touched] = []
        try:
            for number, step in enumerate(plan.steps, start=1):
                try:
                    await self._step(run_id, number, step, touched)
                except NotWritten:
                    raise
                except Exception as failure:
                    await self._roll_back(run_id, number, step, touched, _told(failure))
            return self._done(run_id, plan)
        except NotWritten as broken:
            _give_up(run_id, touched, broken)

    def settle(self, plan: Plan) -> Run:
        """Write down that an undo found everything taken back already, so that it stands in nobody's way."""
        return self._done(self._journal.begin(Began(at=self._clock(), plan=plan)), plan)

    def _done(self, run_id: str, plan: Plan) -> Run:
        self._end(run_id, "done")
        if plan.undoes:
            # The journal may lack the run: it is that of the machine where the plan was made.
            with suppress(NotFound):
                self._journal.append(plan.undoes, TakenBack(at=self._clock(), by=run_id))
        return self._journal.run(run_id)

    async def _step(self, run_id: str, number: int, step: Step, touched: list[Touched]) -> None:
        change = bound(step.change, self._ids)
        now = await self._standing(change)
        if _holds(change.after, now):
            learn(self._ids, change.after, now)
            self._mark(run_id, Touched(number, step, change), "already so")
            return
        if not same(now, change.before):
            raise StalePlan("the tenant changed meanwhile", _difference(change, now))
        # What was read now has the current ids and takes all along; the plan may be older.
        change = at_hand(change, now)
        change = Change(before=now, after=change.after, takes=await whole_takes(self._directory, change))
        begun = Touched(number, step, change)
        self._mark(run_id, begun, "intended")
        touched.append(begun)
        seen = await self._sender.send(change)
        learn(self._ids, step.change.after, seen)
        touched[-1] = begun._replace(change=Change(before=now, after=seen, takes=change.takes))
        self._mark(run_id, touched[-1], "done")

    async def _standing(self, change: Change) -> Thing | None:
        return await standing_of(self._directory, change.subject)

    async def _roll_back(
        self, run_id: str, number: int, step: Step, touched: list[Touched], cause: ToolkitError
    ) -> NoReturn:
        if not touched or touched[-1].number != number:
            self._mark(run_id, Touched(number, step, step.change), "failed", _in_words(cause))
        left: list[str] = []
        for one in reversed(touched):
            left += await self._taken_back(run_id, one, cause if one.number == number else None)
        if left:
            self._end(run_id, "left behind")
            raise LeftBehind(
                "a step failed, and not everything that was done before it could be taken back",
                f"{_in_words(cause)} Not taken back: {'; '.join(left)}.",
                hint="look at the journal, put right what stands in the way, and undo it",
                commands=_look_and_undo(run_id),
            ) from cause
        self._end(run_id, "rolled back")
        if isinstance(cause, PermissionMissing) and all(one.number == number for one in touched):
            # Refused at the door: nothing was written, and the missing permission is all there is to tell.
            raise cause
        raise RolledBack(
            "a step failed; the tenant is as it was",
            _in_words(cause),
            hint=cause.hint,
            commands=(*cause.commands, f"entrakit history show {run_id}"),
        ) from cause

    async def _taken_back(self, run_id: str, one: Touched, cause: ToolkitError | None) -> list[str]:
        """What is left of a step; `cause` is why it failed, where it is the one that did."""
        first, *rest = (bound(back, self._ids) for back in one.change.way_back())
        if isinstance(cause, Unseen):
            self._mark(run_id, one, "roll-back failed", _in_words(cause))
            return [f"{one.step.says} (perhaps: it was accepted, but is not to be seen)"]
        written = False
        left: list[str] = []
        why = _in_words(cause) if cause else ""
        for back in (first, *rest):
            try:
                written |= await self._put_back(run_id, one, back)
            except NotWritten:
                raise
            except Exception as failure:
                why = _in_words(_told(failure))
                left.append(one.step.says if back is first else f"{one.step.says}: without {described(back.subject)}")
                if back is first:
                    break
        mark: Mark = "roll-back failed" if left else "rolled back" if written or not cause else "failed"
        self._mark(run_id, one, mark, why)
        return left

    async def _put_back(self, run_id: str, one: Touched, back: Change) -> bool:
        """Whether anything had to be written. Raises what the reader and the writer do, and StalePlan."""
        now = await self._standing(back)
        if _holds(back.after, now):
            return False
        if not same(now, back.before):
            raise StalePlan("somebody else changed it meanwhile", _difference(back, now))
        self._mark(run_id, one, "rolling back")
        await self._sender.send(at_hand(back, now))
        return True

    def _mark(self, run_id: str, one: Touched, mark: Mark, detail: str = "") -> None:
        told = Stepped(at=self._clock(), number=one.number, mark=mark, change=one.change, detail=detail)
        self._journal.append(run_id, told)
        self._tell(one.number, one.step, mark)

    def _end(self, run_id: str, outcome: Outcome) -> None:
        self._journal.append(run_id, Ended(at=self._clock(), outcome=outcome))


def _holds(after: Thing | None, now: Thing | None) -> bool:
    """Whether nothing is left to do; an application that is gone altogether need not be put into the bin."""
    if isinstance(after, Enterprise) and after.where == "bin":
        return now is None or (isinstance(now, Enterprise) and now.where == "bin")
    return same(now, after)


def _told(failure: Exception) -> ToolkitError:
    if isinstance(failure, ToolkitError):
        return failure
    told = ToolkitError("this is a bug in entrakit", f"{type(failure).__name__}.")
    told.__cause__ = failure
    return told


def _in_words(failure: ToolkitError) -> str:
    return f"{failure.what}. {failure.why}".strip()


def _look_and_undo(run_id: str) -> tuple[str, ...]:
    return (f"entrakit history show {run_id}", f"entrakit history undo {run_id}")


def _give_up(run_id: str, touched: list[Touched], broken: NotWritten) -> NoReturn:
    """Without a journal nothing more is written to the tenant, not even the way back."""
    if not touched:
        raise RolledBack("the tenant is as it was", _in_words(broken), hint=broken.hint) from broken
    raise LeftBehind(
        "the journal can no longer be written, so nothing more was changed, and nothing taken back",
        f"{_in_words(broken)} Perhaps in place: {'; '.join(one.step.says for one in touched)}.",
        hint="make room for the journal, and undo the run",
        commands=_look_and_undo(run_id),
    ) from broken


def _difference(change: Change, now: Thing | None) -> str:
    if now is None:
        return "it is not there."
    if change.before is None:
        return "it is there already, but not as planned."
    if isinstance(now, Enterprise) and isinstance(change.before, Enterprise):
        state = {True: "enabled", False: "disabled", None: "unknown"}[now.enabled]
        return f"it is {'in the recycle bin' if now.where == 'bin' else state}."
    return "somebody changed it."
