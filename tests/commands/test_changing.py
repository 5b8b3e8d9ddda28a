"""Changing applications and consent, and taking it back, from the command line to the tenant's state."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Entrakit, SandboxTenant, Told

EXCHANGE = "Office 365 Exchange Online"
GRANT_FIELDS = ("clientId", "resourceId", "principalId", "consentType")
ROLE_FIELDS = ("principalId", "resourceId", "appRoleId", "principalType")


def belongings(tenant: SandboxTenant, object_id: str) -> dict[str, Any]:
    """All that hangs on a service principal, without the ids that re-creation changes."""
    app = tenant.table("servicePrincipals").get(object_id)
    return {
        "enabled": app and app["accountEnabled"],
        "grants": sorted(
            (*(str(g.get(f)) for f in GRANT_FIELDS), " ".join(sorted(g["scope"].split())))
            for g in tenant.grants_of(object_id)
        ),
        "roles": sorted(tuple(str(r[f]) for f in ROLE_FIELDS) for r in tenant.roles_touching(object_id)),
        "owners": sorted(tenant.table("owners").get(object_id, {}).get("ids", [])),
    }


def run_of(told: Told) -> str:
    """The run that a changing command tells how to undo."""
    found = re.search(r"history undo (\S+)", told.err)
    assert found, told.err
    return found[1]


@pytest.fixture
def smart(tenant: SandboxTenant) -> str:
    """The object id of SMArtEmail."""
    return str(tenant.named("SMArtEmail")["id"])


def test_a_plan_changes_nothing(entrakit: Entrakit, tenant: SandboxTenant, smart: str) -> None:
    before = belongings(tenant, smart)
    told = entrakit("apps", "delete", "SMArtEmail", "--plan")
    assert told.code == 0
    assert "delete application SMArtEmail" in told.out
    assert "dana@contoso.example" in told.out
    assert belongings(tenant, smart) == before
    assert entrakit("history", "list", "-o", "json").content == []


def test_without_a_terminal_nothing_is_changed_unless_yes_is_said(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str
) -> None:
    told = entrakit("apps", "delete", "SMArtEmail")
    assert told.code == 5
    assert "--yes" in told.err
    assert smart in tenant.table("servicePrincipals")


def test_an_application_is_enabled_and_the_undo_disables_it_again(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str
) -> None:
    told = entrakit("apps", "enable", "SMArtEmail", "--yes")
    assert told.code == 0
    assert belongings(tenant, smart)["enabled"] is True
    assert entrakit("history", "undo", run_of(told), "--yes").code == 0
    assert belongings(tenant, smart)["enabled"] is False


def test_what_is_so_already_is_nothing_to_do(entrakit: Entrakit) -> None:
    told = entrakit("apps", "disable", "SMArtEmail", "--yes")
    assert told.code == 0
    assert "nothing to do" in told.err


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_deletion_taken_back_leaves_the_application_as_it_was(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, comes_back: bool
) -> None:
    tenant.prepare(lambda t: t.settings.update(restoreGrants=comes_back))
    before = belongings(tenant, smart)
    deleted = entrakit("apps", "delete", "SMArtEmail", "--yes")
    assert deleted.code == 0
    assert smart not in tenant.table("servicePrincipals")
    assert belongings(tenant, smart)["grants"] == []
    undone = entrakit("history", "undo", run_of(deleted), "--yes")
    assert undone.code == 0
    assert belongings(tenant, smart) == before
    assert ("new id" in undone.out) is not comes_back


def test_a_deleted_application_can_be_restored_by_name(entrakit: Entrakit, tenant: SandboxTenant, smart: str) -> None:
    entrakit("apps", "delete", "SMArtEmail", "--yes")
    hint = entrakit("apps", "show", "SMArtEmail")
    assert (hint.code, "recycle" in hint.err or "restored" in hint.err) == (2, True)
    assert entrakit("apps", "restore", "SMArtEmail", "--yes").code == 0
    assert smart in tenant.table("servicePrincipals")
    again = entrakit("apps", "restore", "SMArtEmail", "--yes")
    assert (again.code, "nothing to do" in again.err) == (0, True)


def test_deleting_twice_tells_that_it_is_in_the_bin(entrakit: Entrakit) -> None:
    entrakit("apps", "delete", "SMArtEmail", "--yes")
    told = entrakit("apps", "delete", "SMArtEmail", "--yes")
    assert told.code == 2
    assert "restored" in told.err


REVOCATIONS = {
    "everything": (),
    "what the administrator granted": ("--admin",),
    "what users granted": ("--users",),
    "what one user granted": ("--user", "dana@contoso.example"),
    "one scope": ("--scope", "Mail.ReadWrite"),
    "one scope of a named resource": ("--scope", f"{EXCHANGE}/IMAP.AccessAsUser.All"),
}


@pytest.mark.parametrize("chosen", REVOCATIONS.values(), ids=REVOCATIONS.keys())
def test_a_revocation_taken_back_gives_every_grant_again(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, chosen: tuple[str, ...]
) -> None:
    before = belongings(tenant, smart)
    told = entrakit("consent", "revoke", "SMArtEmail", *chosen, "--yes")
    assert told.code == 0, told.err
    assert belongings(tenant, smart)["grants"] != before["grants"]
    assert entrakit("history", "undo", run_of(told), "--yes").code == 0
    assert belongings(tenant, smart) == before


def test_application_permissions_are_revoked_alone_and_given_back(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    rows = [r for r in tenant.table("appRoleAssignments").values() if r["principalType"] == "ServicePrincipal"]
    apps = tenant.table("servicePrincipals")
    defined = {role["id"] for app in apps.values() for role in app.get("appRoles") or ()}
    orphaned = {r["principalId"] for r in rows if r["appRoleId"] not in defined}
    client = next(
        r["principalId"]
        for r in rows
        if r["principalId"] not in orphaned
        and apps[r["principalId"]]["displayName"] not in ("entrakit pipeline",)
        and tenant.grants_of(r["principalId"])
        and r["resourceId"] in apps
    )
    before = belongings(tenant, client)
    told = entrakit("consent", "revoke", client, "--application", "--yes")
    assert told.code == 0, told.err
    assert belongings(tenant, client)["grants"] == before["grants"]
    assert not [r for r in tenant.roles_touching(client) if r["principalId"] == client]
    assert entrakit("history", "undo", run_of(told), "--yes").code == 0
    assert belongings(tenant, client) == before


def test_taking_the_last_scope_away_deletes_the_grant(entrakit: Entrakit, tenant: SandboxTenant, smart: str) -> None:
    entrakit("consent", "revoke", "SMArtEmail", "--scope", "IMAP.AccessAsUser.All", "--yes")
    assert "" not in {g["scope"].strip() for g in tenant.grants_of(smart)}


def test_granting_merges_scopes_and_touches_no_other_grant(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str
) -> None:
    before = belongings(tenant, smart)
    told = entrakit("consent", "grant", "SMArtEmail", "--permission", f"{EXCHANGE}/SMTP.Send", "--yes")
    assert told.code == 0, told.err
    scopes = {scope for g in tenant.grants_of(smart) for scope in g["scope"].split()}
    assert {"IMAP.AccessAsUser.All", "SMTP.Send", "Mail.ReadWrite"} <= scopes
    assert len(tenant.grants_of(smart)) == len(before["grants"])
    again = entrakit("consent", "grant", "SMArtEmail", "--permission", f"{EXCHANGE}/SMTP.Send", "--yes")
    assert (again.code, "nothing to do" in again.err) == (0, True)
    assert entrakit("history", "undo", run_of(told), "--yes").code == 0
    assert belongings(tenant, smart) == before


def test_an_unknown_application_gets_its_service_principal_and_its_consent(
    entrakit: Entrakit, tenant: SandboxTenant
) -> None:
    known = {app["appId"] for app in tenant.table("servicePrincipals").values()}
    absent = next((a["appId"] for a in tenant.table("applications").values() if a["appId"] not in known), None)
    if absent is None:
        absent = "77777777-0000-4000-8000-000000000001"
        row = {"id": "77777777-0000-4000-8000-00000000000a", "appId": absent, "displayName": "Newcomer"}
        tenant.prepare(lambda t: t.tables["applications"].update({row["id"]: row}))
    told = entrakit(
        *("consent", "grant", absent, "--yes", "--permission", "Microsoft Graph/User.Read"),
        *("--permission", "Microsoft Graph/Mail.Read:application"),
    )
    assert told.code == 0, told.err
    (app,) = [a for a in tenant.table("servicePrincipals").values() if a["appId"] == absent]
    assert [g["scope"] for g in tenant.grants_of(app["id"])] == ["User.Read"]
    assert len(tenant.roles_touching(app["id"])) == 1
    assert entrakit("history", "undo", run_of(told), "--yes").code == 0
    assert app["id"] not in tenant.table("servicePrincipals")


def test_consent_is_granted_again_from_a_snapshot(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, tmp_path: Path
) -> None:
    before = belongings(tenant, smart)
    file = tmp_path / "consent.json"
    file.write_text(entrakit("consent", "show", "SMArtEmail", "-o", "json").out, encoding="utf-8")
    entrakit("consent", "revoke", "SMArtEmail", "--yes")
    told = entrakit("consent", "grant", "SMArtEmail", "--from", str(file), "--yes")
    assert told.code == 0, told.err
    assert belongings(tenant, smart)["grants"] == before["grants"]


def test_consent_is_granted_from_a_template(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(f"permissions:\n  - resource: {EXCHANGE}\n    delegated: [SMTP.Send]\n", encoding="utf-8")
    assert entrakit("consent", "grant", "SMArtEmail", "--from", str(file), "--yes").code == 0
    assert "SMTP.Send" in {s for g in tenant.grants_of(smart) for s in g["scope"].split()}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--permission", f"{EXCHANGE}/IMAP.AccessAsUser.Al"), "IMAP.AccessAsUser.All"),
        (("--permission", "No Such API/Thing.Do"), "No Such API"),
        (("--permission", "Thing.Do"), "RESOURCE/PERMISSION"),
        (("--manifest",), "registration"),
        ((), "--permission"),
    ],
)
def test_a_grant_that_cannot_be_is_one_clear_error_and_nothing_is_done(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, arguments: tuple[str, ...], words: str
) -> None:
    before = belongings(tenant, smart)
    told = entrakit("consent", "grant", "SMArtEmail", *arguments, "--yes")
    assert told.code == 2
    assert words in told.err
    assert belongings(tenant, smart) == before


def test_microsofts_own_applications_are_protected(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    told = entrakit("apps", "disable", EXCHANGE, "--yes")
    assert told.code == 5
    assert "--allow-microsoft" in told.err
    assert tenant.named(EXCHANGE)["accountEnabled"] is True
    assert entrakit("apps", "disable", EXCHANGE, "--yes", "--allow-microsoft").code == 0


def test_the_application_that_is_signed_in_is_protected(entrakit: Entrakit) -> None:
    told = entrakit("apps", "delete", "entrakit (sandbox)", "--yes")
    assert told.code == 5
    assert "--allow-self" in told.err


def test_a_permission_that_the_account_lacks_is_named(entrakit: Entrakit, tenant: SandboxTenant, smart: str) -> None:
    before = belongings(tenant, smart)
    tenant.deny("DelegatedPermissionGrant.ReadWrite.All")
    told = entrakit("consent", "revoke", "SMArtEmail", "--admin", "--yes")
    assert told.code == 4
    assert "DelegatedPermissionGrant.ReadWrite.All" in told.err
    assert belongings(tenant, smart) == before


def test_a_step_that_fails_takes_back_those_before_it(entrakit: Entrakit, tenant: SandboxTenant, smart: str) -> None:
    before = belongings(tenant, smart)
    tenant.deny("AppRoleAssignment.ReadWrite.All")
    told = entrakit(
        *("consent", "grant", "SMArtEmail", "--yes", "--permission", f"{EXCHANGE}/SMTP.Send"),
        *("--permission", "Microsoft Graph/Mail.Read:application"),
    )
    assert told.code == 7
    assert "AppRoleAssignment.ReadWrite.All" in told.err
    assert belongings(tenant, smart) == before
    assert entrakit("history", "list", "-o", "json").content[0]["outcome"] == "rolled back"


def test_a_kept_plan_is_applied(entrakit: Entrakit, tenant: SandboxTenant, smart: str, tmp_path: Path) -> None:
    file = tmp_path / "delete.plan.json"
    assert entrakit("apps", "delete", "SMArtEmail", "--out", str(file)).code == 0
    assert smart in tenant.table("servicePrincipals")
    assert "delete application SMArtEmail" in entrakit("plan", "show", str(file)).out
    assert entrakit("plan", "apply", str(file), "--yes").code == 0
    assert smart not in tenant.table("servicePrincipals")


def test_an_edited_plan_is_refused(entrakit: Entrakit, tenant: SandboxTenant, smart: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    entrakit("apps", "delete", "SMArtEmail", "--out", str(file))
    file.write_text(file.read_text(encoding="utf-8").replace("SMArtEmail", "SMArtE-mail"), encoding="utf-8")
    told = entrakit("plan", "apply", str(file), "--yes")
    assert told.code == 2
    assert "edited" in told.err
    assert smart in tenant.table("servicePrincipals")


@pytest.mark.parametrize("written", ["", "{}", "[1, 2]", "not json", '{"steps": []}'])
def test_a_file_that_is_no_plan_is_refused(entrakit: Entrakit, tmp_path: Path, written: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(written, encoding="utf-8")
    assert entrakit("plan", "apply", str(file), "--yes").code == 2


def test_a_plan_of_another_tenant_is_refused(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, tmp_path: Path
) -> None:
    from msgspec.structs import replace

    from toolkit.services.plan_files import plan_from_bytes, plan_to_bytes

    file = tmp_path / "plan.json"
    entrakit("apps", "delete", "SMArtEmail", "--out", str(file))
    plan = plan_from_bytes(file.read_bytes(), "plan")
    elsewhere = replace(plan, tenant=replace(plan.tenant, id="00000000-1111-4000-8000-000000000000", name="Other"))
    file.write_bytes(plan_to_bytes(elsewhere.sealed()))
    told = entrakit("plan", "apply", str(file), "--yes")
    assert told.code == 7
    assert "another tenant" in told.err
    assert smart in tenant.table("servicePrincipals")


def test_a_plan_whose_before_no_longer_holds_is_stale(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    entrakit("consent", "revoke", "SMArtEmail", "--admin", "--out", str(file))
    entrakit("consent", "grant", "SMArtEmail", "--permission", f"{EXCHANGE}/SMTP.Send", "--yes")
    between = belongings(tenant, smart)
    told = entrakit("plan", "apply", str(file), "--yes")
    assert told.code == 7
    assert belongings(tenant, smart) == between


def test_applying_a_plan_twice_is_nothing_to_do(entrakit: Entrakit, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    entrakit("apps", "enable", "SMArtEmail", "--out", str(file))
    assert entrakit("plan", "apply", str(file), "--yes").code == 0
    told = entrakit("plan", "apply", str(file), "--yes")
    assert (told.code, "nothing to do" in told.err) == (0, True)


def test_two_changes_of_one_grant_are_undone_the_later_first(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str
) -> None:
    before = belongings(tenant, smart)
    first = run_of(entrakit("consent", "grant", "SMArtEmail", "--permission", f"{EXCHANGE}/SMTP.Send", "--yes"))
    second = run_of(entrakit("consent", "revoke", "SMArtEmail", "--scope", "IMAP.AccessAsUser.All", "--yes"))
    refused = entrakit("history", "undo", first, "--yes")
    assert refused.code == 2
    assert second in refused.err
    assert entrakit("history", "undo", second, "--yes").code == 0
    assert entrakit("history", "undo", first, "--yes").code == 0
    assert belongings(tenant, smart) == before


def test_two_changes_of_different_things_are_undone_in_either_order(
    entrakit: Entrakit, tenant: SandboxTenant, smart: str
) -> None:
    before = belongings(tenant, smart)
    first = run_of(entrakit("apps", "enable", "SMArtEmail", "--yes"))
    second = run_of(entrakit("consent", "revoke", "SMArtEmail", "--users", "--yes"))
    assert entrakit("history", "undo", first, "--yes").code == 0
    assert entrakit("history", "undo", second, "--yes").code == 0
    assert belongings(tenant, smart) == before


def test_a_run_is_undone_once(entrakit: Entrakit) -> None:
    run = run_of(entrakit("apps", "enable", "SMArtEmail", "--yes"))
    assert entrakit("history", "undo", run, "--yes").code == 0
    told = entrakit("history", "undo", run, "--yes")
    assert told.code == 2
    assert "undone already" in told.err


def test_history_tells_what_was_done_by_whom(entrakit: Entrakit) -> None:
    run = run_of(entrakit("apps", "enable", "SMArtEmail", "--yes"))
    (listed,) = entrakit("history", "list", "-o", "json").content
    assert (listed["id"], listed["outcome"]) == (run, "done")
    shown = entrakit("history", "show", run, "-o", "json").content
    assert shown["plan"]["made_by"] == "admin@contoso.example"
    assert [step["mark"] for step in shown["steps"]] == ["done"]


def test_an_unknown_run_is_an_error(entrakit: Entrakit) -> None:
    assert entrakit("history", "show", "20200101-000000-ffff").code == 2


def test_the_result_is_readable_by_a_machine(entrakit: Entrakit) -> None:
    told = entrakit("apps", "enable", "SMArtEmail", "--yes", "-o", "json")
    assert json.loads(told.out)["content"]["outcome"] == "done"


def test_what_cannot_come_back_is_said_and_the_rest_does(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    apps = tenant.table("servicePrincipals")
    defined = {role["id"] for app in apps.values() for role in app.get("appRoles") or ()}
    orphan = next(
        r
        for r in tenant.table("appRoleAssignments").values()
        if r["appRoleId"] not in defined
        and set(r["appRoleId"]) != {"0", "-"}
        and r["principalType"] == "ServicePrincipal"
    )
    before = belongings(tenant, orphan["principalId"])
    run = run_of(entrakit("consent", "revoke", orphan["principalId"], "--yes"))
    plan = entrakit("history", "undo", run, "--plan")
    assert "cannot come back" in plan.out
    assert entrakit("history", "undo", run, "--yes").code == 0
    after = belongings(tenant, orphan["principalId"])
    assert after["grants"] == before["grants"]
    assert set(before["roles"]) - set(after["roles"]) == {tuple(str(orphan[f]) for f in ROLE_FIELDS)}
