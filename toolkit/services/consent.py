"""Consent of one application: what it asks for, what it was given, what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from toolkit.checks.permission_risk import risk_of
from toolkit.domain.applications import (
    ConsentPicture,
    GrantedPermission,
    ManifestSource,
    PermissionState,
    Verdict,
)
from toolkit.domain.consent import OPENID_SCOPES, Permission, Resource
from toolkit.domain.known import Known, mapped
from toolkit.domain.principals import Application, ServicePrincipal
from toolkit.errors import BadUsage, NotFound
from toolkit.ports import DirectoryReader
from toolkit.services.lookup import GUID, find_application, tenant_name
from toolkit.services.permissions import (
    application_permissions,
    delegated_permissions,
    names_of,
    resources_of,
)
from toolkit.services.survey import Survey


class Wanted(Struct, frozen=True):
    """A permission that the application is known to need, as typed: RESOURCE/VALUE, `:application` for an app role."""

    resource: str
    value: str
    kind: str

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """Raises BadUsage where the text is not RESOURCE/VALUE."""
        resource, slash, value = text.rpartition("/")
        value, _, kind = value.partition(":")
        if not slash or not resource.strip() or not value.strip() or kind not in ("", "delegated", "application"):
            raise BadUsage(
                f"{text} does not name a permission",
                hint="write RESOURCE/PERMISSION, and :application behind an application permission",
                commands=('entrakit consent show APP --wants "Microsoft Graph/User.Read"',),
            )
        return cls(resource.strip(), value.strip(), kind or "delegated")


async def show_consent(directory: DirectoryReader, asked: str, wants: Sequence[str] = ()) -> ConsentPicture:
    """The effective consent of the application that `asked` names.

    What is requested comes from the registration, which only the application's home tenant has, and from `wants`.
    Raises NotFound, Ambiguous, BadUsage; what cannot be read is in the coverage.
    """
    wanted = [Wanted.parse(text) for text in wants]
    survey = Survey()
    tenant, app = await asyncio.gather(tenant_name(directory), find_application(directory, asked))
    survey.read("application")
    grants, roles, manifest = await asyncio.gather(
        survey.of("delegated grants", directory.delegated_grants(app.id)),
        survey.of("application permissions", directory.app_roles_held_by(app.id)),
        survey.of("registration", _manifest(directory, app, tenant.id)),
    )
    of_grants = grants.value if isinstance(grants, Known) else ()
    of_roles = roles.value if isinstance(roles, Known) else ()
    application = manifest.value if isinstance(manifest, Known) else None
    asked_resources = await _asked_resources(directory, survey, application, wanted)
    ids = [g.resource_id for g in of_grants] + [r.resource_id for r in of_roles]
    resources, names = await asyncio.gather(
        resources_of(directory, survey, set(ids) - {r.principal.id for r in asked_resources.values()}),
        names_of(directory, survey, [g.principal_id for g in of_grants if g.principal_id]),
    )
    by_id = {resource.principal.id: resource for resource in asked_resources.values()}
    resources = mapped(resources, lambda found: {**found, **by_id})
    held = (*delegated_permissions(of_grants, resources, names), *application_permissions(of_roles, resources))
    requested = _requested(application, wanted, asked_resources)
    return ConsentPicture(
        principal=app,
        source=_source(application, wanted),
        permissions=_compared(held, requested, asked_resources, knows_all=application is not None),
        tenant=tenant,
        coverage=survey.coverage,
    )


async def _manifest(directory: DirectoryReader, app: ServicePrincipal, tenant_id: str) -> Application | None:
    if app.origin(tenant_id) in ("third party", "Microsoft"):
        return None
    return await directory.application(app.app_id)


def _source(application: Application | None, wanted: Sequence[Wanted]) -> ManifestSource:
    if application is not None:
        return "manifest and named" if wanted else "manifest"
    return "named" if wanted else "unknown"


async def _asked_resources(
    directory: DirectoryReader, survey: Survey, application: Application | None, wanted: Sequence[Wanted]
) -> dict[str, Resource]:
    """The resources that are asked for, by the way they were named: appId or display name."""
    required = (application.required_resource_access if application else None) or ()
    keys = sorted({r.resource_app_id for r in required} | {w.resource for w in wanted})
    found: dict[str, Resource] = {}
    for key in keys:
        told = await survey.of("resources", _resource(directory, key))
        if isinstance(told, Known) and told.value is not None:
            found[key] = Resource(told.value)
    return found


async def _resource(directory: DirectoryReader, key: str) -> ServicePrincipal | None:
    if GUID.fullmatch(key):
        return await directory.service_principal_of_app(key)
    return await find_application(directory, key)


def _requested(
    application: Application | None, wanted: Sequence[Wanted], resources: dict[str, Resource]
) -> list[Permission]:
    asked: list[Permission] = []
    for required in (application.required_resource_access if application else None) or ():
        resource = resources.get(required.resource_app_id)
        for access in required.resource_access or ():
            asked.append(_asked(required.resource_app_id, access.id, access.type, resource))
    for want in wanted:
        resource = resources.get(want.resource)
        if resource is None:
            raise NotFound(
                f"there is no resource {want.resource} in this tenant",
                "Its service principal appears when somebody first consents to one of its permissions.",
            )
        asked.append(_named(want, resource))
    return asked


def _asked(resource_app_id: str, permission_id: str, kind: str, resource: Resource | None) -> Permission:
    found = None
    if resource:
        found = resource.scope_by_id(permission_id) if kind == "Scope" else resource.role_by_id(permission_id)
    if found:
        return found
    return Permission(resource_app_id, "delegated" if kind == "Scope" else "application", permission_id, permission_id)


def _named(want: Wanted, resource: Resource) -> Permission:
    if want.kind == "application":
        role = resource.role(want.value)
        if role:
            return role
    else:
        scope = resource.scope(want.value)
        if scope.id or want.value.casefold() in OPENID_SCOPES:
            return scope
    raise BadUsage(
        f"{resource.principal.name} defines no {want.kind} permission {want.value}",
        hint="check the spelling; for an application permission write :application behind it",
    )


def _compared(
    held: Sequence[GrantedPermission],
    requested: Sequence[Permission],
    resources: dict[str, Resource],
    *,
    knows_all: bool,
) -> tuple[PermissionState, ...]:
    asked = {permission.key: permission for permission in requested}
    names = {resource.principal.app_id: resource.principal.name for resource in resources.values()}
    states = [_held(granted, asked, knows_all=knows_all) for granted in held]
    given = {granted.permission.key for granted in held}
    states += [_absent(permission, names) for key, permission in asked.items() if key not in given]
    order = {"missing": 0, "only some users": 1, "more than requested": 2, "granted": 3, "not compared": 4}
    states.sort(key=lambda s: (s.resource.casefold(), s.kind, order[s.verdict], s.permission.value.casefold()))
    return tuple(states)


def _held(
    granted: GrantedPermission, asked: dict[tuple[str, str, str], Permission], *, knows_all: bool
) -> PermissionState:
    requested = granted.permission.key in asked or (None if not knows_all else False)
    # The OpenID scopes are asked for at sign-in and need not stand in a manifest.
    if requested is False and granted.permission.value.casefold() in OPENID_SCOPES:
        requested = None
    verdict: Verdict
    if requested is None:
        verdict = "not compared" if granted.for_everyone else "only some users"
    elif not requested:
        verdict = "more than requested"
    else:
        verdict = "granted" if granted.for_everyone else "only some users"
    return PermissionState(
        permission=granted.permission,
        resource=granted.resource,
        kind=granted.permission.kind,
        requested=requested,
        for_everyone=granted.for_everyone,
        users=granted.principals,
        risk=granted.risk,
        verdict=verdict,
    )


def _absent(permission: Permission, names: dict[str, str]) -> PermissionState:
    risk = risk_of(permission.resource_app_id, permission.kind, permission.id, permission.value)
    absent = f"{permission.resource_app_id} (not in this tenant)"
    return PermissionState(
        permission=permission,
        resource=names.get(permission.resource_app_id, absent),
        kind=permission.kind,
        requested=True,
        for_everyone=False,
        users=(),
        risk=risk.level,
        verdict="missing",
    )
