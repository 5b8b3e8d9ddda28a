"""Rows of the directory's audit log for what callers change.

https://learn.microsoft.com/graph/api/resources/directoryaudit
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import msgspec

from toolkit.sandbox.graph.permissions import caller_id, is_app_only
from toolkit.sandbox.routing import Call

Object = dict[str, Any]


def stamp(call: Call) -> str:
    """Now, as Graph writes a moment."""
    return f"{call.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def audited(
    call: Call,
    activity: str,
    operation: str,
    target: Object,
    changed: dict[str, tuple[object, object]] | None = None,
) -> None:
    """Note that the caller did `activity` to `target`, and mark the tenant as changed.

    `changed` maps property names to their values before and after.
    """
    id = f"Directory_{call.tenant.new_guid()}"
    call.tenant.tables["directoryAudits"][id] = {
        "id": id,
        "activityDateTime": stamp(call),
        "activityDisplayName": activity,
        "additionalDetails": [],
        "category": "ApplicationManagement",
        "correlationId": call.request_id,
        "initiatedBy": _initiator(call),
        "loggedByService": "Core Directory",
        "operationType": operation,
        "result": "success",
        "resultReason": "",
        "targetResources": [_target(target, changed or {})],
    }
    call.changed()


def _initiator(call: Call) -> Object:
    if is_app_only(call) and call.claims is not None:
        app = call.tenant.service_principal_of(call.claims.app_id) or {}
        return {
            "app": {
                "appId": None,
                "displayName": app.get("displayName"),
                "servicePrincipalId": caller_id(call),
                "servicePrincipalName": None,
            },
            "user": None,
        }
    user = call.tenant.tables["users"].get(caller_id(call), {})
    return {
        "app": None,
        "user": {
            "displayName": None,
            "id": caller_id(call),
            "ipAddress": None,
            "userPrincipalName": user.get("userPrincipalName"),
        },
    }


def _target(target: Object, changed: dict[str, tuple[object, object]]) -> Object:
    return {
        "displayName": target.get("displayName"),
        "groupType": None,
        "id": target["id"],
        "modifiedProperties": [
            {"displayName": name, "oldValue": _quoted(before), "newValue": _quoted(after)}
            for name, (before, after) in changed.items()
        ],
        "type": _type(target),
        "userPrincipalName": target.get("userPrincipalName"),
    }


def _type(target: Object) -> str:
    if "userPrincipalName" in target:
        return "User"
    if "appId" in target:
        return "ServicePrincipal" if "servicePrincipalType" in target else "Application"
    return "Group" if "securityEnabled" in target else "ServicePrincipal"


def _quoted(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode("utf-8")
