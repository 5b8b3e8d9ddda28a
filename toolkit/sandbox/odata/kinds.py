"""What a kind of object allows in a query: its properties, and which of them filter, sort and search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.sandbox.odata import syntax
from toolkit.sandbox.odata.errors import GraphError, bad_request, malformed, unsupported_query
from toolkit.sandbox.odata.syntax import Expression, Path

DEFAULT, ADVANCED = "default", "advanced"


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity type of Graph as queries see it.

    `properties` maps lower-case names to (name, type letter: s string, b bool, g GUID, d date, n number,
    l list of strings, c list of complex values, x complex value). `filters` maps a property path to operators, each
    `default` or `advanced`. Without `$select` only `shown` is served, if given, and never `hidden`. Directory objects
    (`directory`) know the advanced mode.
    """

    name: str
    collection: str
    properties: Mapping[str, tuple[str, str]]
    filters: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    sortable: Mapping[str, str] = field(default_factory=dict[str, str])
    searchable: frozenset[str] = frozenset()
    expandable: frozenset[str] = frozenset()
    shown: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    directory: bool = True
    paged: bool = True
    one_expansion: bool = True

    @property
    def title(self) -> str:
        """The name as the directory's messages spell it."""
        return self.name[0].upper() + self.name[1:]

    def property_named(self, name: str) -> str | None:
        """The right spelling of a property asked for in any case; `None` when there is none."""
        found = self.properties.get(name.lower())
        return found[0] if found else None

    def no_such_property(self, name: str) -> str:
        """Graph's words for a property that does not exist."""
        return f"Could not find a property named '{name}' on type 'microsoft.graph.{self.name}'."


def checked(kind: Kind, tree: Expression, advanced: bool) -> Expression:
    """The filter with property names in their right case; raises `GraphError` for what `kind` does not allow."""
    return _Check(kind, advanced).expression(tree)


class _Check:
    def __init__(self, kind: Kind, advanced: bool) -> None:
        self._kind = kind
        self._advanced = advanced

    def expression(self, tree: Expression) -> Expression:
        match tree:
            case syntax.Both(left, right):
                return syntax.Both(self.expression(left), self.expression(right))
            case syntax.Either(left, right):
                return syntax.Either(self.expression(left), self.expression(right))
            case syntax.Not(inner):
                self._need_advanced(unsupported_query())
                return syntax.Not(self.expression(inner))
            case syntax.Any(path, inner):
                return self._any(path, inner)
            case syntax.Comparison(path, operator, value):
                spelled = self._spelled(path)
                self._compare("/".join(spelled), operator, value)
                return syntax.Comparison(spelled, operator, value)
            case syntax.OneOf(path, values):
                spelled = self._spelled(path)
                for value in values:
                    self._compare("/".join(spelled), "in", value)
                return syntax.OneOf(spelled, values)
            case syntax.Function(name, path, value):
                spelled = self._spelled(path)
                self._call(name, "/".join(spelled), value)
                return syntax.Function(name, spelled, value)

    def _spelled(self, path: Path) -> Path:
        name = self._kind.property_named(path[0])
        if name is None:
            raise syntax.invalid_filter(self._kind.no_such_property(path[0]))
        return (name, *path[1:])

    def _any(self, path: Path, inner: Expression | None) -> Expression:
        spelled = self._spelled(path)
        if inner is None:
            raise unsupported_query(f"Complex query on property {spelled[0]} is not supported.")
        self._inside("/".join(spelled), inner)
        return syntax.Any(spelled, inner)

    def _inside(self, collection: str, tree: Expression) -> None:
        """Check the conditions inside `any(…)` under the name `collection/any/inner`."""
        match tree:
            case syntax.Both(left, right) | syntax.Either(left, right):
                self._inside(collection, left)
                self._inside(collection, right)
            case syntax.Not(inner):
                self._need_advanced(unsupported_query())
                self._inside(collection, inner)
            case syntax.Comparison(path, operator, value):
                self._compare("/".join((collection, "any", *path)), operator, value, complex_query=True)
            case syntax.Function(name, path, value):
                self._call(name, "/".join((collection, "any", *path)), value, complex_query=True)
            case _:
                raise unsupported_query(f"Complex query on property {collection} is not supported.")

    def _compare(self, name: str, operator: str, value: syntax.Value, *, complex_query: bool = False) -> None:
        self._fits(name, operator, value)
        if operator == "ne":
            self._need_advanced(unsupported_query("Unsupported property filter clause operator 'NotEqualsMatch'."))
        wanted = {"in": "eq", "ne": "eq", "gt": "ge", "lt": "le"}.get(operator, operator)
        if value is None and wanted == "eq" and self._kind.directory:
            wanted = "null"
        self._allowed(name, wanted, complex_query)

    def _call(self, function: str, name: str, value: syntax.Value, *, complex_query: bool = False) -> None:
        if not isinstance(value, str):
            raise syntax.invalid_filter()
        if function == "endsWith":
            self._need_advanced(unsupported_query())
        if function == "contains" and self._kind.directory:
            raise unsupported_query()
        self._allowed(name, function, complex_query)

    def _allowed(self, name: str, operator: str, complex_query: bool) -> None:
        support = self._kind.filters.get(name, {})
        mode = support.get(operator)
        if mode == DEFAULT or (mode == ADVANCED and self._advanced):
            return
        raise self._refusal(name, mode, bool(support), complex_query)

    def _refusal(self, name: str, mode: str | None, known: bool, complex_query: bool) -> GraphError:
        first = name.partition("/")[0]
        if not self._kind.directory:
            return self._plain_refusal(first)
        if complex_query and not known:
            return unsupported_query(f"Complex query on property {first} is not supported.")
        if self._advanced and mode is None:
            return unsupported_query("The request uses a filter property that is not indexed")
        text = f"Unsupported or invalid query filter clause specified for property '{first}' of resource"
        return unsupported_query(f"{text} '{self._kind.title}'.")

    def _plain_refusal(self, name: str) -> GraphError:
        if self._kind.name == "appRoleAssignment":
            letter = self._kind.properties[name.lower()][1]
            edm = {"g": "System.Guid", "d": "System.DateTime"}.get(letter, "System.String")
            return bad_request(f"Invalid filter clause {name}: {edm}")
        return bad_request(f"The $filter on property '{name}' is not supported on '{self._kind.name}'.")

    def _need_advanced(self, refusal: GraphError) -> None:
        if self._kind.directory and not self._advanced:
            raise refusal

    def _fits(self, name: str, operator: str, value: syntax.Value) -> None:
        """Refuse a literal whose type is not the property's, as the gateway's parser does."""
        if "/" in name or value is None:
            return
        letter = self._kind.properties[name.lower()][1]
        if letter in "lc":
            raise syntax.invalid_filter()
        given = _edm(value)
        wanted = {"s": "Edm.String", "g": "Edm.Guid", "b": "Edm.Boolean", "d": "Edm.DateTimeOffset"}.get(letter)
        if wanted is None or wanted == given:
            return
        verb = {"eq": "Equal", "in": "Equal", "ne": "NotEqual", "gt": "GreaterThan", "lt": "LessThan"}
        kind = verb.get(operator, "GreaterThanOrEqual" if operator == "ge" else "LessThanOrEqual")
        raise syntax.invalid_filter(
            "A binary operator with incompatible types was detected. "
            f"Found operand types '{wanted}' and '{given}' for operator kind '{kind}'."
        )


def _edm(value: syntax.Value) -> str:
    if isinstance(value, bool):
        return "Edm.Boolean"
    if isinstance(value, str):
        return "Edm.String"
    if isinstance(value, int | float):
        return "Edm.Int32"
    return "Edm.DateTimeOffset" if hasattr(value, "tzinfo") else "Edm.Guid"


def _is_extension(name: str) -> bool:
    return name.startswith("ext") and "_" in name


def selected(kind: Kind, text: str) -> tuple[str, ...]:
    """The properties a `$select` names, in their right case; raises `GraphError` for one that does not exist."""
    names: list[str] = []
    for asked in (part.strip() for part in text.split(",")):
        if asked == "*":
            continue
        name = kind.property_named(asked.partition("/")[0])
        if name is None and asked not in kind.expandable and not _is_extension(asked):
            message = f"Parsing OData Select and Expand failed: {kind.no_such_property(asked)}"
            raise malformed(message)
        names.append(name or asked)
    return tuple(dict.fromkeys(names))
