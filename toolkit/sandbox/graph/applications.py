"""Application registrations: https://learn.microsoft.com/graph/api/resources/application"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.audit import audited
from toolkit.sandbox.graph.bodies import object_id, properties_of, required
from toolkit.sandbox.graph.kinds import APPLICATION
from toolkit.sandbox.graph.recycling import throw_away
from toolkit.sandbox.graph.relations import add_owner, expanded, listing, remove_owner
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, number, one
from toolkit.sandbox.odata.errors import bad_request, not_found
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
BY_ID, BY_APP = "/applications/{id}", "/applications(appId='{appId}')"
_FIXED = frozenset({"id", "appId", "createdDateTime", "deletedDateTime", "publisherDomain"})


def _found(call: Call, id: str) -> Object:
    row = call.tenant.tables["applications"].get(object_id(id))
    if row is None:
        raise not_found(id)
    return row


def _found_by_app(call: Call, app_id: str) -> Object:
    row = call.tenant.application_of(app_id)
    if row is None:
        raise not_found(app_id)
    return row


@serves("GET", "/applications", may.READ_APPLICATIONS)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/application-list"""
    return many(call, APPLICATION, call.tenant.tables["applications"].values(), expand=expanded)


@serves("GET", "/applications/$count", may.READ_APPLICATIONS)
def count(call: Call) -> Reply:
    """How many there are."""
    return number(call, APPLICATION, call.tenant.tables["applications"].values())


@serves("GET", BY_ID, may.READ_APPLICATIONS)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/application-get"""
    return one(call, APPLICATION, _found(call, id), expand=expanded)


@serves("GET", BY_APP, may.READ_APPLICATIONS)
def get_by_app(call: Call, appId: str) -> Reply:
    """The same by appId."""
    return one(call, APPLICATION, _found_by_app(call, appId), expand=expanded)


@serves("POST", "/applications", may.CREATE_APPLICATIONS)
def create(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/application-post-applications"""
    given = properties_of(call, APPLICATION)
    required(given, "displayName", "Application")
    row: Object = {
        "id": call.tenant.new_guid(),
        "deletedDateTime": None,
        "appId": call.tenant.new_guid(),
        "createdDateTime": f"{call.now:%Y-%m-%dT%H:%M:%SZ}",
        "publisherDomain": next((d["name"] for d in call.tenant.organization["verifiedDomains"]), None),
        "signInAudience": "AzureADMyOrg",
        "requiredResourceAccess": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "appRoles": [],
        **{name: value for name, value in given.items() if name not in _FIXED},
    }
    call.tenant.tables["applications"][row["id"]] = row
    audited(call, "Add application", "Add", row)
    return one(call, APPLICATION, row, status=201)


@serves("PATCH", BY_ID, may.WRITE_APPLICATIONS)
def update(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/application-update"""
    row = _found(call, id)
    may.require_write_of_application(call, row["id"])
    given = properties_of(call, APPLICATION)
    fixed = sorted(set(given) & _FIXED)
    if fixed:
        raise bad_request(f"Property '{fixed[0]}' is read-only and cannot be set.")
    row.update(given)
    audited(call, "Update application", "Update", row)
    return Reply(204)


@serves("DELETE", BY_ID, may.WRITE_APPLICATIONS)
def delete(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/application-delete: the home tenant's service principal goes too."""
    row = _found(call, id)
    may.require_write_of_application(call, row["id"])
    principal = call.tenant.service_principal_of(row["appId"])
    throw_away(call, "applications", row)
    if principal is not None:
        throw_away(call, "servicePrincipals", principal)
    audited(call, "Delete application", "Delete", row)
    return Reply(204)


@serves("GET", f"{BY_ID}/owners", may.READ_APP_MEMBERSHIP)
def owners(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/application-list-owners"""
    return listing(call, call.tenant.owners_of(_found(call, id)["id"]))


@serves("POST", f"{BY_ID}/owners/$ref", may.WRITE_APPLICATIONS)
def new_owner(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/application-post-owners"""
    may.require_write_of_application(call, _found(call, id)["id"])
    return add_owner(call, id)


@serves("DELETE", f"{BY_ID}/owners/{{owner}}/$ref", may.WRITE_APPLICATIONS)
def former_owner(call: Call, id: str, owner: str) -> Reply:
    """https://learn.microsoft.com/graph/api/application-delete-owners"""
    may.require_write_of_application(call, _found(call, id)["id"])
    return remove_owner(call, id, owner)
