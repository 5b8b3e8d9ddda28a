"""What the services need from the world, as Protocols; the adapters behind them meet only in wiring.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from toolkit.domain.changes import Change
from toolkit.domain.consent import AppRoleGrant, DelegatedGrant
from toolkit.domain.journal import Began, Event
from toolkit.domain.plans import Run
from toolkit.domain.principals import Application, DirectoryObject, Organization, ServicePrincipal
from toolkit.domain.roles import GroupSchedule, RoleAssignment, RoleDefinition


class Clock(Protocol):
    """The current instant, in UTC."""

    def __call__(self) -> datetime: ...


class Progress(Protocol):
    """Where long work tells how far it is; silent unless a person watches."""

    def area(self, name: str, total: int | None = None) -> None:
        """Announce a part of the work."""
        ...

    def advance(self, area: str, n: int = 1) -> None:
        """Say that `n` more objects of the part are done."""
        ...


class DirectoryReader(Protocol):
    """A tenant's directory, read to the last page; every method raises a ToolkitError and never returns part.

    PermissionMissing (403), NotLicensed, Unreachable and GraphRefused say why something could not be read.
    """

    async def organization(self) -> Organization:
        """The tenant itself; without its name where that may not be read but the id is known."""
        ...

    def service_principals(
        self, *, filtered: str | None = None, with_roles: bool = False
    ) -> AsyncIterator[Sequence[ServicePrincipal]]:
        """Pages of all service principals, with the properties a list shows (and their app roles if asked)."""
        ...

    async def service_principal(self, object_id: str) -> ServicePrincipal | None:
        """The whole service principal, or None where the tenant has no such object."""
        ...

    async def service_principal_of_app(self, app_id: str) -> ServicePrincipal | None:
        """The whole service principal of an appId, or None."""
        ...

    async def service_principals_named(self, name: str) -> Sequence[ServicePrincipal]:
        """Those whose display name is exactly `name`; letter case does not matter."""
        ...

    async def service_principals_by_id(self, ids: Sequence[str]) -> Sequence[ServicePrincipal]:
        """Those of the ids that are there, with the properties a list shows plus the permissions they define."""
        ...

    async def deleted_service_principals(self, name: str) -> Sequence[ServicePrincipal]:
        """Soft-deleted service principals of this display name or appId."""
        ...

    async def application(self, app_id: str) -> Application | None:
        """The application registration, or None where its home is another tenant."""
        ...

    async def owners(self, object_id: str) -> Sequence[DirectoryObject]:
        """The owners of a service principal."""
        ...

    async def directory_roles_of(self, object_id: str) -> Sequence[DirectoryObject]:
        """The directory roles a service principal holds now, directly or through groups."""
        ...

    async def delegated_grants(self, client_id: str | None = None) -> Sequence[DelegatedGrant]:
        """The delegated permission grants of one client, or all of the tenant."""
        ...

    async def app_roles_held_by(self, principal_id: str) -> Sequence[AppRoleGrant]:
        """The app roles a service principal holds on resources."""
        ...

    async def app_role_holders(self, resource_id: str) -> Sequence[AppRoleGrant]:
        """The app roles of a service principal that users, groups and applications hold."""
        ...

    async def objects(self, ids: Sequence[str]) -> Sequence[DirectoryObject]:
        """Those of the ids that exist, of any type; deleted objects are missing from the answer."""
        ...

    async def me(self) -> DirectoryObject | None:
        """The signed-in user, or None when an application is signed in."""
        ...

    async def user(self, name: str) -> DirectoryObject | None:
        """The user with this object id or user principal name, or None."""
        ...

    async def group_members(self, group_id: str) -> Sequence[DirectoryObject]:
        """The direct and nested members of a group."""
        ...

    async def groups_of(self, principal_id: str) -> Sequence[DirectoryObject]:
        """The groups that a user is a direct or nested member of."""
        ...

    async def role_definitions(self) -> Sequence[RoleDefinition]:
        """All directory roles of the tenant."""
        ...

    async def role_assignments(
        self, *, role_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[RoleAssignment]:
        """Active role assignments without PIM detail; needs no licence."""
        ...

    async def active_role_instances(
        self, *, role_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[RoleAssignment]:
        """Active assignments with PIM detail (standing or activated, until when). Raises NotLicensed without P2."""
        ...

    async def eligible_role_instances(
        self, *, role_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[RoleAssignment]:
        """Assignments that a person may activate. Raises NotLicensed without P2."""
        ...

    async def eligible_group_access(
        self, *, group_id: str | None = None, principal_id: str | None = None
    ) -> Sequence[GroupSchedule]:
        """Who may become member or owner of a group (PIM for Groups). Raises NotLicensed without P2."""
        ...


class DirectoryWriter(Protocol):
    """Carries out one change; only the room `changes` may hold one."""

    async def write(self, change: Change) -> None:
        """Send it once. Raises PermissionMissing, Unreachable, GraphRefused, or ReplyLost: perhaps carried out."""
        ...


class Journal(Protocol):
    """Where it is written down what is about to be done, and what became of it; durable when a method returns."""

    def begin(self, began: Began) -> str:
        """Start a run and give its id."""
        ...

    def append(self, run_id: str, told: Event) -> None:
        """Add an event to a run."""
        ...

    def run(self, run_id: str) -> Run:
        """One run. Raises NotFound."""
        ...

    def runs(self, tenant_id: str | None = None) -> Sequence[Run]:
        """All runs, or those of one tenant; the newest first."""
        ...
