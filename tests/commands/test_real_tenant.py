"""A real tenant, as far as entrakit can tell: other hosts, TLS, credentials in the environment, proxies."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.commands.conftest import Entrakit
from tests.served.proxy import proxy_to
from tests.served.tenant import HOSTS, ServedTenant, entrakit_process
from toolkit.sandbox.identity.device_code import approve
from toolkit.sandbox.scenarios.contoso_own import PIPELINE, PIPELINE_SECRET, TOOL

pytest_plugins = ("tests.served.fixtures",)

ADMIN = "admin@contoso.example"
Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def trusted_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine names no certification authority and no proxy of its own."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "TENANT_ID"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def configure(
    contoso: ServedTenant, entrakit: Entrakit, trusted_by_nobody: None, monkeypatch: pytest.MonkeyPatch
) -> Configure:
    """Sets environment variables on top of those that point to the served tenant and trust it; None unsets one."""

    def set_all(more: Mapping[str, str | None] = MappingProxyType({}), **variables: str | None) -> None:
        trust = {"SSL_CERT_FILE": str(contoso.ca)}
        for name, value in {**contoso.environment(**trust), **variables, **more}.items():
            monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)

    return set_all


# --- ways to sign in


def test_a_pipeline_signs_in_with_its_secret(contoso: ServedTenant, configure: Configure, entrakit: Entrakit) -> None:
    configure(AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_SECRET=PIPELINE_SECRET)
    told = entrakit("apps", "list", "-o", "json")
    assert (told.code, told.err) == (0, "")
    assert len(told.content) > 20
    assert contoso.paths_asked("POST").count(f"/{contoso.tenant.id}/oauth2/v2.0/token") == 1


def test_the_tenant_is_named_by_an_option_or_by_the_variable_of_other_tools(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit
) -> None:
    configure(ENTRAKIT_TENANT=None, AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_SECRET=PIPELINE_SECRET)
    assert entrakit("apps", "list", "--tenant", contoso.tenant.id).code == 0
    configure(ENTRAKIT_TENANT=None, AZURE_TENANT_ID=contoso.tenant.id)
    assert entrakit("apps", "list").code == 0


def test_the_old_names_of_the_variables_work_and_are_remarked_upon(configure: Configure, entrakit: Entrakit) -> None:
    configure(CLIENT_ID=PIPELINE, CLIENT_SECRET=PIPELINE_SECRET)
    told = entrakit("apps", "list")
    assert told.code == 0
    assert "CLIENT_ID is used; its standard name is AZURE_CLIENT_ID" in told.err
    assert "CLIENT_SECRET is used; its standard name is AZURE_CLIENT_SECRET" in told.err
    assert PIPELINE_SECRET not in told.err


def test_old_names_that_were_not_used_are_not_remarked_upon(configure: Configure, entrakit: Entrakit) -> None:
    configure(
        CLIENT_ID="another", TENANT_ID="another.example", CLIENT_SECRET="another",
        AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_SECRET=PIPELINE_SECRET,
    )  # fmt: skip
    told = entrakit("apps", "list")
    assert (told.code, told.err) == (0, "")


@pytest.mark.parametrize("password", [None, "correct horse"])
def test_a_pipeline_signs_in_with_its_certificate(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit, tmp_path: Path, password: str | None
) -> None:
    file = tmp_path / "pipeline.pem"
    contoso.application(PIPELINE)["keyCredentials"].append({"key": certificate(file, password)})
    configure(
        AZURE_CLIENT_ID=PIPELINE,
        AZURE_CLIENT_CERTIFICATE_PATH=str(file),
        AZURE_CLIENT_CERTIFICATE_PASSWORD=password,
    )
    told = entrakit("apps", "list")
    assert (told.code, told.err) == (0, "")


def test_a_certificate_that_is_not_registered_is_refused_by_the_tenant(
    configure: Configure, entrakit: Entrakit, tmp_path: Path
) -> None:
    file = tmp_path / "stranger.pem"
    certificate(file)
    configure(AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_CERTIFICATE_PATH=str(file))
    told = entrakit("apps", "list")
    assert told.code == 4
    assert "AADSTS700027" in told.err


def certificate(file: Path, password: str | None = None) -> str:
    """Make a key with a self-signed certificate, keep both in `file`, and give the certificate as Graph stores it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pipeline")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock) + made.public_bytes(Encoding.PEM))
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


class Person(io.StringIO):
    """Reads what entrakit says on stderr and, told where to go with which code, does so."""

    def __init__(self, contoso: ServedTenant, name: str) -> None:
        super().__init__()
        self._contoso = contoso
        self._name = name
        self.went_to = ""

    def write(self, text: str) -> int:
        if found := re.search(r"open (\S+) and enter the code (\w+)", text):
            self.went_to = found[1]
            with self._contoso.sandbox.store.writing() as change:
                assert approve(change.tenant, found[2], self._name)
        return super().write(text)


def test_a_person_signs_in_with_a_code(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(AZURE_CLIENT_ID=TOOL)
    person = Person(contoso, ADMIN)
    monkeypatch.setattr(sys, "stderr", person)
    told = entrakit("roles", "check", "--me", "--sign-in", "device-code", "-o", "json")
    assert told.code == 0
    assert told.content["person"]["userPrincipalName"] == ADMIN
    assert person.went_to == f"{contoso.origin}/devicelogin"
    assert "eyJ" not in person.getvalue()


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for the Azure CLI")
def test_a_developer_is_signed_in_already_with_the_azure_cli(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    token = _pipelines_token(contoso)
    answer = json.dumps({"accessToken": token, "expires_on": 4_000_000_000, "tokenType": "Bearer"})
    az = tmp_path / "bin" / "az"
    az.parent.mkdir()
    az.write_text(f"#!/bin/sh\necho \"$@\" >> '{asked}'\ncat <<'END'\n{answer}\nEND\n", encoding="utf-8")
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(az.parent), prepend=os.pathsep)
    configure(AZURE_TOKEN_CREDENTIALS="dev")
    told = entrakit("apps", "list", "-o", "json")
    assert (told.code, told.err) == (0, "")
    assert f"--tenant {contoso.tenant.id}" in asked.read_text(encoding="utf-8")


def _pipelines_token(contoso: ServedTenant) -> str:
    form = f"grant_type=client_credentials&client_id={PIPELINE}&client_secret={PIPELINE_SECRET}"
    scope = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
    url = f"{contoso.origin}/{contoso.tenant.id}/oauth2/v2.0/token"
    return contoso.sandbox.handle("POST", url, {}, f"{form}&{scope}".encode()).json()["access_token"]


# --- whom to trust


@pytest.mark.parametrize(
    "names",
    [("SSL_CERT_FILE",), ("REQUESTS_CA_BUNDLE",), ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), ("CURL_CA_BUNDLE",)],
    ids=" and ".join,
)
@pytest.mark.parametrize("way", ["secret", "certificate"])
def test_a_certification_authority_is_trusted_whichever_variable_names_it(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit, tmp_path: Path, names: tuple[str, ...], way: str
) -> None:
    file = tmp_path / "pipeline.pem"
    if way == "certificate":
        contoso.application(PIPELINE)["keyCredentials"].append({"key": certificate(file)})
    configure(
        dict.fromkeys(names, str(contoso.ca)),
        AZURE_CLIENT_ID=PIPELINE,
        AZURE_CLIENT_SECRET=PIPELINE_SECRET if way == "secret" else None,
        AZURE_CLIENT_CERTIFICATE_PATH=str(file) if way == "certificate" else None,
        SSL_CERT_FILE=None,
    )
    told = entrakit("apps", "list")
    assert (told.code, told.err) == (0, "")


def test_two_variables_may_name_different_authorities(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit, tmp_path: Path
) -> None:
    certificate(other := tmp_path / "other.pem")
    for first, second in (("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")):
        named: dict[str, str | None] = {first: str(contoso.ca), second: str(other)}
        configure(named, AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_SECRET=PIPELINE_SECRET)
        assert entrakit("apps", "list").code == 0


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "nothing of the kind\n"])
def test_certificates_that_cannot_be_read_are_a_usage_error_that_names_the_variable(
    configure: Configure, entrakit: Entrakit, tmp_path: Path, name: str, content: str | None
) -> None:
    file = tmp_path / "authorities.pem"
    if content:
        file.write_text(content, encoding="utf-8")
    named: dict[str, str | None] = {"SSL_CERT_FILE": None, name: str(file)}
    configure(named, AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_SECRET=PIPELINE_SECRET)
    told = entrakit("apps", "list")
    assert told.code == 2
    assert name in told.err
    assert file.name in told.err


# --- proxies


def test_requests_go_through_the_proxy_to_microsofts_own_hosts(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit
) -> None:
    with proxy_to(contoso.port) as proxy:
        configure(
            AZURE_CLIENT_ID=PIPELINE,
            AZURE_CLIENT_SECRET=PIPELINE_SECRET,
            AZURE_AUTHORITY_HOST=None,
            ENTRAKIT_GRAPH_ENDPOINT=None,
            HTTPS_PROXY=proxy.url,
        )
        told = entrakit("apps", "list")
    assert (told.code, told.err) == (0, "")
    assert set(proxy.tunnels) == {f"{host}:443" for host in HOSTS[1:]}
    assert contoso.hosts_asked == set(HOSTS[1:])


def test_hosts_that_need_no_proxy_are_asked_without_it(
    contoso: ServedTenant, configure: Configure, entrakit: Entrakit
) -> None:
    with proxy_to(contoso.port) as proxy:
        configure(
            AZURE_CLIENT_ID=PIPELINE,
            AZURE_CLIENT_SECRET=PIPELINE_SECRET,
            HTTPS_PROXY=proxy.url,
            NO_PROXY="other.example,localhost",
        )
        told = entrakit("apps", "list")
    assert (told.code, told.err) == (0, "")
    assert proxy.tunnels == []


@pytest.mark.parametrize("proxy", ["socks5://localhost:1080", "nonsense://me:hunter2@localhost:1", "http://["])
def test_a_proxy_that_cannot_be_used_is_a_usage_error(configure: Configure, entrakit: Entrakit, proxy: str) -> None:
    configure(AZURE_CLIENT_ID=PIPELINE, AZURE_CLIENT_SECRET=PIPELINE_SECRET, HTTPS_PROXY=proxy)
    told = entrakit("apps", "list")
    assert told.code == 2
    assert "HTTPS_PROXY" in told.err
    assert "hunter2" not in told.err


# --- a whole process


def test_a_process_of_its_own_writes_data_to_stdout_and_nothing_else(contoso: ServedTenant, tmp_path: Path) -> None:
    told = entrakit_process(
        contoso.environment(
            AZURE_CLIENT_ID=PIPELINE,
            AZURE_CLIENT_SECRET=PIPELINE_SECRET,
            REQUESTS_CA_BUNDLE=str(contoso.ca),
            ENTRAKIT_STATE=str(tmp_path),
        ),
        "apps", "list", "-o", "json",
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out)["content"]
