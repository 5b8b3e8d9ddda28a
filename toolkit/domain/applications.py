"""What entrakit tells about enterprise applications: the list, and everything about one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from toolkit.domain.consent import Kind, Permission
from toolkit.domain.coverage import Coverage
from toolkit.domain.known import Known, NotKnown
from toolkit.domain.principals import Origin, ServicePrincipal

Risk = Literal["critical", "high", "medium", "low", "unclassified"]
CredentialKind = Literal["secret", "certificate"]
HeldBy = Literal["service principal", "registration"]
ManifestSource = Literal["manifest", "named", "manifest and named", "unknown"]
Verdict = Literal["granted", "missing", "only some users", "more than requested", "not compared"]


class TenantName(Struct, frozen=True):
    """The tenant an answer is about."""

    id: str
    name: str
    domain: str


class ListedApplication(Struct, frozen=True, kw_only=True):
    """One row of the list; None is "Graph did not say", except for `publisher`: no verified publisher."""

    name: str
    object_id: str
    app_id: str
    enabled: bool | None
    origin: Origin
    publisher: str | None
    type: str | None
    permissions: tuple[str, ...] = ()


class ApplicationList(Struct, frozen=True):
    """The applications that fit, by name, and how many were looked at."""

    applications: tuple[ListedApplication, ...]
    looked_at: int
    tenant: TenantName
    coverage: Coverage


class GrantedPermission(Struct, frozen=True, kw_only=True):
    """A permission an application holds, on which resource, for whom, and how dangerous that is.

    `principals` names the users of a delegated permission that only they consented to; empty when it is for everyone
    or an application permission. `defined` is False where the resource does not (any longer) define the permission,
    None where the resource could not be read.
    """

    permission: Permission
    resource: str
    for_everyone: bool
    principals: tuple[str, ...]
    risk: Risk
    reason: str
    defined: bool | None
    grant_ids: tuple[str, ...]


class Credential(Struct, frozen=True, kw_only=True):
    """A secret or certificate by description; `days_left` is negative once it expired, None where it never does.

    `held_by` tells whether it sits on the service principal or on the application registration.
    """

    kind: CredentialKind
    held_by: HeldBy
    name: str
    key_id: str
    expires: datetime | None
    days_left: int | None


class Assigned(Struct, frozen=True, kw_only=True):
    """A user, group or application that is assigned to this application; `role` is "default access" for none."""

    name: str
    kind: str
    object_id: str
    role: str


class Person(Struct, frozen=True):
    """Somebody by name and id."""

    name: str
    kind: str
    object_id: str


class ApplicationProfile(Struct, frozen=True, kw_only=True):
    """Everything about one application; what was not read says why."""

    principal: ServicePrincipal
    origin: Origin
    created: Known[datetime | None] | NotKnown
    owners: Known[tuple[Person, ...]] | NotKnown
    assigned: Known[tuple[Assigned, ...]] | NotKnown
    delegated: Known[tuple[GrantedPermission, ...]] | NotKnown
    application: Known[tuple[GrantedPermission, ...]] | NotKnown
    directory_roles: Known[tuple[str, ...]] | NotKnown
    credentials: Known[tuple[Credential, ...]] | NotKnown
    tenant: TenantName
    coverage: Coverage


class PermissionState(Struct, frozen=True, kw_only=True):
    """One permission in the comparison of what is asked with what is given.

    `requested` is None where the manifest lies in another tenant and nothing else told what the application asks for.
    """

    permission: Permission
    resource: str
    kind: Kind
    requested: bool | None
    for_everyone: bool
    users: tuple[str, ...]
    risk: Risk
    verdict: Verdict


class ConsentPicture(Struct, frozen=True, kw_only=True):
    """The effective consent of one application.

    `source` tells where "requested" comes from: the manifest, what the command line named, or neither.
    """

    principal: ServicePrincipal
    source: ManifestSource
    permissions: tuple[PermissionState, ...]
    tenant: TenantName
    coverage: Coverage

    @property
    def missing(self) -> tuple[PermissionState, ...]:
        """What is asked for and not given to everyone."""
        return tuple(p for p in self.permissions if p.verdict in ("missing", "only some users") and p.requested)


class ConsentAddress(Struct, frozen=True, kw_only=True):
    """Where to consent for everyone.

    `opened` and `arrived` are None where nobody asked to open it or to wait; `name` is None where the tenant does not
    know the application yet.
    """

    url: str
    app_id: str
    name: str | None
    opened: bool | None
    arrived: bool | None
    tenant: TenantName
    coverage: Coverage
