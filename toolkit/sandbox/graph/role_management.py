"""Roles, their assignments and PIM: https://learn.microsoft.com/graph/api/resources/rolemanagement"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.kinds import (
    GROUP_ASSIGNMENT_INSTANCE,
    GROUP_ELIGIBILITY_INSTANCE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_DEFINITION,
    ROLE_ELIGIBILITY_INSTANCE,
)
from toolkit.sandbox.graph.permissions import Needs
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, one
from toolkit.sandbox.odata.errors import GraphError, bad_request, not_found
from toolkit.sandbox.odata.kinds import Kind
from toolkit.sandbox.odata.options import Expansion
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
ROLES = "/roleManagement/directory"
GROUPS = "/identityGovernance/privilegedAccess/group"
UNLICENSED = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
PER_PAGE = 100


def expanded(call: Call, row: Object, expansion: Expansion) -> object:
    """What a role assignment or schedule is expanded with; nothing for what is gone."""
    tenant = call.tenant
    match expansion.name:
        case "principal":
            return tenant.typed(row["principalId"])
        case "roleDefinition":
            return tenant.tables["roleDefinitions"].get(row["roleDefinitionId"])
        case "group":
            return tenant.typed(row["groupId"])
        case "directoryScope":
            return {"@odata.type": "#microsoft.graph.directoryObject", "id": row.get("directoryScopeId")}
        case "activatedUsing":
            table = "groupEligibilityScheduleInstances" if "groupId" in row else "roleEligibilityScheduleInstances"
            return tenant.tables[table].get(row.get("_activatedUsing", ""))
        case _:
            return None


def _is_running(call: Call, row: Object) -> bool:
    end = row.get("endDateTime")
    return end is None or datetime.fromisoformat(end) > call.now


def running(call: Call, table: str) -> list[Object]:
    """Rows that have not ended; an activation that ended is gone from the plain assignments too."""
    ended = {
        id for id, row in call.tenant.tables["roleAssignmentScheduleInstances"].items() if not _is_running(call, row)
    }
    rows = call.tenant.tables[table].values()
    return [_public(row) for row in rows if _is_running(call, row) and row["id"] not in ended]


def _public(row: Object) -> Object:
    return {name: value for name, value in row.items() if name == "_activatedUsing" or not name.startswith("_")}


def need_premium(call: Call) -> None:
    """Refuse where the tenant has no licence for privileged identity management."""
    if not call.tenant.settings["licences"].get("p2"):
        raise GraphError(400, "AadPremiumLicenseRequired", UNLICENSED)


def _serve(path: str, table: str, kind: Kind, needs: Needs, *, premium: bool, by_group: bool = False) -> None:
    def list_(call: Call) -> Reply:
        if premium:
            need_premium(call)
        filtered = call.request.query.get("$filter", "")
        if by_group and "groupId" not in filtered and "principalId" not in filtered:
            raise bad_request("The required $filter on groupId or principalId is missing.")
        return _without_private(many(call, kind, running(call, table), expand=expanded))

    def get(call: Call, id: str) -> Reply:
        if premium:
            need_premium(call)
        row = next((row for row in running(call, table) if row["id"] == id), None)
        if row is None:
            raise not_found(id)
        return _without_private(one(call, kind, row, expand=expanded))

    serves("GET", path, needs)(list_)
    serves("GET", f"{path}/{{id}}", needs)(get)


def _without_private(reply: Reply) -> Reply:
    if b'"_activatedUsing"' in reply.body:
        from toolkit.sandbox.http import json_bytes

        told = reply.json()
        for row in told.get("value", [told]):
            row.pop("_activatedUsing", None)
        reply.body = json_bytes(told)
    return reply


_serve(f"{ROLES}/roleDefinitions", "roleDefinitions", ROLE_DEFINITION, may.READ_ROLE_MANAGEMENT, premium=False)
_serve(f"{ROLES}/roleAssignments", "roleAssignments", ROLE_ASSIGNMENT, may.READ_ROLE_MANAGEMENT, premium=False)
_serve(
    f"{ROLES}/roleAssignmentScheduleInstances",
    "roleAssignmentScheduleInstances",
    ROLE_ASSIGNMENT_INSTANCE,
    may.READ_ROLE_SCHEDULES,
    premium=True,
)
_serve(
    f"{ROLES}/roleEligibilityScheduleInstances",
    "roleEligibilityScheduleInstances",
    ROLE_ELIGIBILITY_INSTANCE,
    may.READ_ROLE_ELIGIBILITY,
    premium=True,
)
_serve(
    f"{GROUPS}/eligibilityScheduleInstances",
    "groupEligibilityScheduleInstances",
    GROUP_ELIGIBILITY_INSTANCE,
    may.READ_GROUP_ELIGIBILITY,
    premium=True,
    by_group=True,
)
_serve(
    f"{GROUPS}/assignmentScheduleInstances",
    "groupAssignmentScheduleInstances",
    GROUP_ASSIGNMENT_INSTANCE,
    may.READ_GROUP_SCHEDULES,
    premium=True,
    by_group=True,
)
