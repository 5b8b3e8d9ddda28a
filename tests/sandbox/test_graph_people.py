"""Users, groups, directory roles, privileged identity management, logs and the tenant itself."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.asking_graph import GLOBAL_ADMINISTRATOR, ROOT, Graph
from toolkit.sandbox.scenarios.contoso_people import ADMIN, GUEST, person, team

INSTANCES = "roleManagement/directory/roleAssignmentScheduleInstances"
ELIGIBLE = "roleManagement/directory/roleEligibilityScheduleInstances"
GROUP_ELIGIBLE = "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
OF_GLOBAL = f"$filter=roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'"


@pytest.fixture
def graph() -> Graph:
    return Graph()


def test_me_is_the_user_of_the_token(graph: Graph) -> None:
    assert graph.get("me")["userPrincipalName"] == ADMIN
    graph.as_user("User.Read")
    assert graph.get("me")["id"] == person(ADMIN)
    graph.as_app()
    text = "/me request is only valid with delegated authentication flow."
    assert graph.refused("GET", "me")[0::2] == (400, text)
    assert graph.refused("GET", "me/memberOf")[0] == 400


def test_with_user_read_a_user_reads_themself_and_nobody_else(graph: Graph) -> None:
    graph.as_user("User.Read")
    assert graph.get(f"users/{ADMIN}")["id"] == person(ADMIN)
    graph.ids("me/transitiveMemberOf")
    assert graph.refused("GET", f"users/{person('priya')}")[0] == 403


def test_a_guest_is_found_by_a_name_with_a_hash(graph: Graph) -> None:
    assert graph.get(f"users/{GUEST}")["id"] == person(GUEST)


def test_membership_is_followed_through_groups(graph: Graph) -> None:
    direct = graph.ids(f"users/{person('zoë')}/memberOf")
    assert direct == [team("Sales Emea")]
    assert set(graph.ids(f"users/{person('zoë')}/transitiveMemberOf")) == {team("Sales Emea"), team("Sales")}
    members = graph.ids(f"groups/{team('Sales')}/members")
    assert set(members) == {team("Sales Emea"), person("mei")}
    everybody = set(graph.ids(f"groups/{team('Sales')}/transitiveMembers"))
    assert everybody == {team("Sales Emea"), person("mei"), person("o.brien"), person("zoë")}


def test_mixed_members_carry_their_type_and_a_cast_keeps_one_kind(graph: Graph) -> None:
    path = f"groups/{team('Sales')}/members"
    types = {row["@odata.type"] for row in graph.get(path)["value"]}
    assert types == {"#microsoft.graph.group", "#microsoft.graph.user"}
    users = graph.get(f"{path}/microsoft.graph.user")
    assert [row["id"] for row in users["value"]] == [person("mei")]
    assert users["@odata.context"] == f"{ROOT}/$metadata#users"
    assert graph.refused("GET", f"{path}/graph.user?$filter=startsWith(displayName,'m')")[0] == 400
    assert graph.advanced(f"{path}/graph.user?$filter=startsWith(displayName,'m')")["@odata.count"] == 1


def test_directory_roles_of_a_user_come_through_groups_too(graph: Graph) -> None:
    path = f"users/{person('gustav')}/transitiveMemberOf/microsoft.graph.directoryRole"
    assert [row["roleTemplateId"] for row in graph.get(path)["value"]] == [GLOBAL_ADMINISTRATOR]
    assert graph.ids(f"users/{person('gustav')}/memberOf/graph.directoryRole") == []


def test_a_role_never_activated_is_not_found(graph: Graph) -> None:
    role = graph.get(f"directoryRoles(roleTemplateId='{GLOBAL_ADMINISTRATOR}')")
    assert graph.get(f"directoryRoles/{role['id']}")["roleTemplateId"] == GLOBAL_ADMINISTRATOR
    never = "d29b2b05-8046-44ba-8758-1e26182fcf32"
    assert graph.refused("GET", f"directoryRoles(roleTemplateId='{never}')")[0] == 404


def test_members_of_a_role_are_direct_holders_and_activations_but_not_the_eligible(graph: Graph) -> None:
    members = graph.ids(f"directoryRoles(roleTemplateId='{GLOBAL_ADMINISTRATOR}')/members")
    assert {person(ADMIN), person("priya"), team("Tier 0 Administrators")} <= set(members)
    assert person("evan") not in members
    assert person("gustav") not in members


def test_roles_are_filtered_by_equality_and_not_paged(graph: Graph) -> None:
    path = f"directoryRoles?$filter=roleTemplateId eq '{GLOBAL_ADMINISTRATOR}'"
    assert len(graph.ids(path)) == 1
    assert graph.refused("GET", "directoryRoles?$top=5")[0] == 400


def test_role_assignments_expand_principal_and_definition(graph: Graph) -> None:
    path = f"roleManagement/directory/roleAssignments?{OF_GLOBAL}&$expand=principal,roleDefinition"
    told = graph.get(path)
    context = "roleManagement/directory/roleAssignments(principal(),roleDefinition())"
    assert told["@odata.context"] == f"{ROOT}/$metadata#{context}"
    assert {row["roleDefinition"]["displayName"] for row in told["value"]} == {"Global Administrator"}
    kinds = {row["principal"]["@odata.type"].rpartition(".")[2] for row in told["value"]}
    assert kinds == {"user", "group", "servicePrincipal"}
    assert '"_' not in json.dumps(told)


def test_an_activation_ends_everywhere_at_once(graph: Graph) -> None:
    path = f"roleManagement/directory/roleAssignments?$filter=principalId eq '{person('priya')}'"
    assert len(graph.ids(path)) == 1
    graph.wait(hours=4)
    assert graph.ids(path) == []
    assert graph.ids(f"{INSTANCES}?$filter=principalId eq '{person('priya')}'") == []
    assert person("priya") not in graph.ids(f"directoryRoles(roleTemplateId='{GLOBAL_ADMINISTRATOR}')/members")


def test_eligible_holders_are_in_their_own_list(graph: Graph) -> None:
    holders = {row["principalId"] for row in graph.get(f"{ELIGIBLE}?{OF_GLOBAL}")["value"]}
    assert person("evan") in holders
    kinds = {row["assignmentType"] for row in graph.get(f"{INSTANCES}?{OF_GLOBAL}")["value"]}
    assert kinds == {"Assigned", "Activated"}


def test_without_p2_privileged_identity_management_says_so(graph: Graph) -> None:
    graph.tenant.settings["licences"]["p2"] = False
    for path in (INSTANCES, ELIGIBLE, f"{GROUP_ELIGIBLE}?$filter=groupId eq '{team('Sales')}'"):
        assert graph.refused("GET", path)[:2] == (400, "AadPremiumLicenseRequired")


def test_privileged_identity_management_names_the_missing_permission_inside_the_message(graph: Graph) -> None:
    graph.as_user("User.Read")
    status, code, message = graph.refused("GET", ELIGIBLE)
    inner = json.loads(message)
    assert (status, code, inner["errorCode"]) == (403, "UnknownError", "PermissionScopeNotGranted")
    assert "RoleEligibilitySchedule.Read.Directory" in inner["message"]


def test_pim_for_groups_wants_to_know_which_group_or_principal(graph: Graph) -> None:
    assert graph.refused("GET", GROUP_ELIGIBLE)[0] == 400
    group = team("Tier 0 Administrators")
    told = graph.get(f"{GROUP_ELIGIBLE}?$filter=groupId eq '{group}'")["value"]
    assert [(row["principalId"], row["accessId"]) for row in told] == [(person("petra"), "member")]
    assert len(graph.ids(f"{GROUP_ELIGIBLE}?$filter=principalId eq '{person('petra')}'")) == 1


def test_sign_ins_are_told_newest_first(graph: Graph) -> None:
    moments = [row["createdDateTime"] for row in graph.get("auditLogs/signIns")["value"]]
    assert moments == sorted(moments, reverse=True)
    assert moments
    since = f"auditLogs/signIns?$filter=createdDateTime ge {moments[0]}"
    assert len(graph.ids(since)) >= 1
    assert graph.ids("auditLogs/signIns?$filter=status/errorCode ne 0 and createdDateTime le 2000-01-01") == []


def test_logs_need_p1_and_a_role_of_a_reader(graph: Graph) -> None:
    graph.as_user(roles=())
    assert graph.refused("GET", "auditLogs/signIns")[0] == 403
    graph.as_user()
    graph.tenant.settings["licences"]["p1"] = False
    refusal = graph.refused("GET", "auditLogs/signIns")
    assert refusal[:2] == (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")


def test_the_organization_shows_the_licences_the_tenant_has(graph: Graph) -> None:
    def plans() -> set[str]:
        return {plan["servicePlanId"] for plan in graph.get("organization")["value"][0]["assignedPlans"]}

    p2 = "eec0eb4f-6444-4f95-aba0-50c24d67f998"
    assert p2 in plans()
    graph.tenant.settings["licences"]["p2"] = False
    assert p2 not in plans()


def test_a_tenant_can_be_named_from_its_id(graph: Graph) -> None:
    path = f"tenantRelationships/findTenantInformationByTenantId(tenantId='{graph.tenant.id}')"
    assert graph.get(path)["defaultDomainName"] == "contoso.example"
    unknown = "tenantRelationships/findTenantInformationByTenantId(tenantId='6babcaad-604b-40ac-a9d7-9fd97c0b779f')"
    assert graph.refused("GET", unknown)[0] == 404


def test_the_rest_of_the_tenant_is_served(graph: Graph) -> None:
    assert graph.get("policies/authorizationPolicy")["defaultUserRolePermissions"]
    assert {row["id"] for row in graph.get("domains")["value"]} >= {"contoso.example"}
    graph.get("subscribedSkus")
    assert len(graph.get("directoryRoleTemplates")["value"]) > 5


def test_objects_are_found_by_many_ids_at_once(graph: Graph) -> None:
    ids = [person(ADMIN), team("Sales"), "00000000-0000-4000-8000-000000000000"]
    told = graph.ask("POST", "directoryObjects/getByIds", {"ids": ids, "types": ["user", "group"]}).json()
    assert [row["id"] for row in told["value"]] == ids[:2]
    too_many = graph.refused("POST", "directoryObjects/getByIds", {"ids": [person(ADMIN)] * 1001})
    assert too_many[0] == 400
