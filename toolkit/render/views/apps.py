"""Enterprise applications as views."""

from __future__ import annotations

from msgspec import UNSET

from toolkit.domain.applications import (
    ApplicationList,
    ApplicationProfile,
    Credential,
    GrantedPermission,
    ListedApplication,
    Person,
)
from toolkit.domain.known import Known, NotKnown
from toolkit.domain.principals import ServicePrincipal
from toolkit.render.view import Block, Cell, Column, Fields, Note, NotShown, Shown, Table, View
from toolkit.render.views.cells import nothing, on_off, risk_cell, rows_of, tenant_line, told_cell

EXPIRES_SOON_DAYS = 30


def application_list(found: ApplicationList, *, with_permissions: bool) -> View:
    """The list of applications."""
    columns = [
        Column("Name", "name"),
        Column("Sign-in", "sign_in"),
        Column("Publisher", "publisher", priority=2),
        Column("Registered in", "registered_in", priority=1),
        Column("App id", "app_id", priority=1),
        Column("Object id", "object_id", priority=3),
    ]
    if with_permissions:
        columns.insert(1, Column("Holds", "holds"))
    table = Table(
        None,
        tuple(columns),
        [_listed(row, with_permissions=with_permissions) for row in found.applications],
        empty="no application fits",
    )
    count = f"{len(found.applications)} of {found.looked_at} applications"
    return View(
        "apps.list", 1, tenant_line(found.tenant), found.applications, (table, Note("dim", count)), found.coverage
    )


def _listed(row: ListedApplication, *, with_permissions: bool) -> tuple[Cell, ...]:
    sign_in: Cell = NotShown("Graph did not say")
    if row.enabled is not None:
        sign_in = "enabled" if row.enabled else Shown("disabled", "bad")
    cells: list[Cell] = [row.name, sign_in, row.publisher, row.origin, row.app_id, row.object_id]
    if with_permissions:
        cells.insert(1, row.permissions)
    return tuple(cells)


def application_profile(profile: ApplicationProfile) -> View:
    """Everything about one application."""
    blocks: tuple[Block, ...] = (
        _identity(profile),
        _permissions("Delegated permissions (consent)", profile.delegated, "no delegated consent"),
        _application_permissions(profile),
        _assignments(profile),
        _credentials(profile),
    )
    return View("apps.show", 1, tenant_line(profile.tenant), profile, blocks, profile.coverage)


def _identity(profile: ApplicationProfile) -> Fields:
    app, created = profile.principal, profile.created
    pairs: list[tuple[str, Cell]] = [
        ("Name", Shown(app.name, "strong")),
        ("Object id", app.id),
        ("App id", app.app_id),
        ("Sign-in", on_off(app.account_enabled, "enabled", "disabled: nobody can sign in")),
        ("Assignment required", told_cell(app.app_role_assignment_required)),
        ("Registered in", _home(profile)),
        ("Verified publisher", _publisher(app)),
        ("Type", told_cell(app.service_principal_type)),
        ("Created", NotShown(created.why) if isinstance(created, NotKnown) else created.value),
        ("Owners", _names(profile.owners)),
        ("Directory roles", _held(profile.directory_roles)),
    ]
    if app.disabled_by_microsoft_status not in (UNSET, None):
        pairs.append(("Disabled by Microsoft", Shown(str(app.disabled_by_microsoft_status), "bad")))
    return Fields("Application", tuple(pairs))


def _home(profile: ApplicationProfile) -> Cell:
    owner = profile.principal.app_owner_organization_id
    if owner is UNSET or owner is None:
        return NotShown("Graph did not say")
    return profile.origin if profile.origin == "this tenant" else f"{profile.origin} ({owner})"


def _publisher(app: ServicePrincipal) -> Cell:
    if app.verified_publisher is UNSET:
        return NotShown("Graph did not return it")
    return app.publisher or Shown("none", "warning")


def _names(told: Known[tuple[Person, ...]] | NotKnown) -> Cell:
    if isinstance(told, NotKnown):
        return NotShown(told.why)
    return tuple(person.name for person in told.value) or "none"


def _held(told: Known[tuple[str, ...]] | NotKnown) -> Cell:
    if isinstance(told, NotKnown):
        return NotShown(told.why)
    return Shown(", ".join(told.value), "bad") if told.value else "none"


def _permissions(title: str, told: Known[tuple[GrantedPermission, ...]] | NotKnown, none: str) -> Table:
    columns = (
        Column("Resource", "resource"),
        Column("Permission", "permission"),
        Column("For", "granted_for"),
        Column("Risk", "risk"),
        Column("Why", "reason", priority=1),
    )
    rows = [
        (
            granted.resource,
            _value(granted),
            for_whom(granted.for_everyone, granted.principals),
            risk_cell(granted.risk),
            granted.reason,
        )
        for granted in rows_of(told)
    ]
    return Table(title, columns, rows, nothing(told, none))


def _application_permissions(profile: ApplicationProfile) -> Table:
    columns = (
        Column("Resource", "resource"),
        Column("Permission", "permission"),
        Column("Risk", "risk"),
        Column("Why", "reason", priority=1),
    )
    rows = [
        (granted.resource, _value(granted), risk_cell(granted.risk), granted.reason)
        for granted in rows_of(profile.application)
    ]
    return Table("Application permissions (app roles held)", columns, rows, nothing(profile.application, "none"))


def _value(granted: GrantedPermission) -> Cell:
    if granted.defined is False:
        return Shown(f"{granted.permission.value} (not defined by the resource)", "warning")
    return granted.permission.value


def for_whom(everyone: bool, users: tuple[str, ...]) -> Cell:
    """Who a delegated permission was granted for."""
    if everyone and users:
        return Shown(f"everyone, and by themselves: {', '.join(users)}")
    if everyone:
        return "everyone"
    if len(users) > 3:
        return Shown(f"{len(users)} users: {', '.join(users[:3])}, …", "warning")
    return Shown(", ".join(users), "warning")


def _assignments(profile: ApplicationProfile) -> Table:
    columns = (
        Column("Assigned", "assigned"),
        Column("Kind", "kind"),
        Column("Role", "role"),
        Column("Object id", "object_id", priority=1),
    )
    rows = [(row.name, row.kind, row.role, row.object_id) for row in rows_of(profile.assigned)]
    return Table("Users, groups and applications assigned", columns, rows, nothing(profile.assigned, "nobody"))


def _credentials(profile: ApplicationProfile) -> Table:
    columns = (
        Column("Credential", "credential"),
        Column("Held by", "held_by"),
        Column("Name", "name"),
        Column("Expires", "expires"),
        Column("State", "state"),
        Column("Key id", "key_id", priority=1),
    )
    rows = [
        (c.kind, c.held_by, c.name, c.expires.date() if c.expires else None, _expiry(c), c.key_id)
        for c in rows_of(profile.credentials)
    ]
    return Table("Credentials", columns, rows, nothing(profile.credentials, "none in this tenant"))


def _expiry(credential: Credential) -> Shown:
    days = credential.days_left
    if days is None:
        return Shown("never expires", "warning")
    if days < 0:
        return Shown(f"expired {-days} days ago", "bad")
    return Shown(f"{days} days left", "warning" if days <= EXPIRES_SOON_DAYS else "good")
