"""How msal and azure-identity reach the sign-in service: one `requests` session, with the trust that Graph has."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter

CONNECT_SECONDS = 30.0
READ_SECONDS = 100.0


def trusting(trust: Callable[[], ssl.SSLContext] | None) -> requests.Session:
    """A session that trusts what `trust` holds, or the authorities that come with `requests` where it is None."""
    made = requests.Session()
    made.mount("https://", Adapter(trust() if trust else None))
    return made


class Adapter(HTTPAdapter):
    """Gives up on a silent host, and lets a context decide whom to trust."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(max_retries=1)

    def send(self, request: Any, stream: bool = False, timeout: Any = None, *rest: Any, **more: Any) -> Any:
        return super().send(request, stream, timeout or (CONNECT_SECONDS, READ_SECONDS), *rest, **more)

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        super().init_poolmanager(*sizes, **self._with_context(more))

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        return super().proxy_manager_for(proxy, **self._with_context(more))

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # requests would add the authorities it ships to those of the context.
        if self._context is None:
            super().cert_verify(conn, url, verify, cert)

    def _with_context(self, more: dict[str, Any]) -> dict[str, Any]:
        return more if self._context is None else {**more, "ssl_context": self._context}
