"""$filter on servicePrincipals: what is accepted, what it means, and how Graph words a refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.asking_graph import Graph, add_app, small_tenant
from toolkit.sandbox.odata import syntax
from toolkit.sandbox.odata.errors import GraphError
from toolkit.sandbox.odata.matching import predicate
from toolkit.sandbox.odata.syntax import parse

OWNER = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def graph() -> Graph:
    tenant = small_tenant(alpha="Alpha Mail", beta="Beta", gamma="gamma's Mail")
    add_app(tenant, "delta", "Delta", accountEnabled=False, tags=["HideApp"], appOwnerOrganizationId=OWNER)
    return Graph(tenant)


def names(graph: Graph, clause: str, *, advanced: bool = False) -> list[str]:
    path = f"servicePrincipals?$filter={clause}"
    return [row["displayName"] for row in (graph.advanced(path) if advanced else graph.get(path))["value"]]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("displayName eq 'beta'", ["Beta"]),
        ("displayName eq 'gamma''s Mail'", ["gamma's Mail"]),
        ("startswith(displayName,'ALPHA')", ["Alpha Mail"]),
        ("startsWith(displayName, 'a') or startsWith(displayName, 'b')", ["Alpha Mail", "Beta"]),
        ("accountEnabled eq false", ["Delta"]),
        ("accountEnabled eq true and (displayName eq 'Beta' or displayName eq 'Delta')", ["Beta"]),
        ("displayName in ('Beta', 'Delta')", ["Beta", "Delta"]),
        ("tags/any(t:t eq 'HideApp')", ["Delta"]),
        ("tags/any(x: startsWith(x, 'Hide'))", ["Delta"]),
        ("servicePrincipalType eq 'ManagedIdentity'", []),
        ("DisplayName eq 'Beta'", ["Beta"]),
    ],
)
def test_a_filter_keeps_what_it_says(graph: Graph, clause: str, expected: list[str]) -> None:
    assert names(graph, clause) == expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("displayName ne 'Beta' and accountEnabled eq true", ["Alpha Mail", "gamma's Mail"]),
        ("not(startsWith(displayName,'a'))", ["Beta", "gamma's Mail", "Delta"]),
        (f"appOwnerOrganizationId eq {OWNER}", ["Delta"]),
        ("appRoleAssignmentRequired eq true", []),
    ],
)
def test_advanced_mode_opens_the_advanced_filters(graph: Graph, clause: str, expected: list[str]) -> None:
    assert names(graph, clause, advanced=True) == expected


@pytest.mark.parametrize(
    ("clause", "code", "message"),
    [
        ("displayName ne 'x'", "Request_UnsupportedQuery", "operator 'NotEqualsMatch'"),
        ("not(displayName eq 'x')", "Request_UnsupportedQuery", "Unsupported Query."),
        (f"appOwnerOrganizationId eq {OWNER}", "Request_UnsupportedQuery", "of resource 'ServicePrincipal'."),
        (
            "appRoleAssignmentRequired eq true",
            "Request_UnsupportedQuery",
            "Unsupported or invalid query filter clause specified for property 'appRoleAssignmentRequired' "
            "of resource 'ServicePrincipal'.",
        ),
        ("contains(displayName,'x')", "Request_UnsupportedQuery", "Unsupported Query."),
        (f"appOwnerOrganizationId eq '{OWNER}'", "BadRequest", "Invalid filter clause"),
        ("displayName eq", "BadRequest", "Invalid filter clause"),
        ("displayName eq 'x", "BadRequest", "Invalid filter clause"),
        ("(displayName eq 'x'", "BadRequest", "Invalid filter clause"),
        ("displayName like 'x'", "BadRequest", "Invalid filter clause"),
        ("colour eq 'x'", "BadRequest", "Could not find a property named 'colour'"),
        (
            "keyCredentials/any(k:k/keyId eq 'x')",
            "Request_UnsupportedQuery",
            "Complex query on property keyCredentials is not supported.",
        ),
    ],
)
def test_a_filter_graph_does_not_take_is_refused_in_its_words(
    graph: Graph, clause: str, code: str, message: str
) -> None:
    status, given_code, text = graph.refused("GET", f"servicePrincipals?$filter={clause}")
    assert (status, given_code) == (400, code)
    assert message in text


def test_an_unindexed_property_is_refused_even_in_advanced_mode(graph: Graph) -> None:
    path = "users?$filter=id ge '398164b1-5196-49dd-ada2-364b49f99b27'&$count=true"
    refusal = graph.refused("GET", path, ConsistencyLevel="eventual")
    assert refusal == (400, "Request_UnsupportedQuery", "The request uses a filter property that is not indexed")


def test_one_half_of_advanced_mode_is_not_advanced_mode(graph: Graph) -> None:
    path = "servicePrincipals?$filter=displayName ne 'x'"
    assert graph.refused("GET", path, ConsistencyLevel="eventual")[0] == 400
    assert graph.refused("GET", f"{path}&$count=true")[0] == 400


def test_and_binds_tighter_than_or() -> None:
    tree = parse("a eq 1 or b eq 2 and c eq 3")
    assert isinstance(tree, syntax.Either)
    assert isinstance(tree.right, syntax.Both)


def test_literals_have_their_types() -> None:
    tree = parse(f"a in ('x', {OWNER}, true, null, 5, 2021-02-15T16:14:59.8643039Z)")
    assert isinstance(tree, syntax.OneOf)
    when = datetime(2021, 2, 15, 16, 14, 59, 864303, tzinfo=UTC)
    assert tree.values == ("x", UUID(OWNER), True, None, 5, when)


def test_nested_parentheses_end_somewhere() -> None:
    with pytest.raises(GraphError):
        parse("(" * 500 + "a eq 1" + ")" * 500)


@given(st.text())
def test_any_text_at_all_is_a_filter_or_a_refusal(text: str) -> None:
    try:
        parse(text)
    except GraphError as error:
        assert error.status == 400


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_quoted_name_means_itself(name: str) -> None:
    quoted = name.replace("'", "''")
    assert predicate(parse(f"displayName eq '{quoted}'"))({"displayName": name})
