"""The ready-made tenants: fixed ids, dates relative to now, and tables that agree with each other."""

import csv
import re
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from toolkit.sandbox.scenarios import botched, contoso, generated, microsoft
from toolkit.sandbox.scenarios.contoso_own import BACKUP, KIOSK, PIPELINE, TOOL, TOOL_SCOPES
from toolkit.sandbox.scenarios.contoso_trouble import GONE_RESOURCE, GONE_USER, HOSTILE_NAME, LOOK_ALIKE_NAME
from toolkit.sandbox.scenarios.ids import grant_id, role_assignment_id
from toolkit.sandbox.scenarios.smart_email import APP_ID
from toolkit.sandbox.tenant import Tenant

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "graph"


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return contoso.build(NOW)


def test_the_same_moment_gives_the_same_tenant(tenant: Tenant):
    assert contoso.build(NOW).to_json() == tenant.to_json()


def test_another_moment_gives_the_same_ids(tenant: Tenant):
    later = contoso.build(NOW + timedelta(days=400))
    assert {name: set(table) for name, table in later.tables.items()} == {
        name: set(table) for name, table in tenant.tables.items()
    }


def test_contoso_has_about_sixty_enterprise_applications(tenant: Tenant):
    assert 58 <= len(tenant.tables["servicePrincipals"]) <= 70


def test_the_file_of_contoso_stays_small(tenant: Tenant):
    assert len(tenant.to_json()) < 1_500_000


def test_permissions_of_microsoft_can_be_left_out_of_the_file_and_put_back(tenant: Tenant):
    slim = msgspec.json.decode(msgspec.json.encode(microsoft.detached(tenant.tables)))
    assert len(msgspec.json.encode(slim)) < 400_000
    microsoft.attach(slim)
    assert slim == msgspec.json.decode(msgspec.json.encode(tenant.tables))


def test_a_changed_service_principal_of_microsoft_is_saved_whole():
    changed = contoso.build(NOW)
    graph = changed.service_principal_of(microsoft.GRAPH)
    assert graph is not None
    graph["appRoles"] = [{"id": "x", "value": "Own.Role"}]
    slim = microsoft.detached(changed.tables)["servicePrincipals"][graph["id"]]
    assert slim["appRoles"] == graph["appRoles"]


def test_building_contoso_again_takes_a_moment():
    assert min(_seconds_to_build() for _ in range(5)) < 0.15


def _seconds_to_build() -> float:
    started = time.perf_counter()
    contoso.build(NOW)
    return time.perf_counter() - started


def test_contoso_survives_being_saved_and_loaded(tenant: Tenant):
    assert Tenant.from_json(tenant.to_json()).tables == msgspec.json.decode(msgspec.json.encode(tenant.tables))


def test_every_id_is_the_key_it_is_kept_under(tenant: Tenant):
    plain = set(tenant.tables) - {"owners", "members", "secrets", "signingKeys", "publishedApplications"}
    for name in plain:
        for id, row in tenant.tables[name].items():
            assert row["id"] == id, name


def test_grant_ids_follow_the_documented_formula(tenant: Tenant):
    documented = grant_id("ef969797-201d-4f6b-960c-e9ed5f31dab5", "943603e4-e787-4fe9-93d1-e30f749aae39")
    assert documented == "l5eW7x0ga0-WDOntXzHateQDNpSH5-lPk9HjD3Sarjk"
    for id, row in tenant.tables["oauth2PermissionGrants"].items():
        assert id == grant_id(row["clientId"], row["resourceId"], row["principalId"])
        assert (row["principalId"] is None) == (row["consentType"] == "AllPrincipals")


def test_role_assignment_ids_follow_the_documented_formula():
    documented = role_assignment_id(GLOBAL, "6be4b305-b75e-4efc-bfcc-31bd3b53a5f8")
    assert documented == "lAPpYvVpN0KRkAEhdxReEAWz5Gtet_xOv8wxvTtTpfg-1"


def test_assignment_ids_begin_with_their_principal(tenant: Tenant):
    from toolkit.sandbox.tokens import from_b64url

    for id, row in tenant.tables["appRoleAssignments"].items():
        assert len(id) == 43
        assert uuid.UUID(bytes_le=from_b64url(id)[:16]) == uuid.UUID(row["principalId"])


def test_there_is_exactly_one_smartemail_and_it_is_botched(tenant: Tenant):
    found = [row for row in tenant.tables["servicePrincipals"].values() if row["displayName"] == "SMArtEmail"]
    (principal,) = found
    assert principal["appId"] == APP_ID
    assert principal["accountEnabled"] is False
    assert tenant.application_of(APP_ID) is None
    exchange, graph = (tenant.service_principal_of(id) for id in (microsoft.EXCHANGE, microsoft.GRAPH))
    assert exchange is not None
    assert graph is not None
    grants = {(row["resourceId"], row["consentType"]): row["scope"] for row in tenant.grants_of_client(principal["id"])}
    assert grants == {
        (exchange["id"], "AllPrincipals"): "IMAP.AccessAsUser.All",
        (graph["id"], "Principal"): "Mail.ReadWrite offline_access",
    }
    holders = {row["principalDisplayName"] for row in tenant.assignments_of_resource(principal["id"])}
    assert holders == {"Dana Dispatcher", "OpCon Operators"}
    errors = {row["status"]["errorCode"] for row in tenant.tables["signIns"].values() if row["appId"] == APP_ID}
    assert errors == {7000112, 65001}


def test_the_look_alike_of_smartemail_is_another_name_to_a_computer_only():
    assert LOOK_ALIKE_NAME != "SMArtEmail"
    assert LOOK_ALIKE_NAME.replace("\u0415", "E") == "SMArtEmail"


def test_a_hostile_name_carries_markup_escapes_bidi_and_a_formula(tenant: Tenant):
    (row,) = (row for row in tenant.tables["servicePrincipals"].values() if row["displayName"] == HOSTILE_NAME)
    assert row["displayName"].startswith("=")
    assert {"\x1b", "\u202e"} <= set(row["displayName"])
    assert "[bold red]" in row["displayName"]
    assert "<img" in row["displayName"]


def test_two_applications_share_the_name_fabrikam_sync(tenant: Tenant):
    names = Counter(row["displayName"] for row in tenant.tables["servicePrincipals"].values())
    assert [name for name, times in names.items() if times > 1] == ["Fabrikam Sync"]


def test_one_application_holds_twenty_five_roles_on_microsoft_graph(tenant: Tenant):
    principal = tenant.service_principal_of(BACKUP)
    assert principal is not None
    assert len(tenant.assignments_of_principal(principal["id"])) == 25


def test_only_the_planted_orphans_point_at_nothing(tenant: Tenant):
    principals, people = tenant.tables["servicePrincipals"], tenant.tables["users"]
    grants = tenant.tables["oauth2PermissionGrants"].values()
    assert {row["clientId"] for row in grants} <= set(principals)
    assert {row["resourceId"] for row in grants} - set(principals) == {GONE_RESOURCE}
    assert {row["principalId"] for row in grants} - set(people) == {None, GONE_USER}
    everyone = {*principals, *people, *tenant.tables["groups"]}
    assignments = tenant.tables["appRoleAssignments"].values()
    assert {row["principalId"] for row in assignments} - everyone == {GONE_USER}
    assert {row["resourceId"] for row in assignments} <= set(principals)


def test_one_assignment_is_of_a_role_its_resource_no_longer_defines(tenant: Tenant):
    principals = tenant.tables["servicePrincipals"]
    undefined = [
        row["principalDisplayName"]
        for row in tenant.tables["appRoleAssignments"].values()
        if row["appRoleId"] not in {role["id"] for role in principals[row["resourceId"]]["appRoles"]}
        and row["appRoleId"] != "00000000-0000-0000-0000-000000000000"
    ]
    assert undefined == ["Order Router"]


def test_credentials_expire_when_the_scenario_says(tenant: Tenant):
    days = sorted(
        (datetime.fromisoformat(credential["endDateTime"]) - NOW).days
        for row in tenant.tables["applications"].values()
        for credential in (*row["passwordCredentials"], *row["keyCredentials"])
    )
    assert 12 in days
    assert 20 in days
    assert days[0] == -40
    assert days[-1] > 3000


def test_a_user_consented_beside_the_administrator_to_the_same_resource(tenant: Tenant):
    pairs = Counter((row["clientId"], row["resourceId"]) for row in tenant.tables["oauth2PermissionGrants"].values())
    assert max(pairs.values()) == 3


def test_all_owners_and_members_exist(tenant: Tenant):
    for name in ("owners", "members"):
        for id, row in tenant.tables[name].items():
            assert tenant.directory_object(id), id
            assert all(tenant.directory_object(member) for member in row["ids"])


def test_entrakit_may_do_what_it_needs(tenant: Tenant):
    tool = tenant.service_principal_of(TOOL)
    assert tool is not None
    (grant,) = tenant.grants_of_client(tool["id"])
    assert grant["scope"].split() == list(TOOL_SCOPES)
    pipeline = tenant.service_principal_of(PIPELINE)
    assert pipeline is not None
    assert len(tenant.assignments_of_principal(pipeline["id"])) == 7


def test_global_administrator_is_held_in_every_way_there_is(tenant: Tenant):
    rows = [
        row for row in tenant.tables["roleAssignmentScheduleInstances"].values() if row["roleDefinitionId"] == GLOBAL
    ]
    kinds = Counter((row["assignmentType"], row["memberType"]) for row in rows)
    assert kinds == {("Assigned", "Direct"): 6, ("Activated", "Direct"): 1, ("Activated", "Group"): 1}
    tables = Counter(tenant.directory_object(row["principalId"])[0] for row in rows)  # type: ignore[index]
    assert tables == {"users": 6, "groups": 1, "servicePrincipals": 1}
    assert len(tenant.tables["groupEligibilityScheduleInstances"]) == 1


def test_an_activation_ends_within_hours_and_stands_on_an_eligibility(tenant: Tenant):
    eligible = tenant.tables["roleEligibilityScheduleInstances"]
    for row in tenant.tables["roleAssignmentScheduleInstances"].values():
        if row["assignmentType"] == "Activated":
            assert timedelta(0) < datetime.fromisoformat(row["endDateTime"]) - NOW < timedelta(hours=8)
            behind = eligible[row["_activatedUsing"]]
            assert behind["principalId"] == row["principalId"] or row["principalId"] in tenant.members_of(
                behind["principalId"]
            )
        else:
            assert row["endDateTime"] is None


def test_role_tables_agree(tenant: Tenant):
    assigned, instances = tenant.tables["roleAssignments"], tenant.tables["roleAssignmentScheduleInstances"]
    assert set(assigned) == set(instances)
    activated = {row["roleTemplateId"] for row in tenant.tables["directoryRoles"].values()}
    assert activated == {row["roleDefinitionId"] for row in assigned.values()}
    assert activated <= set(tenant.tables["roleDefinitions"])
    for row in (*assigned.values(), *tenant.tables["roleEligibilityScheduleInstances"].values()):
        assert tenant.directory_object(row["principalId"])


def test_groups_that_hold_roles_may_be_assigned_roles(tenant: Tenant):
    groups = tenant.tables["groups"]
    for name in ("roleAssignments", "roleEligibilityScheduleInstances"):
        for row in tenant.tables[name].values():
            if row["principalId"] in groups:
                assert groups[row["principalId"]]["isAssignableToRole"] is True


def test_one_user_administrator_is_scoped_to_an_administrative_unit(tenant: Tenant):
    scopes = [row["directoryScopeId"] for row in tenant.tables["roleAssignments"].values()]
    assert len([scope for scope in scopes if scope.startswith("/administrativeUnits/")]) == 1


def test_a_deleted_application_keeps_what_went_with_it(tenant: Tenant):
    (row,) = tenant.tables["deletedItems"].values()
    assert row["@odata.type"] == "#microsoft.graph.servicePrincipal"
    assert len(row["_with"]["oauth2PermissionGrants"]) == 1
    assert len(row["_with"]["appRoleAssignments"]) == 2


def test_disabled_and_lower_case_things_are_there(tenant: Tenant):
    kiosk = tenant.service_principal_of(KIOSK)
    assert kiosk is not None
    assert kiosk["accountEnabled"] is False
    scopes = [row["scope"] for row in tenant.tables["oauth2PermissionGrants"].values()]
    assert any("  " in scope for scope in scopes)
    assert any(re.search(r"\bmail\.read\b", scope) for scope in scopes)


def test_botched_has_two_smartemails_and_a_deleted_third():
    tenant = botched.build(NOW)
    found = [row for row in tenant.tables["servicePrincipals"].values() if row["displayName"] == "SMArtEmail"]
    assert sorted(row["accountEnabled"] for row in found) == [False, True]
    assert len({row["appId"] for row in found}) == 2
    deleted = [row for row in tenant.tables["deletedItems"].values() if row["displayName"] == "SMArtEmail"]
    assert len(deleted) == 1
    assert deleted[0]["appId"] not in {row["appId"] for row in found}


def test_a_generated_tenant_has_what_was_ordered():
    tenant = generated.build(NOW, apps=300, grants=700, assignments=900)
    small = generated.build(NOW, apps=1, grants=0, assignments=0)
    for name, count in (("servicePrincipals", 299), ("oauth2PermissionGrants", 700), ("appRoleAssignments", 900)):
        assert len(tenant.tables[name]) - len(small.tables[name]) == count
    assert generated.build(NOW, apps=300, grants=700, assignments=900).to_json() == tenant.to_json()


def test_a_large_tenant_is_generated_quickly():
    started = time.perf_counter()
    generated.build(NOW, apps=10_000, grants=10_000, assignments=10_000)
    assert time.perf_counter() - started < 4


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference folder is not beside the repository")
def test_packaged_permissions_are_those_of_the_reference():
    with (REFERENCE / "graph-permissions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    graph = microsoft.resources()[microsoft.GRAPH]
    assert {row["name"]: row["delegated_id"] for row in rows if row["delegated_id"]} == {
        value: id for value, id, _ in graph.scopes
    }
    assert {row["name"]: row["application_id"] for row in rows if row["application_id"]} == dict(graph.roles)
