"""The directory of one tenant, read through the SDK's builders: applications, consent and people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import httpx
import msgspec

from toolkit.domain.consent import AppRoleGrant, DelegatedGrant
from toolkit.domain.principals import Application, DirectoryObject, Organization, ServicePrincipal
from toolkit.errors import GraphRefused, PermissionMissing
from toolkit.graph import needs
from toolkit.graph.client import APIError, GraphClient
from toolkit.graph.failures import FOREIGN, translated
from toolkit.graph.needs import Needs
from toolkit.graph.pages import WHOLE_PAGE, Ask, Collection, pages

Item = TypeVar("Item")
FAILURES = (APIError, httpx.RequestError, msgspec.MsgspecError, UnicodeDecodeError, GraphRefused)

LISTED = [
    "id",
    "appId",
    "displayName",
    "accountEnabled",
    "appOwnerOrganizationId",
    "servicePrincipalType",
    "verifiedPublisher",
]
RESOURCE = [*LISTED, "appRoles", "oauth2PermissionScopes"]
PERSON = ["id", "displayName", "userPrincipalName", "userType", "accountEnabled"]
IDS_PER_CALL = 1000
"""https://learn.microsoft.com/graph/api/directoryobject-getbyids"""


def quoted(text: str) -> str:
    """A string literal of $filter: single quotes are doubled."""
    return "'" + text.replace("'", "''") + "'"


TenantId = Callable[[], Awaitable[str | None]]
"""The tenant's id as the sign-in knows it, for callers who may not read the organization."""


class Reading:
    """How one collection or object is read, with failures in a person's words."""

    def __init__(self, client: GraphClient, tenant_id: TenantId | None = None) -> None:
        self._client = client
        self._graph = client.graph
        self._tenant_id = tenant_id

    async def _pages(
        self, builder: Collection, kind: type[Item], ask: Ask, doing: str, needed: Needs
    ) -> AsyncIterator[Sequence[Item]]:
        try:
            async for page in pages(self._client, builder, kind, ask):
                yield page
        except FAILURES as failure:
            raise translated(failure, doing, needed) from failure

    async def _all(self, builder: Collection, kind: type[Item], ask: Ask, doing: str, needed: Needs) -> list[Item]:
        found: list[Item] = []
        async for page in self._pages(builder, kind, ask, doing, needed):
            found.extend(page)
        return found

    async def _one(self, builder: Any, kind: type[Item], ask: Ask | None, doing: str, needed: Needs) -> Item | None:
        request = builder.to_get_request_information(ask.configuration() if ask else None)
        try:
            return msgspec.json.decode(await self._client.send(request), type=kind)
        except FAILURES as failure:
            told = translated(failure, doing, needed)
            if isinstance(told, GraphRefused) and told.status == 404 and told.code != FOREIGN:
                return None
            raise told from failure


class ApplicationReading(Reading):
    """Service principals, their registrations, owners, grants and app roles."""

    def service_principals(
        self, *, filtered: str | None = None, with_roles: bool = False
    ) -> AsyncIterator[Sequence[ServicePrincipal]]:
        select = [*LISTED, "appRoles"] if with_roles else LISTED
        ask = Ask(select=select, where=filtered, top=WHOLE_PAGE)
        builder = self._graph.service_principals
        return self._pages(builder, ServicePrincipal, ask, "list enterprise applications", needs.APPLICATIONS)

    async def service_principal(self, object_id: str) -> ServicePrincipal | None:
        builder = self._graph.service_principals.by_service_principal_id(object_id)
        return await self._one(builder, ServicePrincipal, None, f"read application {object_id}", needs.APPLICATIONS)

    async def service_principal_of_app(self, app_id: str) -> ServicePrincipal | None:
        builder = self._graph.service_principals_with_app_id(app_id)
        return await self._one(builder, ServicePrincipal, None, f"read application {app_id}", needs.APPLICATIONS)

    async def service_principals_named(self, name: str) -> Sequence[ServicePrincipal]:
        ask = Ask(where=f"displayName eq {quoted(name)}")
        builder = self._graph.service_principals
        found = await self._all(builder, ServicePrincipal, ask, f"look up {name}", needs.APPLICATIONS)
        return [app for app in found if (app.display_name or "").casefold() == name.casefold()]

    async def service_principals_by_id(self, ids: Sequence[str]) -> Sequence[ServicePrincipal]:
        found = await asyncio.gather(*(self._resource(object_id) for object_id in sorted(set(ids))))
        return [app for app in found if app is not None]

    async def _resource(self, object_id: str) -> ServicePrincipal | None:
        builder = self._graph.service_principals.by_service_principal_id(object_id)
        ask = Ask(select=RESOURCE)
        return await self._one(builder, ServicePrincipal, ask, f"read resource {object_id}", needs.APPLICATIONS)

    async def deleted_service_principals(self, name: str) -> Sequence[ServicePrincipal]:
        builder = self._graph.directory.deleted_items.graph_service_principal
        doing = "list deleted applications"
        found = await self._all(builder, ServicePrincipal, Ask(top=WHOLE_PAGE), doing, needs.APPLICATIONS)
        wanted = name.casefold()
        return [app for app in found if wanted in ((app.display_name or "").casefold(), app.app_id, app.id)]

    async def application(self, app_id: str) -> Application | None:
        builder = self._graph.applications_with_app_id(app_id)
        return await self._one(builder, Application, None, f"read the registration {app_id}", needs.APPLICATIONS)

    async def owners(self, object_id: str) -> Sequence[DirectoryObject]:
        builder = self._graph.service_principals.by_service_principal_id(object_id).owners
        ask = Ask(top=WHOLE_PAGE)
        return await self._all(builder, DirectoryObject, ask, "list owners", needs.APPLICATIONS)

    async def directory_roles_of(self, object_id: str) -> Sequence[DirectoryObject]:
        builder = self._graph.service_principals.by_service_principal_id(object_id).transitive_member_of
        ask = Ask(top=WHOLE_PAGE)
        found = await self._all(builder, DirectoryObject, ask, "list directory roles held", needs.APPLICATIONS)
        return [held for held in found if held.kind == "directoryRole"]

    async def delegated_grants(self, client_id: str | None = None) -> Sequence[DelegatedGrant]:
        where = f"clientId eq {quoted(client_id)}" if client_id else None
        ask = Ask(where=where, top=WHOLE_PAGE)
        builder = self._graph.oauth2_permission_grants
        found = await self._all(builder, DelegatedGrant, ask, "list delegated grants", needs.GRANTS)
        return [grant for grant in found if client_id in (None, grant.client_id)]

    async def app_roles_held_by(self, principal_id: str) -> Sequence[AppRoleGrant]:
        builder = self._graph.service_principals.by_service_principal_id(principal_id).app_role_assignments
        ask = Ask(top=WHOLE_PAGE)
        return await self._all(builder, AppRoleGrant, ask, "list application permissions", needs.APPLICATIONS)

    async def app_role_holders(self, resource_id: str) -> Sequence[AppRoleGrant]:
        # Without the large page size Graph has been seen to leave managed identities out of this collection.
        builder = self._graph.service_principals.by_service_principal_id(resource_id).app_role_assigned_to
        ask = Ask(top=WHOLE_PAGE)
        return await self._all(builder, AppRoleGrant, ask, "list who is assigned", needs.APPLICATIONS)


class PeopleReading(Reading):
    """The tenant, its users and groups, and objects of any type by id."""

    async def organization(self) -> Organization:
        ask = Ask(select=["id", "displayName", "verifiedDomains"])
        doing = "read the tenant's name"
        try:
            found = await self._all(self._graph.organization, Organization, ask, doing, needs.ORGANIZATION)
            if not found:
                raise GraphRefused(f"cannot {doing}", "Graph returned no organization.")
            return found[0]
        except (PermissionMissing, GraphRefused):
            # Its name is a comfort; its id is what answers depend on, and the sign-in knows it.
            known = await self._tenant_id() if self._tenant_id else None
            if known is None:
                raise
            return Organization(id=known)

    async def objects(self, ids: Sequence[str]) -> Sequence[DirectoryObject]:
        from msgraph.generated.directory_objects.get_by_ids.get_by_ids_post_request_body import (
            GetByIdsPostRequestBody,
        )

        wanted = sorted(set(ids))
        found: list[DirectoryObject] = []
        for start in range(0, len(wanted), IDS_PER_CALL):
            body = GetByIdsPostRequestBody(ids=wanted[start : start + IDS_PER_CALL])
            request = self._graph.directory_objects.get_by_ids.to_post_request_information(body)
            try:
                answer = await self._client.send(request)
                found.extend(msgspec.json.decode(answer, type=Objects).value)
            except FAILURES as failure:
                raise translated(failure, "resolve names", needs.OBJECTS) from failure
        return found

    async def me(self) -> DirectoryObject | None:
        builder = self._graph.me
        try:
            found = await self._one(builder, DirectoryObject, Ask(select=PERSON), "read who is signed in", needs.ME)
        except GraphRefused as refused:
            # Graph answers 400 to an application's token: there is no "me".
            if refused.status == 400:
                return None
            raise
        if found is None:
            raise GraphRefused("cannot read who is signed in", "Graph does not know the person.")
        return found

    async def user(self, name: str) -> DirectoryObject | None:
        builder = self._graph.users.by_user_id(name)
        return await self._one(builder, DirectoryObject, Ask(select=PERSON), f"read user {name}", needs.USERS)

    async def group_members(self, group_id: str) -> Sequence[DirectoryObject]:
        builder = self._graph.groups.by_group_id(group_id).transitive_members
        ask = Ask(top=WHOLE_PAGE)
        return await self._all(builder, DirectoryObject, ask, f"list members of group {group_id}", needs.GROUPS)

    async def groups_of(self, principal_id: str) -> Sequence[DirectoryObject]:
        builder = self._graph.users.by_user_id(principal_id).transitive_member_of
        ask = Ask(top=WHOLE_PAGE)
        found = await self._all(builder, DirectoryObject, ask, "list a user's groups", needs.GROUPS)
        return [held for held in found if held.kind == "group"]


class Objects(msgspec.Struct, frozen=True):
    """The answer of getByIds."""

    value: list[DirectoryObject]
