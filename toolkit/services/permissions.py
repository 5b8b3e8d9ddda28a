"""Grants made readable: resource names, permission names, who gave them, how dangerous they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.checks.permission_risk import risk_of
from toolkit.domain.applications import GrantedPermission
from toolkit.domain.consent import (
    DEFAULT_ACCESS,
    OPENID_SCOPES,
    AppRoleGrant,
    DelegatedGrant,
    Permission,
    Resource,
)
from toolkit.domain.known import Known, NotKnown, mapped
from toolkit.domain.principals import DirectoryObject
from toolkit.ports import DirectoryReader
from toolkit.services.survey import Survey

Resources = dict[str, Resource]
"""Resources by object id; one that is missing is gone from the tenant, or could not be read."""

Names = dict[str, DirectoryObject]
"""People and groups by object id; one that is missing was deleted."""

_ORDER = {"critical": 0, "high": 1, "medium": 2, "unclassified": 3, "low": 4}


async def resources_of(directory: DirectoryReader, survey: Survey, ids: Iterable[str]) -> Known[Resources] | NotKnown:
    """The resources that grants point to, with the permissions they define."""
    wanted = sorted(set(ids))
    if not wanted:
        return Known({})
    found = await survey.of("resources", directory.service_principals_by_id(wanted))
    return mapped(found, lambda apps: {app.id: Resource(app) for app in apps})


async def names_of(directory: DirectoryReader, survey: Survey, ids: Iterable[str]) -> Known[Names] | NotKnown:
    """The people behind ids; an id that is not in the answer belongs to a deleted object."""
    wanted = sorted(set(ids))
    if not wanted:
        return Known({})
    found = await survey.of("names", directory.objects(wanted))
    return mapped(found, lambda things: {thing.id: thing for thing in things})


def person(names: Known[Names] | NotKnown, object_id: str) -> str:
    """The name to show for a principal: the user principal name, the display name, or what became of it."""
    if isinstance(names, NotKnown):
        return object_id
    thing = names.value.get(object_id)
    if thing is None:
        return f"{object_id} (deleted)"
    upn = thing.user_principal_name
    return upn if isinstance(upn, str) and upn else thing.name


def resource_name(resources: Known[Resources] | NotKnown, object_id: str, told: str | None = None) -> str:
    """The resource's display name, or what is known instead."""
    if isinstance(resources, Known) and (resource := resources.value.get(object_id)):
        return resource.principal.name
    gone = isinstance(resources, Known)
    return told or (f"{object_id} (gone from this tenant)" if gone else object_id)


def delegated_permissions(
    grants: Sequence[DelegatedGrant],
    resources: Known[Resources] | NotKnown,
    names: Known[Names] | NotKnown,
) -> tuple[GrantedPermission, ...]:
    """One line per permission: admin consent and user consents to the same scope are shown together."""
    merged: dict[tuple[str, str], list[DelegatedGrant]] = {}
    for grant in grants:
        for scope in grant.scopes or ("(no scope)",):
            merged.setdefault((grant.resource_id, scope.casefold()), []).append(grant)
    told = [_delegated(key, held, resources, names) for key, held in merged.items()]
    return tuple(sorted(told, key=_rank))


def _delegated(
    key: tuple[str, str],
    held: Sequence[DelegatedGrant],
    resources: Known[Resources] | NotKnown,
    names: Known[Names] | NotKnown,
) -> GrantedPermission:
    resource_id, folded = key
    spelled = next((s for grant in held for s in grant.scopes if s.casefold() == folded), "(no scope)")
    resource = resources.value.get(resource_id) if isinstance(resources, Known) else None
    permission = resource.scope(spelled) if resource else Permission("", "delegated", spelled)
    everyone = any(grant.is_for_everyone for grant in held)
    risk = risk_of(permission.resource_app_id, "delegated", permission.id, permission.value)
    return GrantedPermission(
        permission=permission,
        resource=resource_name(resources, resource_id),
        for_everyone=everyone,
        principals=tuple(sorted({person(names, g.principal_id) for g in held if g.principal_id})),
        risk=risk.level,
        reason=risk.reason,
        defined=_is_defined(permission) if resource else (False if isinstance(resources, Known) else None),
        grant_ids=tuple(sorted({grant.id for grant in held})),
    )


def _is_defined(permission: Permission) -> bool:
    return permission.id is not None or permission.value.casefold() in OPENID_SCOPES


def application_permissions(
    held: Sequence[AppRoleGrant], resources: Known[Resources] | NotKnown
) -> tuple[GrantedPermission, ...]:
    """One line per app role that the application holds on a resource."""
    return tuple(sorted((_application(grant, resources) for grant in held), key=_rank))


def _application(grant: AppRoleGrant, resources: Known[Resources] | NotKnown) -> GrantedPermission:
    resource = resources.value.get(grant.resource_id) if isinstance(resources, Known) else None
    known = resource.role_by_id(grant.app_role_id) if resource else None
    if grant.app_role_id == DEFAULT_ACCESS:
        known = Permission(
            resource.principal.app_id if resource else "", "application", "default access", DEFAULT_ACCESS
        )
    app_id = resource.principal.app_id if resource else ""
    permission = known or Permission(app_id, "application", grant.app_role_id, grant.app_role_id)
    risk = risk_of(permission.resource_app_id, "application", permission.id, permission.value)
    return GrantedPermission(
        permission=permission,
        resource=resource_name(resources, grant.resource_id, grant.resource_display_name),
        for_everyone=True,
        principals=(),
        risk=risk.level,
        reason=risk.reason,
        defined=(known is not None) if isinstance(resources, Known) else None,
        grant_ids=(grant.id,),
    )


def _rank(granted: GrantedPermission) -> tuple[int, str, str]:
    return (_ORDER[granted.risk], granted.resource.casefold(), granted.permission.value.casefold())
