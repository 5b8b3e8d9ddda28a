"""What every plan is made of besides its steps: the tenant, who makes it, and how the command was spelled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change, Consent, Ownership, RoleGrant, Thing
from toolkit.domain.plans import Loss, Plan, Step
from toolkit.ports import DirectoryReader
from toolkit.services.lookup import tenant_name

MAKE_SURE = "make sure of: "
"""How a step begins that creates only what has not come back by itself."""


class Occasion(Struct, frozen=True, kw_only=True):
    """When and how a plan is made; `signed_in_app` is the appId of the client that signs in."""

    command: str
    now: datetime
    signed_in_app: str | None


class Maker(Struct, frozen=True):
    """For which tenant a plan is made, and by whom."""

    tenant: TenantName
    by: str


async def maker(directory: DirectoryReader, occasion: Occasion) -> Maker:
    """Raises what the reader raises."""
    tenant, me = await asyncio.gather(tenant_name(directory), directory.me())
    if me is None:
        return Maker(tenant, f"application {occasion.signed_in_app or 'unknown'}")
    upn = me.user_principal_name
    return Maker(tenant, upn if isinstance(upn, str) else me.name)


def sealed_plan(
    made: Maker,
    occasion: Occasion,
    purpose: str,
    steps: Sequence[Step],
    *,
    losses: Iterable[Loss] = (),
    notes: Iterable[str] = (),
    undoes: str | None = None,
) -> Plan:
    """The plan with its digest; a plan without steps means that there is nothing to do."""
    return Plan(
        purpose=purpose,
        command=occasion.command,
        tenant=made.tenant,
        made_at=occasion.now,
        made_by=made.by,
        steps=tuple(steps),
        losses=tuple(losses),
        notes=tuple(notes),
        undoes=undoes,
    ).sealed()


def step(change: Change, says: str | None = None) -> Step:
    """The change with the sentence that tells it."""
    return Step(change=change, says=says or sentence(change))


def sentence(change: Change) -> str:
    """What a change does, for a person."""
    thing = change.subject
    verb = {"create": "grant", "update": "change", "delete": "revoke"}[change.operation]
    match thing:
        case Consent():
            return f"{verb} {_scopes(change)} on {thing.resource or thing.resource_id} {_for_whom(thing)}"
        case RoleGrant():
            held_by = thing.principal or thing.principal_id
            kind = "application permission" if thing.principal_type == "ServicePrincipal" else "role"
            return f"{verb} {kind} {thing.role} of {thing.resource or thing.resource_id} ({held_by})"
        case Ownership():
            verb = "add" if change.operation == "create" else "remove"
            return f"{verb} owner {thing.owner or thing.owner_id}"
        case _:
            return _application(change)


def _application(change: Change) -> str:
    from toolkit.domain.changes import Enterprise

    before, after = change.before, change.after
    if not isinstance(after, Enterprise):
        return f"delete application {before.name if isinstance(before, Enterprise) else ''}"
    if not isinstance(before, Enterprise):
        return f"create the service principal of {after.name}"
    if before.where != after.where:
        return f"{'delete' if after.where == 'bin' else 'restore'} application {after.name}"
    return f"{'enable' if after.enabled else 'disable'} sign-in to {after.name}"


def _scopes(change: Change) -> str:
    before = set(change.before.scopes) if isinstance(change.before, Consent) else set[str]()
    after = set(change.after.scopes) if isinstance(change.after, Consent) else set[str]()
    if change.operation != "update":
        return ", ".join(sorted(before | after)) or "an empty grant"
    parts = [f"-{scope}" for scope in sorted(before - after)] + [f"+{scope}" for scope in sorted(after - before)]
    return "consent: " + ", ".join(parts)


def _for_whom(thing: Consent) -> str:
    return f"for {thing.principal or thing.principal_id}" if thing.principal_id else "for everyone"


def takes_of(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """The things that go along with a deletion, in a stable order."""
    return tuple(sorted(things, key=lambda thing: (type(thing).__name__, str(thing))))
