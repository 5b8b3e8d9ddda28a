"""Many requests in one: https://learn.microsoft.com/graph/json-batching"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.bodies import body_of
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply, Request, json_bytes, json_reply
from toolkit.sandbox.odata.errors import malformed
from toolkit.sandbox.routing import Call

Item = dict[str, Any]
AT_MOST = 20
FAILED_DEPENDENCY = 424


@serves("POST", "/$batch", may.ANYONE)
def batch(call: Call) -> Reply:
    """Each item is answered on its own; one whose parent failed is 424."""
    items = _items(call)
    done: dict[str, Item] = {}
    for item in items:
        parents = [str(parent) for parent in item.get("dependsOn") or ()]
        if any(done.get(parent, {"status": 500})["status"] >= 400 for parent in parents):
            error = {"error": {"code": "FailedDependency", "message": "A request this one depends on failed."}}
            done[item["id"]] = {"id": item["id"], "status": FAILED_DEPENDENCY, "headers": {}, "body": error}
        else:
            done[item["id"]] = _answered(call, item)
    return json_reply({"responses": list(done.values())})


def _items(call: Call) -> list[Item]:
    told = body_of(call).get("requests")
    if call.in_batch or not isinstance(told, list):
        raise malformed("Invalid batch payload format.")
    items = [cast("Item", item) for item in cast("list[Any]", told) if isinstance(item, dict)]
    if len(items) != len(cast("list[Any]", told)):
        raise malformed("Invalid batch payload format.")
    if len(items) > AT_MOST:
        raise malformed(f"Number of batch request steps exceeds the maximum value of {AT_MOST}.")
    seen: set[str] = set()
    for item in items:
        if not all(isinstance(item.get(name), str) for name in ("id", "method", "url")):
            raise malformed("Each batch request needs an id, a method and a url.")
        if "://" in item["url"] or item["url"].strip("/").lower().startswith("$batch"):
            raise malformed("The url of a batch request is relative, and no batch itself.")
        if item["id"].lower() in seen:
            raise malformed("The ids of batch requests must be unique.")
        if item.get("body") is not None and "content-type" not in _headers(item):
            raise malformed("A batch request with a body needs a Content-Type header.")
        seen.add(item["id"].lower())
    return items


def _headers(item: Item) -> dict[str, str]:
    told = cast("dict[str, object]", item.get("headers") or {})
    return {name.lower(): str(value) for name, value in told.items()}


def _answered(call: Call, item: Item) -> Item:
    from toolkit.sandbox.graph.service import serve

    headers = {"authorization": call.request.headers.get("authorization", "")}
    headers |= _headers(item)
    body = b"" if item.get("body") is None else json_bytes(item["body"])
    url = f"{call.request.base}/{call.version}/{item['url'].lstrip('/')}"
    inner = replace(call, request=Request.of(item["method"], url, headers, body), in_batch=True, route=None)
    reply = serve(inner)
    call.dirty = call.dirty or inner.dirty
    shown = {"id": item["id"], "status": reply.status, "headers": dict(reply.headers)}
    if reply.body:
        is_json = "json" in reply.headers.get("Content-Type", "")
        shown["body"] = reply.json() if is_json else reply.body.decode("utf-8", "replace")
    return shown
