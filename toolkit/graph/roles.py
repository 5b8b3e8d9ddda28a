"""Directory roles read through the SDK's builders: definitions, assignments, PIM schedules."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.domain.roles import GroupSchedule, RoleAssignment, RoleDefinition
from toolkit.graph import needs
from toolkit.graph.pages import Ask
from toolkit.graph.reader import ApplicationReading, PeopleReading, Reading, quoted


def _where(role_id: str | None, principal_id: str | None) -> str | None:
    clauses = [
        f"{name} eq {quoted(value)}"
        for name, value in (("roleDefinitionId", role_id), ("principalId", principal_id))
        if value
    ]
    return " and ".join(clauses) or None


def _matching(found: Sequence[RoleAssignment], role_id: str | None, principal_id: str | None) -> list[RoleAssignment]:
    return [
        row for row in found if role_id in (None, row.role_definition_id) and principal_id in (None, row.principal_id)
    ]


class RoleReading(Reading):
    """https://learn.microsoft.com/graph/api/resources/rolemanagement"""

    async def role_definitions(self) -> Sequence[RoleDefinition]:
        builder = self._graph.role_management.directory.role_definitions
        ask = Ask(select=["id", "displayName", "templateId", "isBuiltIn"])
        return await self._all(builder, RoleDefinition, ask, "list directory roles", needs.ROLES)

    async def role_assignments(
        self, *, role_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[RoleAssignment]:
        builder = self._graph.role_management.directory.role_assignments
        ask = Ask(where=_where(role_id, principal_id))
        found = await self._all(builder, RoleAssignment, ask, "list role assignments", needs.ROLES)
        return _matching(found, role_id, principal_id)

    async def active_role_instances(
        self, *, role_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[RoleAssignment]:
        builder = self._graph.role_management.directory.role_assignment_schedule_instances
        ask = Ask(where=_where(role_id, principal_id))
        doing = "list active role assignments with their PIM schedule"
        found = await self._all(builder, RoleAssignment, ask, doing, needs.ACTIVE_SCHEDULES)
        return _matching(found, role_id, principal_id)

    async def eligible_role_instances(
        self, *, role_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[RoleAssignment]:
        builder = self._graph.role_management.directory.role_eligibility_schedule_instances
        ask = Ask(where=_where(role_id, principal_id))
        doing = "list eligible role assignments (PIM)"
        found = await self._all(builder, RoleAssignment, ask, doing, needs.ELIGIBLE_SCHEDULES)
        return _matching(found, role_id, principal_id)

    async def eligible_group_access(
        self, *, group_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[GroupSchedule]:
        builder = self._graph.identity_governance.privileged_access.group.eligibility_schedule_instances
        # Graph wants exactly one of the two in the filter.
        where = f"groupId eq {quoted(group_id)}" if group_id else f"principalId eq {quoted(principal_id or '')}"
        doing = "list who may become member of a group (PIM for Groups)"
        found = await self._all(builder, GroupSchedule, Ask(where=where), doing, needs.GROUP_SCHEDULES)
        return [row for row in found if group_id in (None, row.group_id) and principal_id in (None, row.principal_id)]


class GraphDirectory(ApplicationReading, PeopleReading, RoleReading):
    """The whole DirectoryReader port over one GraphClient."""
