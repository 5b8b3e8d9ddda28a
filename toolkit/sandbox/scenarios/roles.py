"""Directory roles of a tenant being made up: standing, activated and eligible, in every table that shows them."""

from typing import Any

from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.ids import object_id, role_assignment_id, role_eligibility_id
from toolkit.sandbox.scenarios.microsoft import role_definitions, role_template


class Roles:
    """Who holds which built-in directory role; roles are named as Microsoft names them."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.tables = draft.tables
        for definition in role_definitions():
            self.tables["roleDefinitions"][definition["id"]] = definition

    def standing(self, role: str, principal: str, scope: str = "/") -> None:
        """A permanent assignment."""
        row = self._assigned(role, principal, scope)
        self._instance(row, kind="Assigned", member="Direct", start=None, end=None, by=None)

    def activated(self, role: str, principal: str, hours: float, *, through: str | None = None) -> None:
        """An eligibility (of the principal, or of the group `through`) that its holder has activated for `hours`."""
        eligibility = role_eligibility_id(role_template(role), through or principal)
        row = self._assigned(role, principal, "/")
        start, end = self.draft.day((hours - 8) / 24), self.draft.day(hours / 24)
        self._instance(
            row, kind="Activated", member="Group" if through else "Direct", start=start, end=end, by=eligibility
        )

    def eligible(self, role: str, principal: str, days: float | None = 180) -> None:
        """An eligibility, ending in `days` or never."""
        template = role_template(role)
        id = role_eligibility_id(template, principal)
        self.tables["roleEligibilityScheduleInstances"][id] = {
            "id": id,
            "principalId": principal,
            "roleDefinitionId": template,
            "directoryScopeId": "/",
            "appScopeId": None,
            "startDateTime": self.draft.day(-120),
            "endDateTime": None if days is None else self.draft.day(days),
            "memberType": "Direct",
            "roleEligibilityScheduleId": object_id("eligibilitySchedule", id),
        }

    def eligible_for_group(self, group: str, principal: str, access: str = "member") -> None:
        """PIM for Groups: the principal may make itself a member (or owner) of the group."""
        id = f"{group}_{access}_{object_id('groupEligibility', f'{group}/{principal}/{access}')}"
        self.tables["groupEligibilityScheduleInstances"][id] = {
            "id": id,
            "accessId": access,
            "eligibilityScheduleId": id,
            "endDateTime": self.draft.day(180),
            "groupId": group,
            "memberType": "direct",
            "principalId": principal,
            "startDateTime": self.draft.day(-90),
        }

    def assigned_to_group(self, group: str, principal: str, access: str = "member") -> None:
        """PIM for Groups: a permanent member (or owner) of the group."""
        id = f"{group}_{access}_{object_id('groupAssignment', f'{group}/{principal}/{access}')}"
        self.tables["groupAssignmentScheduleInstances"][id] = {
            "id": id,
            "accessId": access,
            "assignmentScheduleId": id,
            "assignmentType": "assigned",
            "endDateTime": None,
            "groupId": group,
            "memberType": "direct",
            "principalId": principal,
            "startDateTime": self.draft.day(-300),
        }

    def _assigned(self, role: str, principal: str, scope: str) -> dict[str, Any]:
        template = role_template(role)
        self._activate(role, template)
        id = role_assignment_id(template, principal, scope)
        row = {
            "id": id,
            "principalId": principal,
            "roleDefinitionId": template,
            "directoryScopeId": scope,
            "appScopeId": None,
            "condition": None,
        }
        self.tables["roleAssignments"][id] = row
        return row

    def _activate(self, role: str, template: str) -> None:
        id = object_id("directoryRole", template)
        self.tables["directoryRoles"][id] = {
            "id": id,
            "deletedDateTime": None,
            "description": None,
            "displayName": role,
            "roleTemplateId": template,
        }

    def _instance(
        self, row: dict[str, Any], *, kind: str, member: str, start: str | None, end: str | None, by: str | None
    ) -> None:
        id = row["id"]
        self.tables["roleAssignmentScheduleInstances"][id] = {
            "id": id,
            "principalId": row["principalId"],
            "roleDefinitionId": row["roleDefinitionId"],
            "directoryScopeId": row["directoryScopeId"],
            "appScopeId": None,
            "startDateTime": start,
            "endDateTime": end,
            "assignmentType": kind,
            "memberType": member,
            "roleAssignmentOriginId": id,
            "roleAssignmentScheduleId": id,
            # Not a property but the target of the navigation of this name; kept private.
            "_activatedUsing": by,
        }
