"""What each request to the directory needs: permissions, any one of which will do, and for a person a directory role.

https://learn.microsoft.com/graph/permissions-reference and the "Permissions" section of each operation's page. Global
Administrator always suffices and is not repeated.
"""

from __future__ import annotations

from msgspec import Struct


class Needs(Struct, frozen=True):
    """The least permissions, least first, and the directory roles that a person needs beside them."""

    permissions: tuple[str, ...]
    roles: tuple[str, ...] = ("Global Reader",)

    def __str__(self) -> str:
        return f"It needs the permission {' or '.join(self.permissions)}."

    @property
    def hint(self) -> str:
        """What to do about a refusal."""
        return (
            f"have an administrator consent to {self.permissions[0]} for the application that signs in; "
            f"a person also needs a directory role: {' or '.join(self.roles)}"
        )


APPLICATIONS = Needs(("Application.Read.All", "Directory.Read.All"))
GRANTS = Needs(("Directory.Read.All",))
ROLES = Needs(("RoleManagement.Read.Directory", "Directory.Read.All"))
ACTIVE_SCHEDULES = Needs(("RoleAssignmentSchedule.Read.Directory", "RoleManagement.Read.Directory"))
ELIGIBLE_SCHEDULES = Needs(("RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.Directory"))
GROUP_SCHEDULES = Needs(("PrivilegedEligibilitySchedule.Read.AzureADGroup",))
GROUPS = Needs(("GroupMember.Read.All", "Directory.Read.All"))
USERS = Needs(("User.Read.All", "Directory.Read.All"))
OBJECTS = Needs(("Directory.Read.All",))
ME = Needs(("User.Read",))
ORGANIZATION = Needs(("Organization.Read.All", "Directory.Read.All", "User.Read"))

_APPLICATION_ROLES = ("Cloud Application Administrator", "Application Administrator")
WRITE_APPLICATIONS = Needs(("Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"), _APPLICATION_ROLES)
WRITE_GRANTS = Needs(("DelegatedPermissionGrant.ReadWrite.All",), _APPLICATION_ROLES)
WRITE_APP_ROLES = Needs(
    ("AppRoleAssignment.ReadWrite.All",),
    ("Privileged Role Administrator", "(not for Microsoft Graph's own roles) Cloud Application Administrator"),
)
