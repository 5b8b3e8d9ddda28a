"""Who may do what: Graph permissions per operation, and the directory roles a delegated write also needs.

https://learn.microsoft.com/graph/permissions-reference and the "Permissions" section of each operation's page
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from toolkit.sandbox.odata.errors import GraphError, denied
from toolkit.sandbox.routing import Call


@dataclass(frozen=True, slots=True)
class Needs:
    """One of these permissions allows an operation; `also` names a second set of which one is needed as well.

    `own` is enough for a user who asks about themselves. `pim` operations refuse in their own words.
    """

    delegated: frozenset[str] = frozenset()
    application: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    pim: bool = False


def _needs(text: str, *, app: str = "", only_app: str | None = None, **more: object) -> Needs:
    delegated = frozenset(text.split())
    application = delegated | set(app.split()) if only_app is None else frozenset(only_app.split())
    rest = {name: frozenset(str(v).split()) for name, v in more.items() if name != "pim"}
    return Needs(delegated, application, pim=bool(more.get("pim")), **rest)


ANYONE = Needs()
READ_APPLICATIONS = _needs(
    "Application.Read.All Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All",
    app="Application.ReadWrite.OwnedBy",
)
READ_APP_MEMBERSHIP = _needs(
    "Application.Read.All Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"
)
WRITE_SERVICE_PRINCIPALS = _needs(
    "Application.ReadWrite.All Directory.ReadWrite.All", app="Application.ReadWrite.OwnedBy"
)
CREATE_APPLICATIONS = _needs("AppRegistration.Create Application.ReadWrite.All", app="Application.ReadWrite.OwnedBy")
WRITE_APPLICATIONS = _needs("Application.ReadWrite.All", app="Application.ReadWrite.OwnedBy")
ASSIGN_APP_ROLES = _needs(
    "AppRoleAssignment.ReadWrite.All",
    also="Application.Read.All Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All",
)
REMOVE_APP_ROLES = _needs("AppRoleAssignment.ReadWrite.All")
READ_HELD_ROLES = _needs("AppRoleAssignment.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
READ_GRANTS = _needs(
    "Directory.Read.All DelegatedPermissionGrant.ReadWrite.All Directory.ReadWrite.All "
    "DelegatedPermissionGrant.Read.All"
)
WRITE_GRANTS = _needs("DelegatedPermissionGrant.ReadWrite.All Directory.ReadWrite.All")
READ_DELETED = _needs(
    "Application.Read.All Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All",
    app="Application.ReadWrite.OwnedBy",
)
READ_DELETED_USERS = _needs("User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
READ_DELETED_GROUPS = _needs("Group.Read.All Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
RESTORE = _needs("Application.ReadWrite.All Directory.ReadWrite.All", app="Application.ReadWrite.OwnedBy")
READ_ROLES = _needs(
    "RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory Directory.Read.All Directory.ReadWrite.All"
)
READ_ROLE_MANAGEMENT = _needs(
    "RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory RoleManagement.Read.All "
    "Directory.Read.All Directory.ReadWrite.All"
)
READ_ROLE_SCHEDULES = _needs(
    "RoleAssignmentSchedule.Read.Directory RoleAssignmentSchedule.ReadWrite.Directory "
    "RoleManagement.Read.All RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory",
    pim=True,
)
READ_ROLE_ELIGIBILITY = _needs(
    "RoleEligibilitySchedule.Read.Directory RoleEligibilitySchedule.ReadWrite.Directory "
    "RoleManagement.Read.All RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory",
    pim=True,
)
READ_GROUP_ELIGIBILITY = _needs(
    "PrivilegedEligibilitySchedule.Read.AzureADGroup PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    pim=True,
)
READ_GROUP_SCHEDULES = _needs(
    "PrivilegedAssignmentSchedule.Read.AzureADGroup PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    pim=True,
)
READ_GROUPS = _needs(
    "Group.ReadBasic.All GroupMember.Read.All Group.Read.All Group.ReadWrite.All "
    "Directory.Read.All Directory.ReadWrite.All"
)
READ_MEMBERS = _needs(
    "GroupMember.ReadBasic.All GroupMember.Read.All GroupMember.ReadWrite.All Group.ReadBasic.All Group.Read.All "
    "Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"
)
READ_GROUP_OWNERS = _needs(
    "GroupMember.Read.All GroupMember.ReadWrite.All Group.Read.All Group.ReadWrite.All "
    "Directory.Read.All Directory.ReadWrite.All"
)
READ_USERS = _needs(
    "User.ReadBasic.All User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All",
    own="User.Read User.ReadWrite",
)
READ_USER_MEMBERSHIP = _needs(
    "User.Read.All GroupMember.ReadBasic.All GroupMember.Read.All Group.ReadBasic.All Group.Read.All "
    "Directory.Read.All Directory.ReadWrite.All",
    own="User.Read",
)
READ_OWNED = _needs("User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All", own="User.Read")
READ_ORGANIZATION = _needs(
    "User.Read User.Read.All Organization.Read.All Organization.ReadWrite.All Directory.Read.All "
    "Directory.ReadWrite.All",
    only_app="User.Read.All Organization.Read.All Organization.ReadWrite.All Directory.Read.All "
    "Directory.ReadWrite.All",
)
READ_DOMAINS = _needs("Domain.Read.All Domain.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
READ_LICENCES = _needs(
    "LicenseAssignment.Read.All Organization.Read.All Organization.ReadWrite.All Directory.Read.All "
    "Directory.ReadWrite.All"
)
READ_DIRECTORY = _needs("Directory.Read.All Directory.ReadWrite.All")
READ_LOGS = _needs("AuditLog.Read.All")
READ_POLICIES = _needs("Policy.Read.All Policy.ReadWrite.Authorization")
READ_TENANTS = _needs("CrossTenantInformation.ReadBasic.All")

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"
APPLICATION_DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
HYBRID_IDENTITY_ADMINISTRATOR = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
DIRECTORY_WRITERS = "9360feb5-f418-4baa-8175-e2a00bac4301"

APPLICATION_ROLES = frozenset(
    {
        GLOBAL_ADMINISTRATOR,
        APPLICATION_ADMINISTRATOR,
        CLOUD_APPLICATION_ADMINISTRATOR,
        HYBRID_IDENTITY_ADMINISTRATOR,
    }
)
PURGE_ROLES = APPLICATION_ROLES
GRANT_ROLES = frozenset(
    {
        GLOBAL_ADMINISTRATOR,
        PRIVILEGED_ROLE_ADMINISTRATOR,
        APPLICATION_ADMINISTRATOR,
        CLOUD_APPLICATION_ADMINISTRATOR,
        APPLICATION_DEVELOPER,
        USER_ADMINISTRATOR,
        DIRECTORY_WRITERS,
    }
)
APP_ROLE_ROLES = frozenset({GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR})
APP_ROLE_ROLES_EXCEPT_GRAPH = frozenset({APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR})
LOG_ROLES = frozenset(
    {
        GLOBAL_ADMINISTRATOR,
        APPLICATION_ADMINISTRATOR,
        CLOUD_APPLICATION_ADMINISTRATOR,
        HYBRID_IDENTITY_ADMINISTRATOR,
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451",  # Global Reader
        "4a5d8f65-41da-4de4-8968-e035b65339cf",  # Reports Reader
        "194ae4cb-b126-40b2-bd5b-6091b380977d",  # Security Administrator
        "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f",  # Security Operator
        "5d6b6bb7-de71-4623-b4af-96380a352509",  # Security Reader
    }
)


def granted(call: Call) -> frozenset[str]:
    """The Graph permissions of the caller that the sandbox was not told to refuse."""
    if call.claims is None:
        return frozenset()
    refused = set(call.tenant.settings["deny"])
    refused.update(fault["deny"] for fault in call.tenant.settings["faults"] if "deny" in fault)
    return call.claims.permissions - refused


def is_app_only(call: Call) -> bool:
    """Is no user behind the call?"""
    return call.claims is not None and call.claims.is_app_only


def caller_id(call: Call) -> str:
    """Object id of the user, or of the service principal of an app-only caller."""
    return "" if call.claims is None else call.claims.oid


def check(call: Call, needs: Needs, asked_about: str | None = None) -> None:
    """Pass when the caller's permissions allow the operation; raises `GraphError` 403."""
    if needs is ANYONE:
        return
    held = granted(call)
    wanted = needs.application if is_app_only(call) else needs.delegated
    own = not is_app_only(call) and asked_about is not None and asked_about == caller_id(call)
    if (held & wanted or (own and held & needs.own)) and (not needs.also or held & needs.also):
        return
    raise _scope_missing(wanted) if needs.pim else denied()


def _scope_missing(wanted: Iterable[str]) -> GraphError:
    """Privileged identity management refuses with JSON inside the message."""
    names = ",".join(sorted(wanted))
    inner = {
        "errorCode": "PermissionScopeNotGranted",
        "message": f"Authorization failed due to missing permission scope {names}.",
        "instanceAnnotations": list[str](),
    }
    return GraphError(403, "UnknownError", msgspec.json.encode(inner).decode("utf-8"))


def require_role(call: Call, roles: frozenset[str], owned: str | None = None) -> None:
    """A user must hold one of the directory roles or own the object; raises `GraphError` 403."""
    if call.claims is None or is_app_only(call) or roles & set(call.claims.wids):
        return
    if owned is None or caller_id(call) not in call.tenant.owners_of(owned):
        raise denied()


def require_write_of_application(call: Call, id: str, roles: frozenset[str] = APPLICATION_ROLES) -> None:
    """The caller may change this application or service principal; raises `GraphError` 403.

    An app with only Application.ReadWrite.OwnedBy may change what it owns, and itself.
    """
    require_role(call, roles, owned=id)
    if is_app_only(call) and not granted(call) & WRITE_SERVICE_PRINCIPALS.delegated:
        caller = caller_id(call)
        if caller != id and caller not in call.tenant.owners_of(id):
            raise denied()
