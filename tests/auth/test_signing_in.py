"""Sign-ins that fail: one clear error with the right exit code, and no secret, token, traceback or library's log line.

Each runs in a process of its own, where the libraries' loggers and warnings are as a person meets them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.served.tenant import TOKEN, Ended, ServedTenant, closed_port, entrakit_process
from toolkit.auth.failures import translated
from toolkit.errors import BadUsage, SignInFailed, ToolkitError, Unreachable
from toolkit.sandbox.scenarios.contoso_own import EXPIRED_SECRET, PIPELINE, PIPELINE_SECRET
from toolkit.settings import CLOUDS, RealTenant

pytest_plugins = ("tests.served.fixtures",)

NOBODY = "00000000-1111-4222-8333-444444444444"
AMBIENT = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY",
    "NO_PROXY", "https_proxy", "http_proxy", "all_proxy", "no_proxy",
)  # fmt: skip
LOG_LINES = ("urllib3", "msal", "azure.", "Retrying", "WARNING", "ERROR:", "Warning:", "Traceback", "kiota", "httpx")

Case = dict[str, str | None]
CASES: dict[str, tuple[Case, tuple[str, ...], int, str]] = {
    "an unknown tenant id": ({}, ("--tenant", NOBODY), 4, "AADSTS90002"),
    "an unknown domain": ({}, ("--tenant", "nobody.example"), 4, "AADSTS90002"),
    "an unknown client": ({}, ("--client-id", NOBODY), 4, "AADSTS700016"),
    "a wrong secret": ({"AZURE_CLIENT_SECRET": "hunter2-is-wrong"}, (), 4, "AADSTS7000215"),
    "an expired secret": ({"AZURE_CLIENT_SECRET": EXPIRED_SECRET}, (), 4, "AADSTS7000222"),
    "no credentials at all": ({"AZURE_CLIENT_SECRET": None, "AZURE_CLIENT_ID": None}, (), 4, "--sign-in device-code"),
    "nobody at the sign-in host": ({"AZURE_AUTHORITY_HOST": "CLOSED"}, (), 6, "could not be reached"),
    "a sign-in host that has no address": ({"AZURE_AUTHORITY_HOST": "https://login.invalid"}, (), 6, "login.invalid"),
    "nobody at Graph": ({"ENTRAKIT_GRAPH_ENDPOINT": "CLOSED"}, (), 6, "could not be reached"),
    "nobody at the proxy": ({"HTTPS_PROXY": "CLOSED"}, (), 6, "HTTPS_PROXY"),
    "an untrusted certificate": ({"SSL_CERT_FILE": None}, (), 6, "SSL_CERT_FILE"),
    "a sign-in host without TLS": ({"AZURE_AUTHORITY_HOST": "http://localhost"}, (), 2, "https"),
    "an unknown cloud": ({"ENTRAKIT_CLOUD": "mars"}, (), 2, "usgov"),
    "no client id": ({"AZURE_CLIENT_ID": None}, (), 2, "AZURE_CLIENT_ID"),
    "no secret": ({"AZURE_CLIENT_SECRET": None}, ("--sign-in", "client-secret"), 2, "AZURE_CLIENT_SECRET"),
    "no certificate": ({}, ("--sign-in", "certificate"), 2, "AZURE_CLIENT_CERTIFICATE_PATH"),
    "a certificate file that is not there": (
        {"AZURE_CLIENT_CERTIFICATE_PATH": "nowhere.pem"}, ("--sign-in", "certificate"), 2, "nowhere.pem",
    ),
    "a certificate file that holds none": (
        {"AZURE_CLIENT_CERTIFICATE_PATH": __file__}, ("--sign-in", "certificate"), 2, "AZURE_",
    ),
}  # fmt: skip


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine names no certification authority and no proxy of its own."""
    for name in AMBIENT:
        monkeypatch.delenv(name, raising=False)


def tried(contoso: ServedTenant, changed: Case, *options: str) -> Ended:
    """`apps list` as the pipeline, with some settings changed; None leaves one out."""
    working: Case = {
        **contoso.environment(SSL_CERT_FILE=str(contoso.ca)),
        "AZURE_CLIENT_ID": PIPELINE,
        "AZURE_CLIENT_SECRET": PIPELINE_SECRET,
        "AZURE_TOKEN_CREDENTIALS": "dev",
        "NO_PROXY": None if "HTTPS_PROXY" in changed else "localhost",
    }
    closed = f"https://localhost:{closed_port()}"
    env = {name: closed if value == "CLOSED" else value for name, value in {**working, **changed}.items()}
    return entrakit_process({name: value for name, value in env.items() if value is not None}, "apps", "list", *options)


def assert_one_clear_error(told: Ended, code: int, *words: str) -> None:
    assert (told.code, told.out) == (code, ""), told.err
    assert told.err.startswith("error: ")
    assert told.err.count("error: ") == 1
    for word in words:
        assert word in told.err
    for secret in (PIPELINE_SECRET, EXPIRED_SECRET, "hunter2"):
        assert secret not in told.err
    assert not TOKEN.search(told.err)
    for line in LOG_LINES:
        assert line not in told.err


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Callable[[ServedTenant], dict[str, Ended]]:
    """All cases, tried two at a time when the first is asked for: most of a process is waiting for another one."""
    done: dict[str, Ended] = {}

    def all_of(contoso: ServedTenant) -> dict[str, Ended]:
        if not done:
            with ThreadPoolExecutor(2) as pool:
                ended = pool.map(lambda case: tried(contoso, case[0], *case[1]), CASES.values())
                done.update(zip(CASES, ended, strict=True))
        return done

    return all_of


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("case", CASES)
def test_a_sign_in_that_fails_is_one_clear_error(
    case: str, contoso: ServedTenant, outcomes: Callable[[ServedTenant], dict[str, Ended]]
) -> None:
    _, _, code, word = CASES[case]
    assert_one_clear_error(outcomes(contoso)[case], code, word)


@pytest.mark.usefixtures("bare")
def test_a_disabled_application_cannot_sign_in(contoso: ServedTenant) -> None:
    contoso.principal(PIPELINE)["accountEnabled"] = False
    assert_one_clear_error(tried(contoso, {}), 4, "AADSTS7000112")


@pytest.mark.usefixtures("bare")
def test_a_sign_in_service_that_is_out_of_order_is_unreachable_not_an_unknown_tenant(contoso: ServedTenant) -> None:
    contoso.tenant.settings["faults"].append({"status": 503, "match": "GET *openid-configuration"})
    assert_one_clear_error(tried(contoso, {}), 6, "could not be reached")


@pytest.mark.usefixtures("bare")
def test_a_certificate_whose_key_is_not_rsa_is_a_usage_error(contoso: ServedTenant, tmp_path: Path) -> None:
    file = tmp_path / "curve.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + contoso.ca.read_bytes())
    told = tried(contoso, {"AZURE_CLIENT_CERTIFICATE_PATH": str(file)}, "--sign-in", "certificate")
    assert_one_clear_error(told, 2, "RSA")


@pytest.mark.usefixtures("bare")
@pytest.mark.skipif(os.name == "nt", reason="a script stands in for the Azure CLI")
def test_a_token_of_another_tenant_is_not_used(contoso: ServedTenant, tmp_path: Path) -> None:
    az = tmp_path / "az"
    claims = "eyJ0aWQiOiI5OTk5OTk5OS0xMTExLTQyMjItODMzMy00NDQ0NDQ0NDQ0NDQifQ"
    az.write_text(f"""#!/bin/sh\necho '{{"accessToken": "e30.{claims}.x", "expires_on": 4000000000}}'\n""", "utf-8")
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    told = tried(contoso, {"AZURE_CLIENT_ID": None, "AZURE_CLIENT_SECRET": None, "PATH": path})
    assert_one_clear_error(told, 4, "99999999-1111-4222-8333-444444444444", "az login --tenant")
    assert not [path for path in contoso.paths_asked() if path.startswith("/v1.0")]


# --- what the libraries raise, in a person's words


def told(failure: Exception, method: Any = "client-secret") -> ToolkitError:
    return translated(failure, RealTenant(tenant="contoso.example", cloud=CLOUDS["global"], method=method))


class ServiceRequestError(Exception):
    """As azure.core names it."""


@pytest.mark.parametrize(
    ("failure", "kind", "word"),
    [
        (ValueError("AADSTS50034: The user account does not exist"), SignInFailed, "AADSTS50034"),
        (ValueError("AADSTS9999999: Something new.\nTrace ID: 1"), SignInFailed, "Something new"),
        (ServiceRequestError("no route"), Unreachable, "login.microsoftonline.com"),
        (OSError("[Errno -2] Name or service not known"), Unreachable, "login.microsoftonline.com"),
        (TimeoutError("The read operation timed out"), Unreachable, "login.microsoftonline.com"),
        (ValueError("Unable to get authority configuration for https://x"), SignInFailed, "AADSTS90002"),
        (RuntimeError(""), SignInFailed, "no reason"),
        (BadUsage("as it was"), BadUsage, "as it was"),
    ],
)
def test_a_librarys_failure_becomes_the_error_that_it_means(
    failure: Exception, kind: type[ToolkitError], word: str
) -> None:
    error = told(failure)
    assert type(error) is kind
    assert word in f"{error.what} {error.why}"


def test_the_reason_behind_a_general_failure_is_the_one_that_counts() -> None:
    try:
        try:
            raise ValueError('OIDC Discovery failed. HTTP status: 400, Error: {"error_description":"AADSTS900023: no"}')
        except ValueError:
            raise ValueError("Unable to get authority configuration for https://x")  # noqa: B904
    except ValueError as failure:
        error = told(failure)
    assert isinstance(error, SignInFailed)
    assert error.code == 900023


@pytest.mark.parametrize(
    "text",
    ["client_secret=hunter2&scope=x", "POST failed: assertion=hunter2", "refresh_token=hunter2 was bad"],
)
def test_a_secret_in_a_failures_text_is_not_passed_on(text: str) -> None:
    error = told(RuntimeError(text))
    assert "hunter2" not in f"{error.what} {error.why} {error.hint}"
