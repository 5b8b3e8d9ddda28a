"""Client credentials: an application signs in as itself."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.sandbox.signing_in import DEFAULT, GRAPH, SignInHost, refused
from toolkit.sandbox.scenarios.contoso_own import (
    EXPIRED_SECRET,
    HR_PORTAL,
    KIOSK,
    LEGACY_AUTOMATION,
    PIPELINE,
    PIPELINE_ROLES,
    PIPELINE_SECRET,
    SCANNER_API,
    TOOL,
)
from toolkit.sandbox.scenarios.smart_email import APP_ID
from toolkit.sandbox.tokens import BadToken, verify


@pytest.fixture
def host() -> SignInHost:
    return SignInHost()


def test_msal_gets_a_token_with_the_applications_roles(host: SignInHost):
    answer = host.confidential(PIPELINE_SECRET).acquire_token_for_client([DEFAULT])
    assert answer["token_type"] == "Bearer"
    claims = host.claims(answer["access_token"])
    assert sorted(claims["roles"]) == sorted(PIPELINE_ROLES)
    assert claims["idtyp"] == "app"
    assert claims["appid"] == PIPELINE
    assert claims["aud"] == GRAPH
    assert claims["app_displayname"] == "entrakit pipeline"
    assert "scp" not in claims


def test_an_application_token_has_no_refresh_token(host: SignInHost):
    body = host.pipeline_token().json()
    assert set(body) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert body["expires_in"] == 3599


def test_answers_are_never_cached(host: SignInHost):
    reply = host.pipeline_token()
    assert "no-store" in reply.headers["Cache-Control"]
    assert reply.headers["x-ms-request-id"]


def test_the_secret_may_come_as_basic_authentication(host: SignInHost):
    basic = base64.b64encode(f"{PIPELINE}:{PIPELINE_SECRET}".encode()).decode()
    reply = host.send("token", {"Authorization": f"Basic {basic}"}, grant_type="client_credentials", scope=DEFAULT)
    assert reply.status == 200


def test_a_doubled_slash_stays_in_the_audience(host: SignInHost):
    token = host.pipeline_token(scope=f"{GRAPH}//.default").json()["access_token"]
    assert host.claims(token)["aud"] == f"{GRAPH}/"


def test_a_global_administrator_application_carries_the_role(host: SignInHost):
    body = host.pipeline_token(client_id=LEGACY_AUTOMATION, client_secret="legacy-automation-secret").json()
    assert host.claims(body["access_token"])["wids"] == ["62e90394-69f5-4237-9190-012177145e10"]


def test_an_application_without_roles_gets_a_token_without_roles(host: SignInHost):
    body = host.pipeline_token(client_id=HR_PORTAL, client_secret="hr-portal-second-secret").json()
    assert "roles" not in host.claims(body["access_token"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"client_secret": "guess"}, (401, "invalid_client", 7000215)),
        ({"client_secret": EXPIRED_SECRET}, (401, "invalid_client", 7000222)),
        ({"client_secret": ""}, (401, "invalid_client", 7000218)),
        ({"client_id": "00000000-0000-4000-8000-00000000dead"}, (400, "unauthorized_client", 700016)),
        ({"client_id": ""}, (400, "invalid_request", 900144)),
        ({"client_id": APP_ID}, (400, "unauthorized_client", 7000112)),
        ({"client_id": KIOSK}, (400, "unauthorized_client", 7000112)),
        ({"scope": ""}, (400, "invalid_request", 900144)),
        ({"scope": "User.Read"}, (400, "invalid_scope", 70011)),
        ({"scope": f"{GRAPH}/User.Read.All"}, (400, "invalid_scope", 70011)),
        ({"scope": "https://nothing.example/.default"}, (400, "invalid_resource", 500011)),
        ({"grant_type": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
    ],
)
def test_client_credentials_are_refused_as_entra_refuses_them(
    host: SignInHost, change: dict[str, str], expected: tuple[int, str, int]
):
    assert refused(host.pipeline_token(**change)) == expected


def test_a_tenant_nobody_knows_is_refused(host: SignInHost):
    host.name = "11111111-2222-4333-8444-555555555555"
    assert refused(host.pipeline_token()) == (400, "invalid_request", 90002)


def test_an_application_must_name_its_tenant(host: SignInHost):
    host.name = "common"
    assert refused(host.pipeline_token())[2] == 9001023


def test_an_error_body_has_what_support_asks_for(host: SignInHost):
    correlation = "a5d3ea05-81fd-49b6-9aa2-52ee5c22f8a6"
    reply = host.send("token", {"client-request-id": correlation}, grant_type="client_credentials", client_id=PIPELINE)
    body = reply.json()
    assert body["correlation_id"] == correlation
    assert body["timestamp"] == "2031-05-06 07:08:09Z"
    lines = body["error_description"].split("\r\n")
    assert lines[0].startswith("AADSTS900144: ")
    assert lines[1:] == [
        f"Trace ID: {body['trace_id']}", f"Correlation ID: {correlation}", "Timestamp: 2031-05-06 07:08:09Z"
    ]  # fmt: skip
    assert body["error_uri"].endswith("/error?code=900144")


def test_an_api_that_requires_assignment_refuses_applications_without_a_role(host: SignInHost):
    api = host.tenant.service_principal_of(SCANNER_API)
    assert api is not None
    api["appRoleAssignmentRequired"] = True
    reply = host.pipeline_token(scope="api://scanner.contoso.example/.default")
    assert refused(reply)[2] == 501051


def _certificate() -> tuple[str, bytes, str]:
    """Private key (PEM), certificate (DER) and its PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pipeline")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return private.decode(), made.public_bytes(serialization.Encoding.DER), pem


@pytest.fixture(scope="module")
def certificate() -> tuple[str, bytes, str]:
    return _certificate()


def _register(host: SignInHost, der: bytes) -> None:
    application = host.tenant.application_of(PIPELINE)
    assert application is not None
    key = base64.b64encode(der).decode()
    application["keyCredentials"].append({"keyId": "k", "type": "AsymmetricX509Cert", "usage": "Verify", "key": key})


def _credential(certificate: tuple[str, bytes, str], sha1: bool) -> dict[str, Any]:
    private, der, public = certificate
    if not sha1:
        return {"private_key": private, "public_certificate": public}
    thumbprint = x509.load_der_x509_certificate(der).fingerprint(hashes.SHA1()).hex()
    return {"private_key": private, "thumbprint": thumbprint}


@pytest.mark.parametrize("sha1", [False, True], ids=["PS256 and x5t#S256", "RS256 and x5t"])
def test_msal_signs_in_with_a_registered_certificate(host: SignInHost, certificate: Any, sha1: bool):
    host.moment = datetime.now(UTC)
    _register(host, certificate[1])
    answer = host.confidential(_credential(certificate, sha1)).acquire_token_for_client([DEFAULT])
    assert "error" not in answer, answer
    assert host.claims(answer["access_token"])["appidacr"] == "2"


def test_a_certificate_that_is_not_registered_is_refused(host: SignInHost, certificate: Any):
    answer = host.confidential(_credential(certificate, False)).acquire_token_for_client([DEFAULT])
    assert answer["error"] == "invalid_client"
    assert answer["error_codes"] == [700027]


def test_an_assertion_with_a_broken_signature_is_refused(host: SignInHost, certificate: Any):
    host.moment = datetime.now(UTC)
    _register(host, certificate[1])
    other = _certificate()
    forged = {"private_key": other[0], "public_certificate": certificate[2]}
    answer = host.confidential(forged).acquire_token_for_client([DEFAULT])
    assert answer["error_codes"] == [700027]


def test_an_assertion_for_another_audience_is_refused(host: SignInHost, certificate: Any):
    import jwt

    _register(host, certificate[1])
    thumbprint = x509.load_der_x509_certificate(certificate[1]).fingerprint(hashes.SHA1())
    ends = host.moment.timestamp() + 600
    claims = {"iss": PIPELINE, "sub": PIPELINE, "aud": "https://elsewhere.example/token", "exp": ends}
    header = {"x5t": base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()}
    assertion = jwt.encode(claims, certificate[0], algorithm="RS256", headers=header)
    reply = host.pipeline_token(client_secret="", client_assertion=assertion)
    assert refused(reply) == (401, "invalid_client", 700023)
    expired = jwt.encode({**claims, "exp": 1}, certificate[0], algorithm="RS256", headers=header)
    assert refused(host.pipeline_token(client_secret="", client_assertion=expired))[2] == 700024
    assert refused(host.pipeline_token(client_secret="", client_assertion="no.jwt.at-all"))[2] == 50027


def test_graph_accepts_a_token_until_it_expires(host: SignInHost):
    token = host.pipeline_token().json()["access_token"]
    assert verify(host.tenant, token, host.moment + timedelta(minutes=59))["appid"] == PIPELINE
    with pytest.raises(BadToken, match="expired"):
        verify(host.tenant, token, host.moment + timedelta(minutes=61))


def test_graph_refuses_a_token_for_another_api(host: SignInHost):
    token = host.pipeline_token(scope="https://vault.azure.net/.default").json()["access_token"]
    with pytest.raises(BadToken, match="audience"):
        verify(host.tenant, token, host.moment)


@pytest.mark.parametrize("token", ["", "abc", "a.b", "a.b.c", "é.é.é"])
def test_graph_refuses_what_is_no_token(host: SignInHost, token: str):
    with pytest.raises(BadToken) as caught:
        verify(host.tenant, token, host.moment)
    assert caught.value.code == "InvalidAuthenticationToken"


def test_graph_refuses_a_token_whose_claims_were_changed(host: SignInHost):
    header, _, signature = host.pipeline_token().json()["access_token"].split(".")
    forged = base64.urlsafe_b64encode(b'{"roles":["Directory.ReadWrite.All"]}').rstrip(b"=").decode()
    with pytest.raises(BadToken, match="signature"):
        verify(host.tenant, f"{header}.{forged}.{signature}", host.moment)


def test_a_public_client_cannot_sign_in_as_itself(host: SignInHost):
    reply = host.pipeline_token(client_id=TOOL, client_secret="anything")
    assert refused(reply)[1] == "invalid_client"
