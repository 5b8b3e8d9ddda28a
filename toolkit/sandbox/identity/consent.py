"""Consent: what an application asks for, who may grant it, and the writing of it.

Who may: https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from toolkit.sandbox.identity.clients import Client
from toolkit.sandbox.identity.scopes import Asked, missing, published_scope
from toolkit.sandbox.routing import Call
from toolkit.sandbox.scenarios.ids import assignment_id, grant_id
from toolkit.sandbox.scenarios.log_rows import audit_row
from toolkit.sandbox.tenant import Tenant
from toolkit.sandbox.tokens import GRAPH_APP_ID

# Application permissions of Microsoft Graph and Azure AD Graph are for the highest administrators alone.
_GUARDED = frozenset({GRAPH_APP_ID, "00000002-0000-0000-c000-000000000000"})
ALL_POWERFUL = frozenset({"62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814"})
APPLICATION_ADMINISTRATORS = frozenset({"9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7"})
_NEVER_COPIED = ("id", "deletedDateTime", "@odata.type", "_with")


@dataclass(slots=True)
class Wanted:
    """What consent is asked for: resource object id → delegated values, and → app role ids."""

    scopes: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    roles: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def roles_in_force(tenant: Tenant, user: dict[str, Any], now: datetime) -> list[str]:
    """Template ids of the directory roles a user has tenant-wide at `now`, activations that ended left out."""
    instances = tenant.tables["roleAssignmentScheduleInstances"]
    held: dict[str, None] = {}
    for holder in (user["id"], *tenant.transitive_groups_of(user["id"])):
        for row in tenant.role_assignments_of(holder):
            end = instances.get(row["id"], {}).get("endDateTime")
            if row["directoryScopeId"] == "/" and (end is None or datetime.fromisoformat(end) > now):
                held[row["roleDefinitionId"]] = None
    return list(held)


def may_consent_for_all(call: Call, user: dict[str, Any], wanted: Wanted) -> bool:
    """May this user grant all of it to the whole tenant?"""
    roles = set(roles_in_force(call.tenant, user, call.now))
    if roles & ALL_POWERFUL:
        return True
    principals = call.tenant.tables["servicePrincipals"]
    touches_graph = any(principals[resource]["appId"] in _GUARDED for resource in wanted.roles)
    return bool(roles & APPLICATION_ADMINISTRATORS) and not touches_graph


def configured(call: Call, required: list[dict[str, Any]]) -> Wanted:
    """`requiredResourceAccess` as object ids and values; what no resource here publishes is left out."""
    wanted = Wanted()
    for entry in required:
        resource = call.tenant.service_principal_of(entry["resourceAppId"])
        if resource is None:
            continue
        ids = {access["id"] for access in entry["resourceAccess"]}
        values = [row["value"] for row in resource["oauth2PermissionScopes"] if row["id"] in ids]
        roles = [row["id"] for row in resource["appRoles"] if row["id"] in ids]
        if values:
            wanted.scopes[resource["id"]] = values
        if roles:
            wanted.roles[resource["id"]] = roles
    return wanted


def manifest(tenant: Tenant, app_id: str) -> dict[str, Any] | None:
    """The service principal an application has here, had, or would get: its publisher's manifest."""
    deleted = (row for row in tenant.tables["deletedItems"].values() if row.get("appId") == app_id)
    return (
        tenant.service_principal_of(app_id)
        or tenant.tables.get("publishedApplications", {}).get(app_id)
        or next((row for row in deleted if "servicePrincipal" in row.get("@odata.type", "")), None)
        or _of_registration(tenant, app_id)
    )


def _part(application: dict[str, Any], name: str) -> dict[str, Any]:
    return application.get(name) or {}


def _of_registration(tenant: Tenant, app_id: str) -> dict[str, Any] | None:
    application = tenant.application_of(app_id)
    if application is None:
        return None
    return {
        "appId": app_id,
        "displayName": application["displayName"],
        "appOwnerOrganizationId": tenant.id,
        "appRoleAssignmentRequired": False,
        "servicePrincipalType": "Application",
        "signInAudience": application.get("signInAudience"),
        "servicePrincipalNames": [app_id],
        "appRoles": application.get("appRoles", []),
        "oauth2PermissionScopes": _part(application, "api").get("oauth2PermissionScopes", []),
        "passwordCredentials": [],
        "keyCredentials": [],
        "replyUrls": _part(application, "web").get("redirectUris", []),
        "tags": [],
    }


def required_access_of(tenant: Tenant, app_id: str) -> list[dict[str, Any]]:
    """What the application's registration asks for, be it in this tenant or in its publisher's."""
    application = tenant.application_of(app_id)
    if application is not None:
        return application["requiredResourceAccess"]
    for row in (manifest(tenant, app_id), tenant.tables.get("publishedApplications", {}).get(app_id)):
        if row is not None and "_requiredResourceAccess" in row:
            return row["_requiredResourceAccess"]
    return []


def install(call: Call, app_id: str, user: dict[str, Any]) -> dict[str, Any] | None:
    """The application's service principal, made from its publisher's manifest when absent; None for an unknown one."""
    present = call.tenant.service_principal_of(app_id)
    if present is not None:
        return present
    source = manifest(call.tenant, app_id)
    if source is None:
        return None
    row = {name: copy.deepcopy(value) for name, value in source.items() if name not in _NEVER_COPIED}
    id = call.tenant.new_guid()
    principal: dict[str, Any] = {"id": id, "deletedDateTime": None, **row, "accountEnabled": True}
    call.tenant.tables["servicePrincipals"][id] = principal
    call.changed()
    audited(call, "Add service principal", "Add", user, principal, {"AppPrincipalId": app_id})
    return principal


def grant_for_all(call: Call, client: dict[str, Any], wanted: Wanted, user: dict[str, Any]) -> None:
    """Write tenant-wide consent: scopes are added to the grants there are, app roles assigned where missing."""
    for resource, values in wanted.scopes.items():
        _add_scopes(call, client["id"], resource, values, None, user)
    for resource, ids in wanted.roles.items():
        _add_roles(call, client, resource, ids, user)
    audited(
        call,
        "Consent to application",
        "Assign",
        user,
        client,
        {"ConsentContext.IsAdminConsent": "True", "ConsentContext.OnBehalfOfAll": "True"},
    )
    call.changed()


def ask_user(call: Call, client: Client, asked: Asked, granted: list[str], user: dict[str, Any]) -> bool:
    """The user's own consent to what is missing, given where the user may; False where an administrator must."""
    lacking = missing(asked, granted)
    if asked.is_default and not granted:
        required = configured(call, required_access_of(call.tenant, client.app_id))
        lacking = required.scopes.get(asked.resource["id"], [])
        if not lacking:
            return False
    if not lacking:
        return True
    wanted = Wanted(scopes={asked.resource["id"]: lacking})
    known = [published_scope(asked.resource, value) for value in lacking]
    harmless = all(row is not None and row["type"] == "User" for row in known)
    allowed = (harmless and call.tenant.settings["userConsent"]) or may_consent_for_all(call, user, wanted)
    if not allowed or None in known:
        return False
    values = [row["value"] for row in known if row is not None]
    _add_scopes(call, client.id, asked.resource["id"], values, user["id"], user)
    audited(
        call,
        "Consent to application",
        "Assign",
        user,
        client.principal,
        {"ConsentContext.IsAdminConsent": "False", "ConsentContext.OnBehalfOfAll": "False"},
    )
    call.changed()
    return True


def audited(
    call: Call, activity: str, kind: str, user: dict[str, Any], target: dict[str, Any], new: dict[str, str]
) -> None:
    """Append to the directory's audit log."""
    row = audit_row(
        activity,
        f"{call.now:%Y-%m-%dT%H:%M:%S.%fZ}",
        user=user,
        target=target,
        new=new,
        kind=kind,
        seed=call.request_id,
    )
    call.tenant.tables["directoryAudits"][row["id"]] = row


def _add_scopes(
    call: Call, client: str, resource: str, values: list[str], principal: str | None, user: dict[str, Any]
) -> None:
    id = grant_id(client, resource, principal)
    grants = call.tenant.tables["oauth2PermissionGrants"]
    held = (grants.get(id, {}).get("scope") or "").split()
    folded = {value.casefold() for value in held}
    scope = " ".join([*held, *(value for value in values if value.casefold() not in folded)])
    kind = "Principal" if principal else "AllPrincipals"
    grants[id] = {
        "id": id,
        "clientId": client,
        "consentType": kind,
        "principalId": principal,
        "resourceId": resource,
        "scope": scope,
    }
    changes = {
        "DelegatedPermissionGrant.Scope": scope,
        "DelegatedPermissionGrant.ConsentType": kind,
        "ServicePrincipal.ObjectID": client,
    }
    target = call.tenant.tables["servicePrincipals"][resource]
    audited(call, "Add delegated permission grant", "Assign", user, target, changes)


def _add_roles(call: Call, client: dict[str, Any], resource: str, ids: list[str], user: dict[str, Any]) -> None:
    held = {
        row["appRoleId"] for row in call.tenant.assignments_of_principal(client["id"]) if row["resourceId"] == resource
    }
    api = call.tenant.tables["servicePrincipals"][resource]
    for role in ids:
        if role in held:
            continue
        id = assignment_id(client["id"], resource, role)
        call.tenant.tables["appRoleAssignments"][id] = {
            "id": id,
            "deletedDateTime": None,
            "appRoleId": role,
            "createdDateTime": f"{call.now:%Y-%m-%dT%H:%M:%SZ}",
            "principalDisplayName": client["displayName"],
            "principalId": client["id"],
            "principalType": "ServicePrincipal",
            "resourceDisplayName": api["displayName"],
            "resourceId": resource,
        }
        changes = {"AppRole.Id": role, "ServicePrincipal.ObjectID": client["id"]}
        audited(call, "Add app role assignment to service principal", "Assign", user, api, changes)
