"""Service principals and applications: reading, creating, changing, deleting and bringing back."""

from __future__ import annotations

import pytest

from tests.sandbox.asking_graph import ROOT, Graph, add_app
from toolkit.sandbox.scenarios.contoso_own import PIPELINE, TOOL
from toolkit.sandbox.scenarios.contoso_people import LOU, person
from toolkit.sandbox.scenarios.ids import grant_id, object_id
from toolkit.sandbox.scenarios.smart_email import APP_ID

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"


@pytest.fixture
def graph() -> Graph:
    return Graph()


def smart_email(graph: Graph) -> str:
    found = graph.tenant.service_principal_of(APP_ID)
    assert found is not None
    return found["id"]


def test_one_is_found_by_object_id_and_by_app_id(graph: Graph) -> None:
    by_id = graph.get(f"servicePrincipals/{smart_email(graph)}")
    by_app = graph.get(f"servicePrincipals(appId='{APP_ID}')")
    assert by_id == by_app
    assert by_id["@odata.context"] == f"{ROOT}/$metadata#servicePrincipals/$entity"


def test_what_the_sandbox_keeps_for_itself_is_never_served(graph: Graph) -> None:
    for path in (f"servicePrincipals/{smart_email(graph)}", "servicePrincipals?$top=999", "groups", "organization"):
        assert '"_' not in graph.ask("GET", path).body.decode()


def test_one_that_does_not_exist_is_a_404_in_graphs_words(graph: Graph) -> None:
    id = object_id("servicePrincipal", "nobody")
    text = f"Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    assert graph.refused("GET", f"servicePrincipals/{id}") == (404, "Request_ResourceNotFound", text)


def test_an_id_that_is_no_guid_is_a_400(graph: Graph) -> None:
    refusal = graph.refused("GET", "servicePrincipals/nonsense")
    assert refusal == (400, "Request_BadRequest", "Invalid object identifier 'nonsense'.")


def test_a_collection_property_has_an_address(graph: Graph) -> None:
    api = graph.tenant.service_principal_of(MICROSOFT_GRAPH)
    assert api is not None
    assert graph.get(f"servicePrincipals/{api['id']}/appRoles")["value"] == api["appRoles"]


def test_keys_of_certificates_are_told_only_on_request(graph: Graph) -> None:
    id = add_app(graph.tenant, "signed", "Signed", keyCredentials=[{"keyId": "1", "key": "MIIC"}])
    assert graph.get(f"servicePrincipals/{id}")["keyCredentials"] == [{"keyId": "1", "key": None}]
    told = graph.get(f"servicePrincipals/{id}?$select=keyCredentials")
    assert told["keyCredentials"] == [{"keyId": "1", "key": "MIIC"}]


def test_switching_one_off_is_a_patch_without_content(graph: Graph) -> None:
    path = f"servicePrincipals/{smart_email(graph)}"
    reply = graph.ask("PATCH", path, {"accountEnabled": True})
    assert (reply.status, reply.body) == (204, b"")
    assert graph.get(path)["accountEnabled"] is True


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accountEnabled": "no"}, "Invalid value specified for property 'accountEnabled'"),
        ({"appId": APP_ID}, "read-only"),
        ({"colour": "red"}, "Invalid property 'colour'."),
    ],
)
def test_a_patch_graph_does_not_take_changes_nothing(graph: Graph, change: dict[str, object], words: str) -> None:
    id = smart_email(graph)
    before = dict(graph.tenant.tables["servicePrincipals"][id])
    status, _, message = graph.refused("PATCH", f"servicePrincipals/{id}", change)
    assert status == 400
    assert words in message
    assert graph.tenant.tables["servicePrincipals"][id] == before


def test_one_that_exists_is_not_created_twice(graph: Graph) -> None:
    reply = graph.ask("POST", "servicePrincipals", {"appId": APP_ID})
    error = reply.json()["error"]
    assert (reply.status, error["code"]) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert error["details"][0] == {
        "code": "ObjectConflict",
        "message": error["message"],
        "target": "servicePrincipalNames",
    }


def test_an_app_nobody_knows_gets_no_service_principal(graph: Graph) -> None:
    unknown = object_id("app", "unknown")
    text = f"The appId '{unknown}' of the service principal does not reference a valid application object."
    assert graph.refused("POST", "servicePrincipals", {"appId": unknown}) == (400, "Request_BadRequest", text)


def test_creating_one_needs_its_app_id(graph: Graph) -> None:
    text = "A value is required for property 'appId' of resource 'ServicePrincipal'."
    assert graph.refused("POST", "servicePrincipals", {}) == (400, "Request_BadRequest", text)


def test_deleting_one_takes_its_grants_roles_and_owners_along_and_restoring_brings_them_back(graph: Graph) -> None:
    id, tables = smart_email(graph), graph.tenant.tables
    grants, roles = graph.tenant.grants_of_client(id), graph.tenant.assignments_of_resource(id)
    owners = graph.tenant.owners_of(id)
    assert grants
    assert roles
    assert owners
    assert graph.ask("DELETE", f"servicePrincipals/{id}").status == 204
    assert not graph.tenant.grants_of_client(id)
    assert not graph.tenant.assignments_of_resource(id)
    assert not graph.tenant.owners_of(id)
    assert graph.refused("DELETE", f"servicePrincipals/{id}")[0] == 404

    reply = graph.ask("POST", f"directory/deletedItems/{id}/restore")
    assert reply.status == 200
    assert reply.json()["@odata.type"] == "#microsoft.graph.servicePrincipal"
    assert reply.json()["@odata.context"] == f"{ROOT}/$metadata#directoryObjects/$entity"
    assert sorted(graph.tenant.grants_of_client(id), key=lambda g: g["id"]) == sorted(grants, key=lambda g: g["id"])
    assert graph.tenant.assignments_of_resource(id) == roles
    assert graph.tenant.owners_of(id) == owners
    assert id not in tables["deletedItems"]
    assert graph.get(f"servicePrincipals/{id}")["deletedDateTime"] is None


def test_a_tenant_where_restoring_loses_the_consent(graph: Graph) -> None:
    graph.tenant.settings["restoreGrants"] = False
    id = smart_email(graph)
    graph.ask("DELETE", f"servicePrincipals/{id}")
    graph.ask("POST", f"directory/deletedItems/{id}/restore")
    assert graph.get(f"servicePrincipals/{id}")
    assert not graph.tenant.grants_of_client(id)


def test_consent_between_two_deleted_ones_comes_back_with_the_second(graph: Graph) -> None:
    client, api = add_app(graph.tenant, "client", "Client"), add_app(graph.tenant, "api", "API")
    id = grant_id(client, api)
    grant = {"id": id, "clientId": client, "resourceId": api, "consentType": "AllPrincipals", "principalId": None}
    graph.tenant.tables["oauth2PermissionGrants"][id] = {**grant, "scope": "read"}
    for gone in (client, api):
        assert graph.ask("DELETE", f"servicePrincipals/{gone}").status == 204
    for back in (client, api):
        assert graph.ask("POST", f"directory/deletedItems/{back}/restore").status == 200
    assert graph.tenant.grants_of_client(client) == [{**grant, "scope": "read"}]


def test_the_bin_is_listed_by_kind_and_filtered_by_app_id(graph: Graph) -> None:
    id = smart_email(graph)
    graph.ask("DELETE", f"servicePrincipals/{id}")
    path = "directory/deletedItems/microsoft.graph.servicePrincipal"
    assert graph.ids(f"{path}?$filter=appId eq '{APP_ID}'") == [id]
    assert graph.get(path)["@odata.context"] == f"{ROOT}/$metadata#servicePrincipals"
    assert graph.ids("directory/deletedItems/graph.application") == []
    assert graph.get(f"directory/deletedItems/{id}")["deletedDateTime"]
    assert '"_' not in graph.ask("GET", path).body.decode()
    assert graph.refused("GET", "directory/deletedItems")[0] == 400


def test_after_thirty_days_it_is_gone_for_good(graph: Graph) -> None:
    id = smart_email(graph)
    graph.ask("DELETE", f"servicePrincipals/{id}")
    graph.wait(days=31)
    assert graph.ids("directory/deletedItems/graph.servicePrincipal") == []
    assert graph.refused("POST", f"directory/deletedItems/{id}/restore")[0] == 404


def test_purging_cannot_be_undone(graph: Graph) -> None:
    id = smart_email(graph)
    graph.ask("DELETE", f"servicePrincipals/{id}")
    assert graph.ask("DELETE", f"directory/deletedItems/{id}").status == 204
    assert graph.refused("POST", f"directory/deletedItems/{id}/restore")[0] == 404


def test_one_cannot_be_restored_beside_its_successor(graph: Graph) -> None:
    id = smart_email(graph)
    graph.ask("DELETE", f"servicePrincipals/{id}")
    add_app(graph.tenant, "successor", "SMArtEmail again", appId=APP_ID)
    refusal = graph.refused("POST", f"directory/deletedItems/{id}/restore")
    assert refusal[:2] == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_microsofts_own_are_protected(graph: Graph) -> None:
    assert graph.refused("DELETE", f"servicePrincipals(appId='{MICROSOFT_GRAPH}')")[0] == 403


def test_a_person_without_a_role_may_write_only_what_they_own(graph: Graph) -> None:
    graph.as_user(user=LOU, roles=())
    assert graph.ask("PATCH", f"servicePrincipals/{smart_email(graph)}", {"notes": "mine"}).status == 204
    assert graph.refused("PATCH", f"servicePrincipals(appId='{TOOL}')", {"notes": "theirs"})[0] == 403


def test_an_app_limited_to_its_own_may_write_only_what_it_owns(graph: Graph) -> None:
    graph.as_app("Application.ReadWrite.OwnedBy")
    id = add_app(graph.tenant, "owned", "Owned")
    assert graph.refused("DELETE", f"servicePrincipals/{id}")[0] == 403
    graph.tenant.tables["owners"][id] = {"ids": [object_id("servicePrincipal", "caller")]}
    assert graph.ask("DELETE", f"servicePrincipals/{id}").status == 204


def test_owners_come_and_go(graph: Graph) -> None:
    id, lou = smart_email(graph), person("mei")
    reference = {"@odata.id": f"{ROOT}/directoryObjects/{lou}"}
    assert graph.ask("POST", f"servicePrincipals/{id}/owners/$ref", reference).status == 204
    assert lou in graph.ids(f"servicePrincipals/{id}/owners")
    assert (
        "added object references already exist"
        in graph.refused("POST", f"servicePrincipals/{id}/owners/$ref", reference)[2]
    )
    assert graph.ask("DELETE", f"servicePrincipals/{id}/owners/{lou}/$ref").status == 204
    assert lou not in graph.ids(f"servicePrincipals/{id}/owners")


def test_a_new_secret_is_shown_once(graph: Graph) -> None:
    id = smart_email(graph)
    made = graph.ask("POST", f"servicePrincipals/{id}/addPassword", {"passwordCredential": {"displayName": "x"}})
    assert made.status == 200
    secret = made.json()["secretText"]
    assert made.json()["hint"] == secret[:3]
    assert secret not in graph.ask("GET", f"servicePrincipals/{id}").body.decode()
    key = {"keyId": made.json()["keyId"]}
    assert graph.ask("POST", f"servicePrincipals/{id}/removePassword", key).status == 204
    assert graph.refused("POST", f"servicePrincipals/{id}/removePassword", key)[0] == 400


def test_a_write_leaves_an_audit_row(graph: Graph) -> None:
    id = smart_email(graph)
    graph.ask("DELETE", f"servicePrincipals/{id}")
    row = graph.get("auditLogs/directoryAudits?$top=1")["value"][0]
    assert row["activityDisplayName"] == "Remove service principal"
    assert row["initiatedBy"]["user"]["userPrincipalName"] == "admin@contoso.example"
    assert row["targetResources"][0]["id"] == id


def test_deleting_a_registration_deletes_and_restoring_it_restores_its_service_principal(graph: Graph) -> None:
    app = graph.get(f"applications(appId='{PIPELINE}')")
    assert graph.ask("DELETE", f"applications/{app['id']}").status == 204
    assert graph.refused("GET", f"servicePrincipals(appId='{PIPELINE}')")[0] == 404
    assert graph.ask("POST", f"directory/deletedItems/{app['id']}/restore").status == 200
    assert graph.get(f"servicePrincipals(appId='{PIPELINE}')")


def test_a_service_principal_without_its_local_registration_cannot_be_restored(graph: Graph) -> None:
    app = graph.get(f"applications(appId='{PIPELINE}')")
    principal = graph.get(f"servicePrincipals(appId='{PIPELINE}')")["id"]
    graph.ask("DELETE", f"applications/{app['id']}")
    graph.ask("DELETE", f"directory/deletedItems/{app['id']}")
    status, _, message = graph.refused("POST", f"directory/deletedItems/{principal}/restore")
    assert status == 400
    assert "does not reference a valid application object" in message


def test_a_managed_identity_is_not_deleted_through_graph(graph: Graph) -> None:
    id = add_app(graph.tenant, "identity", "vm-1", servicePrincipalType="ManagedIdentity")
    assert graph.refused("DELETE", f"servicePrincipals/{id}")[0] == 403
