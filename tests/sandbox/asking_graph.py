"""How the tests ask the sandbox's Graph: with a token of any permissions, and a small tenant to ask about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from toolkit.sandbox import MemoryStore, Sandbox, Tenant, tokens
from toolkit.sandbox.http import Reply
from toolkit.sandbox.scenarios import contoso
from toolkit.sandbox.scenarios.contoso_people import ADMIN, person
from toolkit.sandbox.scenarios.ids import object_id

ROOT = "https://graph.microsoft.com/v1.0"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
EVENTUAL = {"ConsistencyLevel": "eventual"}
EVERYTHING = (
    "Application.ReadWrite.All AppRoleAssignment.ReadWrite.All DelegatedPermissionGrant.ReadWrite.All "
    "Directory.Read.All RoleManagement.Read.Directory PrivilegedEligibilitySchedule.Read.AzureADGroup "
    "PrivilegedAssignmentSchedule.Read.AzureADGroup AuditLog.Read.All GroupMember.Read.All Policy.Read.All "
    "User.Read CrossTenantInformation.ReadBasic.All"
)


class Graph:
    """Graph of one tenant, asked as a user with delegated permissions or as an application."""

    def __init__(self, tenant: Tenant | None = None) -> None:
        self.moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
        self.tenant = tenant or contoso.build(self.moment)
        self.sandbox = Sandbox(MemoryStore(self.tenant), now=lambda: self.moment)
        self.token = self.as_user()

    def as_user(
        self, permissions: str = EVERYTHING, user: str = ADMIN, roles: Sequence[str] = (GLOBAL_ADMINISTRATOR,)
    ) -> str:
        """Ask as a user from now on; answers the token."""
        return self._as(scp=permissions, idtyp="user", oid=person(user), upn=user, wids=list(roles))

    def as_app(self, permissions: str = EVERYTHING, app: str = "caller") -> str:
        """Ask as an application from now on; answers the token."""
        return self._as(roles=permissions.split(), idtyp="app", oid=object_id("servicePrincipal", app))

    def _as(self, **claims: Any) -> str:
        graph = "https://graph.microsoft.com"
        self.token = tokens.issue(self.tenant, {"aud": graph, "appid": "app", **claims}, self.moment)
        return self.token

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Send one request to a path such as `servicePrincipals?$top=5`, or to an absolute link."""
        url = path if path.startswith("https://") else f"{ROOT}/{quote(path, safe='/?&=$%+')}"
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        text = b"" if body is None else json.dumps(body).encode()
        return self.sandbox.handle(method, url, sent, text)

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of a GET that must succeed."""
        reply = self.ask("GET", path, headers=headers)
        assert reply.status == 200, reply.body
        return reply.json()

    def ids(self, path: str, **headers: str) -> list[str]:
        """The ids of all objects of a collection, page by page."""
        found: list[str] = []
        link: str | None = path
        while link:
            told = self.get(link, **headers)
            found += [row["id"] for row in told["value"]]
            link = told.get("@odata.nextLink")
        return found

    def advanced(self, path: str) -> Any:
        """The JSON of a GET in advanced mode."""
        return self.get(f"{path}&$count=true", ConsistencyLevel="eventual")

    def refused(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str, str]:
        """Status, code and message of a request that must be refused."""
        reply = self.ask(method, path, body, headers)
        assert reply.status >= 400, reply.body
        error = reply.json()["error"]
        assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
        assert reply.headers["Content-Type"] == "application/json"
        return reply.status, error["code"], error["message"]

    def wait(self, **time: float) -> None:
        """Let time pass; the token is renewed."""
        self.moment += timedelta(**time)
        self.as_user()


def small_tenant(**names: str) -> Tenant:
    """A tenant with signing key and organization, and a service principal for each id and display name."""
    full = contoso.build(datetime(2031, 5, 6, tzinfo=UTC))
    tenant = Tenant(full.id, "small")
    for table in ("organization", "signingKeys"):
        tenant.tables[table] = full.tables[table]
    for table in ("users",):
        tenant.tables[table] = {person(ADMIN): full.tables[table][person(ADMIN)]}
    for key, name in names.items():
        add_app(tenant, key, name)
    return tenant


def add_app(tenant: Tenant, key: str, name: str, **more: Any) -> str:
    """A service principal whose object id and appId follow from `key`; answers the object id."""
    id = object_id("servicePrincipal", key)
    tenant.tables["servicePrincipals"][id] = {
        "id": id,
        "deletedDateTime": None,
        "accountEnabled": True,
        "appId": object_id("app", key),
        "appOwnerOrganizationId": object_id("tenant", "elsewhere"),
        "appRoleAssignmentRequired": False,
        "appRoles": [],
        "displayName": name,
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "servicePrincipalNames": [object_id("app", key)],
        "servicePrincipalType": "Application",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        **more,
    }
    return id
