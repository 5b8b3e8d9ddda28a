"""Plans that change applications: disable, enable, delete, restore."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant, Thing
from toolkit.domain.consent import DEFAULT_ACCESS, AppRoleGrant, DelegatedGrant, Resource
from toolkit.domain.known import Known, NotKnown
from toolkit.domain.plans import Loss, Plan
from toolkit.domain.principals import DirectoryObject, ServicePrincipal
from toolkit.errors import Ambiguous, NotFound
from toolkit.ports import DirectoryReader
from toolkit.services.lookup import find_application
from toolkit.services.permissions import Names, Resources, names_of, person, resource_name, resources_of
from toolkit.services.planning import Maker, Occasion, maker, sealed_plan, step, takes_of
from toolkit.services.survey import Survey

NOT_RETURNED = (
    "Conditional Access policies that named the application are not put back by a restore",
    "after 30 days in the recycle bin the application is gone for good",
)


async def plan_sign_in(directory: DirectoryReader, asked: str, occasion: Occasion, *, enable: bool) -> Plan:
    """Allow or forbid sign-in to an application; no steps where it is so already."""
    made, app = await asyncio.gather(maker(directory, occasion), find_application(directory, asked))
    before = Enterprise.of(app)
    verb = "enable" if enable else "disable"
    purpose = f"{verb} sign-in to {app.name}"
    if before.enabled is enable:
        return sealed_plan(made, occasion, purpose, ())
    change = Change(before=before, after=replace(before, enabled=enable))
    losses = () if enable else (Loss("everybody and every service", f"can no longer sign in to {app.name}"),)
    return sealed_plan(made, occasion, purpose, [step(change)], losses=losses)


async def plan_delete(directory: DirectoryReader, asked: str, occasion: Occasion) -> Plan:
    """Move an application to the recycle bin, with a snapshot of all that goes with it.

    Raises what the reader raises: without a whole snapshot nothing may be deleted.
    """
    made, app = await asyncio.gather(maker(directory, occasion), find_application(directory, asked))
    (takes, losses), final = await asyncio.gather(_belongings(directory, app), _cannot_return(directory, app, made))
    before = Enterprise.of(app)
    change = Change(before=before, after=replace(before, where="bin"), takes=takes)
    return sealed_plan(
        made, occasion, f"delete application {app.name}", [step(change)], losses=losses, notes=(*final, *NOT_RETURNED)
    )


async def _cannot_return(directory: DirectoryReader, app: ServicePrincipal, made: Maker) -> tuple[str, ...]:
    """Graph restores the service principal of an application of this tenant only while its registration is there."""
    if app.origin(made.tenant.id) != "this tenant" or await directory.application(app.app_id) is not None:
        return ()
    return (f"this cannot be undone: {app.name} has no registration in this tenant, so it cannot be restored",)


async def _belongings(directory: DirectoryReader, app: ServicePrincipal) -> tuple[tuple[Thing, ...], list[Loss]]:
    grants, held, given, owners = await asyncio.gather(
        _grants_touching(directory, app),
        directory.app_roles_held_by(app.id),
        directory.app_role_holders(app.id),
        directory.owners(app.id),
    )
    survey = Survey()
    resources, names = await asyncio.gather(
        resources_of(directory, survey, _parties(app, grants, held)),
        names_of(directory, survey, [g.principal_id for g in grants if g.principal_id]),
    )
    takes = takes_of(
        [
            *(consent_of(grant, app, resources, names) for grant in grants),
            *(role_of(grant, resources) for grant in held),
            *(RoleGrant.of(grant, role=_own_role(app, grant)) for grant in given if grant.principal_id != app.id),
            *(Ownership(object_id=app.id, owner_id=owner.id, owner=owner.name) for owner in owners),
        ]
    )
    return takes, _losses(app, takes, given, owners)


def _parties(app: ServicePrincipal, grants: Sequence[DelegatedGrant], held: Sequence[AppRoleGrant]) -> list[str]:
    """The applications whose names the grants need: what they are for, and whose they are."""
    clients = [grant.client_id for grant in grants if grant.client_id != app.id]
    return [*clients, *(grant.resource_id for grant in (*grants, *held))]


async def _grants_touching(directory: DirectoryReader, app: ServicePrincipal) -> Sequence[DelegatedGrant]:
    """Its own, and those of others on the permissions that it publishes: Graph lists these only among all grants."""
    if not app.oauth2_permission_scopes:
        return await directory.delegated_grants(app.id)
    grants = await directory.delegated_grants()
    return [grant for grant in grants if app.id in (grant.client_id, grant.resource_id)]


def _own_role(app: ServicePrincipal, grant: AppRoleGrant) -> str:
    if grant.app_role_id == DEFAULT_ACCESS:
        return "default access"
    known = Resource(app).role_by_id(grant.app_role_id)
    return known.value if known else grant.app_role_id


def consent_of(
    grant: DelegatedGrant, app: ServicePrincipal, resources: Known[Resources] | NotKnown, names: Known[Names] | NotKnown
) -> Consent:
    """The grant with the names of its three parties."""
    return Consent.of(
        grant,
        client=app.name if grant.client_id == app.id else resource_name(resources, grant.client_id),
        resource=resource_name(resources, grant.resource_id),
        principal=person(names, grant.principal_id) if grant.principal_id else "",
    )


def role_of(grant: AppRoleGrant, resources: Known[Resources] | NotKnown) -> RoleGrant:
    """The app role assignment with the role's name."""
    if grant.app_role_id == DEFAULT_ACCESS:
        return RoleGrant.of(grant, role="default access")
    known = resources.value.get(grant.resource_id) if isinstance(resources, Known) else None
    permission = known.role_by_id(grant.app_role_id) if known else None
    return RoleGrant.of(grant, role=permission.value if permission else "")


def _losses(
    app: ServicePrincipal, takes: Sequence[Thing], given: Sequence[AppRoleGrant], owners: Sequence[DirectoryObject]
) -> list[Loss]:
    losses = [Loss("everybody and every service", f"can no longer sign in to {app.name}")]
    losses += [
        Loss(thing.principal if thing.principal_id else "everyone", f"{thing.resource}: {', '.join(thing.scopes)}")
        for thing in takes
        if isinstance(thing, Consent) and thing.client_id == app.id
    ]
    losses += [
        Loss(f"the application {thing.client}", f"{thing.resource}: {', '.join(thing.scopes)}")
        for thing in takes
        if isinstance(thing, Consent) and thing.client_id != app.id
    ]
    losses += [
        Loss(f"the application {app.name}", f"{thing.resource}: {thing.role}")
        for thing in takes
        if isinstance(thing, RoleGrant) and thing.principal_id == app.id
    ]
    losses += [
        Loss(
            f"{grant.principal_type or 'principal'} {grant.principal_display_name or grant.principal_id}", "assignment"
        )
        for grant in given
    ]
    return losses + [Loss(owner.name, "ownership") for owner in owners]


async def plan_restore(directory: DirectoryReader, asked: str, occasion: Occasion) -> Plan:
    """Bring an application back from the recycle bin; no steps where it is there already.

    Raises NotFound where the bin has none of this name, Ambiguous where it has several.
    """
    made, binned = await asyncio.gather(maker(directory, occasion), directory.deleted_service_principals(asked.strip()))
    purpose = f"restore application {asked}"
    if not binned:
        return await _restored_already(directory, made, occasion, asked, purpose)
    if len(binned) > 1:
        lines = [f"{app.id}  appId {app.app_id}  {app.name}" for app in sorted(binned, key=lambda app: app.id)]
        raise Ambiguous(
            f"{len(binned)} deleted applications are named {asked}", "The object id tells them apart.", lines
        )
    before = Enterprise.of(binned[0], "bin")
    change = Change(before=before, after=replace(before, where="live"))
    notes = ("what it held comes back as far as the service keeps it; undoing the deletion puts the rest back",)
    return sealed_plan(made, occasion, purpose, [step(change)], notes=notes)


async def _restored_already(
    directory: DirectoryReader, made: Maker, occasion: Occasion, asked: str, purpose: str
) -> Plan:
    try:
        await find_application(directory, asked)
    except NotFound as absent:
        raise NotFound(
            f"there is no deleted application {asked}",
            "The recycle bin keeps applications for 30 days; managed identities cannot be restored at all.",
        ) from absent
    return sealed_plan(made, occasion, purpose, ())
