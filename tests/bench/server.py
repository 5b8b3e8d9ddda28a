"""`python -m tests.bench.server PORT CERTIFICATE APPLICATIONS`: serve a generated tenant until stopped."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import uvicorn

from toolkit.sandbox import MemoryStore, Sandbox
from toolkit.sandbox.scenarios import generated


def main(port: int, certificate: str, applications: int) -> None:
    """Serve over TLS on loopback only."""
    tenant = generated.build(datetime.now(UTC), apps=applications)
    uvicorn.run(
        Sandbox(MemoryStore(tenant)),
        host="127.0.0.1",
        port=port,
        ssl_certfile=certificate,
        log_level="error",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
