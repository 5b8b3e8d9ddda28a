"""Which applications hold a permission, matched by resource and id and never by the name alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from toolkit.domain.known import Known
from toolkit.domain.principals import ServicePrincipal
from toolkit.errors import BadUsage
from toolkit.ports import DirectoryReader
from toolkit.services.survey import Survey


def _split(asked: str) -> tuple[str | None, str]:
    resource, slash, value = asked.rpartition("/")
    return (resource.strip() if slash else None), value.strip()


async def holders_of_permission(
    directory: DirectoryReader, survey: Survey, everything: Sequence[ServicePrincipal], asked: str
) -> dict[str, tuple[str, ...]]:
    """Object id of each holder, with how it holds the permission.

    `asked` is a value (`Mail.Read`: on any resource, each shown) or RESOURCE/VALUE, where RESOURCE is a display name or
    an appId. Raises BadUsage where the resource is not in the tenant.
    """
    resource, value = _split(asked)
    names = {app.id: app for app in everything}
    wanted = _resources(everything, resource)
    held: dict[str, set[str]] = {}
    await asyncio.gather(
        _delegated(directory, survey, names, wanted, value, held),
        _application(directory, survey, everything, wanted, value, held),
    )
    return {holder: tuple(sorted(ways)) for holder, ways in held.items()}


def _resources(everything: Sequence[ServicePrincipal], resource: str | None) -> frozenset[str] | None:
    if resource is None:
        return None
    asked = resource.casefold()
    found = frozenset(app.id for app in everything if asked in (app.name.casefold(), app.app_id.casefold(), app.id))
    if not found:
        raise BadUsage(f"there is no resource {resource} in the tenant", hint="name it as `entrakit apps list` does")
    return found


async def _delegated(
    directory: DirectoryReader,
    survey: Survey,
    names: dict[str, ServicePrincipal],
    wanted: frozenset[str] | None,
    value: str,
    held: dict[str, set[str]],
) -> None:
    grants = await survey.of("delegated grants", directory.delegated_grants())
    if not isinstance(grants, Known):
        return
    for grant in grants.value:
        if wanted is not None and grant.resource_id not in wanted:
            continue
        for scope in grant.scopes:
            if scope.casefold() == value.casefold():
                resource = names.get(grant.resource_id)
                on = resource.name if resource else grant.resource_id
                for_whom = "for everyone" if grant.is_for_everyone else "for one user"
                held.setdefault(grant.client_id, set()).add(f"{on}/{scope} delegated {for_whom}")


async def _application(
    directory: DirectoryReader,
    survey: Survey,
    everything: Sequence[ServicePrincipal],
    wanted: frozenset[str] | None,
    value: str,
    held: dict[str, set[str]],
) -> None:
    roles = {
        (app.id, role.id): role.value or value
        for app in everything
        if wanted is None or app.id in wanted
        for role in app.app_roles or ()
        if (role.value or "").casefold() == value.casefold() and "Application" in (role.allowed_member_types or ())
    }
    names = {app.id: app.name for app in everything}
    for resource_id in sorted({resource for resource, _ in roles}):
        grants = await survey.of("application permissions", directory.app_role_holders(resource_id))
        if not isinstance(grants, Known):
            continue
        for grant in grants.value:
            role = roles.get((resource_id, grant.app_role_id))
            if role and grant.principal_type == "ServicePrincipal":
                held.setdefault(grant.principal_id, set()).add(f"{names[resource_id]}/{role} application")
