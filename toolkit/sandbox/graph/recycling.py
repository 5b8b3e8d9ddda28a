"""Soft deletion: what goes into the recycle bin with an object, and what comes back with it.

https://learn.microsoft.com/graph/api/resources/directory
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from toolkit.sandbox.odata.errors import GraphError, bad_request, denied
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tenant import DIRECTORY_TABLES

Object = dict[str, Any]
KEPT_DAYS = 30


def throw_away(call: Call, table: str, row: Object) -> None:
    """Move an object to the bin, with its grants, assignments and owners."""
    tables, id = call.tenant.tables, row["id"]
    del tables[table][id]
    taken: dict[str, Any] = {
        "oauth2PermissionGrants": _taken(
            tables["oauth2PermissionGrants"], id, ("clientId", "resourceId", "principalId")
        ),
        "appRoleAssignments": _taken(tables["appRoleAssignments"], id, ("principalId", "resourceId")),
        "owners": tables["owners"].pop(id, {"ids": []})["ids"],
    }
    tables["deletedItems"][id] = {
        "@odata.type": f"#microsoft.graph.{DIRECTORY_TABLES[table]}",
        **row,
        "deletedDateTime": f"{call.now:%Y-%m-%dT%H:%M:%SZ}",
        "_with": taken,
    }
    call.changed()


def _taken(rows: dict[str, Object], id: str, parties: tuple[str, ...]) -> list[Object]:
    gone = [row for row in rows.values() if any(row.get(party) == id for party in parties)]
    for row in gone:
        del rows[row["id"]]
    return gone


def put_back(call: Call, id: str) -> Object:
    """Restore an object from the bin; raises `GraphError` where a service principal's appId is in use or gone.

    An application brings its service principal back too.
    """
    tables = call.tenant.tables
    row = tables["deletedItems"][id]
    name = row["@odata.type"].rpartition(".")[2]
    table = next(table for table, kind in DIRECTORY_TABLES.items() if kind == name)
    if name == "servicePrincipal":
        _check_app(call, row)
    del tables["deletedItems"][id]
    taken = row.pop("_with", {})
    row["deletedDateTime"] = None
    kind = row.pop("@odata.type")
    tables[table][id] = row
    if taken.get("owners"):
        tables["owners"][id] = {"ids": [owner for owner in taken["owners"] if call.tenant.directory_object(owner)]}
    if call.tenant.settings["restoreGrants"]:
        for name in ("oauth2PermissionGrants", "appRoleAssignments"):
            _give_back(call, name, taken.get(name, ()))
    call.changed()
    if table == "applications":
        _put_back_principal(call, row["appId"])
    return {"@odata.type": kind, **row}


def _check_app(call: Call, row: Object) -> None:
    if row.get("servicePrincipalType") == "ManagedIdentity":
        raise denied()
    if call.tenant.service_principal_of(row["appId"]) is not None:
        text = f"the service principal name {row['appId']} is already in use."
        message = f"The service principal cannot be created, updated, or restored because {text}"
        details = [{"code": "ObjectConflict", "message": message, "target": "servicePrincipalNames"}]
        raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message, details)
    is_local = row.get("appOwnerOrganizationId") == call.tenant.id
    if is_local and call.tenant.application_of(row["appId"]) is None:
        text = f"The appId '{row['appId']}' of the service principal does not reference a valid application object."
        raise bad_request(text)


def _put_back_principal(call: Call, app_id: str) -> None:
    for row in list(call.tenant.tables["deletedItems"].values()):
        if row["@odata.type"] == "#microsoft.graph.servicePrincipal" and row["appId"] == app_id:
            put_back(call, row["id"])
            return


def _give_back(call: Call, table: str, rows: Iterable[Object]) -> None:
    """Rows whose other party is in the bin wait there with it; rows whose other party is gone are lost."""
    tables = call.tenant.tables
    for row in rows:
        parties = [row[name] for name in ("clientId", "resourceId", "principalId") if row.get(name)]
        missing = [party for party in parties if not call.tenant.directory_object(party)]
        if not missing:
            tables[table][row["id"]] = row
        elif missing[0] in tables["deletedItems"]:
            tables["deletedItems"][missing[0]]["_with"].setdefault(table, []).append(row)
