"""entrakit apps list and show, on the sandbox."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest

from tests.commands.conftest import Entrakit, SandboxTenant

HOSTILE = ("\x1b", "\u202e", "\x9b")


def test_the_list_names_every_service_principal_of_the_tenant(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    told = entrakit("apps", "list", "-o", "json")
    assert told.code == 0
    assert {row["object_id"] for row in told.content} == set(tenant.table("servicePrincipals"))


def test_the_list_is_read_to_its_last_page(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    tenant.prepare(lambda t: t.settings.update(pageCap=7))
    assert len(entrakit("apps", "list", "-o", "json").content) == len(tenant.table("servicePrincipals"))


def test_third_party_applications_belong_neither_to_this_tenant_nor_to_microsoft(entrakit: Entrakit) -> None:
    rows = entrakit("apps", "list", "--third-party", "-o", "json").content
    assert rows
    assert {row["origin"] for row in rows} <= {"third party", "unknown"}
    assert "SMArtEmail" in {row["name"] for row in rows}


def test_disabled_applications_can_be_listed_alone(entrakit: Entrakit) -> None:
    rows = entrakit("apps", "list", "--disabled", "-o", "json").content
    assert "SMArtEmail" in {row["name"] for row in rows}
    assert {row["enabled"] for row in rows} == {False}


def test_a_permission_is_found_on_each_resource_that_has_it(entrakit: Entrakit) -> None:
    everywhere = entrakit("apps", "list", "--permission", "IMAP.AccessAsUser.All", "-o", "json").content
    on_exchange = entrakit(
        "apps", "list", "--permission", "Office 365 Exchange Online/IMAP.AccessAsUser.All", "-o", "json"
    ).content
    assert "SMArtEmail" in {row["name"] for row in on_exchange}
    assert all(way.startswith("Office 365 Exchange Online/") for row in on_exchange for way in row["permissions"])
    assert len(everywhere) >= len(on_exchange)


def test_an_unknown_resource_of_a_permission_is_an_error(entrakit: Entrakit) -> None:
    told = entrakit("apps", "list", "--permission", "No Such Resource/Mail.Read")
    assert told.code == 2
    assert "No Such Resource" in told.err


@pytest.mark.parametrize("form", ["table", "json", "yaml", "csv", "tsv", "markdown"])
def test_no_hostile_name_reaches_any_format_unharmed(entrakit: Entrakit, form: str) -> None:
    told = entrakit("apps", "list", "-o", form)
    assert told.code == 0
    assert not [mark for mark in HOSTILE if mark in told.out]


def test_no_cell_of_the_csv_is_a_formula(entrakit: Entrakit) -> None:
    rows = list(csv.reader(io.StringIO(entrakit("apps", "list", "-o", "csv").out)))
    assert len(rows) > 50
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "-", "\t")]


def test_a_query_shows_only_what_it_asks_for(entrakit: Entrakit) -> None:
    told = entrakit("apps", "list", "--query", "[?name=='SMArtEmail'].enabled | [0]", "-o", "json")
    assert (told.code, told.json) == (0, False)


def test_a_bad_query_is_a_usage_error(entrakit: Entrakit) -> None:
    told = entrakit("apps", "list", "--query", "[?")
    assert (told.code, told.out) == (2, "")
    assert "--query" in told.err


def test_show_tells_what_is_wrong_with_smartemail(entrakit: Entrakit) -> None:
    told = entrakit("apps", "show")
    assert told.code == 0
    assert "SMArtEmail" in told.out
    assert "disabled: nobody can sign in" in told.out
    assert "IMAP.AccessAsUser.All" in told.out
    assert "dana@contoso.example" in told.out


def test_an_application_is_found_by_object_id_appid_and_name(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    app = tenant.named("SMArtEmail")
    for asked in (app["id"], app["appId"], "smartemail"):
        assert entrakit("apps", "show", asked, "-o", "json").content["principal"]["id"] == app["id"]


def test_a_name_that_fits_two_applications_lists_both(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    told = entrakit("apps", "show", "Fabrikam Sync")
    twins = [a for a in tenant.table("servicePrincipals").values() if a["displayName"] == "Fabrikam Sync"]
    assert told.code == 2
    assert len(twins) == 2
    assert all(twin["id"] in told.err and twin["appId"] in told.err for twin in twins)


def test_an_unknown_name_suggests_those_that_begin_alike(entrakit: Entrakit) -> None:
    told = entrakit("apps", "show", "SMArtMail")
    assert told.code == 2
    assert "SMArtEmail" in told.err


def test_no_app_role_assignment_beyond_the_twentieth_is_lost(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    rows = tenant.table("appRoleAssignments").values()
    held: dict[str, int] = {}
    for row in rows:
        if row["principalType"] == "ServicePrincipal":
            held[row["principalId"]] = held.get(row["principalId"], 0) + 1
    busiest = max(held, key=lambda principal: held[principal])
    assert held[busiest] >= 25
    content = entrakit("apps", "show", busiest, "-o", "json").content
    assert len(content["application"]["value"]) == held[busiest]


def test_a_role_that_its_resource_no_longer_defines_is_told(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    defined = {
        role["id"] for app in tenant.table("servicePrincipals").values() for role in app.get("appRoles") or ()
    } | {"00000000-0000-0000-0000-000000000000"}
    orphan = next(row for row in tenant.table("appRoleAssignments").values() if row["appRoleId"] not in defined)
    content = entrakit("apps", "show", orphan["principalId"], "-o", "json").content
    told = {p["permission"]["id"]: p["defined"] for p in content["application"]["value"]}
    assert told[orphan["appRoleId"]] is False


def test_what_may_not_be_read_is_unknown_and_the_exit_code_says_so(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    tenant.deny("Directory.Read.All", "DelegatedPermissionGrant.ReadWrite.All")
    told = entrakit("apps", "show", "SMArtEmail", "-o", "json")
    assert told.code == 3
    assert told.content["delegated"]["state"] == "unknown"
    gaps = [area for area in told.json["coverage"]["areas"] if area["state"] != "read"]
    assert "delegated grants" in {area["name"] for area in gaps}
    assert "delegated grants" in told.err


def test_a_list_that_may_not_be_read_is_an_error_and_not_an_empty_list(
    entrakit: Entrakit, tenant: SandboxTenant
) -> None:
    tenant.deny("Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All")
    told = entrakit("apps", "list")
    assert (told.code, told.out) == (4, "")
    assert "Application.Read.All" in told.err


@pytest.mark.usefixtures("entrakit")
def test_reading_imports_no_entity_model_of_the_sdk() -> None:
    script = (
        "import sys; from toolkit.main import main; code = main(['apps', 'show', 'SMArtEmail', '-o', 'json']); "
        "models = [name for name in sys.modules if name.startswith('msgraph.generated.models.')]; "
        "assert code == 0 and len(models) < 50 and 'msgraph.generated.models.entity' not in models, models"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_who_may_not_read_the_organization_still_lists_applications(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    tenant.deny("Directory.Read.All", "Organization.Read.All", "User.Read")
    told = entrakit("apps", "list", "-o", "json")
    assert told.code == 0
    assert told.json["tenant"]["id"] == tenant.now.id
    assert {row["origin"] for row in told.content} >= {"this tenant", "Microsoft", "third party"}
