"""https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.audit import audited
from toolkit.sandbox.graph.bodies import properties_of, required, required_guid
from toolkit.sandbox.graph.identifiers import grant_id, is_guid
from toolkit.sandbox.graph.kinds import GRANT
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.graph.service_principals import BY_ID, found
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, one
from toolkit.sandbox.odata.errors import GraphError, bad_request, invalid_value, not_found, unsupported_query
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
LONGEST_SCOPE = 3850
ITEM = "/oauth2PermissionGrants/{id}"
RESOURCE = "OAuth2PermissionGrant"


@serves("GET", "/oauth2PermissionGrants", may.READ_GRANTS)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/oauth2permissiongrant-list"""
    return many(call, GRANT, call.tenant.tables["oauth2PermissionGrants"].values())


@serves("GET", f"{BY_ID}/oauth2PermissionGrants", may.READ_GRANTS)
def of_client(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-list-oauth2permissiongrants"""
    return many(call, GRANT, call.tenant.grants_of_client(found(call, id)["id"]))


def _found(call: Call, id: str) -> Object:
    row = call.tenant.tables["oauth2PermissionGrants"].get(id)
    if row is None:
        raise unsupported_query("Filter is invalid. id") if is_guid(id) else not_found(id)
    return row


@serves("GET", ITEM, may.READ_GRANTS)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/oauth2permissiongrant-get"""
    return one(call, GRANT, _found(call, id))


@serves("POST", "/oauth2PermissionGrants", may.WRITE_GRANTS)
def create(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/oauth2permissiongrant-post"""
    may.require_role(call, may.GRANT_ROLES)
    given = properties_of(call, GRANT)
    client = required_guid(given, "clientId", RESOURCE)
    resource = required_guid(given, "resourceId", RESOURCE)
    consent_type = required(given, "consentType", RESOURCE)
    principal = _principal(given, consent_type)
    for party in filter(None, (client, resource, principal)):
        if call.tenant.directory_object(party) is None:
            text = (
                f"Resource '{party}' does not exist or one of its queried reference-property objects are not present."
            )
            raise GraphError(404, "Directory_ObjectNotFound", text)
    id = grant_id(client, resource, principal)
    if id in call.tenant.tables["oauth2PermissionGrants"]:
        text = "Permission entry already exists."
        raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", text)
    row = {
        "clientId": client,
        "consentType": consent_type,
        "id": id,
        "principalId": principal,
        "resourceId": resource,
        "scope": _scope(given),
    }
    call.tenant.tables["oauth2PermissionGrants"][id] = row
    audited(
        call,
        "Add delegated permission grant",
        "Assign",
        call.tenant.tables["servicePrincipals"][client],
    )
    return one(call, GRANT, row, status=201)


def _principal(given: Object, consent_type: str) -> str | None:
    if consent_type == "Principal":
        return required_guid(given, "principalId", RESOURCE)
    if consent_type != "AllPrincipals":
        raise invalid_value("consentType", RESOURCE)
    if given.get("principalId"):
        raise bad_request("principalId must be null when consentType is AllPrincipals.")
    return None


def _scope(given: Object) -> str | None:
    scope = given.get("scope")
    if isinstance(scope, str) and len(scope) > LONGEST_SCOPE:
        raise invalid_value("scope", RESOURCE)
    return scope


@serves("PATCH", ITEM, may.WRITE_GRANTS)
def update(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/oauth2permissiongrant-update: the scope given replaces the whole list."""
    may.require_role(call, may.GRANT_ROLES)
    row = _found(call, id)
    given = properties_of(call, GRANT)
    if set(given) - {"scope"}:
        raise bad_request(f"Property '{sorted(set(given) - {'scope'})[0]}' is read-only and cannot be set.")
    row["scope"] = _scope(given)
    audited(call, "Update delegated permission grant", "Update", _client(call, row))
    return Reply(204)


@serves("DELETE", ITEM, may.WRITE_GRANTS)
def delete(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete"""
    may.require_role(call, may.GRANT_ROLES)
    row = _found(call, id)
    del call.tenant.tables["oauth2PermissionGrants"][id]
    audited(call, "Remove delegated permission grant", "Unassign", _client(call, row))
    return Reply(204)


def _client(call: Call, row: Object) -> Object:
    return call.tenant.tables["servicePrincipals"].get(row["clientId"], {"id": row["clientId"]})
