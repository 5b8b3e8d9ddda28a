"""Many requests in one: https://learn.microsoft.com/graph/json-batching"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.asking_graph import Graph, small_tenant
from toolkit.sandbox.graph.service import reads_only
from toolkit.sandbox.http import Request
from toolkit.sandbox.scenarios.ids import object_id

ALPHA, BETA = object_id("servicePrincipal", "alpha"), object_id("servicePrincipal", "beta")


@pytest.fixture
def graph() -> Graph:
    return Graph(small_tenant(alpha="Alpha", beta="Beta"))


def item(id: str, url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"id": id, "method": method, "url": url, **more}


def answers(graph: Graph, *items: dict[str, Any]) -> dict[str, Any]:
    reply = graph.ask("POST", "$batch", {"requests": list(items)})
    assert reply.status == 200, reply.body
    return {told["id"]: told for told in reply.json()["responses"]}


def test_each_item_has_a_status_of_its_own(graph: Graph) -> None:
    missing = object_id("servicePrincipal", "nobody")
    told = answers(
        graph, item("1", f"/servicePrincipals/{ALPHA}"), item("2", f"servicePrincipals/{missing}"), item("3", "x/y")
    )
    assert [told[id]["status"] for id in "123"] == [200, 404, 501]
    assert told["1"]["body"]["displayName"] == "Alpha"
    assert told["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_items_write_too(graph: Graph) -> None:
    headers = {"Content-Type": "application/json"}
    patch = item("1", f"/servicePrincipals/{ALPHA}", "PATCH", headers=headers, body={"accountEnabled": False})
    told = answers(graph, patch, item("2", f"/servicePrincipals/{BETA}", "DELETE"))
    assert [told[id]["status"] for id in "12"] == [204, 204]
    assert told["1"].get("body") is None
    assert graph.tenant.tables["servicePrincipals"][ALPHA]["accountEnabled"] is False
    assert BETA not in graph.tenant.tables["servicePrincipals"]


def test_what_depends_on_a_failure_is_not_tried(graph: Graph) -> None:
    failing = item("1", "servicePrincipals/nonsense")
    told = answers(graph, failing, item("2", f"servicePrincipals/{ALPHA}", "DELETE", dependsOn=["1"]))
    assert told["2"]["status"] == 424
    assert ALPHA in graph.tenant.tables["servicePrincipals"]


def test_items_are_throttled_one_by_one(graph: Graph) -> None:
    graph.tenant.settings["faults"] = [
        {"status": 429, "retryAfter": 3, "match": "GET /servicePrincipals/*", "times": 1}
    ]
    told = answers(graph, item("1", f"servicePrincipals/{ALPHA}"), item("2", f"servicePrincipals/{BETA}"))
    assert [told[id]["status"] for id in "12"] == [429, 200]
    assert told["1"]["headers"]["Retry-After"] == "3"


def test_permissions_are_checked_for_each_item(graph: Graph) -> None:
    graph.as_user("Application.Read.All")
    told = answers(graph, item("1", "servicePrincipals"), item("2", "oauth2PermissionGrants"))
    assert [told[id]["status"] for id in "12"] == [200, 403]


def test_query_options_work_and_next_links_are_absolute(graph: Graph) -> None:
    told = answers(graph, item("1", "/servicePrincipals?$top=1&$select=id"))
    assert told["1"]["body"]["@odata.nextLink"].startswith("https://graph.microsoft.com/v1.0/servicePrincipals?")


@pytest.mark.parametrize(
    "items",
    [
        [item(str(number), "servicePrincipals") for number in range(21)],
        [item("a", "servicePrincipals"), item("A", "servicePrincipals")],
        [{"method": "GET", "url": "servicePrincipals"}],
        [item("1", "servicePrincipals", "POST", body={"appId": ALPHA})],
        [item("1", "https://graph.microsoft.com/v1.0/servicePrincipals")],
        [item("1", "$batch", "POST")],
        ["1"],
    ],
    ids=["21 items", "same id twice", "no id", "body without type", "absolute", "batch in batch", "no object"],
)
def test_a_malformed_batch_is_refused_whole(graph: Graph, items: list[Any]) -> None:
    assert graph.refused("POST", "$batch", {"requests": items})[0] == 400


def test_twenty_items_are_not_too_many(graph: Graph) -> None:
    assert len(answers(graph, *[item(str(number), "servicePrincipals") for number in range(20)])) == 20


def test_a_batch_of_reads_is_a_read() -> None:
    def is_read(body: bytes) -> bool:
        return reads_only(Request.of("POST", "https://graph.microsoft.com/v1.0/$batch", {}, body))

    assert is_read(b'{"requests":[{"id":"1","method":"GET","url":"x"}]}')
    assert not is_read(b'{"requests":[{"id":"1","method":"delete","url":"x"}]}')
