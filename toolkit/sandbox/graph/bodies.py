"""What callers send: JSON objects, checked property by property."""

from __future__ import annotations

from typing import Any, cast

from toolkit.sandbox.graph.identifiers import is_guid
from toolkit.sandbox.odata.errors import bad_request, invalid_value, malformed, value_required
from toolkit.sandbox.odata.kinds import Kind
from toolkit.sandbox.routing import Call

Object = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "s": str,
    "d": str,
    "g": str,
    "b": bool,
    "n": (int, float),
    "l": list,
    "c": list,
    "x": dict,
}


def body_of(call: Call) -> Object:
    """The JSON object in the body; raises `GraphError` when there is none."""
    body = call.request.json()
    if not isinstance(body, dict):
        raise malformed("Empty Payload. JSON content expected.")
    return cast("Object", body)


def object_id(text: str) -> str:
    """An object id out of a path, in lower case; raises `GraphError` for what is none."""
    if not is_guid(text):
        raise bad_request(f"Invalid object identifier '{text}'.")
    return text.lower()


def properties_of(call: Call, kind: Kind) -> Object:
    """What the body sets, in the right spelling; raises `GraphError` for unknown or ill-typed properties."""
    found: Object = {}
    for asked, value in body_of(call).items():
        if asked.startswith("@"):
            continue
        entry = kind.properties.get(asked.lower())
        if entry is None:
            raise bad_request(f"Invalid property '{asked}'.")
        name, letter = entry
        if value is not None and not isinstance(value, _TYPES[letter]):
            raise invalid_value(name, kind.title)
        found[name] = value
    return found


def required(given: Object, name: str, resource: str) -> str:
    """A text that must be in the body."""
    value = given.get(name)
    if value is None:
        raise value_required(name, resource)
    return str(value)


def required_guid(given: Object, name: str, resource: str) -> str:
    """An object id that must be in the body."""
    value = required(given, name, resource)
    if not is_guid(value):
        raise invalid_value(name, resource)
    return value.lower()


def referenced_id(body: Object) -> str:
    """The object id at the end of an `@odata.id` reference."""
    reference = body.get("@odata.id")
    if not isinstance(reference, str):
        raise malformed("A reference needs the property '@odata.id'.")
    id = reference.rstrip("/").rpartition("/")[2]
    if not is_guid(id):
        raise bad_request(f"Invalid object identifier '{id}'.")
    return id.lower()
