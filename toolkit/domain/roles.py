"""Directory roles and who holds them, by which path."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from toolkit.domain.principals import DirectoryObject

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"

CONSENTS_TO_ANYTHING = (GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR)
"""Roles that may consent to every permission of every resource, Microsoft Graph's app roles included.

https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
"""
CONSENTS_EXCEPT_GRAPH_ROLES = (APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR)
"""Roles that may consent to everything but application permissions of Microsoft Graph and Azure AD Graph."""

Standing = Literal["standing", "activated", "eligible"]
Access = Literal["member", "may join", "may become owner of"]


class RoleDefinition(Struct, frozen=True, kw_only=True, rename="camel"):
    """A directory role; for built-in roles `id` equals `template_id` in every tenant."""

    id: str
    display_name: str | None = None
    template_id: str | None = None
    is_built_in: bool | UnsetType | None = UNSET


class RoleAssignment(Struct, frozen=True, kw_only=True, rename="camel"):
    """A row of roleAssignments, roleAssignmentScheduleInstances or roleEligibilityScheduleInstances."""

    id: str
    principal_id: str
    role_definition_id: str
    directory_scope_id: str | None = None
    app_scope_id: str | None = None
    assignment_type: str | None = None
    member_type: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class GroupSchedule(Struct, frozen=True, kw_only=True, rename="camel"):
    """A PIM-for-Groups instance: someone who may become, or is for a time, member or owner of a group."""

    id: str
    principal_id: str
    group_id: str
    access_id: str
    assignment_type: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class RoleHolder(Struct, frozen=True, kw_only=True):
    """One path by which a principal holds a role.

    `through` names the groups on the path, outermost first, and `access` how the principal stands to the innermost (an
    owner can add members, himself included); `until` is None for a permanent assignment.
    `scope` is `/` for the whole tenant, else an administrative unit or an object.
    """

    principal: DirectoryObject
    role_id: str
    role_name: str
    standing: Standing
    through: tuple[DirectoryObject, ...] = ()
    access: Access = "member"
    scope: str = "/"
    until: datetime | None = None
    note: str = ""

    @property
    def is_effective_now(self) -> bool:
        """Whether the role can be used at this moment for the whole tenant, without activation."""
        enabled = self.principal.account_enabled is not False
        return self.standing != "eligible" and self.scope == "/" and enabled
