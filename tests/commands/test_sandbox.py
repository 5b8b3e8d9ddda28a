"""The embedded tenant: kept between commands, started afresh, reached through the real libraries without a socket."""

from __future__ import annotations

import json
import os
import socket
import sys
from datetime import UTC, datetime

import pytest

from tests.commands.conftest import Entrakit, SandboxTenant
from toolkit.auth.door import session_over
from toolkit.auth.methods import sign_in
from toolkit.sandbox import MemoryStore, Sandbox, build
from toolkit.settings import CLOUDS, RealTenant
from toolkit.wiring.embedded import CLIENT_ID, DEFAULT_USER

PIPELINE = "e0e0e0e0-0000-4000-8000-0000c1c1c1c1"


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects anywhere fails the test."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was connected")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.mark.usefixtures("no_sockets")
def test_a_person_signs_in_through_msal_without_a_socket(entrakit: Entrakit) -> None:
    assert entrakit("roles", "check", "--me").code == 0
    assert "msal" in sys.modules


@pytest.mark.usefixtures("no_sockets")
def test_an_application_signs_in_with_its_secret_without_a_socket(
    entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "sandbox-secret")
    told = entrakit("apps", "list", "--sign-in", "client-secret", "--client-id", PIPELINE)
    assert told.code == 0, told.err


@pytest.mark.usefixtures("no_sockets")
def test_azure_identity_runs_over_the_sandbox_without_a_socket() -> None:
    sandbox = Sandbox(MemoryStore(build("contoso", datetime.now(UTC))))
    tenant = RealTenant(
        tenant=sandbox.store.reading().id, cloud=CLOUDS["global"], method="device-code", client_id=CLIENT_ID
    )

    def approve(_url: str, code: str) -> None:
        body = json.dumps({"user_code": code, "user": DEFAULT_USER}).encode()
        sandbox.handle("POST", "https://login.microsoftonline.com/_sandbox/approve", {}, body)

    acquire = sign_in(tenant, {}, approve, lambda: session_over(sandbox.handle))
    token = acquire((CLOUDS["global"].scope,), None)
    answer = sandbox.handle("GET", "https://graph.microsoft.com/v1.0/me", {"authorization": f"Bearer {token.secret}"})
    assert "azure.identity" in sys.modules
    assert answer.json()["userPrincipalName"] == DEFAULT_USER


def test_an_expired_secret_is_explained_and_not_shown(entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "sandbox-expired-secret")
    told = entrakit("apps", "list", "--sign-in", "client-secret", "--client-id", PIPELINE)
    assert told.code == 4
    assert "AADSTS7000222" in told.err
    assert "sandbox-expired-secret" not in told.err


def test_credentials_in_the_environment_are_not_taken_for_the_sandboxs(
    entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "00000000-1111-4000-8000-000000000000")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "something else")
    assert entrakit("roles", "check", "--me").code == 0


def test_a_token_is_asked_for_once_and_kept_for_the_next_command(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    entrakit("roles", "check", "--me")
    codes = len(tenant.table("deviceCodes"))
    entrakit("roles", "check", "--me")
    assert len(tenant.table("deviceCodes")) == codes


def test_a_change_lasts_until_the_sandbox_is_reset(entrakit: Entrakit) -> None:
    entrakit("apps", "delete", "SMArtEmail", "--yes")
    assert entrakit("apps", "show", "SMArtEmail").code == 2
    assert entrakit("sandbox", "reset").code == 0
    assert entrakit("apps", "show", "SMArtEmail").code == 0


def test_the_botched_scenario_has_smartemail_twice(entrakit: Entrakit) -> None:
    assert entrakit("sandbox", "reset", "--scenario", "botched").code == 0
    told = entrakit("apps", "show")
    assert told.code == 2
    assert "2 applications are named SMArtEmail" in told.err


def test_an_unknown_scenario_is_a_usage_error_and_loses_nothing(entrakit: Entrakit) -> None:
    entrakit("apps", "delete", "SMArtEmail", "--yes")
    told = entrakit("sandbox", "reset", "--scenario", "nope")
    assert told.code == 2
    assert "contoso" in told.err
    assert entrakit("apps", "show", "SMArtEmail").code == 2


def test_a_damaged_state_file_is_told_with_the_way_out(entrakit: Entrakit, tenant: SandboxTenant) -> None:
    entrakit("roles", "check", "--me")
    tenant.store.path.write_text("{", encoding="utf-8")
    told = entrakit("apps", "list")
    assert told.code == 1
    assert "entrakit sandbox reset" in told.err
    assert entrakit("sandbox", "reset").code == 0
    assert entrakit("apps", "list").code == 0


def test_an_unknown_person_of_the_sandbox_is_an_error(entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTRAKIT_SANDBOX_USER", "nobody@contoso.example")
    told = entrakit("roles", "check", "--me")
    assert told.code == 2
    assert "nobody@contoso.example" in told.err


def test_the_demo_tells_the_whole_story_and_leaves_the_sandbox_alone(
    entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch
) -> None:
    entrakit("apps", "enable", "SMArtEmail", "--yes")
    monkeypatch.delenv("ENTRAKIT_TENANT")
    told = entrakit("demo")
    assert told.code == 0, told.err
    steps = [line for line in told.out.splitlines() if line.startswith("$ entrakit ")]
    for command in ("roles check", "apps show", "apps delete", "history undo", "consent grant", "consent show"):
        assert any(f"entrakit {command}" in step for step in steps)
    assert "everything requested is granted for everyone, and nothing more" in told.out
    assert "ENTRAKIT_TENANT" not in os.environ
    monkeypatch.setenv("ENTRAKIT_TENANT", "sandbox")
    assert len(entrakit("history", "list", "-o", "json").content) == 1
