"""Tokens, permissions, headers, faults and the control endpoint: what every request to Graph goes through."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.sandbox.asking_graph import EVERYTHING, ROOT, Graph, small_tenant
from toolkit.sandbox import MemoryStore, Sandbox, tokens
from toolkit.sandbox.graph import service
from toolkit.sandbox.graph.routes import NEEDS


@pytest.fixture
def graph() -> Graph:
    return Graph(small_tenant(alpha="Alpha", beta="Beta"))


def test_no_token_is_a_401_with_a_challenge(graph: Graph) -> None:
    reply = graph.sandbox.handle("GET", f"{ROOT}/servicePrincipals")
    error = reply.json()["error"]
    assert (reply.status, error["code"]) == (401, "InvalidAuthenticationToken")
    assert error["message"] == "Access token is empty."
    assert reply.headers["WWW-Authenticate"].startswith("Bearer ")


def test_an_expired_token_is_refused(graph: Graph) -> None:
    token = graph.token
    graph.wait(hours=2)
    graph.token = token
    assert graph.refused("GET", "servicePrincipals")[:2] == (401, "InvalidAuthenticationToken")


def test_a_token_for_another_audience_is_refused(graph: Graph) -> None:
    claims = {"aud": "https://vault.azure.net", "appid": "x", "oid": "x", "scp": EVERYTHING}
    graph.token = tokens.issue(graph.tenant, claims, graph.moment)
    assert graph.refused("GET", "servicePrincipals")[0] == 401


def test_a_token_nobody_signed_is_refused(graph: Graph) -> None:
    graph.token = graph.token[:-8] + "AAAAAAAA"
    assert graph.refused("GET", "servicePrincipals")[0] == 401


def test_a_missing_permission_is_a_403(graph: Graph) -> None:
    graph.as_user("User.Read")
    refusal = graph.refused("GET", "servicePrincipals")
    text = "Insufficient privileges to complete the operation."
    assert refusal == (403, "Authorization_RequestDenied", text)


def test_a_permission_the_sandbox_was_told_to_deny_is_missing(graph: Graph) -> None:
    graph.tenant.settings["deny"] = ["Application.ReadWrite.All", "Directory.Read.All"]
    assert graph.refused("GET", "servicePrincipals")[0] == 403
    graph.tenant.settings["deny"] = []
    graph.tenant.settings["faults"] = [{"deny": "Application.ReadWrite.All"}, {"deny": "Directory.Read.All"}]
    assert graph.refused("GET", "servicePrincipals")[0] == 403


def test_a_delegated_permission_is_none_of_an_application(graph: Graph) -> None:
    graph.as_app("Directory.Read.All")
    graph.get("servicePrincipals")
    graph.as_app("User.Read")
    assert graph.refused("GET", "organization")[0] == 403


def test_every_route_names_the_permissions_it_needs() -> None:
    operations = {route.operation for route in service.whole_router().routes}
    assert operations == set(NEEDS)
    unguarded = {operation for operation, needs in NEEDS.items() if not needs.delegated}
    assert unguarded <= {"POST /$batch", "GET /me"}


def test_what_the_sandbox_does_not_serve_is_named(graph: Graph) -> None:
    status, code, message = graph.refused("GET", "deviceManagement/managedDevices")
    assert (status, code) == (501, "NotImplemented")
    assert message == "The sandbox does not serve GET /v1.0/deviceManagement/managedDevices"


def test_replies_carry_the_headers_of_graph(graph: Graph) -> None:
    reply = graph.ask("GET", "servicePrincipals", headers={"client-request-id": "mine"})
    assert reply.headers["client-request-id"] == "mine"
    assert len(reply.headers["request-id"]) == 36
    assert json.loads(reply.headers["x-ms-ags-diagnostic"])["ServerInfo"]
    assert reply.headers["OData-Version"] == "4.0"
    assert reply.headers["x-ms-resource-unit"] == "1"
    assert reply.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")


def test_paths_are_the_same_in_any_case_and_ids_are_not(graph: Graph) -> None:
    id = next(iter(graph.tenant.tables["servicePrincipals"]))
    graph.get(f"SERVICEPRINCIPALS/{id}")
    graph.get("oAuth2PermissionGrants")


def test_throttling_hits_as_often_as_it_was_asked_for(graph: Graph) -> None:
    fault = {"status": 429, "retryAfter": 2, "match": "GET /servicePrincipals", "times": 2}
    graph.tenant.settings["faults"] = [fault]
    for _ in range(2):
        reply = graph.ask("GET", "servicePrincipals?$top=1")
        assert (reply.status, reply.headers["Retry-After"]) == (429, "2")
        assert reply.json()["error"]["code"] == "TooManyRequests"
    assert graph.ask("GET", "servicePrincipals").status == 200


def test_a_fault_spares_what_it_does_not_match(graph: Graph) -> None:
    graph.tenant.settings["faults"] = [{"status": 503, "match": "GET /servicePrincipals/*"}]
    graph.get("servicePrincipals")
    id = next(iter(graph.tenant.tables["servicePrincipals"]))
    assert graph.refused("GET", f"servicePrincipals/{id}")[:2] == (503, "Service_ServiceUnavailable")


def test_a_bug_of_the_sandbox_is_a_500_that_names_the_route(graph: Graph, capsys: pytest.CaptureFixture[str]) -> None:
    del graph.tenant.tables["users"]
    reply = graph.ask("GET", "users")
    assert reply.status == 500
    assert "GET /v1.0/users" in reply.json()["error"]["message"]
    assert "Traceback" in capsys.readouterr().err


def control(graph: Graph, method: str, name: str, body: object = None) -> Any:
    text = b"" if body is None else json.dumps(body).encode()
    reply = graph.sandbox.handle(method, f"https://localhost/_sandbox/{name}", {}, text)
    return reply.status, reply.json()


def test_the_control_endpoint_shows_requests_without_their_tokens(graph: Graph) -> None:
    graph.get("servicePrincipals?$top=3")
    status, told = control(graph, "GET", "requests")
    assert status == 200
    last = told["requests"][-1]
    assert (last["method"], last["path"], last["status"]) == ("GET", "/v1.0/servicePrincipals", 200)
    assert last["query"] == {"$top": "3"}
    assert graph.token not in json.dumps(told)


def test_settings_can_be_changed_while_it_runs_but_not_invented(graph: Graph) -> None:
    assert control(graph, "PATCH", "settings", {"licences": {"p2": False}})[0] == 200
    assert graph.tenant.settings["licences"] == {"p1": True, "p2": False}
    assert control(graph, "PATCH", "settings", {"colour": 1})[0] == 400


def test_a_reset_builds_the_scenario_anew(graph: Graph) -> None:
    assert control(graph, "POST", "reset", {"scenario": "contoso"})[0] == 200
    assert control(graph, "GET", "health")[1]["scenario"] == "contoso"
    assert control(graph, "POST", "reset", {"scenario": "nowhere"})[0] == 400


def served(sandbox: Sandbox, path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"$top=2",
        "headers": [(b"host", b"graph.microsoft.com"), *headers],
    }
    asyncio.run(sandbox(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_the_same_sandbox_is_an_asgi_application(graph: Graph) -> None:
    bearer = [(b"authorization", f"Bearer {graph.token}".encode())]
    status, headers, body = served(graph.sandbox, "/v1.0/servicePrincipals", bearer)
    assert status == 200
    assert int(headers[b"content-length"]) == len(body)
    assert len(json.loads(body)["value"]) == 2


def test_big_bodies_are_compressed_when_served_and_asked_for(graph: Graph) -> None:
    import gzip

    sandbox = Sandbox(MemoryStore(graph.tenant), now=lambda: graph.moment, compress=True)
    asking = [(b"authorization", f"Bearer {graph.token}".encode()), (b"accept-encoding", b"gzip")]
    _, headers, body = served(sandbox, "/v1.0/servicePrincipals", asking)
    assert headers[b"content-encoding"] == b"gzip"
    assert len(json.loads(gzip.decompress(body))["value"]) == 2
