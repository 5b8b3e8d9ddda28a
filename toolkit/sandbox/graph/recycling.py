"""Soft deletion: what goes into the recycle bin with an object, and what comes back with it.

https://learn.microsoft.com/graph/api/resources/directory
"""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.odata.errors import GraphError
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
    """Restore an object from the bin; raises `GraphError` 409 where its appId is in use again."""
    tables = call.tenant.tables
    row = tables["deletedItems"][id]
    name = row["@odata.type"].rpartition(".")[2]
    table = next(table for table, kind in DIRECTORY_TABLES.items() if kind == name)
    if name == "servicePrincipal" and call.tenant.service_principal_of(row["appId"]) is not None:
        text = f"the service principal name {row['appId']} is already in use."
        message = f"The service principal cannot be created, updated, or restored because {text}"
        details = [{"code": "ObjectConflict", "message": message, "target": "servicePrincipalNames"}]
        raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message, details)
    del tables["deletedItems"][id]
    taken = row.pop("_with", {})
    row["deletedDateTime"] = None
    kind = row.pop("@odata.type")
    tables[table][id] = row
    if taken.get("owners"):
        tables["owners"][id] = {"ids": [owner for owner in taken["owners"] if call.tenant.directory_object(owner)]}
    if call.tenant.settings["restoreGrants"]:
        for name in ("oauth2PermissionGrants", "appRoleAssignments"):
            tables[name].update({one["id"]: one for one in taken.get(name, ()) if _still_makes_sense(call, one)})
    call.changed()
    return {"@odata.type": kind, **row}


def _still_makes_sense(call: Call, row: Object) -> bool:
    parties = (row.get(name) for name in ("clientId", "resourceId", "principalId"))
    return all(party is None or call.tenant.directory_object(party) for party in parties)
