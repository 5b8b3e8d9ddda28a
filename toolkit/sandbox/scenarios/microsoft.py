"""What Microsoft publishes in every tenant: its own applications, their permissions, the built-in directory roles.

The facts (`microsoft.json`) are names, ids and flags. A saved tenant leaves the permissions out and has them put back
when it is loaded: they are the same for all tenants and would be most of the file.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
KEY_VAULT = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
MANAGEMENT = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
OWNER = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
_PUBLISHED = ("appRoles", "oauth2PermissionScopes")


class Resource(msgspec.Struct, frozen=True, rename={"app_id": "appId", "display_name": "displayName"}):
    """One application of Microsoft; scopes are (value, id, needs an administrator), roles are (value, id)."""

    app_id: str
    display_name: str
    names: tuple[str, ...]
    scopes: tuple[tuple[str, str, int], ...]
    roles: tuple[tuple[str, str], ...]

    def scope_id(self, value: str) -> str:
        """The id of a delegated permission; raises KeyError."""
        return _scope_ids(self.app_id)[value]

    def role_id(self, value: str) -> str:
        """The id of an application permission; raises KeyError."""
        return _role_ids(self.app_id)[value]


class Facts(msgspec.Struct, frozen=True):
    """All that `microsoft.json` says; roles are (template id, display name, privileged)."""

    resources: tuple[Resource, ...]
    roles: tuple[tuple[str, str, int], ...]


@cache
def facts() -> Facts:
    """The packaged facts."""
    return msgspec.json.decode(Path(__file__).with_name("microsoft.json").read_bytes(), type=Facts)


@cache
def resources() -> dict[str, Resource]:
    """Microsoft's applications by appId."""
    return {resource.app_id: resource for resource in facts().resources}


@cache
def role_template(display_name: str) -> str:
    """The template id of a built-in directory role; raises KeyError."""
    return {name: template for template, name, _ in facts().roles}[display_name]


def role_definitions() -> Iterator[dict[str, Any]]:
    """The built-in directory roles as Graph's unifiedRoleDefinition objects."""
    for template, name, privileged in facts().roles:
        yield {
            "id": template,
            "description": None,
            "displayName": name,
            "isBuiltIn": True,
            "isEnabled": True,
            "isPrivileged": bool(privileged),
            "resourceScopes": ["/"],
            "rolePermissions": [],
            "templateId": template,
            "version": "1",
        }


@cache
def app_roles(app_id: str) -> list[dict[str, Any]]:
    """The application permissions of one of Microsoft's applications, shared by all tenants of the process."""
    return [
        {
            "allowedMemberTypes": ["Application"],
            "description": value,
            "displayName": value,
            "id": id,
            "isEnabled": True,
            "origin": "Application",
            "value": value,
        }
        for value, id in resources()[app_id].roles
    ]


@cache
def permission_scopes(app_id: str) -> list[dict[str, Any]]:
    """The delegated permissions of one of Microsoft's applications, shared by all tenants of the process."""
    return [
        {
            "adminConsentDescription": value,
            "adminConsentDisplayName": value,
            "id": id,
            "isEnabled": True,
            "type": "Admin" if needs_admin else "User",
            "userConsentDescription": value,
            "userConsentDisplayName": value,
            "value": value,
        }
        for value, id, needs_admin in resources()[app_id].scopes
    ]


def attach(tables: Mapping[str, dict[str, Any]]) -> None:
    """Put Microsoft's permissions back on the service principals that were saved without them."""
    for row in tables["servicePrincipals"].values():
        if "appRoles" not in row and row["appId"] in resources():
            row["appRoles"] = app_roles(row["appId"])
            row["oauth2PermissionScopes"] = permission_scopes(row["appId"])


def detached(tables: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The tables to save: as they are, but for the permissions of Microsoft's that `attach` will put back."""
    rows = tables["servicePrincipals"]
    slim = {
        id: {name: value for name, value in row.items() if name not in _PUBLISHED} if _is_published(row) else row
        for id, row in rows.items()
    }
    return {**tables, "servicePrincipals": slim}


def _is_published(row: Mapping[str, Any]) -> bool:
    app_id = row["appId"]
    return (
        row.get("appOwnerOrganizationId") == OWNER
        and app_id in resources()
        and row.get("appRoles") is app_roles(app_id)
        and row.get("oauth2PermissionScopes") is permission_scopes(app_id)
    )


@cache
def _scope_ids(app_id: str) -> dict[str, str]:
    return {value: id for value, id, _ in resources()[app_id].scopes}


@cache
def _role_ids(app_id: str) -> dict[str, str]:
    return dict(resources()[app_id].roles)
