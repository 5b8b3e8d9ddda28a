"""Delegated grants and app role assignments: their keys, rules, filters and who may write them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.sandbox.asking_graph import ROOT, Graph, add_app, small_tenant
from toolkit.sandbox.graph.identifiers import grant_id
from toolkit.sandbox.scenarios.contoso_people import ADMIN, person
from toolkit.sandbox.scenarios.ids import object_id

ROLE, OTHER_ROLE = object_id("role", "one"), object_id("role", "two")
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"


def app_role(id: str, *members: str) -> dict[str, object]:
    return {"id": id, "value": "Do.All", "isEnabled": True, "allowedMemberTypes": list(members)}


@pytest.fixture
def graph() -> Graph:
    tenant = small_tenant(client="Client")
    add_app(tenant, "api", "API", appRoles=[app_role(ROLE, "Application"), app_role(OTHER_ROLE, "Application")])
    add_app(
        tenant,
        "msgraph",
        "Microsoft Graph",
        appId="00000003-0000-0000-c000-000000000000",
        appRoles=[app_role(ROLE, "Application")],
    )
    return Graph(tenant)


CLIENT, API, MSGRAPH = (object_id("servicePrincipal", key) for key in ("client", "api", "msgraph"))


def everyone(scope: str | None = "read write") -> dict[str, object]:
    return {"clientId": CLIENT, "consentType": "AllPrincipals", "resourceId": API, "scope": scope}


def only(user: str) -> dict[str, object]:
    return {**everyone(), "consentType": "Principal", "principalId": user}


def test_a_grants_id_encodes_its_parties() -> None:
    client, resource = "ef969797-201d-4f6b-960c-e9ed5f31dab5", "943603e4-e787-4fe9-93d1-e30f749aae39"
    assert grant_id(client, resource, None) == "l5eW7x0ga0-WDOntXzHateQDNpSH5-lPk9HjD3Sarjk"
    assert len(grant_id(client, resource, client)) == 64


def test_a_grant_is_created_read_changed_and_deleted(graph: Graph) -> None:
    made = graph.ask("POST", "oauth2PermissionGrants", everyone())
    assert made.status == 201
    assert made.json()["@odata.context"] == f"{ROOT}/$metadata#oauth2PermissionGrants/$entity"
    path = f"oauth2PermissionGrants/{made.json()['id']}"
    assert graph.ask("PATCH", path, {"scope": "read"}).status == 204
    assert graph.get(path)["scope"] == "read"
    assert graph.ask("DELETE", path).status == 204
    assert graph.refused("DELETE", path)[:2] == (404, "Request_ResourceNotFound")


def test_one_pair_has_one_grant_for_everyone_and_one_for_each_user(graph: Graph) -> None:
    assert graph.ask("POST", "oauth2PermissionGrants", everyone()).status == 201
    assert graph.ask("POST", "oauth2PermissionGrants", only(person(ADMIN))).status == 201
    refusal = (409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
    assert graph.refused("POST", "oauth2PermissionGrants", everyone("more")) == refusal
    assert graph.refused("POST", "oauth2PermissionGrants", only(person(ADMIN))) == refusal


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"clientId": None}, 400),
        ({"consentType": "Everyone"}, 400),
        ({"consentType": "Principal"}, 400),
        ({"principalId": person(ADMIN)}, 400),
        ({"clientId": object_id("servicePrincipal", "nobody")}, 404),
        ({"resourceId": "nonsense"}, 400),
        ({"scope": "x" * 3851}, 400),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(graph: Graph, change: dict[str, object], status: int) -> None:
    assert graph.refused("POST", "oauth2PermissionGrants", {**everyone(), **change})[0] == status
    assert graph.tenant.tables["oauth2PermissionGrants"] == {}


def test_only_the_scope_of_a_grant_changes(graph: Graph) -> None:
    id = graph.ask("POST", "oauth2PermissionGrants", everyone()).json()["id"]
    assert graph.refused("PATCH", f"oauth2PermissionGrants/{id}", {"clientId": API})[0] == 400


def test_a_guid_is_no_id_of_a_grant(graph: Graph) -> None:
    refusal = graph.refused("GET", f"oauth2PermissionGrants/{CLIENT}")
    assert refusal == (400, "Request_UnsupportedQuery", "Filter is invalid. id")


def test_grants_are_filtered_by_their_parties(graph: Graph) -> None:
    graph.ask("POST", "oauth2PermissionGrants", everyone())
    mine = graph.ask("POST", "oauth2PermissionGrants", only(person(ADMIN))).json()["id"]
    assert graph.ids(f"oauth2PermissionGrants?$filter=clientId eq '{CLIENT}' and consentType eq 'Principal'") == [mine]
    assert graph.ids(f"oauth2PermissionGrants?$filter=resourceId eq '{MSGRAPH}'") == []
    assert graph.ids(f"users/{ADMIN}/oauth2PermissionGrants") == [mine]
    assert graph.ids("me/oauth2PermissionGrants") == [mine]
    assert len(graph.ids(f"servicePrincipals/{CLIENT}/oauth2PermissionGrants")) == 2
    assert graph.refused("GET", "oauth2PermissionGrants?$filter=startsWith(scope,'r')")[0] == 400


def test_the_scope_of_a_grant_is_not_compared_with_what_the_api_offers(graph: Graph) -> None:
    made = graph.ask("POST", "oauth2PermissionGrants", everyone("no.such.scope"))
    assert made.json()["scope"] == "no.such.scope"


def test_writing_grants_needs_a_role_of_a_user_and_none_of_an_app(graph: Graph) -> None:
    graph.as_user(roles=[GLOBAL_READER])
    assert graph.refused("POST", "oauth2PermissionGrants", everyone())[0] == 403
    graph.as_app("DelegatedPermissionGrant.ReadWrite.All")
    assert graph.ask("POST", "oauth2PermissionGrants", everyone()).status == 201


def assignment(resource: str = API, role: str = ROLE, principal: str = CLIENT) -> dict[str, str]:
    return {"principalId": principal, "resourceId": resource, "appRoleId": role}


def test_an_app_role_is_assigned_seen_from_both_sides_and_removed(graph: Graph) -> None:
    path = f"servicePrincipals/{API}/appRoleAssignedTo"
    made = graph.ask("POST", path, assignment())
    assert made.status == 201
    told = made.json()
    assert (told["principalType"], told["principalDisplayName"]) == ("ServicePrincipal", "Client")
    assert told["resourceDisplayName"] == "API"
    assert len(told["id"]) == 43
    assert graph.ids(path) == graph.ids(f"servicePrincipals/{CLIENT}/appRoleAssignments") == [told["id"]]
    assert graph.ask("DELETE", f"{path}/{told['id']}").status == 204
    gone = "EntitlementGrant being updated or deleted is not found."
    assert graph.refused("DELETE", f"{path}/{told['id']}") == (400, "Request_BadRequest", gone)


def test_contexts_differ_by_the_side_that_is_asked(graph: Graph) -> None:
    told = graph.get(f"servicePrincipals/{API}/appRoleAssignedTo")
    assert told["@odata.context"] == f"{ROOT}/$metadata#servicePrincipals('{API}')/appRoleAssignedTo"
    other = graph.get(f"servicePrincipals/{CLIENT}/appRoleAssignments")
    assert other["@odata.context"] == f"{ROOT}/$metadata#appRoleAssignments"


def test_the_same_role_is_not_assigned_twice(graph: Graph) -> None:
    path = f"servicePrincipals/{API}/appRoleAssignedTo"
    graph.ask("POST", path, assignment())
    text = "Permission being assigned already exists on the object"
    assert graph.refused("POST", path, assignment()) == (400, "Request_BadRequest", text)


@pytest.mark.parametrize(
    "body",
    [
        assignment(role=object_id("role", "unknown")),
        assignment(resource=MSGRAPH),
        assignment(principal=object_id("servicePrincipal", "nobody")),
        assignment(principal=person(ADMIN)),
        assignment(role=DEFAULT_ACCESS),
    ],
    ids=["unknown role", "another resource", "unknown principal", "a user for an app's role", "default access"],
)
def test_an_assignment_that_does_not_fit_is_not_valid(graph: Graph, body: dict[str, str]) -> None:
    refusal = graph.refused("POST", f"servicePrincipals/{API}/appRoleAssignedTo", body)
    assert refusal == (400, "Request_BadRequest", "Not a valid reference update.")


def test_a_resource_without_roles_gives_default_access(graph: Graph) -> None:
    body = assignment(resource=CLIENT, role=DEFAULT_ACCESS, principal=person(ADMIN))
    assert graph.ask("POST", f"users/{ADMIN}/appRoleAssignments", body).status == 201
    assert len(graph.ids(f"users/{ADMIN}/appRoleAssignments?$filter=resourceId eq {CLIENT}")) == 1


def test_assignments_are_filtered_by_little(graph: Graph) -> None:
    path = f"servicePrincipals/{CLIENT}/appRoleAssignments"
    graph.ask("POST", path, assignment())
    assert len(graph.ids(f"{path}?$filter=resourceId eq {API}")) == 1
    assert graph.refused("GET", f"{path}?$filter=resourceId eq '{API}'")[1] == "BadRequest"
    words = "Invalid filter clause principalType: System.String"
    refusal = graph.refused("GET", f"{path}?$filter=principalType eq 'User'")
    assert refusal == (400, "Request_BadRequest", words)


def test_something_else_is_no_id_of_an_assignment(graph: Graph) -> None:
    refusal = graph.refused("DELETE", f"servicePrincipals/{API}/appRoleAssignedTo/{ROLE}")
    assert refusal == (400, "Request_BadRequest", "Invalid resource identifier for EntitlementGrant.")


def test_assignments_cannot_be_patched_nor_asked_for_at_the_root(graph: Graph) -> None:
    refusal = graph.refused("PATCH", f"servicePrincipals/{API}/appRoleAssignedTo/{ROLE}", {})
    text = "Specified HTTP method is not allowed for the request target."
    assert refusal == (405, "Request_BadRequest", text)
    text = "Direct queries to this resource type are not supported."
    assert graph.refused("GET", "appRoleAssignments/x") == (400, "Request_BadRequest", text)


@pytest.mark.parametrize(
    ("roles", "resource", "allowed"),
    [
        ([APPLICATION_ADMINISTRATOR], API, True),
        ([APPLICATION_ADMINISTRATOR], MSGRAPH, False),
        ([PRIVILEGED_ROLE_ADMINISTRATOR], MSGRAPH, True),
        ([USER_ADMINISTRATOR], API, False),
        ([], API, False),
    ],
)
def test_who_may_assign_which_app_roles(graph: Graph, roles: Sequence[str], resource: str, allowed: bool) -> None:
    graph.as_user(roles=roles)
    reply = graph.ask("POST", f"servicePrincipals/{resource}/appRoleAssignedTo", assignment(resource))
    assert reply.status == (201 if allowed else 403)


def test_the_owner_of_an_api_may_assign_its_roles(graph: Graph) -> None:
    graph.as_user(roles=())
    graph.tenant.tables["owners"][API] = {"ids": [person(ADMIN)]}
    assert graph.ask("POST", f"servicePrincipals/{API}/appRoleAssignedTo", assignment()).status == 201


def test_assigning_roles_needs_to_read_applications_as_well(graph: Graph) -> None:
    path = f"servicePrincipals/{API}/appRoleAssignedTo"
    graph.as_app("AppRoleAssignment.ReadWrite.All")
    assert graph.refused("POST", path, assignment())[0] == 403
    graph.as_app("AppRoleAssignment.ReadWrite.All Application.Read.All")
    assert graph.ask("POST", path, assignment()).status == 201
