"""From a request to Microsoft Graph to its reply: version, faults, token, permissions, route, headers, errors."""

from __future__ import annotations

import re
from datetime import UTC
from functools import cache
from importlib import import_module

from toolkit.sandbox import faults
from toolkit.sandbox.graph import permissions
from toolkit.sandbox.graph.caller import caller_of
from toolkit.sandbox.graph.routes import NEEDS, router
from toolkit.sandbox.http import BadJson, Reply, Request, json_reply
from toolkit.sandbox.odata.errors import GraphError, malformed
from toolkit.sandbox.routing import Call, Route, Router

_DIAGNOSTIC = (
    '{"ServerInfo":{"DataCenter":"Sandbox","Slice":"E","Ring":"5","ScaleUnit":"001","RoleInstance":"SANDBOX0001"}}'
)
_WRITING = re.compile(rb'"(?:post|patch|put|delete)"', re.IGNORECASE)
_READING_POSTS = ("getbyids",)
_RESOURCES = (
    "service_principals",
    "app_roles",
    "grants",
    "applications",
    "deleted_items",
    "directory_objects",
    "directory_roles",
    "role_management",
    "role_schedules",
    "groups",
    "users",
    "organization",
    "logs",
    "batch",
)
_COSTS = {
    "GET /applications": 2,
    "GET /oauth2PermissionGrants": 2,
    "GET /oauth2PermissionGrants/{id}": 2,
    "GET /servicePrincipals/{id}/appRoleAssignments": 2,
    "GET /groups/{id}/members": 3,
    "GET /groups/{id}/transitiveMembers": 5,
    "GET /users": 2,
    "GET /users/{id}/memberOf": 2,
    "GET /users/{id}/transitiveMemberOf": 2,
    "GET /users/{id}/ownedObjects": 2,
    "GET /subscribedSkus": 3,
    "POST /directoryObjects/getByIds": 3,
}


@cache
def whole_router() -> Router:
    """The router with every resource of Graph registered."""
    for name in _RESOURCES:
        import_module(f"toolkit.sandbox.graph.{name}")
    return router


def reads_only(request: Request) -> bool:
    """Does the request surely leave the tenant unchanged?"""
    if request.method == "GET":
        return True
    last = request.segments[-1].lower() if request.segments else ""
    if last == "$batch":
        return _WRITING.search(request.body) is None
    return last in _READING_POSTS


def serve(call: Call) -> Reply:
    """Answer one call to Graph, or one item of a batch."""
    client_id = call.request.headers.get("client-request-id") or call.request_id
    try:
        reply = _serve(call)
    except GraphError as error:
        reply = error_reply(call, error, client_id)
    except BadJson:
        reply = error_reply(call, malformed("Unable to read JSON request payload."), client_id)
    headers = reply.headers
    headers.setdefault("Cache-Control", "no-cache")
    headers.setdefault("OData-Version", "4.0")
    if not call.in_batch:
        headers["request-id"] = call.request_id
        headers["client-request-id"] = client_id
        headers["x-ms-ags-diagnostic"] = _DIAGNOSTIC
        headers["Strict-Transport-Security"] = "max-age=31536000"
        headers["Date"] = f"{call.now.astimezone(UTC):%a, %d %b %Y %H:%M:%S} GMT"
    if call.route is not None:
        headers["x-ms-resource-unit"] = str(_cost(call, call.route))
    return reply


def error_reply(call: Call, error: GraphError, client_id: str) -> Reply:
    """The error body of Graph, with the date and ids of the request inside."""
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if error.details:
        body["details"] = list(error.details)
    body["innerError"] = {
        "date": f"{call.now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "request-id": call.request_id,
        "client-request-id": client_id,
    }
    return json_reply({"error": body}, error.status, error.headers)


def _serve(call: Call) -> Reply:
    request = call.request
    version, path = _version(request)
    call.version = version
    fault = faults.due(call, "/" + "/".join(path)) if call.tenant.settings["faults"] else None
    if fault is not None:
        code, message = faults.code_and_message(fault)
        raise GraphError(fault["status"], code, message, headers=faults.retry_headers(fault))
    if call.claims is None:
        call.claims = caller_of(call)
    if path and path[0].lower() == "me" and permissions.is_app_only(call):
        raise malformed("/me request is only valid with delegated authentication flow.")
    found = whole_router().match(request.method, path) if version == "v1.0" else None
    if found is None:
        raise GraphError(501, "NotImplemented", f"The sandbox does not serve {request.method} {request.path}")
    call.route, parameters = found
    permissions.check(call, NEEDS[call.route.operation], _asked_about(call, parameters))
    return call.route.handler(call, **parameters)


def _version(request: Request) -> tuple[str, tuple[str, ...]]:
    version = request.segments[0].lower() if request.segments else ""
    if version not in ("v1.0", "beta"):
        raise malformed(f"Invalid version: {version}")
    return version, request.segments[1:]


def _asked_about(call: Call, parameters: dict[str, str]) -> str | None:
    """The user a call is about, as an object id."""
    template = "" if call.route is None else call.route.template
    if template.startswith("/me"):
        return permissions.caller_id(call)
    if not template.startswith("/users/{id}"):
        return None
    user = call.tenant.user_of(parameters["id"])
    return user["id"] if user else None


def _cost(call: Call, route: Route) -> int:
    """Resource units of a call: https://learn.microsoft.com/graph/throttling-limits"""
    names = {name.lower() for name in call.request.query}
    cost = _COSTS.get(route.operation, 1) - ("$select" in names) + ("$expand" in names)
    top = call.request.query.get("$top", "")
    return max(1, cost - (top.isdigit() and int(top) < 20))
