"""Discovery: instances, endpoints, keys."""

import pytest

from tests.sandbox.signing_in import LOGIN, SignInHost, refused


@pytest.fixture
def host() -> SignInHost:
    return SignInHost()


def test_instance_discovery_knows_the_clouds(host: SignInHost):
    endpoint = f"{LOGIN}/common/oauth2/v2.0/authorize"
    body = host.ask("common/discovery/instance", {"api-version": "1.1", "authorization_endpoint": endpoint}).json()
    assert body["tenant_discovery_endpoint"] == f"{LOGIN}/common/v2.0/.well-known/openid-configuration"
    networks = {row["preferred_network"] for row in body["metadata"]}
    assert networks >= {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}


def test_instance_discovery_counts_the_served_loopback_host_as_one(host: SignInHost):
    endpoint = "https://localhost:8443/common/oauth2/v2.0/authorize"
    reply = host.ask("common/discovery/instance", {"authorization_endpoint": endpoint}, base="https://localhost:8443")
    assert ["localhost:8443"] in [row["aliases"] for row in reply.json()["metadata"]]


def test_an_unknown_instance_is_refused(host: SignInHost):
    endpoint = "https://login.example.com/common/oauth2/v2.0/authorize"
    reply = host.ask("common/discovery/instance", {"authorization_endpoint": endpoint})
    assert refused(reply) == (400, "invalid_instance", 50049)


@pytest.mark.parametrize("name", ["c0117050-0000-4000-8000-000000000001", "contoso.example", "Contoso.OnMicrosoft.com"])
def test_endpoints_carry_the_tenants_guid_whatever_name_was_asked(host: SignInHost, name: str):
    body = host.ask(f"{name}/v2.0/.well-known/openid-configuration").json()
    assert body["token_endpoint"] == f"{LOGIN}/{host.name}/oauth2/v2.0/token"
    assert body["issuer"] == f"{LOGIN}/{host.name}/v2.0"


@pytest.mark.parametrize("name", ["common", "organizations"])
def test_shared_tenants_have_a_literal_issuer(host: SignInHost, name: str):
    body = host.ask(f"{name}/v2.0/.well-known/openid-configuration").json()
    assert body["authorization_endpoint"] == f"{LOGIN}/{name}/oauth2/v2.0/authorize"
    assert body["issuer"] == LOGIN + "/{tenantid}/v2.0"


def test_endpoints_carry_the_host_and_port_that_were_asked(host: SignInHost):
    base = "https://127.0.0.1:8443"
    body = host.ask("organizations/v2.0/.well-known/openid-configuration", base=base).json()
    assert body["device_authorization_endpoint"] == f"{base}/organizations/oauth2/v2.0/devicecode"
    assert body["msgraph_host"] == "127.0.0.1:8443"


def test_a_government_login_host_names_its_graph_host(host: SignInHost):
    base = "https://login.microsoftonline.us"
    body = host.ask(f"{host.name}/v2.0/.well-known/openid-configuration", base=base).json()
    assert body["msgraph_host"] == "graph.microsoft.us"


def test_an_unknown_tenant_has_no_configuration(host: SignInHost):
    reply = host.ask("fabrikam.example/v2.0/.well-known/openid-configuration")
    assert refused(reply) == (400, "invalid_tenant", 90002)


def test_the_published_key_verifies_issued_tokens(host: SignInHost):
    import jwt

    token = host.pipeline_token().json()["access_token"]
    (key,) = host.ask(f"{host.name}/discovery/v2.0/keys").json()["keys"]
    verified = jwt.decode(
        token, jwt.PyJWK(key).key, algorithms=["RS256"], audience="https://graph.microsoft.com",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )  # fmt: skip
    assert verified["tid"] == host.name
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]


def test_an_unknown_path_is_not_implemented_and_says_which(host: SignInHost):
    reply = host.ask("common/kmsi")
    assert reply.status == 501
    assert b"/common/kmsi" in reply.body


def test_signing_out_goes_where_the_client_wants(host: SignInHost):
    address = {"post_logout_redirect_uri": "https://hr.contoso.example/bye"}
    assert host.ask(f"{host.name}/oauth2/v2.0/logout", address).headers["Location"] == "https://hr.contoso.example/bye"
    script = {"post_logout_redirect_uri": "javascript:alert(1)"}
    assert host.ask(f"{host.name}/oauth2/v2.0/logout", script).status == 200
