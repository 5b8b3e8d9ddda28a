"""The sandbox against Microsoft's own examples and schemas, where that reference material is at hand."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.asking_graph import Graph
from toolkit.sandbox.graph.service import whole_router
from toolkit.sandbox.http import Request
from toolkit.sandbox.scenarios.ids import object_id

REFERENCE = Path(__file__).parents[2].parent / "shared" / "graph"
pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="no Graph reference material beside the repository")

ROOT = "https://graph.microsoft.com/v1.0/"
SERVED = re.compile(
    r"(servicePrincipals|applications|groups|users|me|organization|oauth2PermissionGrants|directory/deletedItems"
    r"|directoryRoles|directoryRoleTemplates|domains|subscribedSkus|auditLogs/(signIns|directoryAudits)"
    r"|roleManagement/directory/(roleDefinitions|roleAssignments|roleAssignmentScheduleInstances"
    r"|roleEligibilityScheduleInstances)"
    r"|policies/authorizationPolicy|tenantRelationships/findTenantInformationByTenantId[^/]*)([/?(].*)?$",
    re.IGNORECASE,
)
NOT_SERVED = ("/delta", "/scopedMembers", "/createdObjects", "filterByCurrentUser")
LISTS = {
    "servicePrincipals": "servicePrincipal",
    "applications": "application",
    "groups": "group",
    "users": "user",
    "organization": "organization",
    "oauth2PermissionGrants": "oAuth2PermissionGrant",
    "directoryRoles": "directoryRole",
    "directoryRoleTemplates": "directoryRoleTemplate",
    "domains": "domain",
    "auditLogs/signIns": "signIn",
    "auditLogs/directoryAudits": "directoryAudit",
    "roleManagement/directory/roleDefinitions": "unifiedRoleDefinition",
    "roleManagement/directory/roleAssignments": "unifiedRoleAssignment",
    "roleManagement/directory/roleAssignmentScheduleInstances": "unifiedRoleAssignmentScheduleInstance",
    "roleManagement/directory/roleEligibilityScheduleInstances": "unifiedRoleEligibilityScheduleInstance",
}


@cache
def examples() -> list[tuple[str, str, dict[str, str]]]:
    found: list[tuple[str, str, dict[str, str]]] = []
    for file in sorted((REFERENCE / "examples").glob("*.json")) if REFERENCE.is_dir() else ():
        request = json.loads(file.read_text(encoding="utf-8"))["request"]
        url = request["url"]
        plain = url.removeprefix(ROOT)
        is_ours = url.startswith(ROOT) and SERVED.match(plain) and not any(word in url for word in NOT_SERVED)
        if request["method"] == "GET" and is_ours:
            found.append((file.stem, plain, request["headers"] or {}))
    return found


@cache
def schemas() -> dict[str, Any]:
    text = (REFERENCE / "openapi-slice.json").read_text(encoding="utf-8")
    return json.loads(text)["components"]["schemas"]


def properties(name: str) -> set[str]:
    schema = schemas()[name]
    found: set[str] = set()
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            found |= properties(part["$ref"].rpartition("/")[2])
        found |= set(part.get("properties") or {})
    return found


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph()


@pytest.mark.parametrize(("name", "path", "headers"), examples(), ids=[name for name, _, _ in examples()])
def test_a_documented_request_is_served(graph: Graph, name: str, path: str, headers: dict[str, str]) -> None:
    concrete = re.sub(r"\{[^}]*\}", object_id("servicePrincipal", "example"), path)
    reply = graph.ask("GET", concrete, headers=headers)
    assert reply.status not in (500, 501), reply.body
    if "/" not in concrete.partition("?")[0] and not name.startswith(("error-", "user-list__6")):
        assert reply.status == 200, reply.body


@pytest.mark.parametrize("path", LISTS)
def test_objects_have_only_documented_properties(graph: Graph, path: str) -> None:
    rows = graph.get(path)["value"]
    documented = properties(f"microsoft.graph.{LISTS[path]}")
    for row in rows:
        undocumented = {name for name in row if not name.startswith("@")} - documented
        assert not undocumented


def test_requests_that_real_clients_sent_are_served() -> None:
    router = whole_router()
    for file in sorted((REFERENCE / "traffic").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            sent = json.loads(line)
            target = sent["target"].split("?")[0]
            if "graph" not in sent["host"] or not re.match(r"/v1\.0/+", target):
                continue
            segments = Request.of(sent["method"], f"https://graph.microsoft.com{target}").segments[1:]
            assert router.match(sent["method"], segments), f"{file.name}: {sent['method']} {target}"


def test_permissions_of_reads_agree_with_the_catalogue() -> None:
    from toolkit.sandbox.graph.routes import NEEDS

    operations = json.loads((REFERENCE / "permissions.json").read_text(encoding="utf-8"))["operations"]
    catalogue = {_normal(name): entry for name, entry in operations.items()}
    compared = 0
    for operation, needs in NEEDS.items():
        entry = catalogue.get(_normal(operation))
        if entry is None or needs.also:
            continue
        for held, side in ((needs.delegated | needs.own, "delegated"), (needs.application, "application")):
            least = set((entry.get(side) or {}).get("least") or [])
            if least and held:
                compared += 1
                known = least | set((entry.get(side) or {}).get("other") or [])
                assert held & known, f"{operation} ({side}): none of {sorted(known)}"
    assert compared > 30


def _normal(operation: str) -> str:
    text = operation.replace("microsoft.graph.", "graph.").lower()
    return re.sub(r"\{[^}]*\}", "{}", text)
