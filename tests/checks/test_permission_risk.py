"""What the table of judgements promises to the checks that use it."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any, get_args

import pytest

from toolkit.checks import permission_risk
from toolkit.checks.permission_risk import Kind, Level, edition, risk_of

GRAPH = "00000003-0000-0000-c000-000000000000"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
SOMEBODYS_API = "11111111-2222-3333-4444-555555555555"
AZURE = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
ROLE_MANAGEMENT = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
REFERENCE = Path(__file__).parents[2] / ".." / "shared" / "graph" / "graph-permissions.csv"
KINDS: tuple[Kind, ...] = get_args(Kind)

TABLE: dict[str, Any] = json.loads(Path(permission_risk.__file__).with_suffix(".json").read_text(encoding="utf-8"))
ROWS: list[tuple[str, Kind, list[Any]]] = [
    (app_id, kind, row) for app_id, resource in TABLE["resources"].items() for kind in KINDS for row in resource[kind]
]


@pytest.mark.parametrize(
    ("resource", "kind", "value", "level"),
    [
        (GRAPH, "application", "RoleManagement.ReadWrite.Directory", "critical"),
        (GRAPH, "application", "AppRoleAssignment.ReadWrite.All", "critical"),
        (GRAPH, "application", "Application.ReadWrite.All", "critical"),
        (GRAPH, "application", "Mail.ReadWrite", "critical"),
        (GRAPH, "application", "Mail.Read", "high"),
        (GRAPH, "application", "Files.Read.All", "high"),
        (GRAPH, "application", "Directory.Read.All", "medium"),
        (GRAPH, "application", "Sites.Selected", "medium"),
        (GRAPH, "delegated", "Mail.ReadWrite", "high"),
        (GRAPH, "delegated", "IMAP.AccessAsUser.All", "high"),
        (GRAPH, "delegated", "SMTP.Send", "high"),
        (GRAPH, "delegated", "Directory.AccessAsUser.All", "critical"),
        (GRAPH, "delegated", "User.Read", "low"),
        (GRAPH, "delegated", "offline_access", "low"),
        (EXCHANGE, "delegated", "IMAP.AccessAsUser.All", "high"),
        (EXCHANGE, "delegated", "POP.AccessAsUser.All", "high"),
        (EXCHANGE, "delegated", "EAS.AccessAsUser.All", "high"),
        (EXCHANGE, "application", "full_access_as_app", "critical"),
        (EXCHANGE, "application", "Exchange.ManageAsApp", "critical"),
        (EXCHANGE, "application", "IMAP.AccessAsApp", "high"),
        (SHAREPOINT, "application", "Sites.FullControl.All", "critical"),
        (AZURE, "delegated", "user_impersonation", "critical"),
    ],
)
def test_the_permissions_administrators_ask_about_are_judged(
    resource: str, kind: Kind, value: str, level: Level
) -> None:
    assert risk_of(resource, kind, None, value).level == level


@pytest.mark.parametrize("kind", KINDS)
def test_a_permission_nobody_judged_is_unclassified_and_never_low(kind: Kind) -> None:
    assert risk_of(GRAPH, kind, None, "Brand.New.Permission").level == "unclassified"
    assert risk_of(GRAPH, kind, "11111111-2222-3333-4444-555555555555", "").level == "unclassified"


def test_a_known_value_on_an_unknown_resource_is_unclassified() -> None:
    assert risk_of(SOMEBODYS_API, "delegated", None, "Mail.Read").level == "unclassified"


def test_the_id_outweighs_a_misleading_value() -> None:
    assert risk_of(GRAPH, "application", ROLE_MANAGEMENT, "User.Read").level == "critical"


def test_an_id_of_one_resource_says_nothing_on_another() -> None:
    assert risk_of(EXCHANGE, "application", ROLE_MANAGEMENT, "anything").level == "unclassified"


def test_ids_values_and_resources_match_in_any_case() -> None:
    expected = risk_of(GRAPH, "application", ROLE_MANAGEMENT, "RoleManagement.ReadWrite.Directory")
    assert risk_of(GRAPH.upper(), "application", ROLE_MANAGEMENT.upper(), "") == expected
    assert risk_of(GRAPH, "application", None, "rolemanagement.READWRITE.directory") == expected


def test_the_same_value_is_judged_apart_for_the_two_kinds() -> None:
    alone = risk_of(GRAPH, "application", None, "Mail.ReadWrite")
    with_somebody = risk_of(GRAPH, "delegated", None, "Mail.ReadWrite")
    assert (alone.level, with_somebody.level) == ("critical", "high")
    assert alone.reason != with_somebody.reason


def test_every_row_has_a_judged_level_and_a_reason_that_is_a_sentence() -> None:
    for app_id, kind, (permission_id, value, level, _) in ROWS:
        risk = risk_of(app_id, kind, permission_id, value)
        assert risk.level == level != "unclassified"
        assert risk.reason[0].isupper() and risk.reason.endswith("."), value


def test_no_id_and_no_value_is_judged_twice_within_a_resource_and_kind() -> None:
    ids = [(app_id, kind, row[0]) for app_id, kind, row in ROWS if row[0] is not None]
    values = [(app_id, kind, row[1].lower()) for app_id, kind, row in ROWS]
    assert len(ids) == len(set(ids))
    assert len(values) == len(set(values))


def test_every_reason_is_used() -> None:
    assert set(TABLE["reasons"]) == {row[3] for _, _, row in ROWS}


def test_the_edition_is_named() -> None:
    assert edition() == TABLE["edition"]


def test_the_table_loads_in_a_blink() -> None:
    def seconds() -> float:
        for cached in (permission_risk._table, permission_risk._index):
            cached.cache_clear()
        started = time.perf_counter()
        risk_of(GRAPH, "delegated", None, "Mail.Read")
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < 0.03


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference list of Graph permissions is not here")
@pytest.mark.parametrize("kind", KINDS)
def test_every_graph_permission_with_an_id_is_judged_under_that_id(kind: Kind) -> None:
    with REFERENCE.open(encoding="utf-8", newline="") as source:
        known = {(row[f"{kind}_id"], row["name"]) for row in csv.DictReader(source) if row[f"{kind}_id"]}
    judged = {(row[0], row[1]) for app_id, row_kind, row in ROWS if (app_id, row_kind) == (GRAPH, kind)}
    assert known == judged
