"""The `$filter` language: from text to a tree, by recursive descent.

https://learn.microsoft.com/graph/filter-query-parameter
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from toolkit.sandbox.odata.errors import GraphError, malformed

Value = str | bool | int | float | UUID | datetime | None
Path = tuple[str, ...]

COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
FUNCTIONS = {"startswith": "startsWith", "endswith": "endsWith", "contains": "contains"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`displayName eq 'x'`."""

    path: Path
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`id in ('a', 'b')`."""

    path: Path
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """`startsWith(displayName, 'x')`."""

    name: str
    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Any:
    """`tags/any(t:t eq 'x')`; paths inside begin with what follows the variable."""

    path: Path
    inner: Expression | None


@dataclass(frozen=True, slots=True)
class Not:
    """`not(…)`."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """`… and …`."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Either:
    """`… or …`."""

    left: Expression
    right: Expression


Expression = Comparison | OneOf | Function | Any | Not | Both | Either

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<guid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})
      | (?P<date>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][\w.]*)
      | (?P<mark>[(),:/])
    )""",
    re.VERBOSE,
)
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def invalid_filter(detail: str = "") -> GraphError:
    """The gateway's answer to a filter it cannot parse."""
    return malformed(f"Invalid filter clause{': ' + detail if detail else ''}")


def moment(text: str) -> datetime | None:
    """An OData date, its fraction cut to microseconds; `None` when it is none."""
    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        parsed = datetime.fromisoformat(trimmed)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """The tree of a filter; raises `GraphError` (BadRequest, "Invalid filter clause")."""
    parser = _Parser(_tokens(text))
    tree = parser.either()
    parser.end()
    return tree


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, stripped = 0, text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None or found.lastgroup is None:
            raise invalid_filter()
        tokens.append(_Token(found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._variables: list[str] = []

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise invalid_filter()

    def either(self) -> Expression:
        left = self._both()
        while self._take_word("or"):
            left = Either(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._factor()
        while self._take_word("and"):
            left = Both(left, self._factor())
        return left

    def _factor(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise invalid_filter()
        try:
            if self._take_word("not"):
                return Not(self._factor())
            if self._take_mark("("):
                inner = self.either()
                self._need_mark(")")
                return inner
            return self._predicate()
        finally:
            self._depth -= 1

    def _predicate(self) -> Expression:
        token = self._next("word")
        if token.text.lower() in FUNCTIONS and self._take_mark("("):
            return self._function(FUNCTIONS[token.text.lower()])
        path = self._path(token.text)
        if path and path[-1].lower() in ("any", "all") and self._take_mark("("):
            if path[-1].lower() == "all":
                raise invalid_filter()
            return self._any(path[:-1])
        return self._comparison(self._without_variable(path))

    def _function(self, name: str) -> Expression:
        path = self._without_variable(self._path(self._next("word").text))
        self._need_mark(",")
        value = self._value()
        self._need_mark(")")
        if self._take_word("eq"):
            wanted = self._value()
            if not isinstance(wanted, bool):
                raise invalid_filter()
            return Function(name, path, value) if wanted else Not(Function(name, path, value))
        return Function(name, path, value)

    def _any(self, path: Path) -> Expression:
        if self._take_mark(")"):
            return Any(path, None)
        self._variables.append(self._next("word").text)
        self._need_mark(":")
        inner = self.either()
        self._need_mark(")")
        self._variables.pop()
        return Any(path, inner)

    def _comparison(self, path: Path) -> Expression:
        operator = self._next("word").text.lower()
        if operator == "in":
            return OneOf(path, self._values())
        if operator not in COMPARISONS:
            raise invalid_filter()
        return Comparison(path, operator, self._value())

    def _values(self) -> tuple[Value, ...]:
        self._need_mark("(")
        values = [self._value()]
        while self._take_mark(","):
            values.append(self._value())
        self._need_mark(")")
        return tuple(values)

    def _path(self, first: str) -> Path:
        parts = [first]
        while self._take_mark("/"):
            parts.append(self._next("word").text)
        return tuple(parts)

    def _without_variable(self, path: Path) -> Path:
        if not self._variables:
            return path
        if path[0] not in self._variables:
            raise invalid_filter()
        return path[1:]

    def _value(self) -> Value:
        token = self._next()
        if token.kind == "string":
            return token.text[1:-1].replace("''", "'")
        if token.kind == "guid":
            return UUID(token.text)
        if token.kind == "date":
            when = moment(token.text)
            if when is None:
                raise invalid_filter()
            return when
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        words: dict[str, Value] = {"true": True, "false": False, "null": None}
        if token.kind == "word" and token.text.lower() in words:
            return words[token.text.lower()]
        raise invalid_filter()

    def _next(self, kind: str | None = None) -> _Token:
        if self._at >= len(self._tokens):
            raise invalid_filter()
        token = self._tokens[self._at]
        if kind is not None and token.kind != kind:
            raise invalid_filter()
        self._at += 1
        return token

    def _take_word(self, word: str) -> bool:
        return self._take("word", word)

    def _take_mark(self, mark: str) -> bool:
        return self._take("mark", mark)

    def _take(self, kind: str, text: str) -> bool:
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == kind and token.text.lower() == text:
                self._at += 1
                return True
        return False

    def _need_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise invalid_filter()
