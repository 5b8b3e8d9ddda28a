"""Objects of any type: https://learn.microsoft.com/graph/api/resources/directoryobject"""

from __future__ import annotations

from typing import Any, cast

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.bodies import body_of, object_id
from toolkit.sandbox.graph.kinds import DIRECTORY_OBJECT
from toolkit.sandbox.graph.relations import typed_objects
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import answer, context, one, shown
from toolkit.sandbox.odata.errors import bad_request, invalid_value, not_found, value_required
from toolkit.sandbox.odata.options import Options
from toolkit.sandbox.routing import Call

AT_MOST = 1000


@serves("POST", "/directoryObjects/getByIds", may.READ_DIRECTORY)
def get_by_ids(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryobject-getbyids"""
    body = body_of(call)
    ids = body.get("ids")
    if ids is None:
        raise value_required("ids", "DirectoryObject")
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in cast("list[Any]", ids)):
        raise invalid_value("ids", "DirectoryObject")
    wanted = cast("list[str]", ids)
    if len(wanted) > AT_MOST:
        raise bad_request(f"Too many ids: {len(wanted)}. At most {AT_MOST} are allowed.")
    types = {str(name).lower() for name in cast("list[Any]", body.get("types") or [])}
    rows = typed_objects(call, dict.fromkeys(id.lower() for id in wanted))
    some = [row for row in rows if not types or row["@odata.type"].rpartition(".")[2].lower() in types]
    values = [shown(DIRECTORY_OBJECT, row, Options()) for row in some]
    return answer({"@odata.context": context(call, "directoryObjects"), "value": values})


@serves("GET", "/directoryObjects/{id}", may.READ_DIRECTORY)
def get(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryobject-get"""
    row = call.tenant.typed(object_id(id))
    if row is None:
        raise not_found(id)
    return one(call, DIRECTORY_OBJECT, row)
