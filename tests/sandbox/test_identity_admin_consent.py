"""Tenant-wide consent in the browser."""

import pytest

from tests.sandbox.signing_in import ADMIN, DEFAULT, SignInHost, sent_to
from toolkit.sandbox.http import Reply
from toolkit.sandbox.scenarios.contoso_own import PIPELINE, own_app
from toolkit.sandbox.scenarios.contoso_vendors import vendor_app
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH
from toolkit.sandbox.scenarios.smart_email import APP_ID
from toolkit.sandbox.tenant import Tenant

ADDRESS = "https://smartemail.example/consented"


@pytest.fixture
def host() -> SignInHost:
    return SignInHost()


def _consent(host: SignInHost, version: str = "", **query: str) -> Reply:
    fields = {"client_id": APP_ID, "redirect_uri": ADDRESS, "state": "12345", **query}
    return host.ask(f"{host.name}/{version}adminconsent", {name: value for name, value in fields.items() if value})


def _granted(tenant: Tenant, app_id: str) -> dict[str, str]:
    """Tenant-wide scopes of an application by the appId of the resource."""
    client = tenant.service_principal_of(app_id)
    assert client is not None
    rows = tenant.tables["servicePrincipals"]
    return {
        rows[grant["resourceId"]]["appId"]: grant["scope"]
        for grant in tenant.grants_of_client(client["id"])
        if grant["consentType"] == "AllPrincipals"
    }


def test_the_page_lists_what_is_asked_for(host: SignInHost):
    page = _consent(host)
    assert page.status == 200
    assert b"Office 365 Exchange Online: SMTP.Send" in page.body
    assert _granted(host.tenant, APP_ID) == {EXCHANGE: "IMAP.AccessAsUser.All"}


def test_an_administrators_consent_completes_smartemail(host: SignInHost):
    address, answer = sent_to(_consent(host, sandbox_user=ADMIN))
    assert address == ADDRESS
    assert answer == {"tenant": host.name, "state": "12345", "admin_consent": "True"}
    granted = _granted(host.tenant, APP_ID)
    assert set(granted[EXCHANGE].split()) == {"IMAP.AccessAsUser.All", "SMTP.Send"}
    assert set(granted[GRAPH].split()) == {"offline_access", "User.Read"}


def test_the_setting_approves_without_a_page(host: SignInHost):
    host.tenant.settings["autoApprove"] = ADMIN
    assert sent_to(_consent(host))[1]["admin_consent"] == "True"


def test_consenting_twice_changes_nothing_more(host: SignInHost):
    _consent(host, sandbox_user=ADMIN)
    once = dict(host.tenant.tables["oauth2PermissionGrants"])
    _consent(host, sandbox_user=ADMIN)
    assert host.tenant.tables["oauth2PermissionGrants"] == once


def test_consent_brings_a_deleted_application_back_with_a_new_object(host: SignInHost):
    old = host.tenant.service_principal_of(APP_ID)
    assert old is not None
    del host.tenant.tables["servicePrincipals"][old["id"]]
    assert sent_to(_consent(host, sandbox_user=ADMIN))[1]["admin_consent"] == "True"
    new = host.tenant.service_principal_of(APP_ID)
    assert new is not None
    assert new["id"] != old["id"]
    assert new["accountEnabled"] is True
    assert set(_granted(host.tenant, APP_ID)) == {EXCHANGE, GRAPH}
    activities = [row["activityDisplayName"] for row in host.tenant.tables["directoryAudits"].values()]
    assert {"Add service principal", "Consent to application"} <= set(activities)


def test_consent_assigns_application_permissions(host: SignInHost):
    client = host.tenant.service_principal_of(PIPELINE)
    assert client is not None
    for row in host.tenant.assignments_of_principal(client["id"])[:3]:
        del host.tenant.tables["appRoleAssignments"][row["id"]]
    reply = _consent(host, client_id=PIPELINE, redirect_uri="", sandbox_user=ADMIN)
    assert reply.status == 200
    assert b"Permissions granted" in reply.body
    assert len(host.tenant.assignments_of_principal(client["id"])) == 7


def test_an_application_administrator_may_consent_to_delegated_permissions(host: SignInHost):
    answer = sent_to(_consent(host, sandbox_user="anna@contoso.example"))[1]
    assert answer["admin_consent"] == "True"


def test_an_application_administrator_may_not_grant_roles_on_microsoft_graph(host: SignInHost):
    tailspin = vendor_app("Tailspin Signatures")
    page = _consent(host, client_id=tailspin, redirect_uri="", sandbox_user="anna@contoso.example")
    assert page.status == 403


def test_a_cloud_application_administrator_may_grant_roles_elsewhere(host: SignInHost):
    archiver = own_app("Mail Archiver")
    page = _consent(host, client_id=archiver, redirect_uri="", sandbox_user="cleo.cloud@contoso.example")
    assert page.status == 200


def test_a_user_without_a_role_goes_back_with_an_error(host: SignInHost):
    _, first = sent_to(_consent(host, sandbox_user="finn@contoso.example"))
    assert (first["error"], first["state"]) == ("permission_denied", "12345")
    _, second = sent_to(_consent(host, "v2.0/", scope=DEFAULT, sandbox_user="finn@contoso.example"))
    assert (second["error"], second["admin_consent"]) == ("consent_required", "True")
    assert second["error_description"].startswith("AADSTS65004")
    assert _granted(host.tenant, APP_ID) == {EXCHANGE: "IMAP.AccessAsUser.All"}


def test_cancelling_goes_back_with_an_error(host: SignInHost):
    _, answer = sent_to(_consent(host, sandbox_cancel="1"))
    assert answer["error_description"] == "The admin canceled the request"


def test_the_second_version_grants_the_scopes_of_the_request(host: SignInHost):
    scope = "https://graph.microsoft.com/Calendars.Read https://graph.microsoft.com/Mail.Send offline_access"
    _, answer = sent_to(_consent(host, "v2.0/", scope=scope, sandbox_user=ADMIN))
    assert answer["scope"] == scope
    assert set(_granted(host.tenant, APP_ID)[GRAPH].split()) == {"Calendars.Read", "Mail.Send", "offline_access"}


def test_the_second_version_grants_one_resource_with_default(host: SignInHost):
    scope = "https://outlook.office365.com/.default"
    _consent(host, "v2.0/", scope=scope, sandbox_user=ADMIN)
    granted = _granted(host.tenant, APP_ID)
    assert set(granted[EXCHANGE].split()) == {"IMAP.AccessAsUser.All", "SMTP.Send"}
    assert GRAPH not in granted


@pytest.mark.parametrize(
    ("version", "change", "number"),
    [
        ("", {"client_id": "00000000-0000-4000-8000-00000000dead"}, 700016),
        ("", {"client_id": ""}, 900144),
        ("", {"redirect_uri": "https://evil.example/cb"}, 50011),
        ("v2.0/", {}, 900144),
        ("v2.0/", {"scope": "https://graph.microsoft.com/No.Such.Thing"}, 70011),
        ("v2.0/", {"scope": "https://nothing.example/.default"}, 500011),
    ],
)
def test_what_cannot_go_back_is_shown_on_a_page(host: SignInHost, version: str, change: dict[str, str], number: int):
    reply = _consent(host, version, **change)
    assert reply.status == 400
    assert f"AADSTS{number}".encode() in reply.body


def test_the_second_version_does_not_serve_common(host: SignInHost):
    host.name = "common"
    assert _consent(host).status == 200
    assert b"AADSTS90023" in _consent(host, "v2.0/", scope=DEFAULT).body


def test_consent_outlives_a_look_at_the_deleted_items(host: SignInHost):
    forms = vendor_app("Wingtip Forms")
    assert host.tenant.service_principal_of(forms) is None
    reply = _consent(host, client_id=forms, redirect_uri="", sandbox_user=ADMIN)
    assert reply.status == 200
    assert host.tenant.service_principal_of(forms) is not None
