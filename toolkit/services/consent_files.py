"""Permissions to grant, read from a file: a snapshot that `consent show -o json` wrote, or a YAML template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from toolkit.domain.consent import Kind
from toolkit.errors import BadUsage
from toolkit.services.change_consent import Granted
from toolkit.services.consent import Wanted

TEMPLATE = """a template names permissions by resource:

permissions:
  - resource: Microsoft Graph
    delegated: [User.Read, offline_access]
    application: []"""


def named(text: str, user: str | None = None) -> Granted:
    """A permission as typed: RESOURCE/VALUE, with `:application` behind an application permission. Raises BadUsage."""
    wanted = Wanted.parse(text)
    person = user if wanted.kind == "delegated" else None
    return Granted(resource=wanted.resource, value=wanted.value, kind=wanted.kind, user=person)


class _Template(msgspec.Struct, frozen=True):
    permissions: list[_Entry]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    resource: str
    delegated: list[str] = []
    application: list[str] = []


def granted_of(written: bytes, name: str) -> list[Granted]:
    """What a file asks to grant. Raises BadUsage where it is neither a snapshot nor a template."""
    import yaml

    try:
        told: object = yaml.safe_load(written)
    except yaml.YAMLError as broken:
        raise BadUsage(f"{name} cannot be read", f"{' '.join(str(broken).split())}.") from broken
    envelope = cast("Mapping[str, Any]", told if isinstance(told, Mapping) else {})
    if str(envelope.get("schema", "")).startswith("entrakit/consent.show/"):
        return _of_snapshot(envelope, name)
    try:
        template = msgspec.convert(told, _Template)
    except msgspec.ValidationError as wrong:
        raise BadUsage(f"{name} names no permissions", f"{wrong}.", hint=TEMPLATE) from wrong
    return [
        Granted(resource=entry.resource, value=value, kind=kind)
        for entry in template.permissions
        for kind, values in (("delegated", entry.delegated), ("application", entry.application))
        for value in values
    ]


class _Snapshot(msgspec.Struct, frozen=True):
    content: _Content
    coverage: _Coverage


class _Content(msgspec.Struct, frozen=True):
    permissions: list[_Held]


class _Coverage(msgspec.Struct, frozen=True):
    areas: list[_Area]


class _Area(msgspec.Struct, frozen=True):
    name: str
    state: str


class _Held(msgspec.Struct, frozen=True):
    permission: _Named
    kind: Kind
    for_everyone: bool
    users: list[str]


class _Named(msgspec.Struct, frozen=True):
    resource_app_id: str
    value: str


def _of_snapshot(envelope: Mapping[str, Any], name: str) -> list[Granted]:
    try:
        snapshot = msgspec.convert(envelope, _Snapshot)
    except msgspec.ValidationError as wrong:
        raise BadUsage(f"{name} is not a snapshot that can be granted", f"{wrong}.") from wrong
    gaps = [area.name for area in snapshot.coverage.areas if area.state != "read"]
    if gaps:
        raise BadUsage(f"{name} is not whole", f"When it was written, this was not read: {', '.join(gaps)}.")
    granted: list[Granted] = []
    for held in snapshot.content.permissions:
        what = {"resource": held.permission.resource_app_id, "value": held.permission.value, "kind": held.kind}
        if held.for_everyone:
            granted.append(Granted(**what))
        granted += [Granted(**what, user=user) for user in held.users]
    return granted
