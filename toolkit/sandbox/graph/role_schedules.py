"""The schedules behind running role assignments and eligibilities.

The sandbox keeps instances; a schedule is told from the instance it has now.
https://learn.microsoft.com/graph/api/resources/unifiedroleeligibilityschedule
"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.kinds import ROLE_ASSIGNMENT_SCHEDULE, ROLE_ELIGIBILITY_SCHEDULE
from toolkit.sandbox.graph.role_management import ROLES, expanded, need_premium, running
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many
from toolkit.sandbox.routing import Call

Object = dict[str, Any]


def _schedule(row: Object, id: str) -> Object:
    start, end = row.get("startDateTime"), row.get("endDateTime")
    kind = "noExpiration" if end is None else "afterDateTime"
    shared = ("principalId", "roleDefinitionId", "directoryScopeId", "appScopeId", "memberType", "assignmentType")
    return {
        "id": id,
        **{name: row[name] for name in shared if name in row},
        "createdUsing": None,
        "createdDateTime": start,
        "modifiedDateTime": None,
        "status": "Provisioned",
        "scheduleInfo": {
            "startDateTime": start,
            "recurrence": None,
            "expiration": {"type": kind, "endDateTime": end, "duration": None},
        },
    }


@serves("GET", f"{ROLES}/roleEligibilitySchedules", may.READ_ROLE_ELIGIBILITY)
def eligibilities(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityschedules"""
    need_premium(call)
    rows = running(call, "roleEligibilityScheduleInstances")
    schedules = [_schedule(row, row["roleEligibilityScheduleId"]) for row in rows]
    return many(call, ROLE_ELIGIBILITY_SCHEDULE, schedules, expand=expanded)


@serves("GET", f"{ROLES}/roleAssignmentSchedules", may.READ_ROLE_SCHEDULES)
def assignments(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignmentschedules"""
    need_premium(call)
    rows = running(call, "roleAssignmentScheduleInstances")
    schedules = [_schedule(row, row["roleAssignmentScheduleId"]) for row in rows]
    return many(call, ROLE_ASSIGNMENT_SCHEDULE, schedules, expand=expanded)
