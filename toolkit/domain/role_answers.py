"""What entrakit tells about directory roles: holders by path, one person's standing, who may consent."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from toolkit.domain.applications import TenantName
from toolkit.domain.consent import Permission
from toolkit.domain.coverage import Coverage
from toolkit.domain.principals import DirectoryObject
from toolkit.domain.roles import RoleHolder

RoleAnswer = Literal["holds", "could activate", "no", "not known"]
ConsentVerdict = Literal["yes", "after activating a role", "no", "not known"]


class RoleHolders(Struct, frozen=True, kw_only=True):
    """All holders of one role, each by each path."""

    role_id: str
    role_name: str
    holders: tuple[RoleHolder, ...]
    tenant: TenantName
    coverage: Coverage


class RoleCheck(Struct, frozen=True, kw_only=True):
    """Whether one person holds a role: `holds` now, `could` by activating it, or neither as far as was read."""

    person: DirectoryObject
    role_id: str
    role_name: str
    answer: RoleAnswer
    paths: tuple[RoleHolder, ...]
    tenant: TenantName
    coverage: Coverage


class ConsentAnswer(Struct, frozen=True, kw_only=True):
    """Whether one person may consent, for the whole tenant, to what an application asks for.

    `may` is "yes", "after activating a role", "no" or "not known". `blocked` names the permissions that the person's
    roles do not cover. `able` are those who can.
    """

    person: DirectoryObject
    application: str
    asks: tuple[Permission, ...]
    asks_known: bool
    may: ConsentVerdict
    why: str
    blocked: tuple[Permission, ...]
    own: tuple[RoleHolder, ...]
    able: tuple[RoleHolder, ...]
    tenant: TenantName
    coverage: Coverage
