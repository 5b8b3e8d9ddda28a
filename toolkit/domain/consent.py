"""Consent: permissions, the grants that give them, and what is asked against what is given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from toolkit.domain.principals import ServicePrincipal

Kind = Literal["delegated", "application"]

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The app role id that means "may use the application" and names no role."""

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
AZURE_AD_GRAPH = "00000002-0000-0000-c000-000000000000"

OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


class Permission(Struct, frozen=True, order=True):
    """One permission of one resource; the same `value` on another resource is another permission.

    `id` is None where the resource does not define the value, or could not be read.
    """

    resource_app_id: str
    kind: Kind
    value: str
    id: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two permissions the same: the resource, the kind and the id (the value where there is no id)."""
        return (self.resource_app_id, self.kind, self.id or self.value.casefold())


class DelegatedGrant(Struct, frozen=True, kw_only=True, rename="camel"):
    """An oauth2PermissionGrant: what a client may do on a resource in the name of one person or of everyone.

    https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
    """

    id: str
    client_id: str
    consent_type: str
    resource_id: str
    principal_id: str | None = None
    scope: str | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes once each, in the order given; Graph allows doubled spaces and repeated names."""
        seen: dict[str, str] = {}
        for scope in (self.scope or "").split():
            seen.setdefault(scope.casefold(), scope)
        return tuple(seen.values())

    @property
    def is_for_everyone(self) -> bool:
        """Whether an administrator consented for the whole tenant."""
        return self.consent_type == "AllPrincipals"


class AppRoleGrant(Struct, frozen=True, kw_only=True, rename="camel"):
    """An appRoleAssignment: a role of a resource held by an application, a user or a group.

    https://learn.microsoft.com/graph/api/resources/approleassignment
    """

    id: str
    principal_id: str
    resource_id: str
    app_role_id: str
    principal_type: str | None = None
    principal_display_name: str | None = None
    resource_display_name: str | None = None
    created_date_time: datetime | None = None


class Resource(Struct, frozen=True):
    """The permissions that one resource application defines, looked up by id or by value."""

    principal: ServicePrincipal

    def scope(self, value: str) -> Permission:
        """The delegated permission with this value; letter case does not matter to Graph."""
        wanted = value.casefold()
        for scope in self.principal.oauth2_permission_scopes or ():
            if (scope.value or "").casefold() == wanted:
                return Permission(self.principal.app_id, "delegated", scope.value or value, scope.id)
        return Permission(self.principal.app_id, "delegated", value)

    def scope_by_id(self, scope_id: str) -> Permission | None:
        """The delegated permission with this id, or None where the resource does not define it."""
        for scope in self.principal.oauth2_permission_scopes or ():
            if scope.id == scope_id:
                return Permission(self.principal.app_id, "delegated", scope.value or scope.id, scope.id)
        return None

    def role_by_id(self, role_id: str) -> Permission | None:
        """The application permission with this id, or None where the resource does not define it."""
        for role in self.principal.app_roles or ():
            if role.id == role_id:
                return Permission(self.principal.app_id, "application", role.value or role.id, role.id)
        return None

    def role(self, value: str) -> Permission | None:
        """The application permission with this value that applications may hold."""
        wanted = value.casefold()
        for role in self.principal.app_roles or ():
            if (role.value or "").casefold() == wanted and "Application" in (role.allowed_member_types or ()):
                return Permission(self.principal.app_id, "application", role.value or value, role.id)
        return None


def union_of_scopes(grants: Iterable[DelegatedGrant]) -> tuple[str, ...]:
    """All scopes of several grants, once each."""
    seen: dict[str, str] = {}
    for grant in grants:
        for scope in grant.scopes:
            seen.setdefault(scope.casefold(), scope)
    return tuple(seen.values())
