"""A change to a tenant as data: what stands before, what shall stand after, and its reverse."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from toolkit.domain.consent import AppRoleGrant, DelegatedGrant
from toolkit.domain.principals import ServicePrincipal

Where = Literal["live", "bin"]

TO_COME = "app:"
"""`app:APPID` stands for the object id that the service principal of this appId will have."""


def to_come(app_id: str) -> str:
    """The id to plan with for a service principal that is not there yet."""
    return f"{TO_COME}{app_id}"


class Enterprise(Struct, frozen=True, kw_only=True, tag="servicePrincipal"):
    """A service principal as far as changes go: whether people can sign in, and whether it lies in the recycle bin."""

    id: str
    app_id: str
    name: str
    enabled: bool | None
    where: Where = "live"

    @classmethod
    def of(cls, app: ServicePrincipal, where: Where = "live") -> Enterprise:
        """The application as Graph told it."""
        enabled = None if app.account_enabled is UNSET else app.account_enabled
        return cls(id=app.id, app_id=app.app_id, name=app.name, enabled=enabled, where=where)

    def same_as(self, other: object) -> bool:
        """Whether it is the same application in the same state; names and ids may differ after re-creation."""
        if not isinstance(other, Enterprise):
            return False
        return (self.app_id, self.enabled, self.where) == (other.app_id, other.enabled, other.where)


class Consent(Struct, frozen=True, kw_only=True, tag="delegatedGrant"):
    """A delegated permission grant: one per client, resource and person (None: everyone)."""

    client_id: str
    resource_id: str
    principal_id: str | None
    scopes: tuple[str, ...]
    client: str = ""
    resource: str = ""
    principal: str = ""
    id: str = ""

    @classmethod
    def of(cls, grant: DelegatedGrant, *, client: str = "", resource: str = "", principal: str = "") -> Consent:
        """The grant as Graph told it, with names for people."""
        return cls(
            client_id=grant.client_id,
            resource_id=grant.resource_id,
            principal_id=grant.principal_id,
            scopes=grant.scopes,
            client=client,
            resource=resource,
            principal=principal,
            id=grant.id,
        )

    def same_as(self, other: object) -> bool:
        """Whether it gives the same scopes to the same client on the same resource; order and case do not count."""
        if not isinstance(other, Consent):
            return False
        mine = (self.client_id, self.resource_id, self.principal_id, frozenset(s.casefold() for s in self.scopes))
        return mine == (
            other.client_id,
            other.resource_id,
            other.principal_id,
            frozenset(s.casefold() for s in other.scopes),
        )


class RoleGrant(Struct, frozen=True, kw_only=True, tag="appRoleAssignment"):
    """An app role of a resource given to an application, a user or a group."""

    principal_id: str
    resource_id: str
    app_role_id: str
    principal_type: str = ""
    principal: str = ""
    resource: str = ""
    role: str = ""
    id: str = ""

    @classmethod
    def of(cls, grant: AppRoleGrant, *, role: str = "") -> RoleGrant:
        """The assignment as Graph told it."""
        return cls(
            principal_id=grant.principal_id,
            resource_id=grant.resource_id,
            app_role_id=grant.app_role_id,
            principal_type=grant.principal_type or "",
            principal=grant.principal_display_name or "",
            resource=grant.resource_display_name or "",
            role=role or grant.app_role_id,
            id=grant.id,
        )

    def same_as(self, other: object) -> bool:
        """Whether it gives the same role of the same resource to the same principal."""
        if not isinstance(other, RoleGrant):
            return False
        return (self.principal_id, self.resource_id, self.app_role_id) == (
            other.principal_id,
            other.resource_id,
            other.app_role_id,
        )


class Ownership(Struct, frozen=True, kw_only=True, tag="owner"):
    """Somebody owns a service principal."""

    object_id: str
    owner_id: str
    owner: str = ""

    def same_as(self, other: object) -> bool:
        """Whether it is the same owner of the same object."""
        return isinstance(other, Ownership) and (self.object_id, self.owner_id) == (other.object_id, other.owner_id)


Thing = Enterprise | Consent | RoleGrant | Ownership
Operation = Literal["create", "update", "delete"]


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One write: `before` is None for what is created, `after` for what is removed.

    `takes` are the things that go with it without a write of their own, such as the grants of a deleted application.
    """

    before: Thing | None = None
    after: Thing | None = None
    takes: tuple[Thing, ...] = ()

    @property
    def subject(self) -> Thing:
        """What is changed, as it shall be, or as it was where it is removed."""
        thing = self.after if self.after is not None else self.before
        if thing is None:
            raise ValueError("a change needs a before or an after")
        return thing

    @property
    def operation(self) -> Operation:
        """What happens to the subject."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    def way_back(self) -> tuple[Change, ...]:
        """The changes that take this one back: its reverse, then whatever went with it and may not return by itself."""
        back = self.reverse()
        return (back, *(Change(after=thing) for thing in self.takes))

    def reverse(self) -> Change:
        """The change with before and after exchanged; what was created goes to the recycle bin."""
        if self.before is None and isinstance(self.after, Enterprise):
            return Change(before=self.after, after=replace(self.after, where="bin"))
        return Change(before=self.after, after=self.before)


def described(thing: Thing) -> str:
    """The thing in a few words, with the names that the plan has for it."""
    match thing:
        case Enterprise():
            return thing.name or thing.app_id
        case Consent():
            whom = thing.principal or thing.principal_id or "everyone"
            return f"{', '.join(thing.scopes) or 'an empty grant'} on {thing.resource or thing.resource_id} for {whom}"
        case RoleGrant():
            held_by = thing.principal or thing.principal_id
            return f"{thing.role or thing.app_role_id} of {thing.resource or thing.resource_id} for {held_by}"
        case Ownership():
            return f"owner {thing.owner or thing.owner_id}"


def same(one: Thing | None, other: Thing | None) -> bool:
    """Whether two states of a thing are the same where it counts; absence equals absence."""
    if one is None or other is None:
        return one is other
    return one.same_as(other)
