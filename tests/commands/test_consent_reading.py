"""entrakit consent show and url, on the sandbox."""

from __future__ import annotations

from tests.commands.conftest import Entrakit, SandboxTenant

EXCHANGE = "Office 365 Exchange Online"


def verdicts(content: dict) -> dict[tuple[str, str], str]:  # type: ignore[type-arg]
    return {(p["resource"], p["permission"]["value"]): p["verdict"] for p in content["permissions"]}


def test_what_an_application_of_another_tenant_asks_for_is_unknown_and_not_nothing(entrakit: Entrakit) -> None:
    told = entrakit("consent", "show", "-o", "json")
    assert told.code == 0
    assert told.content["source"] == "unknown"
    assert {p["requested"] for p in told.content["permissions"]} == {None}


def test_what_is_known_to_be_needed_and_not_granted_is_missing(entrakit: Entrakit) -> None:
    told = entrakit(
        *("consent", "show", "SMArtEmail", "-o", "json"),
        *("--wants", f"{EXCHANGE}/IMAP.AccessAsUser.All", "--wants", f"{EXCHANGE}/SMTP.Send"),
    )
    assert told.code == 0
    assert verdicts(told.content)[EXCHANGE, "IMAP.AccessAsUser.All"] == "granted"
    assert verdicts(told.content)[EXCHANGE, "SMTP.Send"] == "missing"


def test_what_only_a_user_consented_to_is_told_with_the_user(entrakit: Entrakit) -> None:
    told = entrakit("consent", "show", "SMArtEmail", "-o", "json")
    mail = next(p for p in told.content["permissions"] if p["permission"]["value"] == "Mail.ReadWrite")
    assert (mail["for_everyone"], mail["users"]) == (False, ["dana@contoso.example"])


def test_the_manifest_of_an_application_at_home_here_is_compared(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    app_id = next(app["appId"] for app in tenant.table("applications").values() if app.get("requiredResourceAccess"))
    content = entrakit("consent", "show", app_id, "-o", "json").content
    assert content["source"] == "manifest"
    assert "not compared" not in {
        p["verdict"]
        for p in content["permissions"]
        if p["permission"]["value"] not in ("openid", "profile", "email", "offline_access")
    }


def test_a_permission_that_the_resource_does_not_define_is_a_usage_error(entrakit: Entrakit) -> None:
    told = entrakit("consent", "show", "SMArtEmail", "--wants", f"{EXCHANGE}/IMAP.Nonsense")
    assert told.code == 2
    assert "IMAP.Nonsense" in told.err


def test_the_consent_address_is_for_this_tenant_and_application(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    told = entrakit("consent", "url", "SMArtEmail", "-o", "json")
    app_id = tenant.named("SMArtEmail")["appId"]
    assert told.content["url"] == (f"https://login.microsoftonline.com/{tenant.now.id}/adminconsent?client_id={app_id}")


def test_the_address_of_an_unknown_appid_is_given_all_the_same(entrakit: Entrakit) -> None:
    unknown = "99999999-1234-4000-8000-000000000000"
    told = entrakit("consent", "url", unknown, "-o", "json")
    assert told.code == 0
    assert unknown in told.content["url"]


def test_opening_the_address_grants_and_waiting_sees_it(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    tenant.prepare(
        lambda t: t.tables["servicePrincipals"][tenant.named("SMArtEmail")["id"]].update(accountEnabled=True)
    )
    told = entrakit(
        *("consent", "url", "SMArtEmail", "--open", "--wait", "--timeout", "5", "-o", "json"),
        *("--wants", f"{EXCHANGE}/SMTP.Send"),
    )
    assert (told.code, told.content["arrived"]) == (0, True)


def test_waiting_for_consent_that_does_not_come_fails(entrakit: Entrakit) -> None:
    told = entrakit(
        *("consent", "url", "SMArtEmail", "--wait", "--timeout", "0", "-o", "json"),
        *("--wants", f"{EXCHANGE}/SMTP.Send"),
    )
    assert (told.code, told.content["arrived"]) == (1, False)
