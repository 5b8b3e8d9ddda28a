"""Pages, counts, selections, sorting, searching and expanding."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.asking_graph import EVENTUAL, Graph, add_app, small_tenant
from toolkit.sandbox.scenarios.contoso_people import ADMIN, person


@pytest.fixture
def graph() -> Graph:
    tenant = small_tenant()
    for number in range(250):
        add_app(tenant, f"app{number}", f"App {number:03}")
    return Graph(tenant)


def test_a_page_has_a_hundred_objects_unless_asked_otherwise(graph: Graph) -> None:
    assert len(graph.get("servicePrincipals")["value"]) == 100
    assert len(graph.get("servicePrincipals?$top=7")["value"]) == 7


def test_pages_together_are_the_whole_in_the_order_of_creation(graph: Graph) -> None:
    assert graph.ids("servicePrincipals?$top=33") == list(graph.tenant.tables["servicePrincipals"])


def test_the_last_page_has_no_link_even_when_it_is_full(graph: Graph) -> None:
    assert "@odata.nextLink" not in graph.get("servicePrincipals?$top=250")


def test_the_next_link_is_absolute_and_keeps_the_options(graph: Graph) -> None:
    path = "servicePrincipals?$top=5&$select=id,displayName&$filter=startsWith(displayName,'App')"
    link = urlsplit(graph.get(path)["@odata.nextLink"])
    options = parse_qs(link.query)
    assert (link.scheme, link.netloc, link.path) == ("https", "graph.microsoft.com", "/v1.0/servicePrincipals")
    assert options["$select"] == ["id,displayName"]
    assert options["$filter"] == ["startsWith(displayName,'App')"]
    assert len(options["$skiptoken"]) == 1


def test_the_next_link_is_on_the_host_that_was_asked(graph: Graph) -> None:
    graph.tenant.settings["pageSize"] = 5
    reply = graph.ask("GET", "https://localhost:8443/v1.0/servicePrincipals")
    assert reply.json()["@odata.nextLink"].startswith("https://localhost:8443/v1.0/servicePrincipals?$skiptoken=")


def test_an_object_deleted_between_pages_hides_no_other(graph: Graph) -> None:
    first = graph.get("servicePrincipals?$top=100")
    del graph.tenant.tables["servicePrincipals"][first["value"][3]["id"]]
    rest = graph.ids(first["@odata.nextLink"])
    assert len(rest) == 150


def test_a_broken_page_token_is_an_expired_one(graph: Graph) -> None:
    refusal = graph.refused("GET", "servicePrincipals?$skiptoken=nonsense!")
    assert refusal[:2] == (400, "Directory_ExpiredPageToken")


@pytest.mark.parametrize("top", ["0", "1000", "999999"])
def test_a_page_size_out_of_bounds_is_refused(graph: Graph, top: str) -> None:
    text = f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive."
    assert graph.refused("GET", f"servicePrincipals?$top={top}") == (400, "Request_UnsupportedQuery", text)


def test_the_count_is_on_the_first_page_only_and_needs_the_header(graph: Graph) -> None:
    first = graph.get("servicePrincipals?$top=50&$count=true", **EVENTUAL)
    assert first["@odata.count"] == 250
    assert "@odata.count" not in graph.get(first["@odata.nextLink"], **EVENTUAL)
    assert "@odata.count" not in graph.get("servicePrincipals?$count=true")


def test_the_count_segment_is_a_plain_number_and_needs_the_header(graph: Graph) -> None:
    assert graph.ask("GET", "servicePrincipals/$count", headers=EVENTUAL).body == b"250"
    refusal = graph.refused("GET", "servicePrincipals/$count")
    assert refusal == (400, "Request_BadRequest", "$count is not currently supported.")


def test_a_selection_serves_just_what_it_names(graph: Graph) -> None:
    told = graph.get("servicePrincipals?$select=DisplayName,appId&$top=1")
    assert list(told["value"][0]) == ["displayName", "appId"]
    assert told["@odata.context"].endswith("$metadata#servicePrincipals(displayName,appId)")


def test_selecting_what_does_not_exist_is_refused(graph: Graph) -> None:
    status, code, message = graph.refused("GET", "servicePrincipals?$select=colour")
    assert (status, code) == (400, "BadRequest")
    assert "Could not find a property named 'colour' on type 'microsoft.graph.servicePrincipal'." in message


def test_options_may_be_percent_encoded(graph: Graph) -> None:
    reply = graph.ask("GET", "https://graph.microsoft.com/v1.0//servicePrincipals?%24select=id&%24top=2")
    assert [list(row) for row in reply.json()["value"]] == [["id"], ["id"]]


def test_sorting_by_name_works_and_by_another_property_does_not(graph: Graph) -> None:
    told = graph.get("servicePrincipals?$orderby=displayName desc&$top=1")
    assert told["value"][0]["displayName"] == "App 249"
    refusal = (400, "Request_UnsupportedQuery", "Sorting not supported for current query.")
    assert graph.refused("GET", "servicePrincipals?$orderby=appId") == refusal
    both = "servicePrincipals?$orderby=displayName&$filter=accountEnabled eq true"
    assert graph.refused("GET", both) == refusal
    assert graph.advanced(both)["@odata.count"] == 250


def test_search_needs_its_header_and_its_quotes(graph: Graph) -> None:
    add_app(graph.tenant, "mail", "Contoso Mail-Archiver")
    path = 'servicePrincipals?$search="displayName:archiv"'
    assert [row["displayName"] for row in graph.get(path, **EVENTUAL)["value"]] == ["Contoso Mail-Archiver"]
    assert "ConsistencyLevel: eventual" in graph.refused("GET", path)[2]
    unquoted = graph.refused("GET", "servicePrincipals?$search=displayName:x", **EVENTUAL)
    text = "Syntax error: character ':' is not valid at position 11 in 'displayName:x'."
    assert unquoted == (400, "BadRequest", text)


def test_search_clauses_combine(graph: Graph) -> None:
    either = 'servicePrincipals?$search="displayName:001" OR "displayName:002"'
    both = 'servicePrincipals?$search="displayName:App" AND "displayName:003"'
    assert len(graph.ids(either, **EVENTUAL)) == 2
    assert len(graph.ids(both, **EVENTUAL)) == 1


def test_an_expansion_has_twenty_items_and_no_second_page(graph: Graph) -> None:
    id = next(iter(graph.tenant.tables["servicePrincipals"]))
    graph.tenant.tables["owners"][id] = {"ids": list(graph.tenant.tables["servicePrincipals"])[1:31]}
    told = graph.get(f"servicePrincipals/{id}?$expand=owners($select=id)")
    assert len(told["owners"]) == 20
    assert "owners@odata.nextLink" not in told
    assert told["owners"][0].keys() == {"@odata.type", "id"}


def test_only_one_relationship_is_expanded_at_a_time(graph: Graph) -> None:
    assert graph.refused("GET", "servicePrincipals?$expand=owners,memberOf")[0] == 400
    assert graph.refused("GET", "servicePrincipals?$expand=createdObjects")[0] == 400


def test_a_user_shows_only_the_usual_properties_unless_asked(graph: Graph) -> None:
    plain = graph.get(f"users/{person(ADMIN)}")
    assert "accountEnabled" not in plain
    assert graph.get(f"users/{ADMIN.upper()}?$select=accountEnabled")["accountEnabled"] is True


def test_a_full_page_of_a_big_tenant_is_served_in_a_moment() -> None:
    from time import perf_counter

    tenant = small_tenant()
    for number in range(10_000):
        add_app(tenant, f"app{number}", f"App {number}")
    graph = Graph(tenant)
    graph.get("servicePrincipals?$top=999")
    times: list[float] = []
    for _ in range(5):
        start = perf_counter()
        graph.ask("GET", "servicePrincipals?$top=999")
        times.append(perf_counter() - start)
    assert min(times) < 0.1
