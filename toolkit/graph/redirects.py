"""Redirects: Graph's directory has none, so one that leaves the service comes from something in between."""

from __future__ import annotations

import httpx
from kiota_http.middleware import BaseMiddleware

from toolkit.errors import GraphRefused

MOST = 3


class StayHere(BaseMiddleware):
    """Stands behind the SDK's RedirectHandler and lets it follow a GET within the service, nothing else.

    The handler would follow to any host, and make a GET of a write; what comes back would look like success.
    """

    async def send(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """The answer. Raises GraphRefused for a redirect that must not be followed."""
        response = await super().send(request, transport)
        place = response.headers.get("location")
        if not (response.is_redirect and place):
            return response
        followed: int = request.extensions.get("followed", 0)
        if request.method == "GET" and followed < MOST and _is_within(request.url, place):
            # The handler takes the extensions over into the request that follows.
            request.extensions["followed"] = followed + 1
            return response
        await response.aclose()
        raise GraphRefused(
            f"{request.url.host} answered with a redirect",
            f"It points to {place.partition('?')[0]}; Microsoft Graph does not do that.",
            status=response.status_code,
            hint="check the Graph endpoint (ENTRAKIT_GRAPH_ENDPOINT) and any proxy in between",
        )


def _is_within(url: httpx.URL, place: str) -> bool:
    try:
        there = url.join(place)
    except httpx.InvalidURL:
        return False
    return (there.scheme, there.host, there.port, there.userinfo) == (url.scheme, url.host, url.port, b"")
