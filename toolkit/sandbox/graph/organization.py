"""The tenant itself: https://learn.microsoft.com/graph/api/resources/organization"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.kinds import AUTHORIZATION_POLICY, DOMAIN, ORGANIZATION, SUBSCRIBED_SKU
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import answer, context, many, one
from toolkit.sandbox.odata.errors import GraphError, not_found
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
_PREMIUM_PLANS = {"41781fb2-bc02-4b7c-bd55-b576c07bb09d": "p1", "eec0eb4f-6444-4f95-aba0-50c24d67f998": "p2"}
_DEFAULT_POLICY = {
    "id": "authorizationPolicy",
    "allowInvitesFrom": "everyone",
    "allowedToSignUpEmailBasedSubscriptions": True,
    "allowedToUseSSPR": True,
    "allowEmailVerifiedUsersToJoinOrganization": False,
    "allowUserConsentForRiskyApps": None,
    "blockMsolPowerShell": False,
    "displayName": "Authorization Policy",
    "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    "defaultUserRolePermissions": {
        "allowedToCreateApps": True,
        "allowedToCreateSecurityGroups": True,
        "allowedToCreateTenants": True,
        "allowedToReadOtherUsers": True,
        "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"],
    },
}


def _licensed(call: Call, row: Object) -> Object:
    """The organization with only the premium plans that the tenant's settings grant."""
    licences = call.tenant.settings["licences"]
    missing = {plan for plan, licence in _PREMIUM_PLANS.items() if not licences.get(licence)}
    plans = [plan for plan in row.get("assignedPlans") or () if plan["servicePlanId"] not in missing]
    return {**row, "assignedPlans": plans}


@serves("GET", "/organization", may.READ_ORGANIZATION)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/organization-list"""
    return many(call, ORGANIZATION, [_licensed(call, row) for row in call.tenant.tables["organization"].values()])


@serves("GET", "/organization/{id}", may.READ_ORGANIZATION)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/organization-get"""
    row = call.tenant.tables["organization"].get(id)
    if row is None:
        raise not_found(id)
    return one(call, ORGANIZATION, _licensed(call, row))


@serves("GET", "/policies/authorizationPolicy", may.READ_POLICIES)
def authorization_policy(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/authorizationpolicy-get"""
    row = call.tenant.tables["policies"].get("authorizationPolicy", _DEFAULT_POLICY)
    return one(call, AUTHORIZATION_POLICY, row)


@serves("GET", "/domains", may.READ_DOMAINS)
def domains(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/domain-list"""
    told = call.tenant.tables["domains"].values()
    rows = list(told) or [
        {"id": d["name"], "isDefault": d["isDefault"], "isInitial": d["isInitial"], "isVerified": True}
        for d in call.tenant.organization["verifiedDomains"]
    ]
    return many(call, DOMAIN, rows)


@serves("GET", "/subscribedSkus", may.READ_LICENCES)
def licences(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/subscribedsku-list"""
    return many(call, SUBSCRIBED_SKU, call.tenant.tables["subscribedSkus"].values())


@serves("GET", "/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenant}')", may.READ_TENANTS)
def find_tenant(call: Call, tenant: str) -> Reply:
    """https://learn.microsoft.com/graph/api/tenantrelationship-findtenantinformationbytenantid"""
    if tenant != call.tenant.id:
        raise GraphError(404, "Directory_ObjectNotFound", f"Unable to read the company information for '{tenant}'.")
    domain = next((d["name"] for d in call.tenant.organization["verifiedDomains"] if d.get("isDefault")), None)
    told = {
        "tenantId": tenant,
        "federationBrandName": None,
        "displayName": call.tenant.organization["displayName"],
        "defaultDomainName": domain,
    }
    return answer({"@odata.context": context(call, "microsoft.graph.tenantInformation"), **told})
