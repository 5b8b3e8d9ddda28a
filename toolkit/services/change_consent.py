"""Plans that change consent: revoke, all of it or a chosen part, and grant again without losing what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from toolkit.domain.changes import Change, Consent, Enterprise, RoleGrant, to_come
from toolkit.domain.consent import OPENID_SCOPES, AppRoleGrant, DelegatedGrant, Resource
from toolkit.domain.plans import Loss, Plan, Step
from toolkit.domain.principals import DirectoryObject, ServicePrincipal
from toolkit.errors import BadUsage, InRecycleBin, NotFound
from toolkit.ports import DirectoryReader
from toolkit.services.change_apps import consent_of, role_of
from toolkit.services.lookup import GUID, find_application
from toolkit.services.permissions import names_of, resources_of
from toolkit.services.planning import Occasion, maker, sealed_plan, step
from toolkit.services.roles import find_person
from toolkit.services.survey import Survey


class RevokeConsent(Struct, frozen=True, kw_only=True):
    """Which consent of `app` to revoke: all of it, or only the chosen parts.

    `scopes` are values or RESOURCE/VALUE; they hold for delegated and application permissions alike.
    """

    app: str
    admin: bool = False
    users: bool = False
    user: str | None = None
    application: bool = False
    scopes: tuple[str, ...] = ()

    @property
    def delegated(self) -> bool:
        """Whether delegated grants are meant."""
        return not self.application or self.admin or self.users or self.user is not None

    @property
    def roles(self) -> bool:
        """Whether application permissions are meant."""
        return self.application or not (self.admin or self.users or self.user is not None)


async def plan_revoke(directory: DirectoryReader, ask: RevokeConsent, occasion: Occasion) -> Plan:
    """Take consent away; no steps where none of it is there. Raises NotFound and Ambiguous."""
    made, app = await asyncio.gather(maker(directory, occasion), find_application(directory, ask.app))
    user_id = (await find_person(directory, ask.user)).id if ask.user else None
    grants, held = await asyncio.gather(directory.delegated_grants(app.id), directory.app_roles_held_by(app.id))
    grants = [grant for grant in grants if ask.delegated and _is_meant(grant, ask, user_id)]
    held = held if ask.roles else ()
    survey = Survey()
    resources, names = await asyncio.gather(
        resources_of(directory, survey, [g.resource_id for g in grants] + [r.resource_id for r in held]),
        names_of(directory, survey, [g.principal_id for g in grants if g.principal_id]),
    )
    changes = [change for g in grants if (change := _revoked(consent_of(g, app, resources, names), ask.scopes))]
    roles = [role_of(grant, resources) for grant in held]
    changes += [Change(before=role) for role in roles if not ask.scopes or _names(ask.scopes, role.resource, role.role)]
    return sealed_plan(
        made,
        occasion,
        f"revoke consent of {app.name}",
        [step(change) for change in changes],
        losses=_losses(app, changes),
        notes=("tokens already issued stay valid until they expire, about an hour",),
    )


def _is_meant(grant: DelegatedGrant, ask: RevokeConsent, user_id: str | None) -> bool:
    if user_id is not None and grant.principal_id == user_id:
        return True
    if ask.admin and grant.is_for_everyone:
        return True
    if ask.users and not grant.is_for_everyone:
        return True
    return not (ask.admin or ask.users or user_id is not None)


def _revoked(consent: Consent, scopes: Sequence[str]) -> Change | None:
    """Without the scopes, or gone where none would be left: an empty grant breaks the portal's consent page."""
    if not scopes:
        return Change(before=consent)
    left = tuple(scope for scope in consent.scopes if not _names(scopes, consent.resource, scope))
    if left == consent.scopes:
        return None
    return Change(before=consent, after=replace(consent, scopes=left)) if left else Change(before=consent)


def _names(asked: Sequence[str], resource: str, value: str) -> bool:
    full = f"{resource}/{value}".casefold()
    return any(text.casefold() in (value.casefold(), full) for text in asked)


def _losses(app: ServicePrincipal, changes: Sequence[Change]) -> list[Loss]:
    losses: list[Loss] = []
    for change in changes:
        match change.before:
            case Consent() as before:
                kept = change.after.scopes if isinstance(change.after, Consent) else ()
                gone = [scope for scope in before.scopes if scope not in kept]
                who = (before.principal or before.principal_id or "") if before.principal_id else "everyone"
                losses.append(Loss(who, f"{app.name} may no longer use {before.resource}: {', '.join(gone)}"))
            case RoleGrant() as role:
                losses.append(Loss(f"the application {app.name}", f"{role.resource}: {role.role}"))
            case _:
                pass
    return losses


class Granted(Struct, frozen=True, kw_only=True):
    """One permission to grant: of a resource (display name or appId), for everyone or one person."""

    resource: str
    value: str
    kind: str = "delegated"
    user: str | None = None


class GrantConsent(Struct, frozen=True, kw_only=True):
    """What to grant to `app`; an appId may be of an application that the tenant does not know yet."""

    app: str
    permissions: tuple[Granted, ...]
    from_manifest: bool = False


async def plan_grant(directory: DirectoryReader, ask: GrantConsent, occasion: Occasion) -> Plan:
    """Grant permissions: scopes are merged into the grants that are there, no other grant is touched.

    Raises NotFound (application, resource, user), Ambiguous, and BadUsage for a permission that is not defined.
    """
    made, app = await asyncio.gather(maker(directory, occasion), _client(directory, ask.app))
    manifest = await _of_manifest(directory, app) if ask.from_manifest else []
    permissions = (*ask.permissions, *manifest)
    resources = await _resources(directory, {permission.resource for permission in permissions})
    people = {p.user: await find_person(directory, p.user) for p in permissions if p.user}
    steps: list[Step] = []
    grants: Sequence[DelegatedGrant] = ()
    held: Sequence[AppRoleGrant] = ()
    if app.id == to_come(app.app_id):
        steps.append(step(Change(after=Enterprise(id="", app_id=app.app_id, name=app.name, enabled=True))))
    else:
        grants, held = await asyncio.gather(directory.delegated_grants(app.id), directory.app_roles_held_by(app.id))
    for consent in _consents(app, permissions, resources, people):
        steps += _merged(consent, grants)
    for permission in permissions:
        if permission.kind == "application":
            steps += _role_steps(app, resources[permission.resource], permission.value, held)
    return sealed_plan(made, occasion, f"grant consent to {app.name}", steps)


def _consents(
    app: ServicePrincipal,
    permissions: Sequence[Granted],
    resources: dict[str, Resource],
    people: dict[str, DirectoryObject],
) -> list[Consent]:
    """One grant for each resource and person, with all its scopes."""
    wanted: dict[tuple[str, str | None], Consent] = {}
    for permission in permissions:
        if permission.kind == "application":
            continue
        resource = resources[permission.resource]
        who = people[permission.user] if permission.user else None
        key = (resource.principal.id, who.id if who else None)
        so_far = wanted.get(key) or Consent(
            client_id=app.id,
            resource_id=resource.principal.id,
            principal_id=key[1],
            scopes=(),
            client=app.name,
            resource=resource.principal.name,
            principal=who.name if who else "",
        )
        scope = _defined_scope(resource, permission.value)
        wanted[key] = replace(so_far, scopes=tuple(dict.fromkeys((*so_far.scopes, scope))))
    return list(wanted.values())


async def _client(directory: DirectoryReader, asked: str) -> ServicePrincipal:
    try:
        return await find_application(directory, asked)
    except NotFound as absent:
        if isinstance(absent, InRecycleBin) or not GUID.fullmatch(asked):
            raise
    app_id = asked.lower()
    return ServicePrincipal(id=to_come(app_id), app_id=app_id)


async def _of_manifest(directory: DirectoryReader, app: ServicePrincipal) -> list[Granted]:
    manifest = await directory.application(app.app_id)
    if manifest is None:
        raise BadUsage(
            f"the registration of {app.name} is not in this tenant",
            "Only the home tenant of an application can read what it asks for.",
            hint="spell the permissions out with --permission, or take them from a file with --from",
        )
    asked: list[Granted] = []
    for required in manifest.required_resource_access or ():
        principal = await directory.service_principal_of_app(required.resource_app_id)
        if principal is None:
            raise _absent(required.resource_app_id)
        resource = Resource(principal)
        for access in required.resource_access or ():
            delegated = access.type == "Scope"
            found = resource.scope_by_id(access.id) if delegated else resource.role_by_id(access.id)
            if found is None:
                raise BadUsage(
                    f"{principal.name} does not define the permission {access.id} that the manifest asks for"
                )
            kind = "delegated" if delegated else "application"
            asked.append(Granted(resource=required.resource_app_id, value=found.value, kind=kind))
    return asked


async def _resources(directory: DirectoryReader, names: set[str]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for name in sorted(names):
        try:
            found[name] = Resource(await find_application(directory, name))
        except NotFound as absent:
            raise _absent(name) from absent
    return found


def _absent(resource: str) -> NotFound:
    return NotFound(
        f"the resource {resource} is not in this tenant",
        "A permission can be granted only on a resource whose service principal is here.",
        hint="check the name, or create its service principal first",
    )


def _defined_scope(resource: Resource, value: str) -> str:
    permission = resource.scope(value)
    if permission.id is None and value.casefold() not in OPENID_SCOPES:
        raise _undefined(resource, value, [s.value or "" for s in resource.principal.oauth2_permission_scopes or ()])
    return permission.value


def _role_steps(app: ServicePrincipal, resource: Resource, value: str, held: Sequence[AppRoleGrant]) -> list[Step]:
    role = resource.role(value)
    if role is None or role.id is None:
        raise _undefined(resource, value, [r.value or "" for r in resource.principal.app_roles or ()])
    if any((g.resource_id, g.app_role_id) == (resource.principal.id, role.id) for g in held):
        return []
    grant = RoleGrant(
        principal_id=app.id,
        resource_id=resource.principal.id,
        app_role_id=role.id,
        principal_type="ServicePrincipal",
        principal=app.name,
        resource=resource.principal.name,
        role=role.value,
    )
    return [step(Change(after=grant))]


def _undefined(resource: Resource, value: str, known: Sequence[str]) -> BadUsage:
    from difflib import get_close_matches

    near = get_close_matches(value, known, n=4)
    return BadUsage(
        f"{resource.principal.name} defines no permission {value}",
        f"It defines {', '.join(near)}." if near else "",
        hint="check the spelling, and write :application behind an application permission",
    )


def _merged(consent: Consent, grants: Sequence[DelegatedGrant]) -> list[Step]:
    for grant in grants:
        key = (grant.resource_id, grant.principal_id)
        if key == (consent.resource_id, consent.principal_id):
            before = replace(consent, scopes=grant.scopes, id=grant.id)
            have = {scope.casefold() for scope in grant.scopes}
            more = tuple(scope for scope in consent.scopes if scope.casefold() not in have)
            after = replace(before, scopes=(*grant.scopes, *more))
            return [step(Change(before=before, after=after))] if more else []
    return [step(Change(after=consent))]
