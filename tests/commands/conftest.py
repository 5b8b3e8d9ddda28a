"""A terminal to type entrakit commands at, on an embedded tenant of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from toolkit.main import main
from toolkit.sandbox import FileStore, Tenant, build


@dataclass(frozen=True)
class Told:
    """What a command did: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)

    @property
    def content(self) -> Any:
        """The content of the JSON envelope."""
        return self.json["content"]


Entrakit = Callable[..., Told]


@pytest.fixture
def entrakit(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Entrakit:
    """Runs a command line on the sandbox."""
    monkeypatch.setenv("ENTRAKIT_TENANT", "sandbox")

    def run(*arguments: str) -> Told:
        capfd.readouterr()
        code = main(list(arguments))
        told = capfd.readouterr()
        return Told(code, told.out, told.err)

    return run


class SandboxTenant:
    """The embedded tenant behind the commands, to look at and to prepare."""

    def __init__(self, path: Path) -> None:
        self.store = FileStore(path, lambda: build("contoso", datetime.now(UTC)))

    @property
    def now(self) -> Tenant:
        """As it is at this moment."""
        return self.store.reading()

    def prepare(self, prepare: Callable[[Tenant], object]) -> None:
        """Change it behind everybody's back."""
        with self.store.writing() as change:
            prepare(change.tenant)
            change.dirty = True

    def deny(self, *permissions: str) -> None:
        """Behave as if these permissions had not been granted to anybody."""
        self.prepare(lambda tenant: tenant.settings.update(deny=list(permissions)))

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """The rows of a table by id."""
        return self.now.tables[name]

    def named(self, name: str) -> dict[str, Any]:
        """The one service principal of this name."""
        (found,) = [app for app in self.table("servicePrincipals").values() if app["displayName"] == name]
        return found

    def grants_of(self, client_id: str) -> list[dict[str, Any]]:
        """The delegated grants of a client."""
        return [g for g in self.table("oauth2PermissionGrants").values() if g["clientId"] == client_id]

    def roles_touching(self, object_id: str) -> list[dict[str, Any]]:
        """The app role assignments that a service principal holds or gives."""
        rows = self.table("appRoleAssignments").values()
        return [row for row in rows if object_id in (row["principalId"], row["resourceId"])]


@pytest.fixture
def tenant() -> SandboxTenant:
    """The tenant that `entrakit` works on."""
    return SandboxTenant(Path(os.environ["ENTRAKIT_STATE"], "sandbox", "tenant.json"))
