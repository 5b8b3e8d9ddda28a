"""The recycle bin: https://learn.microsoft.com/graph/api/resources/directory"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.audit import audited
from toolkit.sandbox.graph.bodies import object_id
from toolkit.sandbox.graph.kinds import CASTS, DELETED
from toolkit.sandbox.graph.recycling import KEPT_DAYS, put_back
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import answer, context, many, shown
from toolkit.sandbox.odata.errors import bad_request, not_found
from toolkit.sandbox.odata.options import Options
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
ITEMS = "/directory/deletedItems"
NEEDS = {
    "servicePrincipal": may.READ_DELETED,
    "application": may.READ_DELETED,
    "user": may.READ_DELETED_USERS,
    "group": may.READ_DELETED_GROUPS,
}


def _is_kept(call: Call, row: Object) -> bool:
    """After 30 days nobody can bring it back."""
    return datetime.fromisoformat(row["deletedDateTime"]) + timedelta(days=KEPT_DAYS) > call.now


def _found(call: Call, id: str) -> Object:
    row = call.tenant.tables["deletedItems"].get(object_id(id))
    if row is None or not _is_kept(call, row):
        raise not_found(id)
    return row


def _serve_casts() -> None:
    for name, needs in NEEDS.items():

        def list_(call: Call, name: str = name) -> Reply:
            kind, wanted = CASTS[name.lower()], f"#microsoft.graph.{name}"
            rows = call.tenant.tables["deletedItems"].values()
            plain = [_untyped(row) for row in rows if row["@odata.type"] == wanted and _is_kept(call, row)]
            return many(call, kind, plain)

        serves("GET", f"{ITEMS}/graph.{name}", needs)(list_)


def _untyped(row: Object) -> Object:
    return {name: value for name, value in row.items() if name not in ("@odata.type", "_with")}


_serve_casts()


@serves("GET", ITEMS, may.READ_DELETED)
def list_all(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-list: the type must be named."""
    raise bad_request("The type of the deleted items must be specified, such as microsoft.graph.servicePrincipal.")


@serves("GET", f"{ITEMS}/{{id}}", may.READ_DELETED)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-get"""
    row = shown(DELETED, _found(call, id), Options())
    return answer({"@odata.context": context(call, "directoryObjects/$entity"), **row})


@serves("POST", f"{ITEMS}/{{id}}/restore", may.RESTORE)
def restore(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
    row = _found(call, id)
    may.require_write_of_application(call, id)
    back = put_back(call, row["id"])
    audited(call, "Restore service principal", "Restore", back)
    body = shown(DELETED, back, Options())
    return answer({"@odata.context": context(call, "directoryObjects/$entity"), **body})


@serves("DELETE", f"{ITEMS}/{{id}}", may.RESTORE)
def purge(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/directory-deleteditems-delete"""
    row = _found(call, id)
    may.require_role(call, may.PURGE_ROLES)
    del call.tenant.tables["deletedItems"][row["id"]]
    audited(call, "Hard delete service principal", "Delete", row)
    return Reply(204)
