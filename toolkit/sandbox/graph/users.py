"""Users, and the one who asks: https://learn.microsoft.com/graph/api/resources/user"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.app_roles import create, held_by_principal, remove
from toolkit.sandbox.graph.kinds import GRANT, USER
from toolkit.sandbox.graph.permissions import Needs
from toolkit.sandbox.graph.relations import counting, expanded, listing, related_ids
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, number, one
from toolkit.sandbox.odata.errors import malformed, not_found
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
Answer = Callable[[Call, Object], Reply]
NO_ME = "/me request is only valid with delegated authentication flow."


def _found(call: Call, id: str | None) -> Object:
    """The user of an id or a user principal name, or the one who asks; raises `GraphError`."""
    if id is None:
        if may.is_app_only(call):
            raise malformed(NO_ME)
        id = may.caller_id(call)
    row = call.tenant.user_of(id)
    if row is None:
        raise not_found(id)
    return row


@serves("GET", "/users", may.READ_USERS)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/user-list"""
    return many(call, USER, call.tenant.tables["users"].values(), expand=expanded)


@serves("GET", "/users/$count", may.READ_USERS)
def count(call: Call) -> Reply:
    """How many there are."""
    return number(call, USER, call.tenant.tables["users"].values())


def _serve(path: str, needs: Needs, tell: Answer) -> None:
    """Serve a path below a user, under `/users/{id}` and under `/me`."""

    def of_user(call: Call, id: str) -> Reply:
        return tell(call, _found(call, id))

    def of_me(call: Call) -> Reply:
        return tell(call, _found(call, None))

    serves("GET", f"/users/{{id}}{path}", needs)(of_user)
    serves("GET", f"/me{path}", may.ANYONE if path == "" else needs)(of_me)


def _related(name: str) -> Answer:
    return lambda call, row: listing(call, related_ids(call, row["id"], name))


def _cast(name: str, kind: str) -> Answer:
    return lambda call, row: listing(call, related_ids(call, row["id"], name), kind)


def _counted(name: str) -> Answer:
    return lambda call, row: counting(call, related_ids(call, row["id"], name))


def _own_grants(call: Call, row: Object) -> Reply:
    return many(call, GRANT, call.tenant.grants_of_user(row["id"]))


def _app_roles(call: Call, row: Object) -> Reply:
    return held_by_principal(call, "users", row["id"])


_serve("", may.READ_USERS, lambda call, row: one(call, USER, row, expand=expanded))
_serve("/oauth2PermissionGrants", may.READ_GRANTS, _own_grants)
_serve("/appRoleAssignments", may.READ_HELD_ROLES, _app_roles)
_serve("/ownedObjects", may.READ_OWNED, _related("ownedObjects"))
for _name in ("memberOf", "transitiveMemberOf"):
    _serve(f"/{_name}", may.READ_USER_MEMBERSHIP, _related(_name))
    _serve(f"/{_name}/$count", may.READ_USER_MEMBERSHIP, _counted(_name))
    for _kind in ("directoryRole", "group"):
        _serve(f"/{_name}/graph.{_kind}", may.READ_USER_MEMBERSHIP, _cast(_name, _kind))


@serves("POST", "/users/{id}/appRoleAssignments", may.ASSIGN_APP_ROLES)
def assign(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/user-post-approleassignments"""
    return create(call, "principalId", _found(call, id)["id"])


@serves("DELETE", "/users/{id}/appRoleAssignments/{assignment}", may.REMOVE_APP_ROLES)
def unassign(call: Call, id: str, assignment: str) -> Reply:
    """https://learn.microsoft.com/graph/api/user-delete-approleassignments"""
    return remove(call, assignment, "principalId", _found(call, id)["id"])
