"""Who and what a tenant knows: service principals, users, groups, with the credentials and roles applications carry.

Fields are Graph's properties by design; `UNSET` means that Graph did not return the property.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

MICROSOFT_TENANTS = frozenset(
    {
        "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "33e01921-4d64-4f8c-a055-5bdaffd5e33d",
        "cdc5aeea-15c5-4db6-b079-fcadd2505dc2",
    }
)
"""Tenants that own Microsoft's own applications."""

Origin = Literal["this tenant", "Microsoft", "third party", "unknown"]


class VerifiedPublisher(Struct, frozen=True, kw_only=True, rename="camel"):
    """https://learn.microsoft.com/graph/api/resources/verifiedpublisher"""

    display_name: str | None = None
    verified_publisher_id: str | None = None


class PasswordCredential(Struct, frozen=True, kw_only=True, rename="camel"):
    """A client secret's description; the secret itself is never returned by Graph."""

    key_id: str | None = None
    display_name: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class KeyCredential(Struct, frozen=True, kw_only=True, rename="camel"):
    """A certificate's description."""

    key_id: str | None = None
    display_name: str | None = None
    type: str | None = None
    usage: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None


class AppRole(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role that a resource application defines; assigned to an application it is an application permission."""

    id: str
    value: str | None = None
    display_name: str | None = None
    is_enabled: bool | None = True
    allowed_member_types: tuple[str, ...] | None = ()


class PermissionScope(Struct, frozen=True, kw_only=True, rename="camel"):
    """A delegated permission that a resource application defines."""

    id: str
    value: str | None = None
    type: str | None = None
    is_enabled: bool | None = True


class ServicePrincipal(Struct, frozen=True, kw_only=True, rename="camel"):
    """An application as this tenant knows it.

    https://learn.microsoft.com/graph/api/resources/serviceprincipal
    """

    id: str
    app_id: str = ""
    display_name: str | None = None
    account_enabled: bool | UnsetType | None = UNSET
    app_owner_organization_id: str | UnsetType | None = UNSET
    app_role_assignment_required: bool | UnsetType | None = UNSET
    service_principal_type: str | UnsetType | None = UNSET
    sign_in_audience: str | UnsetType | None = UNSET
    disabled_by_microsoft_status: str | UnsetType | None = UNSET
    verified_publisher: VerifiedPublisher | UnsetType | None = UNSET
    created_date_time: datetime | UnsetType | None = UNSET
    homepage: str | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType | None = UNSET
    reply_urls: tuple[str, ...] | UnsetType | None = UNSET
    service_principal_names: tuple[str, ...] | UnsetType | None = UNSET
    password_credentials: tuple[PasswordCredential, ...] | UnsetType | None = UNSET
    key_credentials: tuple[KeyCredential, ...] | UnsetType | None = UNSET
    app_roles: tuple[AppRole, ...] | UnsetType | None = UNSET
    oauth2_permission_scopes: tuple[PermissionScope, ...] | UnsetType | None = field(
        default=UNSET, name="oauth2PermissionScopes"
    )

    @property
    def name(self) -> str:
        """The display name, or the appId where the tenant has none."""
        return self.display_name or self.app_id or self.id

    @property
    def publisher(self) -> str | None:
        """The verified publisher's name; None where there is none or Graph did not say."""
        if isinstance(self.verified_publisher, VerifiedPublisher):
            return self.verified_publisher.display_name
        return None

    def origin(self, tenant_id: str) -> Origin:
        """Where the application is registered, told by the owner tenant and never by its name."""
        return _origin(self.app_owner_organization_id or None, tenant_id)


@cache
def _origin(owner: str | None, tenant_id: str) -> Origin:
    if owner is None:
        return "unknown"
    if owner.lower() == tenant_id.lower():
        return "this tenant"
    return "Microsoft" if owner.lower() in MICROSOFT_TENANTS else "third party"


class Application(Struct, frozen=True, kw_only=True, rename="camel"):
    """An application registration (the manifest), present only in its home tenant."""

    id: str
    app_id: str
    display_name: str | None = None
    created_date_time: datetime | UnsetType | None = UNSET
    required_resource_access: tuple[RequiredResource, ...] | None = None
    password_credentials: tuple[PasswordCredential, ...] | UnsetType | None = UNSET
    key_credentials: tuple[KeyCredential, ...] | UnsetType | None = UNSET


class RequiredResource(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a manifest asks of one resource."""

    resource_app_id: str
    resource_access: tuple[ResourceAccess, ...] | None = ()


class ResourceAccess(Struct, frozen=True, kw_only=True):
    """One permission that a manifest asks for: `type` is `Scope` (delegated) or `Role` (application)."""

    id: str
    type: str


class DirectoryObject(Struct, frozen=True, kw_only=True, rename="camel"):
    """A user, group, service principal or other object, as much of it as was asked for."""

    id: str
    odata_type: str | None = field(default="", name="@odata.type")
    display_name: str | None = None
    user_principal_name: str | UnsetType | None = UNSET
    user_type: str | UnsetType | None = UNSET
    account_enabled: bool | UnsetType | None = UNSET
    is_assignable_to_role: bool | UnsetType | None = UNSET
    app_id: str | UnsetType | None = UNSET
    role_template_id: str | UnsetType | None = UNSET

    @property
    def kind(self) -> str:
        """`user`, `group`, `servicePrincipal`, …; empty where Graph did not say."""
        return (self.odata_type or "").rpartition(".")[2]

    @property
    def name(self) -> str:
        """The display name, or what else tells it apart."""
        upn = self.user_principal_name
        return self.display_name or (upn if isinstance(upn, str) else "") or self.id


class Organization(Struct, frozen=True, kw_only=True, rename="camel"):
    """The tenant itself."""

    id: str
    display_name: str | None = None
    verified_domains: tuple[VerifiedDomain, ...] | None = None

    @property
    def domain(self) -> str | None:
        """The default verified domain."""
        named = [domain.name for domain in self.verified_domains or () if domain.is_default and domain.name]
        return named[0] if named else None


class VerifiedDomain(Struct, frozen=True, kw_only=True, rename="camel"):
    """A domain name of the tenant."""

    name: str | None = None
    is_default: bool | None = False
    is_initial: bool | None = False
