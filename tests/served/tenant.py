"""A tenant that is reached over sockets and TLS, and terminals whose environment points there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme
import uvicorn

from toolkit.sandbox import MemoryStore, Sandbox, Tenant, build

HOSTS = ("localhost", "login.microsoftonline.com", "graph.microsoft.com")
ROOT = Path(__file__).parents[2]
TOKEN = re.compile(r"eyJ[\w-]{10,}")


@dataclass(frozen=True)
class ServedTenant:
    """The sandbox, where it listens, and the CA file that vouches for it."""

    sandbox: Sandbox
    port: int
    ca: Path

    @property
    def origin(self) -> str:
        """The address of both the sign-in service and Graph."""
        return f"https://localhost:{self.port}"

    @property
    def tenant(self) -> Tenant:
        """The tenant as it is now."""
        return self.sandbox.store.reading()

    @property
    def hosts_asked(self) -> set[str]:
        """The host names that requests were for."""
        return {entry["host"] for entry in self.sandbox.log}

    def paths_asked(self, method: str = "GET") -> list[str]:
        """The paths that were asked for, in order."""
        return [entry["path"] for entry in self.sandbox.log if entry["method"] == method]

    def start_over(self) -> None:
        """A fresh tenant and an empty log."""
        self.sandbox.store.replace(build("contoso", datetime.now(UTC)))
        self.sandbox.log.clear()

    def principal(self, app_id: str) -> dict[str, Any]:
        """The service principal of an application, to look at or to change."""
        found = self.tenant.service_principal_of(app_id)
        assert found is not None
        return found

    def application(self, app_id: str) -> dict[str, Any]:
        """The registration of an application, to look at or to change."""
        found = self.tenant.application_of(app_id)
        assert found is not None
        return found

    def environment(self, **more: str) -> dict[str, str]:
        """The settings that point a client here, trust excepted."""
        return {
            "ENTRAKIT_TENANT": self.tenant.id,
            "AZURE_AUTHORITY_HOST": self.origin,
            "ENTRAKIT_GRAPH_ENDPOINT": f"{self.origin}/v1.0",
            **more,
        }


@contextmanager
def served(folder: Path) -> Generator[ServedTenant]:
    """Serve the contoso tenant on a free port of loopback."""
    authority = trustme.CA()
    ca, certificate = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(ca)
    authority.issue_cert(*HOSTS, "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    sandbox = Sandbox(MemoryStore(build("contoso", datetime.now(UTC))))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(sandbox, ssl_certfile=certificate, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        _wait_until_started(server)
        yield ServedTenant(sandbox, listening.getsockname()[1], ca)
        server.should_exit = server.force_exit = True
        thread.join(10)


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the server did not come up"
        threading.Event().wait(0.01)


def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class Ended:
    """What a process of entrakit did."""

    code: int
    out: str
    err: str


def entrakit_process(env: dict[str, str], *arguments: str) -> Ended:
    """Run entrakit as a process of its own, as a shell would: library logging, warnings and all."""
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
        timeout=60,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
