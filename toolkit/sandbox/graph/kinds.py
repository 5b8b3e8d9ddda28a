"""The kinds of objects the sandbox serves, as queries see them."""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph.schema import FILTERS, PROPERTIES
from toolkit.sandbox.odata.kinds import ADVANCED, DEFAULT, Kind

_OPERATORS = {"e": ("eq",), "s": ("startsWith",), "g": ("ge", "le"), "n": ("null",), "w": ("endsWith",)}


def _properties(name: str) -> dict[str, tuple[str, str]]:
    pairs = (word.split(":") for word in PROPERTIES[name].split())
    return {spelled.lower(): (spelled, letter) for letter, spelled in pairs}


def _filters(name: str) -> dict[str, dict[str, str]]:
    support: dict[str, dict[str, str]] = {}
    for word in FILTERS.get(name, "").split():
        path, letters = word.split("=")
        support[path] = {
            operator: DEFAULT if letter.islower() else ADVANCED
            for letter in letters
            for operator in _OPERATORS[letter.lower()]
        }
    return support


def _kind(name: str, collection: str, **rules: Any) -> Kind:
    return Kind(name, collection, _properties(name), _filters(name), **rules)


_BY_NAME = {"displayName": DEFAULT}
_USER_SHOWN = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)

SERVICE_PRINCIPAL = _kind(
    "servicePrincipal",
    "servicePrincipals",
    sortable=_BY_NAME,
    searchable=frozenset({"displayName", "description"}),
    expandable=frozenset(
        {"owners", "memberOf", "appRoleAssignments", "appRoleAssignedTo", "oauth2PermissionGrants", "ownedObjects"}
    ),
    hidden=frozenset({"publisherName", "preferredTokenSigningKeyEndDateTime", "_with"}),
)
APPLICATION = _kind(
    "application",
    "applications",
    sortable={"displayName": DEFAULT, "createdDateTime": ADVANCED},
    searchable=frozenset({"displayName", "description"}),
    expandable=frozenset({"owners"}),
    hidden=frozenset({"_with"}),
)
GROUP = _kind(
    "group",
    "groups",
    sortable=_BY_NAME,
    searchable=frozenset({"displayName", "description", "mail", "mailNickname"}),
    expandable=frozenset({"owners", "members", "memberOf", "transitiveMembers", "transitiveMemberOf"}),
    hidden=frozenset({"_with", "creationOptions"}),
)
USER = _kind(
    "user",
    "users",
    sortable={"displayName": DEFAULT, "userPrincipalName": DEFAULT, "createdDateTime": ADVANCED},
    searchable=frozenset({"displayName", "mail", "userPrincipalName", "givenName", "surname"}),
    expandable=frozenset({"memberOf", "transitiveMemberOf", "ownedObjects"}),
    shown=_USER_SHOWN,
)
DIRECTORY_ROLE = _kind(
    "directoryRole",
    "directoryRoles",
    paged=False,
    searchable=frozenset({"displayName"}),
    expandable=frozenset({"members"}),
)
ROLE_MEMBER = Kind(
    "directoryObject",
    "directoryObjects",
    _properties("user") | _properties("servicePrincipal") | _properties("group"),
    paged=False,
)
ROLE_TEMPLATE = _kind("directoryRoleTemplate", "directoryRoleTemplates", paged=False)
DELETED = Kind(
    "directoryObject",
    "directoryObjects",
    _properties("user") | _properties("servicePrincipal") | _properties("application") | _properties("group"),
    hidden=frozenset({"_with", "publisherName", "preferredTokenSigningKeyEndDateTime", "creationOptions"}),
)
DIRECTORY_OBJECT = Kind(
    "directoryObject",
    "directoryObjects",
    {**DELETED.properties, **_properties("directoryRole")},
    _filters("user") | {"id": {"eq": DEFAULT}, "displayName": {"eq": DEFAULT, "startsWith": ADVANCED}},
    sortable={"displayName": ADVANCED},
    searchable=frozenset({"displayName"}),
    hidden=DELETED.hidden,
)
GRANT = _kind("oAuth2PermissionGrant", "oauth2PermissionGrants", directory=False)
APP_ROLE_ASSIGNMENT = _kind("appRoleAssignment", "appRoleAssignments", directory=False)
ROLE_DEFINITION = _kind(
    "unifiedRoleDefinition",
    "roleManagement/directory/roleDefinitions",
    directory=False,
    hidden=frozenset({"isPrivileged"}),
)
_ROLE_LINKS = frozenset({"principal", "roleDefinition", "directoryScope"})
ROLE_ASSIGNMENT = _kind(
    "unifiedRoleAssignment",
    "roleManagement/directory/roleAssignments",
    directory=False,
    expandable=_ROLE_LINKS,
    one_expansion=False,
)
ROLE_ASSIGNMENT_INSTANCE = _kind(
    "unifiedRoleAssignmentScheduleInstance",
    "roleManagement/directory/roleAssignmentScheduleInstances",
    directory=False,
    expandable=_ROLE_LINKS | {"activatedUsing"},
    one_expansion=False,
)
ROLE_ELIGIBILITY_INSTANCE = _kind(
    "unifiedRoleEligibilityScheduleInstance",
    "roleManagement/directory/roleEligibilityScheduleInstances",
    directory=False,
    expandable=_ROLE_LINKS,
    one_expansion=False,
)
ROLE_ASSIGNMENT_SCHEDULE = _kind(
    "unifiedRoleAssignmentSchedule",
    "roleManagement/directory/roleAssignmentSchedules",
    directory=False,
    expandable=_ROLE_LINKS | {"activatedUsing"},
    one_expansion=False,
)
ROLE_ELIGIBILITY_SCHEDULE = _kind(
    "unifiedRoleEligibilitySchedule",
    "roleManagement/directory/roleEligibilitySchedules",
    directory=False,
    expandable=_ROLE_LINKS,
    one_expansion=False,
)
GROUP_ASSIGNMENT_INSTANCE = _kind(
    "privilegedAccessGroupAssignmentScheduleInstance",
    "identityGovernance/privilegedAccess/group/assignmentScheduleInstances",
    directory=False,
    expandable=frozenset({"principal", "group", "activatedUsing"}),
    one_expansion=False,
)
GROUP_ELIGIBILITY_INSTANCE = _kind(
    "privilegedAccessGroupEligibilityScheduleInstance",
    "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
    directory=False,
    expandable=frozenset({"principal", "group"}),
    one_expansion=False,
)
ORGANIZATION = _kind("organization", "organization", hidden=frozenset({"isMultipleDataLocationsForServicesEnabled"}))
SIGN_IN = _kind("signIn", "auditLogs/signIns", directory=False, sortable={"createdDateTime": DEFAULT})
DIRECTORY_AUDIT = _kind(
    "directoryAudit", "auditLogs/directoryAudits", directory=False, sortable={"activityDateTime": DEFAULT}
)
AUTHORIZATION_POLICY = _kind("authorizationPolicy", "policies/authorizationPolicy", directory=False)
DOMAIN = _kind("domain", "domains", directory=False)
SUBSCRIBED_SKU = _kind("subscribedSku", "subscribedSkus", directory=False)

CASTS = {
    "user": USER,
    "group": GROUP,
    "serviceprincipal": SERVICE_PRINCIPAL,
    "application": APPLICATION,
    "directoryrole": DIRECTORY_ROLE,
}
