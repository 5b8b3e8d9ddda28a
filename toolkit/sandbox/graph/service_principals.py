"""https://learn.microsoft.com/graph/api/resources/serviceprincipal"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.audit import audited
from toolkit.sandbox.graph.bodies import body_of, object_id, properties_of, required_guid
from toolkit.sandbox.graph.kinds import SERVICE_PRINCIPAL
from toolkit.sandbox.graph.recycling import throw_away
from toolkit.sandbox.graph.relations import add_owner, counting, expanded, listing, related_ids, remove_owner
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import answer, context, many, number, one
from toolkit.sandbox.odata.errors import GraphError, bad_request, denied, invalid_value, not_found
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
_FIXED = frozenset({"id", "appId", "appOwnerOrganizationId", "servicePrincipalType", "deletedDateTime"})
_SECRET_LIFE = timedelta(days=730)
BY_ID, BY_APP = "/servicePrincipals/{id}", "/servicePrincipals(appId='{appId}')"


def found(call: Call, id: str) -> Object:
    """The service principal of an object id; raises `GraphError`."""
    row = call.tenant.tables["servicePrincipals"].get(object_id(id))
    if row is None:
        raise not_found(id)
    return row


def found_by_app(call: Call, app_id: str) -> Object:
    """The service principal of an appId; raises `GraphError`."""
    row = call.tenant.service_principal_of(app_id)
    if row is None:
        raise not_found(app_id)
    return row


@serves("GET", "/servicePrincipals", may.READ_APPLICATIONS)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-list"""
    rows = call.tenant.tables["servicePrincipals"].values()
    return many(call, SERVICE_PRINCIPAL, rows, expand=expanded)


@serves("GET", "/servicePrincipals/$count", may.READ_APPLICATIONS)
def count(call: Call) -> Reply:
    """How many there are."""
    return number(call, SERVICE_PRINCIPAL, call.tenant.tables["servicePrincipals"].values())


@serves("GET", BY_ID, may.READ_APPLICATIONS)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-get"""
    return one(call, SERVICE_PRINCIPAL, found(call, id), expand=expanded)


@serves("GET", BY_APP, may.READ_APPLICATIONS)
def get_by_app(call: Call, appId: str) -> Reply:
    """The same by appId."""
    return one(call, SERVICE_PRINCIPAL, found_by_app(call, appId), expand=expanded)


@serves("POST", "/servicePrincipals", may.WRITE_SERVICE_PRINCIPALS)
def create(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals"""
    from toolkit.sandbox.identity.consent import install

    may.require_role(call, may.APPLICATION_ROLES | {may.APPLICATION_DEVELOPER})
    given = properties_of(call, SERVICE_PRINCIPAL)
    app_id = required_guid(given, "appId", "ServicePrincipal")
    if call.tenant.service_principal_of(app_id) is not None:
        text = f"the service principal name {app_id} is already in use."
        message = f"The service principal cannot be created, updated, or restored because {text}"
        details = [{"code": "ObjectConflict", "message": message, "target": "servicePrincipalNames"}]
        raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message, details)
    caller = call.tenant.tables["users"].get(may.caller_id(call))
    made = install(call, app_id, caller or _application_caller(call))
    if made is None:
        raise bad_request(
            f"The appId '{app_id}' of the service principal does not reference a valid application object."
        )
    made.update({name: value for name, value in given.items() if name not in _FIXED})
    if may.is_app_only(call):
        call.tenant.tables["owners"][made["id"]] = {"ids": [may.caller_id(call)]}
    call.changed()
    return one(call, SERVICE_PRINCIPAL, made, status=201)


def _application_caller(call: Call) -> Object:
    app = call.tenant.tables["servicePrincipals"].get(may.caller_id(call), {})
    return {"id": app.get("id"), "displayName": app.get("displayName"), "userPrincipalName": None}


def _patch(call: Call, row: Object) -> Reply:
    may.require_write_of_application(call, row["id"])
    given = properties_of(call, SERVICE_PRINCIPAL)
    for name in given:
        if name in _FIXED:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    if "accountEnabled" in given and not isinstance(given["accountEnabled"], bool):
        raise invalid_value("accountEnabled", "ServicePrincipal")
    row.update(given)
    audited(call, "Update service principal", "Update", row)
    return Reply(204)


@serves("PATCH", BY_ID, may.WRITE_SERVICE_PRINCIPALS)
def update(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-update"""
    return _patch(call, found(call, id))


@serves("PATCH", BY_APP, may.WRITE_SERVICE_PRINCIPALS)
def update_by_app(call: Call, appId: str) -> Reply:
    """The same by appId; with `Prefer: create-if-missing` it is an upsert."""
    row = call.tenant.service_principal_of(appId)
    if row is None and "create-if-missing" in call.request.headers.get("prefer", "").lower():
        call.request.body = b'{"appId":"' + appId.encode() + b'"}'
        return create(call)
    return _patch(call, found_by_app(call, appId))


def _delete(call: Call, row: Object) -> Reply:
    if may.caller_id(call) != row["id"]:
        may.require_write_of_application(call, row["id"])
    if row.get("appOwnerOrganizationId") == MICROSOFT or row.get("servicePrincipalType") == "ManagedIdentity":
        raise denied()
    throw_away(call, "servicePrincipals", row)
    audited(call, "Remove service principal", "Delete", row)
    return Reply(204)


@serves("DELETE", BY_ID, may.WRITE_SERVICE_PRINCIPALS)
def delete(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-delete"""
    return _delete(call, found(call, id))


@serves("DELETE", BY_APP, may.WRITE_SERVICE_PRINCIPALS)
def delete_by_app(call: Call, appId: str) -> Reply:
    """The same by appId."""
    return _delete(call, found_by_app(call, appId))


@serves("GET", f"{BY_ID}/owners", may.READ_APP_MEMBERSHIP)
def owners(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-list-owners"""
    return listing(call, call.tenant.owners_of(found(call, id)["id"]))


@serves("POST", f"{BY_ID}/owners/$ref", may.WRITE_SERVICE_PRINCIPALS)
def new_owner(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-post-owners"""
    may.require_write_of_application(call, found(call, id)["id"])
    return add_owner(call, id)


@serves("DELETE", f"{BY_ID}/owners/{{owner}}/$ref", may.WRITE_SERVICE_PRINCIPALS)
def former_owner(call: Call, id: str, owner: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-delete-owners"""
    may.require_write_of_application(call, found(call, id)["id"])
    return remove_owner(call, id, owner)


def _serve_memberships() -> None:
    for name in ("memberOf", "transitiveMemberOf", "ownedObjects"):

        def plain(call: Call, id: str, name: str = name) -> Reply:
            return listing(call, related_ids(call, found(call, id)["id"], name))

        def cast(call: Call, id: str, name: str = name) -> Reply:
            return listing(
                call, related_ids(call, found(call, id)["id"], name), call.request.segments[-1].rpartition(".")[2]
            )

        def counted(call: Call, id: str, name: str = name) -> Reply:
            return counting(call, related_ids(call, found(call, id)["id"], name))

        serves("GET", f"{BY_ID}/{name}", may.READ_APP_MEMBERSHIP)(plain)
        serves("GET", f"{BY_ID}/{name}/$count", may.READ_APP_MEMBERSHIP)(counted)
        for kind in ("directoryRole", "group", "servicePrincipal", "application"):
            serves("GET", f"{BY_ID}/{name}/graph.{kind}", may.READ_APP_MEMBERSHIP)(cast)


_serve_memberships()


@serves("POST", f"{BY_ID}/addPassword", may.WRITE_SERVICE_PRINCIPALS)
def add_password(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-addpassword"""
    row = found(call, id)
    may.require_write_of_application(call, row["id"])
    asked: Object = body_of(call).get("passwordCredential") or {}
    secret = f"sandbox~{call.tenant.new_bytes(15).hex()}"
    ends: str = asked.get("endDateTime") or f"{call.now + _SECRET_LIFE:%Y-%m-%dT%H:%M:%SZ}"
    credential: Object = {
        "customKeyIdentifier": None,
        "displayName": asked.get("displayName"),
        "startDateTime": asked.get("startDateTime") or f"{call.now:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": ends,
        "hint": secret[:3],
        "keyId": call.tenant.new_guid(),
        "secretText": None,
    }
    row.setdefault("passwordCredentials", []).append(credential)
    known = call.tenant.tables["secrets"].setdefault(row["appId"], {"secrets": []})["secrets"]
    known.append({"keyId": credential["keyId"], "value": secret, "endDateTime": ends})
    audited(call, "Update application – Certificates and secrets management", "Update", row)
    shown = {**credential, "secretText": secret}
    return answer({"@odata.context": context(call, "microsoft.graph.passwordCredential"), **shown})


@serves("POST", f"{BY_ID}/removePassword", may.WRITE_SERVICE_PRINCIPALS)
def remove_password(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-removepassword"""
    row = found(call, id)
    may.require_write_of_application(call, row["id"])
    key = required_guid(body_of(call), "keyId", "PasswordCredential")
    kept = [c for c in row.get("passwordCredentials") or () if c["keyId"] != key]
    if len(kept) == len(row.get("passwordCredentials") or ()):
        raise bad_request("No password credential found with keyId.")
    row["passwordCredentials"] = kept
    audited(call, "Update application – Certificates and secrets management", "Update", row)
    return Reply(204)


def _serve_properties() -> None:
    """A property that is a collection has an address of its own."""
    for name in ("appRoles", "oauth2PermissionScopes", "keyCredentials", "passwordCredentials", "replyUrls", "tags"):

        def of(call: Call, id: str, name: str = name) -> Reply:
            row = found(call, id)
            fragment = f"servicePrincipals('{row['id']}')/{name}"
            return answer({"@odata.context": context(call, fragment), "value": row.get(name) or []})

        serves("GET", f"{BY_ID}/{name}", may.READ_APPLICATIONS)(of)


_serve_properties()
