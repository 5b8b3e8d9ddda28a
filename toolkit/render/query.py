"""Questions to a view's content in JMESPath."""

from __future__ import annotations

from typing import cast

EXAMPLE = "[?enabled].{name: name, id: id}"


class QueryError(ValueError):
    """A query that cannot be answered: `what` is wrong, `where` (lines that point there), an `example`."""

    def __init__(self, what: str, where: tuple[str, ...] = ()) -> None:
        self.what = what
        self.where = where
        self.example = EXAMPLE
        super().__init__("\n".join([what, *(f"  {line}" for line in where), f"an example: {EXAMPLE}"]))


def ask(content: object, expression: str) -> object:
    """What `expression` selects from `content`, in builtin types; raises QueryError.

    https://jmespath.org/specification.html
    """
    import jmespath
    from jmespath.exceptions import JMESPathError, ParseError
    from msgspec import json, to_builtins

    if not expression.strip():
        raise QueryError("the query is empty")
    plain = json.decode(json.encode(content, order="deterministic"))
    try:
        return to_builtins(cast(object, jmespath.search(expression, plain)))
    except ParseError as error:
        raise _unreadable(expression, getattr(error, "lex_position", None), error) from None
    except (JMESPathError, TypeError, ValueError) as error:
        raise QueryError(f"the query does not fit the content: {error}", (expression,)) from None


def _unreadable(expression: str, position: int | None, error: Exception) -> QueryError:
    if position is None:
        return QueryError(f"the query is not valid JMESPath: {error}", (expression,))
    spot = position if 0 <= position < len(expression) else len(expression)
    at = f"at character {spot + 1}" if spot < len(expression) else "at its end"
    return QueryError(f"the query is not valid JMESPath {at}", (expression, " " * spot + "^"))
