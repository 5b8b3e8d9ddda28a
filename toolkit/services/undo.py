"""The plan that takes a run back, from what the journal says was done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant, Thing
from toolkit.domain.consent import DEFAULT_ACCESS
from toolkit.domain.plans import Plan, Run, Step
from toolkit.errors import BadUsage
from toolkit.ports import DirectoryReader
from toolkit.services.planning import Occasion, maker, sealed_plan, sentence, step

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
    if run.undone_by:
        raise BadUsage(f"run {run.id} was undone already", f"Run {run.undone_by} took it back.")
    _check_order(run, later)
    steps: list[Step] = []
    for record in reversed(run.steps):
        if record.mark in TOUCHED:
            first, *rest = record.change.way_back()
            steps.append(step(first))
            steps += [step(back, f"make sure of: {sentence(back)}") for back in rest]
    gone = await _gone(directory, steps)
    possible = [made_step for made_step in steps if not _points_to(made_step.change, gone)]
    lost = [f"cannot come back: {s.says.removeprefix('make sure of: ')}" for s in steps if s not in possible]
    notes = (*_notes(possible), *lost)
    return sealed_plan(made, occasion, f"undo: {run.plan.purpose}", possible, notes=notes, undoes=run.id)


async def _gone(directory: DirectoryReader, steps: Sequence[Step]) -> frozenset[str]:
    """What grants to create again point to and the tenant no longer has: objects, and roles that are not defined."""
    wanted = [made.change.after for made in steps if made.change.before is None]
    restored = {made.change.after.id for made in steps if isinstance(made.change.after, Enterprise)}
    ids = {party for thing in wanted for party in _parties(thing)} - restored
    roles = {thing for thing in wanted if isinstance(thing, RoleGrant) and thing.app_role_id != DEFAULT_ACCESS}
    resources = {thing.resource_id for thing in roles} - restored
    there, known = await asyncio.gather(
        directory.objects(sorted(ids)) if ids else _nothing(),
        directory.service_principals_by_id(sorted(resources)) if resources else _nothing(),
    )
    defined = {role.id for app in known for role in app.app_roles or ()}
    undefined = {thing.app_role_id for thing in roles if thing.resource_id in resources} - defined
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


def _check_order(run: Run, later: Sequence[Run]) -> None:
    mine = {_key(record.change.subject) for record in run.steps if record.mark in TOUCHED}
    for other in later:
        touched = {_key(record.change.subject) for record in other.steps if record.mark in TOUCHED}
        if other.undone_by is None and other.plan.undoes is None and mine & touched:
            raise BadUsage(
                f"run {run.id} cannot be undone yet",
                f"Run {other.id} changed the same objects later: {other.plan.purpose}.",
                hint="undo that first",
                commands=(f"entrakit history undo {other.id}",),
            )


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
