"""A service that answers what a test tells it to, in place of the network under the real Graph SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from toolkit.auth.credential import Acquire, LazyCredential, Token
from toolkit.graph.client import GraphClient

ENDPOINT = "https://graph.microsoft.com/v1.0"
TOKEN = "the-access-token"
Value = TypeVar("Value")
Answer = httpx.Response | Exception


def page(*items: dict[str, Any], next_link: str | None = None) -> httpx.Response:
    """A page of a collection."""
    body: dict[str, Any] = {"value": list(items)}
    if next_link is not None:
        body["@odata.nextLink"] = next_link
    return httpx.Response(200, json=body)


def refused(status: int, code: str = "Told", message: str = "No.", **headers: str) -> httpx.Response:
    """An error in Graph's own words."""
    return httpx.Response(
        status,
        json={"error": {"code": code, "message": message}},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


class Service(httpx.AsyncBaseTransport):
    """Gives its answers in turn, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.bodies.append(await request.aread())
        await asyncio.sleep(0)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def hosts(self) -> set[str]:
        """The hosts that requests were sent to, with their ports."""
        return {request.url.netloc.decode() for request in self.asked}

    def json(self, number: int) -> Any:
        """The body of a request."""
        return json.loads(self.bodies[number])


def token_in_hand(scopes: tuple[str, ...], claims: str | None) -> Token:
    """A sign-in that always succeeds."""
    return Token(TOKEN, 4_000_000_000)


def connected(
    service: httpx.AsyncBaseTransport,
    use: Callable[[GraphClient], Awaitable[Value]],
    acquire: Acquire = token_in_hand,
    waits: list[tuple[float, str]] | None = None,
) -> Value:
    """What `use` gives of a client whose network is `service`; `waits` collects what a watching person is told."""

    async def run() -> Value:
        async with GraphClient(
            endpoint=ENDPOINT,
            scopes=["https://graph.microsoft.com/.default"],
            credential=LazyCredential(acquire),
            on_wait=lambda seconds, why: (waits if waits is not None else []).append((seconds, why)),
            transport=service,
        ) as client:
            return await use(client)

    return asyncio.run(run())
