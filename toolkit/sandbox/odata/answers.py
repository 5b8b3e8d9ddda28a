"""Answers in OData's JSON: one object, or a page of many, with their contexts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from toolkit.sandbox.http import Reply, json_reply
from toolkit.sandbox.odata import options as queries
from toolkit.sandbox.odata.errors import bad_request
from toolkit.sandbox.odata.kinds import Kind
from toolkit.sandbox.odata.options import Expansion, Options
from toolkit.sandbox.odata.paging import next_link, page
from toolkit.sandbox.routing import Call

Object = dict[str, Any]
Expander = Callable[[Call, Object, Expansion], object]

CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_HEADERS = {"Content-Type": CONTENT_TYPE}


def answer(value: object, status: int = 200) -> Reply:
    """`value` with the content type of the directory."""
    return json_reply(value, status, _HEADERS)


def context(call: Call, fragment: str) -> str:
    """The `@odata.context` of a fragment such as `servicePrincipals/$entity`."""
    return f"{call.request.base}/{call.version}/$metadata#{fragment}"


def one(
    call: Call,
    kind: Kind,
    row: Object,
    *,
    status: int = 200,
    where: str | None = None,
    expand: Expander | None = None,
) -> Reply:
    """One object; `where` replaces the collection's name in the context."""
    asked = queries.for_object(call.request, kind) if status == 200 else Options()
    fragment = f"{where or kind.collection}{asked.projection}/$entity"
    body = {"@odata.context": context(call, fragment), **shown(kind, row, asked)}
    for expansion in asked.expand:
        if expand is not None:
            body[expansion.name] = expand(call, row, expansion)
    return answer(body, status)


def many(
    call: Call,
    kind: Kind,
    rows: Iterable[Object],
    *,
    where: str | None = None,
    expand: Expander | None = None,
    default_size: int | None = None,
) -> Reply:
    """A page of the objects the query asks for out of `rows`, in their order unless it asks for another."""
    largest = call.tenant.settings["maxPageSize"] if default_size is None else default_size
    asked = queries.for_collection(call.request, kind, largest=largest)
    meeting = matching(rows, asked)
    size = asked.top or default_size or call.tenant.settings["pageSize"]
    size = min(size, call.tenant.settings["pageCap"] or size)
    some, token = page(meeting, size if kind.paged else len(meeting) + 1, asked.token)
    body: Object = {"@odata.context": context(call, (where or kind.collection) + asked.projection)}
    if asked.count and asked.token is None:
        body["@odata.count"] = len(meeting)
    if token is not None:
        body["@odata.nextLink"] = next_link(call.request, token)
    body["value"] = _values(call, kind, some, asked, expand)
    return answer(body)


def number(call: Call, kind: Kind, rows: Iterable[Object]) -> Reply:
    """The answer to `/$count`: a plain number, given only with `ConsistencyLevel: eventual`."""
    if not queries.is_eventual(call.request):
        raise bad_request("$count is not currently supported.")
    asked = queries.for_collection(call.request, kind, largest=call.tenant.settings["maxPageSize"], counting=True)
    return Reply(200, str(len(matching(rows, asked))).encode("ascii"), {"Content-Type": "text/plain"})


def matching(rows: Iterable[Object], asked: Options) -> Sequence[Object]:
    """The rows a query keeps, sorted as it says."""
    keep = asked.keep
    meeting = list(rows) if keep is None else [row for row in rows if keep(row)]
    for name, backwards in reversed(asked.sort):
        meeting.sort(key=lambda row, name=name: str(row.get(name) or "").casefold(), reverse=backwards)
    return meeting


def shown(kind: Kind, row: Object, asked: Options) -> Object:
    """The part of an object the query asks to see. Keys of certificates show only when selected, private ones never."""
    if asked.select:
        return _picked(row, asked.select)
    if kind.shown:
        return _picked(row, kind.shown)
    hidden = kind.hidden
    whole = {name: value for name, value in row.items() if name not in hidden and name[0] != "_"}
    if whole.get("keyCredentials"):
        whole["keyCredentials"] = [{**key, "key": None} for key in whole["keyCredentials"]]
    return whole


def _picked(row: Object, names: Sequence[str]) -> Object:
    get = row.get
    if "@odata.type" in row:
        return {"@odata.type": row["@odata.type"], **{name: get(name) for name in names}}
    return {name: get(name) for name in names}


def _values(call: Call, kind: Kind, rows: Sequence[Object], asked: Options, expand: Expander | None) -> list[Object]:
    values = [shown(kind, row, asked) for row in rows]
    if expand is not None and asked.expand:
        for value, row in zip(values, rows, strict=True):
            for expansion in asked.expand:
                value[expansion.name] = expand(call, row, expansion)
    return values
