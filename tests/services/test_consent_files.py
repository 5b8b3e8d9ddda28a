"""What a file asks to grant: a template, a whole snapshot, or a clear refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from toolkit.errors import BadUsage
from toolkit.services.change_consent import Granted
from toolkit.services.consent_files import granted_of, named

HELD: dict[str, Any] = {
    "permission": {"resource_app_id": "graph", "value": "Mail.Read"},
    "kind": "delegated",
    "for_everyone": True,
    "users": ["dana@contoso.example"],
}


def snapshot(**changed: Any) -> dict[str, Any]:
    return {
        "schema": "entrakit/consent.show/1",
        "content": {"permissions": [HELD]},
        "coverage": {"areas": [{"name": "delegated grants", "state": "read"}]},
        **changed,
    }


def test_a_template_names_permissions_by_resource() -> None:
    written = b"permissions:\n  - resource: Microsoft Graph\n    delegated: [User.Read]\n    application: [Mail.Read]\n"
    assert granted_of(written, "t.yaml") == [
        Granted(resource="Microsoft Graph", value="User.Read"),
        Granted(resource="Microsoft Graph", value="Mail.Read", kind="application"),
    ]


def test_a_snapshot_grants_to_everyone_and_to_each_person_as_before() -> None:
    assert granted_of(json.dumps(snapshot()).encode(), "s.json") == [
        Granted(resource="graph", value="Mail.Read"),
        Granted(resource="graph", value="Mail.Read", user="dana@contoso.example"),
    ]


@pytest.mark.parametrize("state", ["denied", "failed", "not licensed", "truncated", ""])
def test_a_snapshot_with_a_gap_is_refused_and_the_gap_is_named(state: str) -> None:
    gap = {"areas": [{"name": "delegated grants", "state": state}]}
    with pytest.raises(BadUsage, match="not whole") as told:
        granted_of(json.dumps(snapshot(coverage=gap)).encode(), "s.json")
    assert "delegated grants" in told.value.why


@pytest.mark.parametrize(
    "changed",
    [
        {"coverage": None},
        {"coverage": []},
        {"coverage": {}},
        {"coverage": {"areas": ["delegated grants"]}},
        {"coverage": {"areas": None}},
        {"content": None},
        {"content": {"permissions": [{**HELD, "kind": "both"}]}},
        {"content": {"permissions": [{**HELD, "users": None}]}},
        {"content": {"permissions": [{**HELD, "permission": {"value": "Mail.Read"}}]}},
    ],
)
def test_a_snapshot_that_is_not_as_written_is_one_clear_error(changed: dict[str, Any]) -> None:
    with pytest.raises(BadUsage, match="is not a snapshot"):
        granted_of(json.dumps(snapshot(**changed)).encode(), "s.json")


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"- a\n- b\n",
        b"permissions: 1",
        b"permissions: [{resource: G, delegated: [1]}]",
        b"permissions: [{resource: G, scopes: [User.Read]}]",
        b"schema: entrakit/apps.show/1",
        b"schema: [1]",
    ],
)
def test_a_file_that_names_no_permissions_shows_how_it_is_done(written: bytes) -> None:
    with pytest.raises(BadUsage, match="names no permissions") as told:
        granted_of(written, "t.yaml")
    assert "permissions:" in told.value.hint


@pytest.mark.parametrize("written", [b"a: [", b"\xff\xfe\x00", b"!!python/object/apply:os.system ['true']", b"a: *b"])
def test_a_file_that_is_no_yaml_is_one_clear_error(written: bytes) -> None:
    with pytest.raises(BadUsage, match="cannot be read"):
        granted_of(written, "t.yaml")


def test_a_permission_is_named_as_it_is_typed() -> None:
    assert named("Graph/User.Read", "dana") == Granted(resource="Graph", value="User.Read", user="dana")
    assert named("Graph/Mail.Read:application", "dana") == Granted(
        resource="Graph", value="Mail.Read", kind="application"
    )
