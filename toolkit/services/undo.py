"""The plan that takes a run back, from what the journal says was done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant, Thing
from toolkit.domain.consent import DEFAULT_ACCESS
from toolkit.domain.plans import Plan, Run, Step
from toolkit.errors import BadUsage, StalePlan
from toolkit.ports import DirectoryReader
from toolkit.services.planning import MAKE_SURE, Occasion, maker, sealed_plan, sentence, step

TOUCHED = ("done", "intended", "rolling back", "roll-back failed")
"""Marks after which something of the step may be in place."""


async def plan_undo(directory: DirectoryReader, run: Run, later: Sequence[Run], occasion: Occasion) -> Plan:
    """The steps that take `run` back, last first; none where nothing of it was done.

    Raises BadUsage for a run of another tenant, one undone already, and one whose objects a run of `later` changed.
    """
    made = await maker(directory, occasion)
    if run.plan.tenant.id != made.tenant.id:
        raise BadUsage(
            f"run {run.id} changed another tenant",
            f"It changed {run.plan.tenant.name} ({run.plan.tenant.id}); this is {made.tenant.name} ({made.tenant.id}).",
            hint="name that tenant with --tenant",
        )
    if not _stands(run, {other.id: other for other in later}):
        raise BadUsage(f"run {run.id} was undone already", f"Run {run.undone_by} took it back.")
    _check_order(run, later)
    steps: list[Step] = []
    for record in reversed(run.steps):
        if record.mark in TOUCHED:
            first, *rest = record.change.way_back()
            steps.append(step(first))
            steps += [step(back, MAKE_SURE + sentence(back)) for back in rest]
    gone = await _gone(directory, steps)
    possible = [made_step for made_step in steps if not _points_to(made_step.change, gone)]
    lost = [f"cannot come back: {s.says.removeprefix(MAKE_SURE)}" for s in steps if s not in possible]
    if steps and not possible:
        raise StalePlan(
            f"nothing of run {run.id} can be taken back; nothing was changed",
            f"The tenant no longer has what it points to: {'; '.join(text.partition(': ')[2] for text in lost)}.",
        )
    notes = (*_notes(possible), *lost)
    return sealed_plan(made, occasion, f"undo: {run.plan.purpose}", possible, notes=notes, undoes=run.id)


async def _gone(directory: DirectoryReader, steps: Sequence[Step]) -> frozenset[str]:
    """What grants to create again point to and the tenant no longer has: objects, and roles that are not defined."""
    wanted = [made.change.after for made in steps if made.change.before is None]
    restored = {thing.id: thing for made in steps if isinstance(thing := made.change.after, Enterprise)}
    ids = {party for thing in wanted for party in _parties(thing)} - set(restored)
    roles = {thing for thing in wanted if isinstance(thing, RoleGrant) and thing.app_role_id != DEFAULT_ACCESS}
    resources = {thing.resource_id for thing in roles}
    binned = [restored[object_id] for object_id in sorted(resources & set(restored))]
    there, known, deleted = await asyncio.gather(
        directory.objects(sorted(ids)) if ids else _nothing(),
        directory.service_principals_by_id(sorted(resources)) if resources else _nothing(),
        asyncio.gather(*(directory.deleted_service_principals(app.app_id) for app in binned)),
    )
    defined = {role.id for app in chain(known, *deleted) for role in app.app_roles or ()}
    undefined = {thing.app_role_id for thing in roles} - defined
    return frozenset((ids - {thing.id for thing in there}) | undefined)


async def _nothing() -> Sequence[Any]:
    return ()


def _parties(thing: Thing | None) -> tuple[str, ...]:
    match thing:
        case Consent():
            return tuple(filter(None, (thing.client_id, thing.resource_id, thing.principal_id)))
        case RoleGrant():
            return (thing.principal_id, thing.resource_id)
        case Ownership():
            return (thing.owner_id,)
        case _:
            return ()


def _points_to(change: Change, gone: frozenset[str]) -> bool:
    if change.before is not None:
        return False
    role = {change.after.app_role_id} if isinstance(change.after, RoleGrant) else set[str]()
    return bool(gone & (role | set(_parties(change.after))))


def _stands(run: Run, later: Mapping[str, Run]) -> bool:
    """Whether what the run did is in force: an undo that was itself undone does not count."""
    undo = later.get(run.undone_by or "")
    return run.undone_by is None or (undo is not None and not _stands(undo, later))


def _check_order(run: Run, later: Sequence[Run]) -> None:
    mine = frozenset(key for thing in _touched(run) for key in (_key(thing), *_hangs_on(thing)))
    by_id = {other.id: other for other in later}
    for other in later:
        touched = {_key(thing) for thing in _touched(other)} | {("object", id) for id in _put_away(other)}
        if _stands(other, by_id) and other.plan.undoes is None and mine & touched:
            raise BadUsage(
                f"run {run.id} cannot be undone yet",
                f"Run {other.id} changed the same objects later: {other.plan.purpose}.",
                hint="undo that first",
                commands=(f"entrakit history undo {other.id}",),
            )


def _touched(run: Run) -> list[Thing]:
    return [record.change.subject for record in run.steps if record.mark in TOUCHED]


def _hangs_on(thing: Thing) -> list[tuple[object, ...]]:
    owned = (thing.object_id,) if isinstance(thing, Ownership) else ()
    return [("object", party) for party in (*_parties(thing), *owned)]


def _put_away(run: Run) -> list[str]:
    """Applications that the run moved into the recycle bin, where nothing can be granted to them."""
    return [thing.id for thing in _touched(run) if isinstance(thing, Enterprise) and thing.where == "bin"]


def _key(thing: Thing) -> tuple[object, ...]:
    if isinstance(thing, Enterprise):
        return ("application", thing.app_id)
    fields = ("client_id", "principal_id", "resource_id", "app_role_id", "object_id", "owner_id")
    return tuple(getattr(thing, name, None) for name in fields)


def _notes(steps: Sequence[Step]) -> tuple[str, ...]:
    if any(_is_restore(made.change) for made in steps):
        return (
            "grants and assignments that do not come back by themselves are created again, under new ids",
            "Conditional Access policies that named the application are not put back",
        )
    return ()


def _is_restore(change: Change) -> bool:
    return isinstance(change.before, Enterprise) and change.before.where == "bin"
