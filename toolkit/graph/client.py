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

from toolkit.errors import GraphRefused
from toolkit.graph.retry import Gate, OnWait, PatientRetry

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

IN_FLIGHT = 8
"""Requests under way at once per tenant; more only earn 429 answers and slow httpx's connection pool."""


class GraphClient:
    """Sends what the SDK's request builders describe and gives back the answer's bytes.

    `endpoint` is the version root, such as `https://graph.microsoft.com/v1.0`. The token goes to that host only. With
    `transport` the requests stay in this process (the sandbox); without, the environment's proxy and CA settings hold.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        scopes: list[str],
        credential: AsyncTokenCredential,
        on_wait: OnWait,
        transport: httpx.AsyncBaseTransport | None = None,
        ca_bundle: str | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._host = urlsplit(endpoint).netloc
        self._http = _http_client(transport, on_wait, ca_bundle)
        hostname = urlsplit(endpoint).hostname or ""
        provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=[hostname])
        self._adapter = GraphRequestAdapter(provider, client=self._http)
        # The SDK's own default ends in a slash and yields /v1.0//servicePrincipals.
        self._adapter.base_url = endpoint
        self.graph = GraphServiceClient(request_adapter=self._adapter)
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def send(self, request: RequestInformation) -> bytes:
        """The answer's body. Raises the SDK's APIError, or httpx.TransportError where there was no answer."""
        from msgraph.generated.models.o_data_errors.o_data_error import ODataError

        async with self._room:
            body: bytes | None = await self._adapter.send_primitive_async(request, "bytes", {"XXX": ODataError})
        return body or b"{}"

    def check_next_link(self, url: str) -> None:
        """Raises GraphRefused unless the next page lies on the host that was asked: links come from outside."""
        if urlsplit(url).netloc.lower() != self._host.lower():
            raise GraphRefused(
                "cannot read the next page",
                f"The link to it points to {urlsplit(url).netloc or 'no host'} instead of {self._host}.",
                hint="check the Graph endpoint (ENTRAKIT_GRAPH_ENDPOINT) and any proxy in between",
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()


def _http_client(
    transport: httpx.AsyncBaseTransport | None, on_wait: OnWait, ca_bundle: str | None
) -> httpx.AsyncClient:
    timeout = httpx.Timeout(100.0, connect=30.0)
    if transport is not None:
        client = httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False)
    else:
        client = httpx.AsyncClient(http2=True, timeout=timeout, verify=_trust(ca_bundle))
    gate = Gate()
    chain: list[BaseMiddleware] = [
        PatientRetry(gate, on_wait) if isinstance(link, RetryHandler) else link
        for link in KiotaClientFactory.get_default_middleware(dict[str, RequestOption](options))
    ]
    chain.append(GraphTelemetryHandler())
    return GraphClientFactory.create_with_custom_middleware(chain, client=client)


def _trust(ca_bundle: str | None) -> ssl.SSLContext | bool:
    """httpx reads SSL_CERT_FILE itself; what only `requests` would honour is handed over."""
    if ca_bundle is None:
        return True
    return ssl.create_default_context(cafile=ca_bundle)


__all__ = ["APIError", "GraphClient"]
