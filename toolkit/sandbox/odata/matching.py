"""Which objects a filter or a search means: trees become predicates over Graph's JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any as Anything
from typing import cast
from uuid import UUID

from toolkit.sandbox.odata import syntax
from toolkit.sandbox.odata.syntax import Expression, Path, Value

Predicate = Callable[[Anything], bool]
_Read = Callable[[Anything], Anything]
_ORDER: dict[str, Callable[[Anything, Anything], bool]] = {"gt": gt, "ge": ge, "lt": lt, "le": le}
_WORDS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+|\d+")


def predicate(tree: Expression) -> Predicate:
    """A function that tells whether an object meets the filter. Strings compare in any case."""
    match tree:
        case syntax.Both(left, right):
            first, second = predicate(left), predicate(right)
            return lambda row: first(row) and second(row)
        case syntax.Either(left, right):
            first, second = predicate(left), predicate(right)
            return lambda row: first(row) or second(row)
        case syntax.Not(inner):
            refused = predicate(inner)
            return lambda row: not refused(row)
        case syntax.Any(path, inner):
            return _any(_reader(path), inner)
        case syntax.OneOf(path, values):
            read, wanted = _reader(path), {_folded(value) for value in values}
            return lambda row: _folded(read(row)) in wanted
        case syntax.Function(name, path, value):
            return _function(name, _reader(path), value)
        case syntax.Comparison(path, operator, value):
            return _comparison(_reader(path), operator, value)


def _any(read: _Read, inner: Expression | None) -> Predicate:
    if inner is None:
        return lambda row: bool(read(row))
    meets = predicate(inner)
    return lambda row: any(meets(item) for item in read(row) or ())


def _function(name: str, read: _Read, value: Value) -> Predicate:
    wanted = str(value).casefold()
    if name == "startsWith":
        return lambda row: str(read(row) or "").casefold().startswith(wanted)
    if name == "endsWith":
        return lambda row: str(read(row) or "").casefold().endswith(wanted)
    return lambda row: wanted in str(read(row) or "").casefold()


def _comparison(read: _Read, operator: str, value: Value) -> Predicate:
    if isinstance(value, datetime):
        return _by_time(read, operator, value)
    wanted = _folded(value)
    if operator == "eq":
        return lambda row: _folded(read(row)) == wanted
    if operator == "ne":
        return lambda row: _folded(read(row)) != wanted
    compare = _ORDER[operator]

    def ordered(row: Anything) -> bool:
        found = _folded(read(row))
        return found is not None and type(found) is type(wanted) and compare(found, wanted)

    return ordered


def _by_time(read: _Read, operator: str, value: datetime) -> Predicate:
    def meets(row: Anything) -> bool:
        text = read(row)
        found = syntax.moment(text) if isinstance(text, str) else None
        if operator in ("eq", "ne"):
            return (found == value) is (operator == "eq")
        return found is not None and _ORDER[operator](found, value)

    return meets


def _folded(value: Anything) -> Anything:
    if isinstance(value, str):
        return value.casefold()
    return str(value) if isinstance(value, UUID) else value


def _reader(path: Path) -> _Read:
    if not path:
        return lambda row: row
    if len(path) == 1:
        return lambda row, name=path[0]: cast("Mapping[str, Anything]", row).get(name)

    def deep(row: Anything) -> Anything:
        for name in path:
            if not isinstance(row, dict):
                return None
            row = cast("dict[str, Anything]", row).get(name)
        return row

    return deep


def words(text: str) -> list[str]:
    """The tokens `$search` sees in a name: parted at spaces, digits, symbols and changes of case."""
    return [word.casefold() for word in _WORDS.findall(text)]


def search_predicate(name: str, text: str, tokenised: bool) -> Predicate:
    """A function that tells whether property `name` answers a search for `text`."""
    wanted = words(text) if tokenised else [text.casefold()]

    def meets(row: Anything) -> bool:
        value = str(row.get(name) or "")
        if not tokenised:
            return value.casefold().startswith(wanted[0])
        whole = value.casefold().split()
        found = [*words(value), *whole]
        return all(any(word.startswith(sought) for word in found) for sought in wanted)

    return meets
