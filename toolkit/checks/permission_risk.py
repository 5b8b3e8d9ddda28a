"""How dangerous a permission is: this project's own judgements, offline and versioned with it.

The judgements are in `permission_risk.json`, one row per permission: id (null where a scope is known by its
value only), value, level, and the key of a reason that several permissions share. Application permissions are
judged by what an app can do with nobody signed in, delegated ones by what a consent for everyone means.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal["delegated", "application"]
Level = Literal["critical", "high", "medium", "low", "unclassified"]
JudgedLevel = Literal["critical", "high", "medium", "low"]


class PermissionRisk(msgspec.Struct, frozen=True):
    """A level and the reason for it, in one sentence."""

    level: Level
    reason: str


UNCLASSIFIED = PermissionRisk("unclassified", "Not judged yet: look up what it allows before trusting it.")


class _Row(msgspec.Struct, frozen=True, array_like=True):
    id: str | None
    value: str
    level: JudgedLevel
    reason: str


class _Resource(msgspec.Struct, frozen=True):
    name: str
    application: tuple[_Row, ...]
    delegated: tuple[_Row, ...]


class _Table(msgspec.Struct, frozen=True):
    edition: str
    reasons: dict[str, str]
    resources: dict[str, _Resource]


class _Index(msgspec.Struct, frozen=True):
    by_id: dict[str, PermissionRisk]
    by_value: dict[str, PermissionRisk]


def risk_of(resource_app_id: str, kind: Kind, permission_id: str | None, value: str) -> PermissionRisk:
    """The judgement about one permission of one resource; `unclassified` when there is none, never a guess.

    The id decides; the value counts only within the same resource and kind, because delegated grants carry
    values alone and the same value means other things on other resources.
    """
    index = _index(resource_app_id.lower(), kind)
    if index is None:
        return UNCLASSIFIED
    if permission_id is not None and (judged := index.by_id.get(permission_id.lower())):
        return judged
    return index.by_value.get(value.lower(), UNCLASSIFIED)


def edition() -> str:
    """Which edition of the judgements this is, for reports to name."""
    return _table().edition


@cache
def _table() -> _Table:
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=_Table)


@cache
def _index(resource_app_id: str, kind: Kind) -> _Index | None:
    table = _table()
    resource = table.resources.get(resource_app_id)
    if resource is None:
        return None
    rows = resource.application if kind == "application" else resource.delegated
    risks = [(row, PermissionRisk(row.level, table.reasons[row.reason])) for row in rows]
    return _Index(
        by_id={row.id: risk for row, risk in risks if row.id is not None},
        by_value={row.value.lower(): risk for row, risk in risks},
    )
