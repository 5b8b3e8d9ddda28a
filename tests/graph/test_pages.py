"""Collections are read to the last page, at the service that was asked and nowhere else."""

from __future__ import annotations

import httpx
import pytest

from tests.graph.wire import ENDPOINT, TOKEN, Service, connected, page
from toolkit.domain.principals import ServicePrincipal
from toolkit.errors import GraphRefused
from toolkit.graph.client import GraphClient
from toolkit.graph.pages import Ask, pages
from toolkit.graph.roles import GraphDirectory

APPS = f"{ENDPOINT}/servicePrincipals"


def app(name: str) -> dict[str, str]:
    return {"id": f"0ec7cb25-5d7d-4f1f-9d3c-00000000000{name}", "appId": name, "displayName": name}


async def listed(client: GraphClient) -> list[ServicePrincipal]:
    return [found async for found_page in GraphDirectory(client).service_principals() for found in found_page]


async def listed_as_advanced_query(client: GraphClient) -> list[ServicePrincipal]:
    ask = Ask(select=["id"], count=True)
    return [
        found
        async for found_page in pages(client, client.graph.service_principals, ServicePrincipal, ask)
        for found in found_page
    ]


def test_empty_pages_are_followed_to_the_end() -> None:
    service = Service(
        page(next_link=f"{APPS}?$skiptoken=a"),
        page(app("1"), next_link=f"{APPS}?$skiptoken=b"),
        page(next_link=f"{APPS}?$skiptoken=c"),
        page(app("2")),
    )
    assert [found.name for found in connected(service, listed)] == ["1", "2"]
    assert [request.url.query.decode() for request in service.asked[1:]] == [f"$skiptoken={mark}" for mark in "abc"]


def test_a_link_is_followed_as_it_was_given() -> None:
    link = f"{APPS}?%24top=999&$skiptoken=RFNwdAIAAQ%3d%3d~%2B'x'"
    service = Service(page(app("1"), next_link=link), page())
    connected(service, listed)
    assert str(service.asked[1].url.copy_with(query=None)) == APPS
    assert service.asked[1].url.params["$skiptoken"] == "RFNwdAIAAQ==~+'x'"
    assert service.asked[1].url.params["$top"] == "999"


@pytest.mark.parametrize("link", ["", None])
def test_an_empty_link_ends_the_collection(link: str | None) -> None:
    body = {"value": [app("1")], "@odata.nextLink": link}
    assert len(connected(Service(httpx.Response(200, json=body)), listed)) == 1


def test_links_that_go_in_a_circle_are_refused() -> None:
    service = Service(
        page(app("1"), next_link=f"{APPS}?$skiptoken=a"),
        page(app("2"), next_link=f"{APPS}?$skiptoken=b"),
        page(app("3"), next_link=f"{APPS}?$skiptoken=a"),
    )
    with pytest.raises(GraphRefused, match="cannot read all pages"):
        connected(service, listed)
    assert len(service.asked) == 3


def test_a_link_to_the_first_page_is_a_circle_too() -> None:
    service = Service(page(app("1"), next_link=APPS))
    with pytest.raises(GraphRefused, match="cannot read all pages"):
        connected(service, listed)


def test_every_page_of_an_advanced_query_says_that_it_is_one() -> None:
    service = Service(page(app("1"), next_link=f"{APPS}?$skiptoken=a"), page(app("2")))
    assert len(connected(service, listed_as_advanced_query)) == 2
    assert [request.headers["consistencylevel"] for request in service.asked] == ["eventual", "eventual"]
    assert service.asked[0].url.params["$count"] == "true"


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.evil.example/v1.0/servicePrincipals?$skiptoken=a",
        "https://graph.microsoft.com.evil.example/v1.0/servicePrincipals",
        "https://graph.microsoft.com:8443/v1.0/servicePrincipals",
        "http://graph.microsoft.com/v1.0/servicePrincipals",
        "http://graph.microsoft.com:443/v1.0/servicePrincipals",
        "https://someone:secret@graph.microsoft.com/v1.0/servicePrincipals",
        "https://graph.microsoft.com@evil.example/v1.0/servicePrincipals",
        "/v1.0/servicePrincipals?$skiptoken=a",
        "servicePrincipals?$skiptoken=a",
        "//evil.example/v1.0/servicePrincipals",
        "file:///etc/passwd",
        "https://graph.microsoft.com:port/v1.0/servicePrincipals",
        "https://[::1/v1.0/servicePrincipals",
        "not a link",
    ],
)
def test_a_link_to_anywhere_else_is_refused_and_nothing_is_sent_there(link: str) -> None:
    service = Service(page(app("1"), next_link=link), page(app("2")))
    with pytest.raises(GraphRefused, match="cannot read the next page") as told:
        connected(service, listed)
    assert [request.url.host for request in service.asked] == ["graph.microsoft.com"]
    assert TOKEN not in f"{told.value.what} {told.value.why} {told.value.hint}"
    assert "secret" not in told.value.why


@pytest.mark.parametrize("host", ["GRAPH.microsoft.com", "graph.microsoft.com:443"])
def test_the_same_service_may_be_spelled_differently(host: str) -> None:
    service = Service(page(app("1"), next_link=f"https://{host}/v1.0/servicePrincipals?$skiptoken=a"), page(app("2")))
    assert len(connected(service, listed)) == 2
