"""Rows of the sign-in and the audit log in Graph's shape."""

from collections.abc import Mapping
from typing import Any

from toolkit.sandbox.scenarios.ids import object_id

Row = dict[str, Any]


def sign_in_row(
    id: str,
    when: str,
    *,
    user: Row,
    client: Row,
    resource: Row | None,
    error: int,
    reason: str | None,
    correlation: str,
    address: str,
) -> Row:
    """A sign-in: https://learn.microsoft.com/graph/api/resources/signin."""
    return {
        "id": id,
        "createdDateTime": when,
        "userDisplayName": user["displayName"],
        "userPrincipalName": user["userPrincipalName"],
        "userId": user["id"],
        "appId": client["appId"],
        "appDisplayName": client["displayName"],
        "ipAddress": address,
        "clientAppUsed": "Mobile Apps and Desktop clients",
        "correlationId": correlation,
        "conditionalAccessStatus": "notApplied",
        "isInteractive": True,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes": [],
        "riskEventTypes_v2": [],
        "resourceDisplayName": resource["displayName"] if resource else None,
        "resourceId": resource["appId"] if resource else "",
        "status": {"errorCode": error, "failureReason": reason, "additionalDetails": None},
        "deviceDetail": {
            "deviceId": "",
            "displayName": "",
            "operatingSystem": "Windows",
            "browser": "",
            "isCompliant": False,
            "isManaged": False,
            "trustType": "",
        },
        "location": {
            "city": None,
            "state": None,
            "countryOrRegion": None,
            "geoCoordinates": {"altitude": None, "latitude": None, "longitude": None},
        },
        "appliedConditionalAccessPolicies": [],
    }


def audit_row(
    activity: str, when: str, *, user: Row, target: Row | str, new: Mapping[str, str], kind: str, seed: str = ""
) -> Row:
    """A directory change made by a user: https://learn.microsoft.com/graph/api/resources/directoryaudit."""
    target_id, name = (target, None) if isinstance(target, str) else (target["id"], target["displayName"])
    id = f"Directory_{object_id('audit', f'{activity}/{target_id}/{sorted(new.items())}/{seed}')}"
    return {
        "id": id,
        "category": "ApplicationManagement",
        "correlationId": object_id("correlation", id),
        "result": "success",
        "resultReason": "",
        "activityDisplayName": activity,
        "activityDateTime": when,
        "loggedByService": "Core Directory",
        "operationType": kind,
        "initiatedBy": {
            "app": None,
            "user": {
                "id": user["id"],
                "displayName": user["displayName"],
                "userPrincipalName": user["userPrincipalName"],
                "ipAddress": "203.0.113.10",
            },
        },
        "targetResources": [
            {
                "id": target_id,
                "displayName": name,
                "type": "ServicePrincipal",
                "userPrincipalName": None,
                "groupType": None,
                "modifiedProperties": [
                    {"displayName": name, "oldValue": None, "newValue": f'"{value}"'} for name, value in new.items()
                ],
            }
        ],
        "additionalDetails": [],
    }
