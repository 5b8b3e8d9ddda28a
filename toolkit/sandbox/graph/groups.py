"""https://learn.microsoft.com/graph/api/resources/group"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.app_roles import create, held_by_principal, remove
from toolkit.sandbox.graph.bodies import object_id
from toolkit.sandbox.graph.kinds import GROUP
from toolkit.sandbox.graph.permissions import Needs
from toolkit.sandbox.graph.relations import counting, expanded, listing, related_ids
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, one
from toolkit.sandbox.odata.errors import not_found
from toolkit.sandbox.routing import Call

BY_ID = "/groups/{id}"


def _found(call: Call, id: str) -> dict[str, Any]:
    row = call.tenant.tables["groups"].get(object_id(id))
    if row is None:
        raise not_found(id)
    return row


@serves("GET", "/groups", may.READ_GROUPS)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/group-list"""
    return many(call, GROUP, call.tenant.tables["groups"].values(), expand=expanded)


@serves("GET", BY_ID, may.READ_GROUPS)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/group-get"""
    return one(call, GROUP, _found(call, id), expand=expanded)


def _serve_relation(name: str, needs: Needs) -> None:
    def plain(call: Call, id: str) -> Reply:
        return listing(call, related_ids(call, _found(call, id)["id"], name))

    def cast(call: Call, id: str) -> Reply:
        return listing(
            call, related_ids(call, _found(call, id)["id"], name), call.request.segments[-1].rpartition(".")[2]
        )

    def counted(call: Call, id: str) -> Reply:
        return counting(call, related_ids(call, _found(call, id)["id"], name))

    serves("GET", f"{BY_ID}/{name}", needs)(plain)
    serves("GET", f"{BY_ID}/{name}/$count", needs)(counted)
    for kind in ("user", "group", "servicePrincipal", "directoryRole"):
        serves("GET", f"{BY_ID}/{name}/graph.{kind}", needs)(cast)


for _name, _needs in (
    ("members", may.READ_MEMBERS),
    ("transitiveMembers", may.READ_MEMBERS),
    ("owners", may.READ_GROUP_OWNERS),
    ("memberOf", may.READ_MEMBERS),
    ("transitiveMemberOf", may.READ_MEMBERS),
):
    _serve_relation(_name, _needs)


@serves("GET", f"{BY_ID}/appRoleAssignments", may.READ_HELD_ROLES)
def app_roles(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/group-list-approleassignments"""
    return held_by_principal(call, "groups", _found(call, id)["id"])


@serves("POST", f"{BY_ID}/appRoleAssignments", may.ASSIGN_APP_ROLES)
def assign(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/group-post-approleassignments"""
    return create(call, "principalId", _found(call, id)["id"])


@serves("DELETE", f"{BY_ID}/appRoleAssignments/{{assignment}}", may.REMOVE_APP_ROLES)
def unassign(call: Call, id: str, assignment: str) -> Reply:
    """https://learn.microsoft.com/graph/api/group-delete-approleassignments"""
    return remove(call, assignment, "principalId", _found(call, id)["id"])
