"""Users sign in: device code, authorization code, refresh tokens."""

import base64
import hashlib
import re
from typing import Any

import pytest

from tests.sandbox.signing_in import ADMIN, DEFAULT, GRAPH, LOGIN, SignInHost, refused, sent_to
from toolkit.sandbox.identity import device_code
from toolkit.sandbox.scenarios import microsoft
from toolkit.sandbox.scenarios.contoso_own import HR_PORTAL, TOOL, TOOL_SCOPES
from toolkit.sandbox.scenarios.contoso_people import DANA, DORA, person
from toolkit.sandbox.scenarios.contoso_vendors import vendor_app
from toolkit.sandbox.scenarios.smart_email import APP_ID

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
SCOPE = "User.Read openid profile offline_access"


@pytest.fixture
def host() -> SignInHost:
    return SignInHost()


def _device(host: SignInHost, scope: str = SCOPE, client: str = TOOL) -> dict[str, Any]:
    return host.send("devicecode", client_id=client, scope=scope).json()


def _poll(host: SignInHost, asked: dict[str, Any], client: str = TOOL) -> Any:
    return host.token(grant_type=device_code.GRANT, client_id=client, device_code=asked["device_code"])


# Device code


def test_msal_signs_a_user_in_with_a_device_code(host: SignInHost):
    app = host.public()
    flow = app.initiate_device_flow(["Application.ReadWrite.All"])
    assert flow["verification_uri"] == "https://microsoft.com/devicelogin"
    assert flow["user_code"] in flow["message"]
    assert device_code.approve(host.tenant, flow["user_code"].lower(), ADMIN)
    answer = app.acquire_token_by_device_flow(flow)
    claims = host.claims(answer["access_token"])
    assert claims["scp"] == "Application.ReadWrite.All"
    assert claims["upn"] == ADMIN
    assert claims["wids"] == [GLOBAL]
    (account,) = app.get_accounts()
    assert account["username"] == ADMIN
    assert account["home_account_id"] == f"{person(ADMIN)}.{host.name}"


def test_msal_finds_the_token_in_its_cache_and_refreshes_it(host: SignInHost):
    app = host.public()
    host.tenant.settings["autoApprove"] = ADMIN
    app.acquire_token_by_device_flow(app.initiate_device_flow([DEFAULT]))
    (account,) = app.get_accounts()
    assert app.acquire_token_silent_with_error([DEFAULT], account)["token_source"] == "cache"
    renewed = app.acquire_token_silent_with_error(["Directory.Read.All"], account)
    assert host.claims(renewed["access_token"])["scp"] == "Directory.Read.All"
    again = app.acquire_token_silent_with_error([DEFAULT], account, force_refresh=True)
    assert again["token_source"] == "identity_provider"


def test_polling_waits_until_somebody_approves(host: SignInHost):
    asked = _device(host)
    assert (asked["expires_in"], asked["interval"]) == (900, 5)
    assert refused(_poll(host, asked)) == (400, "authorization_pending", 70016)
    assert device_code.approve(host.tenant, asked["user_code"], ADMIN)
    assert _poll(host, asked).status == 200
    assert refused(_poll(host, asked)) == (400, "bad_verification_code", 70018)


def test_a_declined_device_code_says_so(host: SignInHost):
    asked = _device(host)
    assert device_code.decline(host.tenant, asked["user_code"])
    assert refused(_poll(host, asked))[1] == "authorization_declined"


def test_a_device_code_expires(host: SignInHost):
    asked = _device(host)
    host.wait(seconds=901)
    assert refused(_poll(host, asked)) == (400, "expired_token", 70020)


def test_a_device_code_belongs_to_its_client(host: SignInHost):
    assert refused(_poll(host, _device(host), vendor_app("Adatum Expenses")))[2] == 70018


def test_nobody_can_approve_a_code_that_does_not_exist(host: SignInHost):
    assert not device_code.approve(host.tenant, "NOSUCHONE", ADMIN)
    assert not device_code.approve(host.tenant, _device(host)["user_code"], "nobody@contoso.example")


def test_the_served_sandbox_has_its_own_page_for_the_code(host: SignInHost):
    base = "https://localhost:8443"
    body = f"client_id={TOOL}&scope=User.Read".encode()
    asked = host.sandbox.handle("POST", f"{base}/common/oauth2/v2.0/devicecode", {}, body).json()
    assert asked["verification_uri"] == f"{base}/devicelogin"
    page = host.ask("devicelogin", {"code": asked["user_code"]}, base=base)
    assert asked["user_code"].encode() in page.body
    sent = f"code={asked['user_code']}&user={ADMIN}".encode()
    assert host.sandbox.handle("POST", f"{base}/devicelogin", {}, sent).status == 200
    assert _poll(host, asked).status == 200
    assert host.sandbox.handle("POST", f"{base}/devicelogin", {}, b"code=WRONG&user=x").status == 400


def test_a_confidential_client_must_prove_itself_when_it_redeems_a_device_code(host: SignInHost):
    host.tenant.settings["autoApprove"] = "finn@contoso.example"
    asked = _device(host, client=HR_PORTAL)
    assert refused(_poll(host, asked, HR_PORTAL)) == (401, "invalid_client", 7000218)


# What tokens say


def test_a_default_request_carries_everything_consented(host: SignInHost):
    body = host.signed_in(f"{DEFAULT} openid profile offline_access")
    assert host.claims(body["access_token"])["scp"].split() == sorted(TOOL_SCOPES)
    assert f"{GRAPH}/.default" in body["scope"].split()
    assert f"{GRAPH}/Directory.Read.All" in body["scope"].split()


def test_id_token_and_client_info_name_the_user(host: SignInHost):
    body = host.signed_in()
    claims = host.claims(body["id_token"])
    assert claims["aud"] == TOOL
    assert claims["iss"] == f"{LOGIN}/{host.name}/v2.0"
    assert claims["preferred_username"] == ADMIN
    info = base64.urlsafe_b64decode(body["client_info"] + "==")
    assert person(ADMIN).encode() in info


def test_without_offline_access_or_openid_there_is_only_an_access_token(host: SignInHost):
    assert set(host.signed_in("User.Read")) == {
        "token_type", "scope", "expires_in", "ext_expires_in", "access_token", "client_info"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("user", "roles"),
    [("gustav", [GLOBAL]), ("priya", [GLOBAL]), ("rita", [GLOBAL]), ("evan", []), ("petra", []), ("uma", [])],
)
def test_wids_are_the_roles_in_force_tenant_wide(host: SignInHost, user: str, roles: list[str]):
    body = host.signed_in("User.Read", f"{user}@contoso.example")
    assert host.claims(body["access_token"])["wids"] == roles


def test_an_ended_activation_leaves_the_token(host: SignInHost):
    host.wait(hours=4)
    body = host.signed_in("User.Read", "priya@contoso.example")
    assert host.claims(body["access_token"])["wids"] == []


def test_everyones_and_the_users_own_grants_add_up(host: SignInHost):
    host.tenant.settings["autoApprove"] = "o.brien@contoso.example"
    northwind = vendor_app("Northwind CRM Connector")
    reply = _poll(host, _device(host, DEFAULT, northwind), northwind)
    assert host.claims(reply.json()["access_token"])["scp"] == "Calendars.ReadWrite Contacts.ReadWrite Mail.Read"


def test_scopes_that_the_resource_does_not_publish_never_reach_a_token(host: SignInHost):
    host.tenant.settings["autoApprove"] = ADMIN
    coho = vendor_app("Coho Winery Tasting")
    reply = _poll(host, _device(host, DEFAULT, coho), coho)
    assert host.claims(reply.json()["access_token"])["scp"] == "User.Read"


# Consent


def test_a_user_may_consent_to_what_needs_no_administrator(host: SignInHost):
    host.tenant.settings["autoApprove"] = "finn@contoso.example"
    surveys = vendor_app("Wingtip Surveys")
    reply = _poll(host, _device(host, "Calendars.Read", surveys), surveys)
    assert host.claims(reply.json()["access_token"])["scp"] == "Calendars.Read"
    (grant,) = host.tenant.grants_of_user(person("finn"))[-1:]
    assert (grant["consentType"], grant["scope"]) == ("Principal", "Calendars.Read")


def test_a_user_may_not_consent_to_what_needs_an_administrator(host: SignInHost):
    host.tenant.settings["autoApprove"] = "finn@contoso.example"
    surveys = vendor_app("Wingtip Surveys")
    reply = _poll(host, _device(host, "Directory.Read.All", surveys), surveys)
    assert refused(reply) == (400, "invalid_grant", 65001)
    assert reply.json()["suberror"] == "consent_required"


def test_no_user_may_consent_where_user_consent_is_off(host: SignInHost):
    host.tenant.settings.update(autoApprove="finn@contoso.example", userConsent=False)
    surveys = vendor_app("Wingtip Surveys")
    assert refused(_poll(host, _device(host, "Calendars.Read", surveys), surveys))[2] == 65001


def test_a_refresh_never_consents(host: SignInHost):
    body = host.signed_in()
    reply = host.token(
        grant_type="refresh_token", client_id=TOOL, refresh_token=body["refresh_token"], scope="Mail.Read"
    )
    assert refused(reply) == (400, "invalid_grant", 65001)
    assert reply.json()["suberror"] == "consent_required"


# Who may sign in


def test_smartemail_is_switched_off(host: SignInHost):
    reply = host.send("devicecode", client_id=APP_ID, scope="https://outlook.office365.com/IMAP.AccessAsUser.All")
    assert refused(reply) == (400, "unauthorized_client", 7000112)


def test_a_user_without_assignment_is_turned_away_and_remembered(host: SignInHost):
    host.tenant.settings["autoApprove"] = DANA
    asked = _device(host, client=HR_PORTAL)
    reply = host.token(
        grant_type=device_code.GRANT, client_id=HR_PORTAL, client_secret="hr-portal-second-secret",
        device_code=asked["device_code"],
    )  # fmt: skip
    assert refused(reply) == (400, "invalid_grant", 50105)
    last = list(host.tenant.tables["signIns"].values())[-1]
    assert (last["userPrincipalName"], last["status"]["errorCode"]) == (DANA, 50105)


def test_a_member_of_an_assigned_group_may_sign_in(host: SignInHost):
    host.tenant.settings["autoApprove"] = "mei@contoso.example"
    asked = _device(host, client=HR_PORTAL)
    reply = host.token(
        grant_type=device_code.GRANT, client_id=HR_PORTAL, client_secret="hr-portal-second-secret",
        device_code=asked["device_code"],
    )  # fmt: skip
    assert reply.status == 200


def test_a_disabled_user_may_not_sign_in(host: SignInHost):
    host.tenant.settings["autoApprove"] = DORA
    assert refused(_poll(host, _device(host)))[2] == 50057


def test_an_interactive_sign_in_is_logged(host: SignInHost):
    before = len(host.tenant.tables["signIns"])
    body = host.signed_in()
    assert len(host.tenant.tables["signIns"]) == before + 1
    host.token(grant_type="refresh_token", client_id=TOOL, refresh_token=body["refresh_token"], scope="User.Read")
    assert len(host.tenant.tables["signIns"]) == before + 1


# Refresh tokens


def _refresh(host: SignInHost, token: str, **change: str) -> Any:
    fields = {"grant_type": "refresh_token", "client_id": TOOL, "refresh_token": token, "scope": "User.Read", **change}
    return host.token(**{name: value for name, value in fields.items() if value})


def test_a_refresh_gives_a_new_token_and_leaves_the_old_one_working(host: SignInHost):
    first = host.signed_in()["refresh_token"]
    second = _refresh(host, first).json()["refresh_token"]
    assert second != first
    assert _refresh(host, first).status == 200
    assert _refresh(host, second).status == 200


def test_a_refresh_without_scope_repeats_the_sign_in(host: SignInHost):
    body = _refresh(host, host.signed_in()["refresh_token"], scope="").json()
    assert host.claims(body["access_token"])["scp"] == "User.Read"
    assert "id_token" in body


def test_a_refresh_token_unused_for_ninety_days_is_inactive(host: SignInHost):
    token = host.signed_in()["refresh_token"]
    host.wait(days=60)
    assert _refresh(host, token).status == 200
    host.wait(days=89)
    assert _refresh(host, token).status == 200
    host.wait(days=90)
    reply = _refresh(host, token)
    assert refused(reply) == (400, "invalid_grant", 700082)
    assert "was inactive for 90.0:00:00." in reply.json()["error_description"]


def test_a_refresh_token_older_than_the_users_sign_in_state_is_revoked(host: SignInHost):
    token = host.signed_in()["refresh_token"]
    host.tenant.tables["users"][person(ADMIN)]["signInSessionsValidFromDateTime"] = "2031-06-01T00:00:00Z"
    assert refused(_refresh(host, token)) == (400, "invalid_grant", 50173)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"refresh_token": "1.nonsense"}, 9002313),
        ({"refresh_token": ""}, 900144),
        ({"client_id": vendor_app("Adatum Expenses")}, 70000),
        ({"client_id": "00000000-0000-4000-8000-00000000dead"}, 700016),
        ({"scope": f"{GRAPH}/User.Read https://vault.azure.net/user_impersonation"}, 70011),
        ({"scope": f"{DEFAULT} {GRAPH}/User.Read"}, 70011),
        ({"scope": "https://nothing.example/.default"}, 500011),
    ],
)
def test_refreshing_is_refused_as_entra_refuses_it(host: SignInHost, change: dict[str, str], number: int):
    assert refused(_refresh(host, host.signed_in()["refresh_token"], **change))[2] == number


def test_refreshing_after_the_application_was_switched_off_is_refused_and_remembered(host: SignInHost):
    token = host.signed_in()["refresh_token"]
    tool = host.tenant.service_principal_of(TOOL)
    assert tool is not None
    tool["accountEnabled"] = False
    assert refused(_refresh(host, token))[2] == 7000112
    assert list(host.tenant.tables["signIns"].values())[-1]["status"]["errorCode"] == 7000112


def test_a_refresh_token_opens_another_consented_resource(host: SignInHost):
    host.tenant.settings["autoApprove"] = ADMIN
    litware = vendor_app("Litware Migration")
    scope = "https://outlook.office365.com/EWS.AccessAsUser.All offline_access"
    first = _poll(host, _device(host, scope, litware), litware).json()
    reply = _refresh(
        host, first["refresh_token"], client_id=litware, scope="https://contoso.sharepoint.com/AllSites.FullControl"
    )
    claims = host.claims(reply.json()["access_token"])
    assert (claims["aud"], claims["scp"]) == ("https://contoso.sharepoint.com", "AllSites.FullControl")


def test_the_azure_command_line_needs_nobodys_consent(host: SignInHost):
    host.tenant.settings["autoApprove"] = ADMIN
    client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
    reply = _poll(host, _device(host, f"{GRAPH}//.default offline_access openid profile", client), client)
    claims = host.claims(reply.json()["access_token"])
    assert claims["aud"] == f"{GRAPH}/"
    assert "Directory.AccessAsUser.All" in claims["scp"].split()
    other = _poll(host, _device(host, "https://management.core.windows.net//.default", client), client)
    assert host.claims(other.json()["access_token"])["scp"] == "user_impersonation"


# Authorization code


def test_msal_signs_a_user_in_with_an_authorization_code(host: SignInHost):
    host.tenant.settings["autoApprove"] = ADMIN
    app = host.public()
    flow = app.initiate_auth_code_flow(["Directory.Read.All"], redirect_uri="http://localhost:8400")
    address, answer = sent_to(host.sandbox.handle("GET", flow["auth_uri"]))
    assert address == "http://localhost:8400"
    tokens = app.acquire_token_by_auth_code_flow(flow, answer)
    assert host.claims(tokens["access_token"])["scp"] == "Directory.Read.All"
    assert tokens["id_token_claims"]["preferred_username"] == ADMIN


VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def _authorize(host: SignInHost, **change: str) -> Any:
    query = {
        "client_id": TOOL,
        "response_type": "code",
        "redirect_uri": "http://localhost:8400",
        "scope": SCOPE,
        "state": "s 1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **change,
    }
    return host.ask(f"{host.name}/oauth2/v2.0/authorize", {name: value for name, value in query.items() if value})


def _redeem(host: SignInHost, code: str, **change: str) -> Any:
    fields = {
        "grant_type": "authorization_code",
        "client_id": TOOL,
        "code": code,
        "redirect_uri": "http://localhost:8400",
        "code_verifier": VERIFIER,
        **change,
    }
    return host.token(**{name: value for name, value in fields.items() if value})


def test_without_anybody_signed_in_a_page_lets_one_pick_a_user(host: SignInHost):
    page = _authorize(host)
    assert page.status == 200
    assert b"Alex Admin" in page.body
    assert b"Dora Departed" not in page.body
    _, answer = sent_to(_authorize(host, sandbox_user=ADMIN))
    assert answer["state"] == "s 1"
    assert _redeem(host, answer["code"]).status == 200


def test_the_page_escapes_what_a_tenant_or_a_request_says(host: SignInHost):
    tool = host.tenant.service_principal_of(TOOL)
    assert tool is not None
    tool["displayName"] = "<script>alert(1)</script>"
    body = _authorize(host, state='"><img src=x>').body
    assert b"<script>alert" not in body
    assert b"<img" not in body


def test_cancelling_goes_back_with_access_denied(host: SignInHost):
    _, answer = sent_to(_authorize(host, sandbox_cancel="1"))
    assert (answer["error"], answer["state"]) == ("access_denied", "s 1")
    assert answer["error_description"].startswith("AADSTS65004")


def test_form_post_sends_the_code_in_a_form(host: SignInHost):
    page = _authorize(host, sandbox_user=ADMIN, response_mode="form_post").body.decode()
    assert 'action="http://localhost:8400"' in page
    code = re.search(r'name="code" value="([^"]+)"', page)
    assert code is not None
    assert _redeem(host, code[1]).status == 200


def test_an_unregistered_reply_address_never_gets_a_redirect(host: SignInHost):
    reply = _authorize(host, redirect_uri="https://evil.example/cb", sandbox_user=ADMIN)
    assert reply.status == 400
    assert b"AADSTS50011" in reply.body


def test_a_silent_request_without_a_session_needs_a_login(host: SignInHost):
    _, answer = sent_to(_authorize(host, prompt="none"))
    assert answer["error"] == "login_required"


def test_a_user_who_may_not_consent_is_sent_back(host: SignInHost):
    reply = _authorize(host, sandbox_user="finn@contoso.example", scope="Mail.ReadWrite.Shared Sites.FullControl.All")
    _, answer = sent_to(reply)
    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("AADSTS90094")


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"code": "1.nonsense"}, 9002313),
        ({"code_verifier": "w" * 43}, 501481),
        ({"code_verifier": ""}, 501481),
        ({"redirect_uri": "http://localhost:9999"}, 50011),
        ({"redirect_uri": ""}, 900144),
    ],
)
def test_a_code_is_refused_to_who_does_not_fit(host: SignInHost, change: dict[str, str], number: int):
    _, answer = sent_to(_authorize(host, sandbox_user=ADMIN))
    assert refused(_redeem(host, **{"code": answer["code"], **change}))[2] == number


def test_a_code_works_once_and_not_for_long(host: SignInHost):
    _, answer = sent_to(_authorize(host, sandbox_user=ADMIN))
    assert _redeem(host, answer["code"]).status == 200
    assert refused(_redeem(host, answer["code"]))[2] == 54005
    _, late = sent_to(_authorize(host, sandbox_user=ADMIN))
    host.wait(minutes=11)
    assert refused(_redeem(host, late["code"]))[2] == 70008


def test_a_web_application_redeems_its_code_with_its_secret(host: SignInHost):
    address = "https://hr.contoso.example/signin-oidc"
    reply = _authorize(host, client_id=HR_PORTAL, redirect_uri=address, sandbox_user="finn@contoso.example")
    _, answer = sent_to(reply)
    missing = _redeem(host, answer["code"], client_id=HR_PORTAL, redirect_uri=address)
    assert refused(missing) == (401, "invalid_client", 7000218)
    done = _redeem(
        host, answer["code"], client_id=HR_PORTAL, redirect_uri=address, client_secret="hr-portal-second-secret"
    )
    assert host.claims(done.json()["access_token"])["appidacr"] == "1"


def test_graph_answers_with_the_application_id_as_audience_when_scopes_are_bare(host: SignInHost):
    assert host.claims(host.signed_in()["access_token"])["aud"] == microsoft.GRAPH
