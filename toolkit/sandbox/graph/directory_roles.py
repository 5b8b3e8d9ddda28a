"""Activated directory roles: https://learn.microsoft.com/graph/api/resources/directoryrole"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.kinds import DIRECTORY_ROLE, ROLE_MEMBER, ROLE_TEMPLATE
from toolkit.sandbox.graph.relations import typed_objects
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, one
from toolkit.sandbox.odata.errors import not_found
from toolkit.sandbox.routing import Call

BY_ID, BY_TEMPLATE = "/directoryRoles/{id}", "/directoryRoles(roleTemplateId='{template}')"


def _found(call: Call, id: str | None = None, template: str | None = None) -> dict[str, Any]:
    roles = call.tenant.tables["directoryRoles"]
    row = call.tenant.activated_role(template) if template else roles.get(id or "")
    if row is None:
        raise not_found(template or id or "")
    return row


@serves("GET", "/directoryRoles", may.READ_ROLES)
def list_(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryrole-list"""
    return many(call, DIRECTORY_ROLE, call.tenant.tables["directoryRoles"].values())


def _get(call: Call, **key: str) -> Reply:
    return one(call, DIRECTORY_ROLE, _found(call, **key))


def _members(call: Call, **key: str) -> Reply:
    row = _found(call, **key)
    holders = call.tenant.role_holders(row["roleTemplateId"])
    return many(call, ROLE_MEMBER, typed_objects(call, holders))


for _path in (BY_ID, BY_TEMPLATE):
    serves("GET", _path, may.READ_ROLES)(_get)
    serves("GET", f"{_path}/members", may.READ_ROLES)(_members)


@serves("GET", "/directoryRoleTemplates", may.READ_ROLES)
def templates(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryroletemplate-list"""
    return many(call, ROLE_TEMPLATE, _templates(call))


@serves("GET", "/directoryRoleTemplates/{id}", may.READ_ROLES)
def template(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryroletemplate-get"""
    row = next((row for row in _templates(call) if row["id"] == id.lower()), None)
    if row is None:
        raise not_found(id)
    return one(call, ROLE_TEMPLATE, row)


def _templates(call: Call) -> list[dict[str, Any]]:
    return [
        {"id": id, "deletedDateTime": None, "description": row.get("description"), "displayName": row["displayName"]}
        for id, row in call.tenant.tables["roleDefinitions"].items()
        if row.get("isBuiltIn", True)
    ]
