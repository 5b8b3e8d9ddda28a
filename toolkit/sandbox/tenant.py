"""The whole state of one sandbox tenant: Graph's own JSON objects in tables, small enough for one file."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

Object = dict[str, Any]
Table = dict[str, Object]

TABLES = (
    "organization",
    "users",
    "groups",
    "applications",
    "servicePrincipals",
    "directoryRoles",
    "oauth2PermissionGrants",
    "appRoleAssignments",
    "owners",
    "members",
    "roleDefinitions",
    "roleAssignments",
    "roleAssignmentScheduleInstances",
    "roleEligibilityScheduleInstances",
    "groupEligibilityScheduleInstances",
    "groupAssignmentScheduleInstances",
    "deletedItems",
    "signIns",
    "directoryAudits",
    "policies",
    "domains",
    "subscribedSkus",
    "secrets",
    "deviceCodes",
    "authorizationCodes",
    "refreshTokens",
    "sessions",
    "signingKeys",
)

SETTINGS: dict[str, Any] = {
    "licences": {"p1": True, "p2": True},
    "restoreGrants": True,
    "pageSize": 100,
    "maxPageSize": 999,
    "pageCap": None,
    "deny": [],
    "autoApprove": None,
    "tokenLifetime": 3600,
    "userConsent": True,
    "faults": [],
}

DIRECTORY_TABLES = {
    "users": "user",
    "groups": "group",
    "servicePrincipals": "servicePrincipal",
    "applications": "application",
    "directoryRoles": "directoryRole",
}

_FORMAT = 1


class NotATenant(ValueError):
    """The text is not a saved sandbox tenant."""


class Tenant:
    """One tenant. Objects are stored as Graph returns them without `$select`, keyed by id.

    `as_of` is the moment of the request being answered: role activations that ended before it do not count.
    """

    def __init__(self, id: str, scenario: str) -> None:
        self.id = id
        self.scenario = scenario
        self.serial = 0
        self.as_of: datetime | None = None
        self.tables: dict[str, Table] = {name: {} for name in TABLES}
        self.settings: dict[str, Any] = copy.deepcopy(SETTINGS)

    @classmethod
    def from_json(cls, text: bytes) -> Tenant:
        """The tenant saved by `to_json`; raises `NotATenant`."""
        try:
            saved = msgspec.json.decode(text)
            if saved["format"] != _FORMAT:
                raise NotATenant(f"format {saved['format']} is not {_FORMAT}")
            tenant = cls(saved["id"], saved["scenario"])
            tenant.serial = saved["serial"]
            tenant.tables.update(saved["tables"])
            tenant.settings.update(saved["settings"])
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
            raise NotATenant(str(error)) from error
        return tenant

    def to_json(self) -> bytes:
        """The tenant as one JSON document."""
        return msgspec.json.encode(
            {
                "format": _FORMAT,
                "id": self.id,
                "scenario": self.scenario,
                "serial": self.serial,
                "settings": self.settings,
                "tables": self.tables,
            }
        )

    def new_guid(self) -> str:
        """A GUID no object of this tenant has had; the same history gives the same GUIDs."""
        return str(uuid.UUID(bytes=self.new_bytes(16), version=4))

    def new_bytes(self, length: int) -> bytes:
        """Bytes that look random and depend on the tenant's history alone."""
        self.serial += 1
        import hashlib

        return hashlib.shake_128(f"{self.id}:{self.scenario}:{self.serial}".encode()).digest(length)

    # One object

    @property
    def organization(self) -> Object:
        """The tenant's own organization object."""
        return self.tables["organization"][self.id]

    def service_principal_of(self, app_id: str) -> Object | None:
        """The service principal of an application, by its appId."""
        return _first(self.tables["servicePrincipals"].values(), "appId", app_id)

    def application_of(self, app_id: str) -> Object | None:
        """The application registered in this tenant, by its appId."""
        return _first(self.tables["applications"].values(), "appId", app_id)

    def user_of(self, name: str) -> Object | None:
        """A user by object id or, in any case, by user principal name."""
        users = self.tables["users"]
        if name in users:
            return users[name]
        folded = name.casefold()
        return next((u for u in users.values() if str(u.get("userPrincipalName")).casefold() == folded), None)

    def activated_role(self, template_id: str) -> Object | None:
        """The activated directory role of a template, `None` when the role never was activated."""
        return _first(self.tables["directoryRoles"].values(), "roleTemplateId", template_id)

    def directory_object(self, id: str) -> tuple[str, Object] | None:
        """The directory object of an id and the table that holds it."""
        for table in DIRECTORY_TABLES:
            found = self.tables[table].get(id)
            if found is not None:
                return table, found
        return None

    def typed(self, id: str) -> Object | None:
        """A directory object as mixed collections show it, its `@odata.type` first."""
        found = self.directory_object(id)
        if found is None:
            return None
        table, row = found
        public = {name: value for name, value in row.items() if name[0] != "_"}
        return {"@odata.type": f"#microsoft.graph.{DIRECTORY_TABLES[table]}", **public}

    # Consent

    def grants_of_client(self, id: str) -> list[Object]:
        """Delegated grants held by a client service principal."""
        return _all(self.tables["oauth2PermissionGrants"].values(), "clientId", id)

    def grants_of_resource(self, id: str) -> list[Object]:
        """Delegated grants to the API of a resource service principal."""
        return _all(self.tables["oauth2PermissionGrants"].values(), "resourceId", id)

    def grants_of_user(self, id: str) -> list[Object]:
        """Delegated grants made by or for one user."""
        return _all(self.tables["oauth2PermissionGrants"].values(), "principalId", id)

    def assignments_of_principal(self, id: str) -> list[Object]:
        """App role assignments held by a user, group or service principal."""
        return _all(self.tables["appRoleAssignments"].values(), "principalId", id)

    def assignments_of_resource(self, id: str) -> list[Object]:
        """App role assignments to roles of a resource service principal."""
        return _all(self.tables["appRoleAssignments"].values(), "resourceId", id)

    # Membership and ownership

    def owners_of(self, id: str) -> list[str]:
        """Object ids of the owners of an object."""
        return _ids(self.tables["owners"], id)

    def owned_by(self, id: str) -> list[str]:
        """Object ids of what a principal owns."""
        return [owned for owned, row in self.tables["owners"].items() if id in row["ids"]]

    def members_of(self, group: str) -> list[str]:
        """Object ids of a group's direct members."""
        return _ids(self.tables["members"], group)

    def transitive_members_of(self, group: str) -> list[str]:
        """Object ids of a group's members, those of its nested groups included, each once."""
        return list(_walk(group, self.members_of))

    def groups_of(self, id: str) -> list[str]:
        """Object ids of the groups an object is a direct member of."""
        return [group for group, row in self.tables["members"].items() if id in row["ids"]]

    def transitive_groups_of(self, id: str) -> list[str]:
        """Object ids of the groups an object is in, directly or through another group."""
        return list(_walk(id, self.groups_of))

    # Directory roles

    def role_assignments_of(self, principal: str) -> list[Object]:
        """Standing and activated role assignments made to a principal itself."""
        return _all(self._role_assignments(), "principalId", principal)

    def _role_assignments(self) -> Iterable[Object]:
        rows = self.tables["roleAssignments"].values()
        if self.as_of is None:
            return rows
        instances, now = self.tables["roleAssignmentScheduleInstances"], self.as_of
        ended = {id for id, row in instances.items() if _has_ended(row, now)}
        return rows if not ended else [row for row in rows if row["id"] not in ended]

    def role_templates_of(self, principal: str) -> list[str]:
        """Template ids of the tenant-wide roles a principal holds, directly or through groups."""
        held: dict[str, None] = {}
        for holder in (principal, *self.transitive_groups_of(principal)):
            for row in self.role_assignments_of(holder):
                if row.get("directoryScopeId", "/") == "/":
                    held[row["roleDefinitionId"]] = None
        return list(held)

    def role_holders(self, template_id: str) -> list[str]:
        """Object ids of the direct, tenant-wide holders of a role, activations included."""
        rows = _all(self._role_assignments(), "roleDefinitionId", template_id)
        return list(dict.fromkeys(r["principalId"] for r in rows if r.get("directoryScopeId", "/") == "/"))


def _has_ended(row: Object, now: datetime) -> bool:
    end = row.get("endDateTime")
    return end is not None and datetime.fromisoformat(end) <= now


def _first(rows: Iterable[Object], name: str, value: str) -> Object | None:
    return next((row for row in rows if row.get(name) == value), None)


def _all(rows: Iterable[Object], name: str, value: str) -> list[Object]:
    return [row for row in rows if row.get(name) == value]


def _ids(table: Table, id: str) -> list[str]:
    row = table.get(id)
    return list(row["ids"]) if row else []


def _walk(start: str, neighbours: Any) -> Iterator[str]:
    seen, waiting = {start}, list(neighbours(start))
    while waiting:
        here = waiting.pop(0)
        if here not in seen:
            seen.add(here)
            yield here
            waiting.extend(neighbours(here))
