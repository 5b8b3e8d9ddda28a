"""App role assignments, from either side: https://learn.microsoft.com/graph/api/resources/approleassignment"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.audit import audited
from toolkit.sandbox.graph.bodies import object_id, properties_of, required_guid
from toolkit.sandbox.graph.identifiers import assignment_id
from toolkit.sandbox.graph.kinds import APP_ROLE_ASSIGNMENT
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.graph.service_principals import BY_ID, found
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, one
from toolkit.sandbox.odata.errors import bad_request, denied, not_allowed, not_found
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
GRAPH_APPS = frozenset({"00000003-0000-0000-c000-000000000000", "00000002-0000-0000-c000-000000000000"})
TYPES = {"users": "User", "groups": "Group", "servicePrincipals": "ServicePrincipal"}
MEMBER_TYPES = {"User": "User", "Group": "User", "ServicePrincipal": "Application"}
NOT_VALID = "Not a valid reference update."
RESOURCE = "AppRoleAssignment"


def _where(table: str, id: str, side: str) -> str:
    return f"{table}('{id}')/{side}"


@serves("GET", f"{BY_ID}/appRoleAssignments", may.READ_APPLICATIONS)
def held_by_app(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments"""
    rows = call.tenant.assignments_of_principal(found(call, id)["id"])
    return many(call, APP_ROLE_ASSIGNMENT, rows)


@serves("GET", f"{BY_ID}/appRoleAssignedTo", may.READ_APPLICATIONS)
def given_by_app(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignedto"""
    rows = call.tenant.assignments_of_resource(found(call, id)["id"])
    return many(call, APP_ROLE_ASSIGNMENT, rows, where=_where("servicePrincipals", id, "appRoleAssignedTo"))


def held_by_principal(call: Call, table: str, id: str) -> Reply:
    """The app roles of a user or a group."""
    return many(call, APP_ROLE_ASSIGNMENT, call.tenant.assignments_of_principal(id))


@serves("POST", f"{BY_ID}/appRoleAssignedTo", may.ASSIGN_APP_ROLES)
def assign(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto"""
    return create(call, "resourceId", found(call, id)["id"])


@serves("POST", f"{BY_ID}/appRoleAssignments", may.ASSIGN_APP_ROLES)
def assign_to_app(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments"""
    return create(call, "principalId", found(call, id)["id"])


def create(call: Call, side: str, id: str) -> Reply:
    """A new assignment; `side` is the property that must equal the id in the path."""
    given = properties_of(call, APP_ROLE_ASSIGNMENT)
    principal, resource, role = (required_guid(given, n, RESOURCE) for n in ("principalId", "resourceId", "appRoleId"))
    if {"principalId": principal, "resourceId": resource}[side] != id.lower():
        raise bad_request(NOT_VALID)
    who, api = call.tenant.directory_object(principal), call.tenant.tables["servicePrincipals"].get(resource)
    if who is None or who[0] not in TYPES or api is None or not _fits(api, role, TYPES[who[0]]):
        raise bad_request(NOT_VALID)
    _require_role(call, api, TYPES[who[0]])
    for row in call.tenant.assignments_of_principal(principal):
        if (row["resourceId"], row["appRoleId"]) == (resource, role):
            raise bad_request("Permission being assigned already exists on the object")
    row: Object = {
        "id": assignment_id(principal, call.tenant.new_bytes(16)),
        "deletedDateTime": None,
        "appRoleId": role,
        "createdDateTime": f"{call.now:%Y-%m-%dT%H:%M:%S.%f}0Z",
        "principalDisplayName": who[1].get("displayName"),
        "principalId": principal,
        "principalType": TYPES[who[0]],
        "resourceDisplayName": api.get("displayName"),
        "resourceId": resource,
    }
    call.tenant.tables["appRoleAssignments"][row["id"]] = row
    audited(call, "Add app role assignment to service principal", "Assign", who[1])
    return one(call, APP_ROLE_ASSIGNMENT, row, status=201)


def _fits(api: Object, role: str, kind: str) -> bool:
    """Does the resource define the role for this kind of principal? Default access is for those it has no role for."""
    fitting = [
        r["id"]
        for r in api.get("appRoles") or ()
        if r.get("isEnabled", True) and MEMBER_TYPES[kind] in r.get("allowedMemberTypes", ())
    ]
    return role in fitting or (role == DEFAULT_ACCESS and not fitting)


def _require_role(call: Call, api: Object, kind: str) -> None:
    if kind != "ServicePrincipal":
        may.require_role(call, may.APP_ROLE_ROLES | may.APPLICATION_ROLES | {may.USER_ADMINISTRATOR}, owned=api["id"])
    elif api["appId"] in GRAPH_APPS:
        may.require_role(call, may.APP_ROLE_ROLES)
    else:
        may.require_role(call, may.APP_ROLE_ROLES | may.APP_ROLE_ROLES_EXCEPT_GRAPH, owned=api["id"])


def _one_of(call: Call, id: str, side: str, owner: str) -> Object:
    row = call.tenant.tables["appRoleAssignments"].get(id)
    if row is None:
        # An assignment's id is 43 characters; a GUID is no such id at all.
        text = "EntitlementGrant being updated or deleted is not found."
        raise bad_request(text if len(id) == 43 else "Invalid resource identifier for EntitlementGrant.")
    if row[side] != owner.lower():
        raise not_found(id)
    return row


def remove(call: Call, id: str, side: str, owner: str) -> Reply:
    """Take an assignment away; gone already is a 400, not a 404."""
    row = _one_of(call, id, side, owner)
    api = call.tenant.tables["servicePrincipals"].get(row["resourceId"])
    if api is not None:
        _require_role(call, api, row["principalType"])
    elif call.claims is None:
        raise denied()
    del call.tenant.tables["appRoleAssignments"][id]
    audited(
        call,
        "Remove app role assignment from service principal",
        "Unassign",
        {"id": row["principalId"]},
    )
    return Reply(204)


def _no_patch(call: Call, id: str, assignment: str = "") -> Reply:
    raise not_allowed()


@serves("GET", "/appRoleAssignments/{id}", may.READ_APPLICATIONS)
def directly(call: Call, id: str) -> Reply:
    """An assignment is reached only from one of its sides."""
    raise bad_request("Direct queries to this resource type are not supported.")


def _serve_items() -> None:
    for side, segment in (("principalId", "appRoleAssignments"), ("resourceId", "appRoleAssignedTo")):

        def get(call: Call, id: str, assignment: str, side: str = side) -> Reply:
            row = call.tenant.tables["appRoleAssignments"].get(assignment)
            if row is None or row[side] != object_id(id):
                raise not_found(assignment)
            return one(call, APP_ROLE_ASSIGNMENT, row)

        def delete(call: Call, id: str, assignment: str, side: str = side) -> Reply:
            return remove(call, assignment, side, object_id(id))

        serves("PATCH", f"{BY_ID}/{segment}", may.REMOVE_APP_ROLES)(_no_patch)
        serves("PATCH", f"{BY_ID}/{segment}/{{assignment}}", may.REMOVE_APP_ROLES)(_no_patch)
        serves("GET", f"{BY_ID}/{segment}/{{assignment}}", may.READ_APPLICATIONS)(get)
        serves("DELETE", f"{BY_ID}/{segment}/{{assignment}}", may.REMOVE_APP_ROLES)(delete)


_serve_items()
