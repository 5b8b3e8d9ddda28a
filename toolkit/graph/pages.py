"""Collections read to their last page, decoded once, straight from the wire into domain structs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_abstractions.request_information import RequestInformation

from toolkit.errors import GraphRefused
from toolkit.graph.client import GraphClient

Item = TypeVar("Item")

WHOLE_PAGE = 999
"""The largest page that directory collections give."""


class Page(msgspec.Struct, Generic[Item]):
    """One page of a collection."""

    value: list[Item]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The query options of one read, for any of the SDK's request builders (kiota wants a dataclass)."""

    select: list[str] | None = None
    where: str | None = None
    top: int | None = None
    count: bool | None = None

    def get_query_parameter(self, name: str) -> str:
        """Graph's name of an option."""
        return {"select": "%24select", "where": "%24filter", "top": "%24top", "count": "%24count"}[name]

    def configuration(self) -> RequestConfiguration[Any]:
        """The options as kiota wants them; `count` brings the header that makes an advanced query of it."""
        headers = HeadersCollection()
        if self.count:
            headers.add("ConsistencyLevel", "eventual")
        return RequestConfiguration(query_parameters=self, headers=headers)


class Collection(Protocol):
    """What all of the SDK's collection request builders have in common."""

    def to_get_request_information(self, request_configuration: Any = None) -> RequestInformation: ...

    def with_url(self, raw_url: str) -> Self: ...


async def pages(client: GraphClient, builder: Collection, kind: type[Item], ask: Ask) -> AsyncIterator[Sequence[Item]]:
    """All pages of a collection; empty ones are followed too.

    https://learn.microsoft.com/graph/paging. Raises GraphRefused where the links go in a circle or to another host.
    """
    decoder = msgspec.json.Decoder(Page[kind])
    configuration = ask.configuration()
    request = builder.to_get_request_information(configuration)
    seen: set[str] = set()
    coming = asyncio.ensure_future(client.send(request))
    try:
        while True:
            page = decoder.decode(await coming)
            if page.next_link:
                _check_progress(client, page.next_link, seen)
                # The headers are not remembered by the link; the configuration brings them again.
                request = builder.with_url(page.next_link).to_get_request_information(configuration)
                # Asked for before this page is worked on, so that neither side waits for the other.
                coming = asyncio.ensure_future(client.send(request))
            yield page.value
            if not page.next_link:
                return
    finally:
        coming.cancel()


def _check_progress(client: GraphClient, link: str, seen: set[str]) -> None:
    if link in seen:
        raise GraphRefused("cannot read all pages", "The link to the next page leads back to an earlier one.")
    seen.add(link)
    client.check_next_link(link)
