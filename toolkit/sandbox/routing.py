"""From a method and a path to the function that answers it, by OData's rules for paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.sandbox.http import Reply, Request

if TYPE_CHECKING:
    from toolkit.sandbox.graph.caller import Caller
    from toolkit.sandbox.tenant import Tenant

_KEYED = re.compile(r"^(?P<name>[^()]+)\((?P<key>\w+)='(?P<value>.*)'\)$", re.DOTALL)
_ID_KEY = re.compile(r"^(?P<name>[^()]+)\('(?P<value>.*)'\)$", re.DOTALL)
_PARAMETER = re.compile(r"^\{(\w+)\}$")

Handler = Callable[..., Reply]


@dataclass(slots=True)
class Call:
    """One request being answered: what was asked, of which tenant, when and by whom (`claims`, if anybody)."""

    request: Request
    tenant: Tenant
    now: datetime
    claims: Caller | None = None
    route: Route | None = None
    dirty: bool = False
    version: str = "v1.0"
    in_batch: bool = False
    request_id: str = "00000000-0000-0000-0000-000000000000"

    def changed(self) -> None:
        """Mark the tenant as changed, so that it is saved when the request is done."""
        self.dirty = True


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template with the function that serves them."""

    method: str
    template: str
    handler: Handler

    @property
    def operation(self) -> str:
        """`GET /servicePrincipals/{id}`, the key of permission tables."""
        return f"{self.method} {self.template}"


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    parameter: _Node | None = None
    routes: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict[str, tuple["Route", tuple[str, ...]]])


class Router:
    """Routes of one service. Literal segments match in any case, parameters keep theirs."""

    def __init__(self) -> None:
        self._top = _Node()
        self.routes: list[Route] = []

    def route(self, method: str, template: str) -> Callable[[Handler], Handler]:
        """Decorate the handler of `method` on `template`, such as `/groups/{id}/members`."""

        def register(handler: Handler) -> Handler:
            self.add(method, template, handler)
            return handler

        return register

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Serve `method` on `template` by `handler`; raises `ValueError` when it is served already."""
        route = Route(method, template, handler)
        node, names = self._top, list[str]()
        for segment in template.strip("/").split("/"):
            node = _step(node, segment, names)
        if method in node.routes:
            raise ValueError(f"{route.operation} is routed twice")
        node.routes[method] = (route, tuple(names))
        self.routes.append(route)

    def match(self, method: str, segments: Sequence[str]) -> tuple[Route, dict[str, str]] | None:
        """The route of a request's path and its parameters, or `None` when nothing serves it."""
        found = _find(self._top, method, _canonical(segments), 0, ())
        if found is None:
            return None
        (route, names), values = found
        return route, dict(zip(names, values, strict=True))


def _step(node: _Node, segment: str, names: list[str]) -> _Node:
    parameter = _PARAMETER.match(segment)
    if parameter:
        names.append(parameter[1])
        node.parameter = node.parameter or _Node()
        return node.parameter
    literal, value = _literal(segment)
    if value is not None:
        names.append(value.strip("{}"))
    return node.literals.setdefault(literal, _Node())


def _literal(segment: str) -> tuple[str, str | None]:
    """A segment in canonical spelling, and the value of its alternate key if it has one."""
    keyed = _KEYED.match(segment) if segment.endswith("')") else None
    if keyed:
        value = keyed["value"].replace("''", "'")
        return f"{keyed['name']}({keyed['key']})".lower().replace("microsoft.graph.", "graph."), value
    lower = segment.lower().removesuffix("()")
    return ("graph." + lower[16:] if lower.startswith("microsoft.graph.") else lower), None


def _canonical(segments: Sequence[str]) -> list[str]:
    """Segments with `things('id')` taken apart into `things`, `id`."""
    whole: list[str] = []
    for segment in segments:
        by_id = _ID_KEY.match(segment) if segment.endswith("')") else None
        whole.extend((by_id["name"], by_id["value"]) if by_id else (segment,))
    return whole


_Found = tuple[tuple[Route, tuple[str, ...]], tuple[str, ...]]


def _find(node: _Node, method: str, segments: list[str], at: int, values: tuple[str, ...]) -> _Found | None:
    if at == len(segments):
        here = node.routes.get(method)
        return None if here is None else (here, values)
    literal, key = _literal(segments[at])
    child = node.literals.get(literal)
    if child is not None:
        found = _find(child, method, segments, at + 1, values if key is None else (*values, key))
        if found is not None:
            return found
    if node.parameter is None:
        return None
    return _find(node.parameter, method, segments, at + 1, (*values, segments[at]))
