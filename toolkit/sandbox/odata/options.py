"""The query options of one request, checked against what the kind of object allows.

https://learn.microsoft.com/graph/query-parameters and https://learn.microsoft.com/graph/aad-advanced-queries
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.sandbox.http import Request
from toolkit.sandbox.odata import syntax
from toolkit.sandbox.odata.errors import GraphError, bad_request, malformed, unsupported_query
from toolkit.sandbox.odata.kinds import Kind, checked, selected
from toolkit.sandbox.odata.matching import Predicate, predicate, search_predicate

_SEARCH_NEEDS_HEADER = (
    "Request with $search query parameter only works through MSGraph with a special request header: "
    "'ConsistencyLevel: eventual'"
)
_CLAUSE = re.compile(r'\s*"(?P<name>\w+):(?P<text>[^"]*)"\s*(?P<then>AND|OR|$)\s*')
_TOKENISED = frozenset({"displayName", "description"})


@dataclass(frozen=True, slots=True)
class Expansion:
    """One relationship to put into each object, and the properties wanted of what is related."""

    name: str
    select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a request for a collection or an object asks for."""

    select: tuple[str, ...] = ()
    keep: Predicate | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    count: bool = False
    expand: tuple[Expansion, ...] = ()
    token: str | None = None

    @property
    def projection(self) -> str:
        """What `$metadata#things` is followed by: `(id,displayName)`, `(owners())` or nothing."""
        names = [*self.select, *(f"{e.name}({','.join(e.select)})" for e in self.expand)]
        return f"({','.join(names)})" if names else ""


def is_eventual(request: Request) -> bool:
    """Does the request accept eventual consistency, the first half of advanced mode?"""
    return request.headers.get("consistencylevel", "").lower() == "eventual"


def is_advanced(request: Request) -> bool:
    """Is the request in advanced mode: the header and `$count=true`?"""
    return is_eventual(request) and _option(request, "$count") == "true"


def for_object(request: Request, kind: Kind) -> Options:
    """The options of a request for one object: `$select` and `$expand`."""
    return Options(select=_select(request, kind), expand=_expand(request, kind))


def for_collection(request: Request, kind: Kind, *, largest: int, counting: bool = False) -> Options:
    """The options of a request for many objects; `counting` is a request for `/$count`. Raises `GraphError`."""
    if request.query.get("$skip") is not None and kind.directory:
        raise bad_request("'$skip' is not supported by the service.")
    advanced = is_advanced(request) or (counting and is_eventual(request))
    keep = _all_of(_filter(request, kind, advanced), _search(request, kind))
    expand = _expand(request, kind)
    if expand and advanced and keep is not None and kind.directory:
        raise unsupported_query()
    return Options(
        select=_select(request, kind),
        keep=keep,
        sort=_sort(request, kind, advanced),
        top=_top(request, kind, largest),
        count=advanced if kind.directory else _option(request, "$count") == "true",
        expand=expand,
        token=_option(request, "$skiptoken"),
    )


def _option(request: Request, name: str) -> str | None:
    value = request.query.get(name)
    if value is None:
        value = next((v for given, v in request.query.items() if given.lower() == name), None)
    return value.strip() if value else None


def _select(request: Request, kind: Kind) -> tuple[str, ...]:
    text = _option(request, "$select")
    return selected(kind, text) if text else ()


def _filter(request: Request, kind: Kind, advanced: bool) -> Predicate | None:
    text = _option(request, "$filter")
    return predicate(checked(kind, syntax.parse(text), advanced)) if text else None


def _all_of(first: Predicate | None, second: Predicate | None) -> Predicate | None:
    if first is None or second is None:
        return first or second
    return lambda row: first(row) and second(row)


def _search(request: Request, kind: Kind) -> Predicate | None:
    text = _option(request, "$search")
    if not text:
        return None
    if not kind.searchable:
        raise unsupported_query()
    if not is_eventual(request):
        raise unsupported_query(_SEARCH_NEEDS_HEADER)
    return _search_clauses(text, kind)


def _search_clauses(text: str, kind: Kind) -> Predicate:
    """`"a:x" AND "b:y" OR "c:z"`; AND binds tighter."""
    either: list[list[Predicate]] = [[]]
    at, joined = 0, "OR"
    while at < len(text) and joined:
        clause = _CLAUSE.match(text, at)
        if clause is None:
            colon = text.find(":", at)
            mark, place = (text[at], at) if colon < 0 else (":", colon)
            raise malformed(f"Syntax error: character '{mark}' is not valid at position {place} in '{text}'.")
        name = kind.property_named(clause["name"])
        if name not in kind.searchable:
            raise unsupported_query(f"Unsupported property '{clause['name']}' in $search.")
        either[-1].append(search_predicate(name, clause["text"], name in _TOKENISED))
        at, joined = clause.end(), clause["then"]
        if joined == "OR":
            either.append([])
    if at < len(text) or joined:
        raise malformed(f"Syntax error in the $search clause '{text}'.")
    return lambda row: any(all(meets(row) for meets in clauses) for clauses in either)


def _sort(request: Request, kind: Kind, advanced: bool) -> tuple[tuple[str, bool], ...]:
    text = _option(request, "$orderby")
    if not text:
        return ()
    keys: list[tuple[str, bool]] = []
    for part in text.split(","):
        words = part.split()
        if not 1 <= len(words) <= 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise malformed("Invalid $orderby clause.")
        name = kind.property_named(words[0])
        if name is None:
            raise malformed(f"Invalid $orderby clause: {kind.no_such_property(words[0])}")
        mode = kind.sortable.get(name)
        if mode is None or (mode == "advanced" and not advanced):
            raise unsupported_query("Sorting not supported for current query.")
        keys.append((name, len(words) == 2 and words[1].lower() == "desc"))
    if _option(request, "$filter") and kind.directory and not advanced:
        raise unsupported_query("Sorting not supported for current query.")
    return tuple(keys)


def _top(request: Request, kind: Kind, largest: int) -> int | None:
    text = _option(request, "$top")
    if text is None:
        return None
    if not kind.paged:
        raise unsupported_query()
    if not re.fullmatch(r"-?\d{1,9}", text) or int(text) < 0:
        raise malformed(
            f"Invalid value '{text}' for $top query option found. "
            "The $top query option requires a non-negative integer value."
        )
    if not 1 <= int(text) <= largest:
        text = f"Invalid page size specified: '{text}'. Must be between 1 and {largest} inclusive."
        raise unsupported_query(text)
    return int(text)


def _expand(request: Request, kind: Kind) -> tuple[Expansion, ...]:
    text = _option(request, "$expand")
    if not text:
        return ()
    expansions = tuple(_expansion(part, kind) for part in _parts(text))
    if kind.one_expansion and len(expansions) > 1:
        raise GraphError(400, "ExpandNotSupported", "Only one relationship can be expanded in a query.")
    return expansions


def _parts(text: str) -> list[str]:
    """The text split at commas that are not inside parentheses."""
    parts, depth, start = list[str](), 0, 0
    for at, mark in enumerate(text):
        depth += (mark == "(") - (mark == ")")
        if mark == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _expansion(text: str, kind: Kind) -> Expansion:
    found = re.fullmatch(r"\s*(\w+)\s*(?:\(\s*\$select\s*=\s*([\w\s,]+)\))?\s*", text)
    if found is None:
        raise GraphError(400, "ExpandNotSupported", "Only $select is supported inside $expand.")
    name = next((n for n in kind.expandable if n.lower() == found[1].lower()), None)
    if name is None:
        if kind.property_named(found[1]) is None:
            message = f"Parsing OData Select and Expand failed: {kind.no_such_property(found[1])}"
            raise malformed(message)
        raise GraphError(400, "ExpandNotSupported", f"The property '{found[1]}' cannot be expanded.")
    select = tuple(part.strip() for part in found[2].split(",")) if found[2] else ()
    return Expansion(name, select)
