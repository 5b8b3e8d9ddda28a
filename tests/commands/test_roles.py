"""entrakit roles: holders, check and explain, on the sandbox."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Entrakit, SandboxTenant

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


def without_premium(tenant: SandboxTenant) -> None:
    tenant.prepare(lambda t: t.settings.update(licences={"p1": False, "p2": False}))


def test_every_kind_of_global_administrator_is_shown_with_its_path(entrakit: Entrakit) -> None:
    told = entrakit("roles", "holders", "-o", "json")
    assert told.code == 0
    holders = told.content["holders"]
    kinds = {h["principal"]["@odata.type"].rpartition(".")[2] for h in holders}
    assert {"user", "group", "servicePrincipal"} <= kinds
    assert {h["standing"] for h in holders} == {"standing", "activated", "eligible"}
    assert any(h["through"] and h["standing"] == "standing" for h in holders)
    assert any(h["through"] and h["standing"] == "eligible" for h in holders)
    assert any(h["principal"].get("userType") == "Guest" for h in holders)
    assert any(h["principal"].get("accountEnabled") is False for h in holders)
    activated = [h for h in holders if h["standing"] == "activated"]
    assert all(h["until"] for h in activated)


def test_another_role_is_found_by_its_name(entrakit: Entrakit) -> None:
    told = entrakit("roles", "holders", "application administrator", "-o", "json")
    assert told.code == 0
    assert told.content["role_name"] == "Application Administrator"
    assert told.content["holders"]


def test_an_unknown_role_suggests_those_that_contain_the_words(entrakit: Entrakit) -> None:
    told = entrakit("roles", "holders", "Administrator")
    assert told.code == 2
    assert "Application Administrator" in told.err


def test_without_a_pim_licence_the_standing_holders_are_told_and_the_gap_too(
    entrakit: Entrakit, tenant: SandboxTenant
) -> None:
    without_premium(tenant)
    told = entrakit("roles", "holders", "-o", "json")
    assert told.code == 3
    assert told.content["holders"]
    states = {area["name"]: area["state"] for area in told.json["coverage"]["areas"]}
    assert states["eligible assignments (PIM)"] == "not licensed"
    assert states["role assignments"] == "read"


def test_the_administrator_at_the_keyboard_holds_the_role(entrakit: Entrakit) -> None:
    told = entrakit("roles", "check", "--me")
    assert told.code == 0
    assert "yes: holds Global Administrator" in told.out


def test_somebody_without_the_role_is_a_finding(entrakit: Entrakit) -> None:
    told = entrakit("roles", "check", "--user", "dana@contoso.example")
    assert told.code == 10
    assert "no: does not hold" in told.out


def test_an_answer_that_could_not_look_everywhere_is_not_a_no(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    without_premium(tenant)
    told = entrakit("roles", "check", "--user", "dana@contoso.example", "-o", "json")
    assert told.code == 3
    assert told.content["answer"] == "not known"


def test_an_eligible_person_must_activate_first(entrakit: Entrakit) -> None:
    holders = entrakit("roles", "holders", "-o", "json").content["holders"]
    standing = {h["principal"]["id"] for h in holders if h["standing"] != "eligible"}
    eligible = next(
        h["principal"]["userPrincipalName"]
        for h in holders
        if h["standing"] == "eligible"
        and h["principal"]["id"] not in standing
        and not h["through"]
        and h["principal"].get("userPrincipalName")
    )
    told = entrakit("roles", "check", "--user", eligible)
    assert told.code == 10
    assert "eligible" in told.out


def test_letter_case_of_a_user_principal_name_does_not_matter(entrakit: Entrakit) -> None:
    assert entrakit("roles", "check", "--user", "ADMIN@Contoso.Example").code == 0


def test_an_unknown_user_is_an_error(entrakit: Entrakit) -> None:
    told = entrakit("roles", "check", "--user", "nobody@contoso.example")
    assert told.code == 2
    assert "nobody@contoso.example" in told.err


def test_the_global_administrator_may_consent_to_smartemail(entrakit: Entrakit) -> None:
    told = entrakit("roles", "explain", "--me", "--consent", "SMArtEmail")
    assert told.code == 0
    assert "Global Administrator may consent" in told.out


def test_who_may_not_consent_is_told_who_can(entrakit: Entrakit) -> None:
    told = entrakit("roles", "explain", "--user", "dana@contoso.example", "--consent", "SMArtEmail", "-o", "json")
    assert told.code == 10
    assert told.content["may"] == "no"
    assert "admin@contoso.example" in {h["principal"].get("userPrincipalName") for h in told.content["able"]}


@pytest.mark.parametrize("role", ["Application Administrator", "Cloud Application Administrator"])
def test_an_application_administrator_may_consent_except_to_app_roles_of_graph(entrakit: Entrakit, role: str) -> None:
    holders = entrakit("roles", "holders", role, "-o", "json").content["holders"]
    upn = next(h["principal"]["userPrincipalName"] for h in holders if h["standing"] == "standing" and not h["through"])
    plain = ("roles", "explain", "--user", upn, "--consent", "SMArtEmail", "--wants")
    assert entrakit(*plain, "Office 365 Exchange Online/SMTP.Send").code == 0
    told = entrakit(*plain, "Microsoft Graph/Mail.Read:application")
    assert told.code == 10
    assert "may not consent to application permissions of Microsoft Graph" in told.out


def test_the_sandbox_can_be_used_as_another_person(entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTRAKIT_SANDBOX_USER", "dana@contoso.example")
    assert entrakit("roles", "check", "--me").code in (3, 4, 10)
