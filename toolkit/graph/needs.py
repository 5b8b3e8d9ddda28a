"""The least permissions that each read of the directory needs; any one of a tuple will do.

https://learn.microsoft.com/graph/permissions-reference
"""

APPLICATIONS = ("Application.Read.All", "Directory.Read.All")
GRANTS = ("Directory.Read.All",)
ROLES = ("RoleManagement.Read.Directory", "Directory.Read.All")
ACTIVE_SCHEDULES = ("RoleAssignmentSchedule.Read.Directory", "RoleManagement.Read.Directory")
ELIGIBLE_SCHEDULES = ("RoleEligibilitySchedule.Read.Directory", "RoleManagement.Read.Directory")
GROUP_SCHEDULES = ("PrivilegedEligibilitySchedule.Read.AzureADGroup",)
GROUPS = ("GroupMember.Read.All", "Directory.Read.All")
USERS = ("User.Read.All", "Directory.Read.All")
OBJECTS = ("Directory.Read.All",)
ME = ("User.Read",)
ORGANIZATION = ("Organization.Read.All", "Directory.Read.All", "User.Read")

WRITE_APPLICATIONS = ("Application.ReadWrite.All", "Application.ReadWrite.OwnedBy")
WRITE_GRANTS = ("DelegatedPermissionGrant.ReadWrite.All",)
WRITE_APP_ROLES = ("AppRoleAssignment.ReadWrite.All",)
