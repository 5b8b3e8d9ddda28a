"""One tenant's connection to Microsoft Graph: the SDK's builders and middlewares, without its models."""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.api_error import APIError
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.request_option import RequestOption
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.kiota_client_factory import KiotaClientFactory
from kiota_http.middleware import BaseMiddleware, RetryHandler
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory
from msgraph_core.middleware import GraphTelemetryHandler

from toolkit.errors import BadUsage, GraphRefused
from toolkit.graph.redirects import StayHere
from toolkit.graph.retry import Gate, OnWait, PatientRetry
from toolkit.graph.spelling import plain

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

IN_FLIGHT = 8
"""Requests under way at once per tenant; more only earn 429 answers and slow httpx's connection pool."""


class GraphClient:
    """Sends what the SDK's request builders describe and gives back the answer's bytes.

    `endpoint` is the version root, such as `https://graph.microsoft.com/v1.0`. The token goes to that host only. With
    `transport` the requests stay in this process (the sandbox); without, the environment's proxy settings hold, and
    `trust` says whom to trust (the authorities that come with httpx where None).

    Raises BadUsage for a proxy setting that cannot be used.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        scopes: list[str],
        credential: AsyncTokenCredential,
        on_wait: OnWait,
        transport: httpx.AsyncBaseTransport | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._origin = _origin(endpoint)
        self._http = _http_client(transport, on_wait, trust)
        hostname = urlsplit(endpoint).hostname or ""
        provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=[hostname])
        self._adapter = GraphRequestAdapter(provider, client=self._http)
        # The SDK's own default ends in a slash and yields /v1.0//servicePrincipals.
        self._adapter.base_url = endpoint
        self.graph = GraphServiceClient(request_adapter=self._adapter)
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def send(self, request: RequestInformation) -> bytes:
        """The answer's body. Raises the SDK's APIError, or httpx.RequestError where there was no whole answer."""
        from msgraph.generated.models.o_data_errors.o_data_error import ODataError

        async with self._room:
            body: bytes | None = await self._adapter.send_primitive_async(request, "bytes", {"XXX": ODataError})
        return plain(body or b"{}")

    def check_next_link(self, url: str) -> None:
        """Raises GraphRefused unless the next page lies at the service that was asked: links come from outside."""
        there = _origin(url)
        if there != self._origin:
            raise GraphRefused(
                "cannot read the next page",
                f"The link to it points to {_told(there)} instead of {_told(self._origin)}.",
                hint="check the Graph endpoint (ENTRAKIT_GRAPH_ENDPOINT) and any proxy in between",
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()


Origin = tuple[str, str, int | None]


def _origin(url: str) -> Origin:
    """Scheme, host and port; no host where the URL is relative, broken, or carries a name and password."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, "" if "@" in parts.netloc else parts.hostname or "", port


def _told(origin: Origin) -> str:
    scheme, host, port = origin
    return f"{scheme}://{host}:{port}" if host else "no host"


def _http_client(
    transport: httpx.AsyncBaseTransport | None, on_wait: OnWait, trust: ssl.SSLContext | None
) -> httpx.AsyncClient:
    timeout = httpx.Timeout(100.0, connect=30.0)
    if transport is not None:
        client = httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False)
    else:
        client = _networked(timeout, trust)
    gate = Gate()
    chain: list[BaseMiddleware] = [
        PatientRetry(gate, on_wait) if isinstance(link, RetryHandler) else link
        for link in KiotaClientFactory.get_default_middleware(dict[str, RequestOption](options))
    ]
    chain.extend((GraphTelemetryHandler(), StayHere()))
    return GraphClientFactory.create_with_custom_middleware(chain, client=client)


def _networked(timeout: httpx.Timeout, trust: ssl.SSLContext | None) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(http2=True, timeout=timeout, verify=trust or True)
    except (ImportError, ValueError, httpx.InvalidURL) as unusable:
        raise BadUsage(
            "cannot use the proxy settings",
            f"{str(unusable).partition('. ')[0].rstrip('.')}.",
            hint="give HTTPS_PROXY (or ALL_PROXY) as http://host:port; SOCKS proxies are not supported",
        ) from unusable


__all__ = ["APIError", "GraphClient"]
