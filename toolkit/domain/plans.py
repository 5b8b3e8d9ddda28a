"""Plans and runs: what shall be done to which tenant, and what became of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change

PLAN_VERSION = 1


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of a plan, said in a sentence."""

    change: Change
    says: str


class Loss(Struct, frozen=True):
    """Somebody or something that loses by a plan."""

    who: str
    loses: str


class Plan(Struct, frozen=True, kw_only=True):
    """Ordered changes to one tenant, with why, by whom and when made.

    `losses` is the blast radius. `notes` says what cannot be undone or was left out. `digest` covers all the rest, so
    that an edited plan shows.
    """

    purpose: str
    command: str
    tenant: TenantName
    made_at: datetime
    made_by: str
    steps: tuple[Step, ...]
    losses: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()
    undoes: str | None = None
    version: int = PLAN_VERSION
    digest: str = ""

    def sealed(self) -> Plan:
        """The same plan with its digest."""
        return msgspec.structs.replace(self, digest=self.computed_digest())

    def computed_digest(self) -> str:
        """sha256 over the plan's canonical JSON without the digest."""
        bare = msgspec.structs.replace(self, digest="")
        return "sha256:" + hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


Mark = Literal["intended", "done", "already so", "failed", "rolling back", "rolled back", "roll-back failed"]
Outcome = Literal["done", "rolled back", "left behind", "interrupted"]


class StepRecord(Struct, frozen=True, kw_only=True):
    """What became of one step; a done `change` carries the ids that were read back."""

    number: int
    change: Change
    says: str
    mark: Mark
    detail: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """What happened to one plan."""

    id: str
    plan: Plan
    started_at: datetime
    outcome: Outcome
    steps: tuple[StepRecord, ...] = ()
    finished_at: datetime | None = None
    undone_by: str | None = None
