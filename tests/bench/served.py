"""A sandbox tenant behind real TLS on loopback, in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

PIPELINE_CLIENT = "e0e0e0e0-0000-4000-8000-0000c1c1c1c1"
PIPELINE_SECRET = "sandbox-secret"


@dataclass(frozen=True)
class Served:
    """Where it listens, the CA to trust, and the environment that points any client there."""

    origin: str
    ca: Path
    env: dict[str, str]


@contextmanager
def served(applications: int) -> Generator[Served]:
    """Serve a generated tenant of so many service principals."""
    with tempfile.TemporaryDirectory(prefix="entrakit-bench-") as folder:
        ca, certificate = Path(folder, "ca.pem"), Path(folder, "server.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(ca)
        authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        port = _free_port()
        command = [sys.executable, "-m", "tests.bench.server", str(port), str(certificate), str(applications)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                tenant = _tenant_at(port, ca)
                yield Served(f"https://localhost:{port}", ca, _environment(tenant, port, ca, folder))
            finally:
                server.terminate()


def _environment(tenant: str, port: int, ca: Path, folder: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "ENTRAKIT_"))}
    return {
        **kept,
        "AZURE_TENANT_ID": tenant,
        "AZURE_CLIENT_ID": PIPELINE_CLIENT,
        "AZURE_CLIENT_SECRET": PIPELINE_SECRET,
        "AZURE_AUTHORITY_HOST": f"https://localhost:{port}",
        "ENTRAKIT_GRAPH_ENDPOINT": f"https://localhost:{port}/v1.0",
        "ENTRAKIT_STATE": folder,
        "SSL_CERT_FILE": str(ca),
        "REQUESTS_CA_BUNDLE": str(ca),
        "NO_PROXY": "localhost",
    }


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _tenant_at(port: int, ca: Path) -> str:
    """The tenant's id, as soon as the server answers."""
    context = ssl.create_default_context(cafile=str(ca))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(
                f"https://localhost:{port}/_sandbox/health", context=context, timeout=5
            ) as answer:
                return str(json.load(answer)["tenant"])
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("the served sandbox did not come up")
