"""How a thing of a plan stands in the tenant at this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from toolkit.domain.changes import TO_COME, Change, Consent, Enterprise, Ownership, RoleGrant, Thing
from toolkit.domain.consent import DelegatedGrant
from toolkit.errors import GraphRefused
from toolkit.ports import DirectoryReader

Item = TypeVar("Item")


async def standing_of(directory: DirectoryReader, thing: Thing) -> Thing | None:
    """The thing as the tenant has it now, with its current id; None where it is absent. Raises what the reader does."""
    if _waits_for_its_application(thing):
        return None
    match thing:
        case Enterprise():
            return await _enterprise(directory, thing)
        case Consent():
            return await _consent(directory, thing)
        case RoleGrant():
            return await _role(directory, thing)
        case Ownership():
            return await _owner(directory, thing)


def _waits_for_its_application(thing: Thing) -> bool:
    """A grant of a service principal that an earlier step of the plan has yet to create."""
    parties = (getattr(thing, name, "") for name in ("client_id", "principal_id", "object_id"))
    return any(str(party).startswith(TO_COME) for party in parties)


async def _enterprise(directory: DirectoryReader, thing: Enterprise) -> Enterprise | None:
    live = await directory.service_principal(thing.id) if thing.id else None
    live = live or await directory.service_principal_of_app(thing.app_id)
    if live is not None:
        return Enterprise.of(live)
    binned = [app for app in await directory.deleted_service_principals(thing.app_id) if thing.id in ("", app.id)]
    return Enterprise.of(binned[0], "bin") if binned else None


async def _consent(directory: DirectoryReader, thing: Consent) -> Consent | None:
    for grant in await directory.delegated_grants(thing.client_id):
        same_key = (grant.resource_id, grant.principal_id) == (thing.resource_id, thing.principal_id)
        if same_key and grant.is_for_everyone == (thing.principal_id is None):
            return Consent.of(grant, client=thing.client, resource=thing.resource, principal=thing.principal)
    return None


async def _role(directory: DirectoryReader, thing: RoleGrant) -> RoleGrant | None:
    held = await _absent_is_empty(
        directory.app_roles_held_by(thing.principal_id)
        if thing.principal_type == "ServicePrincipal"
        else directory.app_role_holders(thing.resource_id)
    )
    for grant in held:
        key = (grant.principal_id, grant.resource_id, grant.app_role_id)
        if key == (thing.principal_id, thing.resource_id, thing.app_role_id):
            return RoleGrant.of(grant, role=thing.role)
    return None


async def _owner(directory: DirectoryReader, thing: Ownership) -> Ownership | None:
    owners = await _absent_is_empty(directory.owners(thing.object_id))
    return thing if any(owner.id == thing.owner_id for owner in owners) else None


async def _absent_is_empty(reading: Awaitable[Sequence[Item]]) -> Sequence[Item]:
    try:
        return await reading
    except GraphRefused as refused:
        if refused.status == 404:
            return ()
        raise


async def whole_takes(directory: DirectoryReader, change: Change) -> tuple[Thing, ...]:
    """All that goes with an application into the recycle bin, as the tenant has it now, named as the plan names it.

    What the plan has for any other change. Raises what the reader does: without a whole snapshot nothing is deleted.
    """
    app = change.before
    if not is_deletion(change) or not isinstance(app, Enterprise):
        return change.takes
    grants, held, given, owners = await asyncio.gather(
        grants_touching(directory, app.id),
        directory.app_roles_held_by(app.id),
        directory.app_role_holders(app.id),
        directory.owners(app.id),
    )
    found: list[Thing] = [Consent.of(grant) for grant in grants]
    found += [RoleGrant.of(grant) for grant in {grant.id: grant for grant in (*held, *given)}.values()]
    found += [Ownership(object_id=app.id, owner_id=owner.id, owner=owner.name) for owner in owners]
    return tuple(next((known for known in change.takes if known.same_as(thing)), thing) for thing in found)


def is_deletion(change: Change) -> bool:
    """Whether an application goes into the recycle bin."""
    before, after = change.before, change.after
    if not (isinstance(before, Enterprise) and isinstance(after, Enterprise)):
        return False
    return (before.where, after.where) == ("live", "bin")


def is_whole(takes: Sequence[Thing], found: Sequence[Thing]) -> bool:
    """Whether what a plan says goes along is just what would."""
    return all(
        any(thing.same_as(other) for other in others)
        for things, others in ((takes, found), (found, takes))
        for thing in things
    )


async def grants_touching(directory: DirectoryReader, object_id: str) -> Sequence[DelegatedGrant]:
    """The delegated grants of an application, and those of others on the permissions that it publishes.

    Graph lists the latter only among all grants of the tenant, so they are read only where it publishes any.
    """
    app = await directory.service_principal(object_id)
    if app is None or not app.oauth2_permission_scopes:
        return await directory.delegated_grants(object_id)
    grants = await directory.delegated_grants()
    return [grant for grant in grants if object_id in (grant.client_id, grant.resource_id)]
