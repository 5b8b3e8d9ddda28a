"""`generated`: a tenant of any size, made quickly and always the same, for measuring."""

import random
import uuid
from datetime import datetime
from typing import Any

from toolkit.sandbox.scenarios import microsoft
from toolkit.sandbox.scenarios.contoso_own import add_entrakit
from toolkit.sandbox.scenarios.contoso_people import ADMIN, person
from toolkit.sandbox.scenarios.contoso_roles import GLOBAL
from toolkit.sandbox.scenarios.draft import DEFAULT_ACCESS, GALLERY_TAG, Draft
from toolkit.sandbox.scenarios.ids import assignment_id, grant_id
from toolkit.sandbox.scenarios.microsoft import GRAPH, resources
from toolkit.sandbox.scenarios.roles import Roles
from toolkit.sandbox.tenant import Tenant

TENANT_ID = "9e4e7a7e-0000-4000-8000-000000000001"
_SCOPES = (
    "User.Read",
    "openid profile email",
    "User.Read offline_access",
    "Mail.Read offline_access",
    "Files.ReadWrite.All",
    "Calendars.ReadWrite User.Read",
    "Directory.Read.All",
)
_ROLES = (
    "User.Read.All",
    "Group.Read.All",
    "Mail.Send",
    "Sites.Read.All",
    "Directory.ReadWrite.All",
    "Reports.Read.All",
)


def build(now: datetime, apps: int = 1_000, grants: int = 2_000, assignments: int = 2_000, seed: int = 0) -> Tenant:
    """A tenant with that many enterprise applications, delegated grants and app role assignments on top of its own."""
    draft = Draft(Tenant(TENANT_ID, "generated"), now)
    draft.organization("Generated (sandbox)", ["generated.onmicrosoft.com", "contoso.example"])
    draft.microsoft_applications()
    draft.user(ADMIN, "Alex Admin")
    draft.user("lou@contoso.example", "Lou Weber")
    add_entrakit(draft)
    Roles(draft).standing(GLOBAL, person(ADMIN))
    crowd = _Crowd(draft, random.Random(seed))
    crowd.users(max(10, min(apps // 10, 5_000)))
    crowd.applications(apps)
    crowd.grants(grants)
    crowd.assignments(assignments)
    return draft.tenant


class _Crowd:
    """Objects in numbers; a template is copied instead of built each time."""

    def __init__(self, draft: Draft, chance: random.Random) -> None:
        self.draft = draft
        self.chance = chance
        self.tables = draft.tables
        self.people: list[str] = []
        self.clients: list[str] = []

    def users(self, count: int) -> None:
        for number in range(count):
            self.people.append(self.draft.user(f"user{number}@contoso.example", f"User {number}"))

    def applications(self, count: int) -> None:
        template_id = self.draft.principal("", "template", owner=self.draft.tenant.id, tags=[GALLERY_TAG])
        template = self.tables["servicePrincipals"].pop(template_id)
        owners = [self._guid() for _ in range(200)]
        for number in range(count):
            row = self._principal(template, number, owners)
            self.tables["servicePrincipals"][row["id"]] = row
            self.clients.append(row["id"])

    def grants(self, count: int) -> None:
        graph, exchange = self.draft.of(GRAPH), self.draft.of(microsoft.EXCHANGE)
        table = self.tables["oauth2PermissionGrants"]
        for number in range(count):
            client = self.clients[number % len(self.clients)]
            turn = number // len(self.clients)
            user = None if turn == 0 else self.people[(number + turn) % len(self.people)]
            resource = exchange if number % 17 == 0 else graph
            scope = "IMAP.AccessAsUser.All" if resource == exchange else self.chance.choice(_SCOPES)
            id = grant_id(client, resource, user)
            table[id] = {
                "id": id,
                "clientId": client,
                "consentType": "Principal" if user else "AllPrincipals",
                "principalId": user,
                "resourceId": resource,
                "scope": scope,
            }

    def assignments(self, count: int) -> None:
        graph = self.draft.of(GRAPH)
        roles = [resources()[GRAPH].role_id(value) for value in _ROLES]
        for number in range(count):
            client = self.clients[number % len(self.clients)]
            turn = number // len(self.clients)
            if turn < len(roles):
                self._assigned(client, "ServicePrincipal", graph, roles[turn], number)
            else:
                user = self.people[(number + turn) % len(self.people)]
                self._assigned(user, "User", client, DEFAULT_ACCESS, number)

    def _assigned(self, principal: str, kind: str, resource: str, role: str, number: int) -> None:
        id = assignment_id(principal, resource, role)
        holders = self.tables["users" if kind == "User" else "servicePrincipals"]
        self.tables["appRoleAssignments"][id] = {
            "id": id,
            "deletedDateTime": None,
            "appRoleId": role,
            "createdDateTime": self.draft.day(-(number % 700) - 1),
            "principalDisplayName": holders[principal]["displayName"],
            "principalId": principal,
            "principalType": kind,
            "resourceDisplayName": self.tables["servicePrincipals"][resource]["displayName"],
            "resourceId": resource,
        }

    def _principal(self, template: dict[str, Any], number: int, owners: list[str]) -> dict[str, Any]:
        app_id, name = self._guid(), f"Application {number:06d}"
        return {
            **template,
            "id": self._guid(),
            "accountEnabled": number % 29 != 0,
            "appDisplayName": name,
            "appId": app_id,
            "appOwnerOrganizationId": owners[number % len(owners)] if number % 3 else self.draft.tenant.id,
            "displayName": name,
            "replyUrls": [f"https://app{number}.example/signin"],
            "servicePrincipalNames": [app_id],
        }

    def _guid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
