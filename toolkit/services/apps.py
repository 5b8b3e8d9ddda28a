"""Enterprise applications: the list by what matters, and everything about one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct

from toolkit.domain.applications import (
    ApplicationList,
    ApplicationProfile,
    Assigned,
    Credential,
    CredentialKind,
    HeldBy,
    ListedApplication,
    Person,
)
from toolkit.domain.consent import DEFAULT_ACCESS, AppRoleGrant
from toolkit.domain.known import Known, NotKnown, mapped
from toolkit.domain.moments import days_until
from toolkit.domain.principals import (
    Application,
    DirectoryObject,
    KeyCredential,
    PasswordCredential,
    ServicePrincipal,
)
from toolkit.ports import DirectoryReader, Progress
from toolkit.services.holders import holders_of_permission
from toolkit.services.lookup import find_application, tenant_name
from toolkit.services.permissions import (
    application_permissions,
    delegated_permissions,
    names_of,
    resources_of,
)
from toolkit.services.survey import Survey


class ListApplications(Struct, frozen=True, kw_only=True):
    """What to list; every condition given must hold."""

    third_party: bool = False
    named: str | None = None
    disabled: bool = False
    permission: str | None = None
    publisher: str | None = None


async def list_applications(directory: DirectoryReader, ask: ListApplications, progress: Progress) -> ApplicationList:
    """The service principals that fit, by name.

    Raises what the reader raises: a list that is not whole is not a list. Only who holds a permission may be partly
    unknown; then the coverage says so.
    """
    survey = Survey()
    progress.area("applications")
    (tenant, everything) = await asyncio.gather(
        tenant_name(directory), _everything(directory, progress, with_roles=ask.permission is not None)
    )
    survey.read("applications", len(everything))
    held: dict[str, tuple[str, ...]] | None = None
    if ask.permission is not None:
        held = await holders_of_permission(directory, survey, everything, ask.permission)
    rows = [
        _row(app, tenant.id, held.get(app.id, ()) if held is not None else ())
        for app in everything
        if _fits(app, ask, tenant.id) and (held is None or app.id in held)
    ]
    rows.sort(key=lambda row: (row.name.casefold(), row.app_id))
    return ApplicationList(tuple(rows), len(everything), tenant, survey.coverage)


async def _everything(directory: DirectoryReader, progress: Progress, *, with_roles: bool) -> list[ServicePrincipal]:
    found: list[ServicePrincipal] = []
    async for page in directory.service_principals(with_roles=with_roles):
        found.extend(page)
        progress.advance("applications", len(page))
    return found


def _fits(app: ServicePrincipal, ask: ListApplications, tenant_id: str) -> bool:
    if ask.third_party and app.origin(tenant_id) not in ("third party", "unknown"):
        return False
    if ask.disabled and app.account_enabled is True:
        return False
    if ask.named is not None and ask.named.casefold() not in app.name.casefold():
        return False
    return ask.publisher is None or ask.publisher.casefold() in (app.publisher or "").casefold()


def _row(app: ServicePrincipal, tenant_id: str, permissions: tuple[str, ...]) -> ListedApplication:
    return ListedApplication(
        name=app.name,
        object_id=app.id,
        app_id=app.app_id,
        enabled=None if app.account_enabled is UNSET else app.account_enabled,
        origin=app.origin(tenant_id),
        publisher=app.publisher,
        type=None if app.service_principal_type is UNSET else app.service_principal_type,
        permissions=permissions,
    )


async def show_application(directory: DirectoryReader, asked: str, now: datetime) -> ApplicationProfile:
    """Everything about the application that `asked` names.

    Raises NotFound and Ambiguous; what cannot be read beside the application itself is NotKnown in the profile.
    """
    survey = Survey()
    tenant, app = await asyncio.gather(tenant_name(directory), find_application(directory, asked))
    survey.read("application")
    owners, grants, roles, assigned, directory_roles, registration = await asyncio.gather(
        survey.of("owners", directory.owners(app.id)),
        survey.of("delegated grants", directory.delegated_grants(app.id)),
        survey.of("application permissions", directory.app_roles_held_by(app.id)),
        survey.of("assignments", directory.app_role_holders(app.id)),
        survey.of("directory roles", directory.directory_roles_of(app.id)),
        survey.of("registration", _registration(directory, app, tenant.id)),
    )
    of_grants = grants.value if isinstance(grants, Known) else ()
    of_roles = roles.value if isinstance(roles, Known) else ()
    resources, names = await asyncio.gather(
        resources_of(directory, survey, [g.resource_id for g in of_grants] + [r.resource_id for r in of_roles]),
        names_of(directory, survey, [g.principal_id for g in of_grants if g.principal_id]),
    )
    return ApplicationProfile(
        principal=app,
        origin=app.origin(tenant.id),
        created=_created(app, registration),
        owners=mapped(owners, _people),
        assigned=mapped(assigned, lambda held: _assigned(held, app)),
        delegated=mapped(grants, lambda found: delegated_permissions(found, resources, names)),
        application=mapped(roles, lambda found: application_permissions(found, resources)),
        directory_roles=mapped(directory_roles, lambda found: tuple(sorted(role.name for role in found))),
        credentials=_credentials(app, registration, now),
        tenant=tenant,
        coverage=survey.coverage,
    )


async def _registration(directory: DirectoryReader, app: ServicePrincipal, tenant_id: str) -> Application | None:
    """Only the home tenant has the registration; elsewhere asking would be a wasted request."""
    if app.origin(tenant_id) not in ("this tenant", "unknown"):
        return None
    return await directory.application(app.app_id)


def _created(
    app: ServicePrincipal, registration: Known[Application | None] | NotKnown
) -> Known[datetime | None] | NotKnown:
    """Graph v1.0 does not promise a service principal's date; its registration has one."""
    if app.created_date_time is not UNSET:
        return Known(app.created_date_time)
    home = registration.value if isinstance(registration, Known) else None
    if home is not None and home.created_date_time is not UNSET:
        return Known(home.created_date_time)
    return NotKnown("Graph v1.0 does not tell it for applications of other tenants")


def _people(found: Sequence[DirectoryObject]) -> tuple[Person, ...]:
    people = (Person(_address(thing), thing.kind or "object", thing.id) for thing in found)
    return tuple(sorted(people, key=lambda person: (person.name.casefold(), person.object_id)))


def _address(thing: DirectoryObject) -> str:
    upn = thing.user_principal_name
    return upn if isinstance(upn, str) and upn else thing.name


def _assigned(held: Sequence[AppRoleGrant], app: ServicePrincipal) -> tuple[Assigned, ...]:
    roles = {role.id: role.value or role.display_name or role.id for role in app.app_roles or ()}
    roles[DEFAULT_ACCESS] = "default access"
    rows = (
        Assigned(
            name=grant.principal_display_name or grant.principal_id,
            kind=grant.principal_type or "unknown",
            object_id=grant.principal_id,
            role=roles.get(grant.app_role_id, f"{grant.app_role_id} (not defined)"),
        )
        for grant in held
    )
    return tuple(sorted(rows, key=lambda row: (row.kind, row.name.casefold(), row.role)))


def _credentials(
    app: ServicePrincipal, registration: Known[Application | None] | NotKnown, now: datetime
) -> Known[tuple[Credential, ...]] | NotKnown:
    if isinstance(registration, NotKnown):
        return registration
    if app.password_credentials is UNSET and app.key_credentials is UNSET:
        return NotKnown("Graph did not return the credentials")
    found = _described(app, "service principal", now)
    if registration.value:
        found += _described(registration.value, "registration", now)
    return Known(tuple(sorted(found, key=lambda c: (c.days_left is None, c.days_left or 0, c.key_id))))


def _described(holder: ServicePrincipal | Application, held_by: HeldBy, now: datetime) -> list[Credential]:
    secrets = [_credential("secret", held_by, c, now) for c in holder.password_credentials or ()]
    return secrets + [_credential("certificate", held_by, c, now) for c in holder.key_credentials or ()]


def _credential(
    kind: CredentialKind, held_by: HeldBy, told: PasswordCredential | KeyCredential, now: datetime
) -> Credential:
    return Credential(
        kind=kind,
        held_by=held_by,
        name=told.display_name or "(no name)",
        key_id=told.key_id or "",
        expires=told.end_date_time,
        days_left=None if told.end_date_time is None else days_until(told.end_date_time, now),
    )
