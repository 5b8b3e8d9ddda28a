"""Graph's refusals, as exceptions that carry the wire's status, code and message.

https://learn.microsoft.com/graph/errors
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class GraphError(Exception):
    """Graph refuses a request with `status` and an error body of `code` and `message`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


def bad_request(message: str) -> GraphError:
    """The directory does not accept what was sent."""
    return GraphError(400, "Request_BadRequest", message)


def malformed(message: str) -> GraphError:
    """Graph's gateway cannot parse what was sent."""
    return GraphError(400, "BadRequest", message)


def unsupported_query(message: str = "Unsupported Query.") -> GraphError:
    """The query is well formed but the directory does not support it, or not in this mode."""
    return GraphError(400, "Request_UnsupportedQuery", message)


def not_found(id: str) -> GraphError:
    """No such object."""
    text = f"Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", text)


def denied(message: str = "Insufficient privileges to complete the operation.") -> GraphError:
    """The caller may not do this."""
    return GraphError(403, "Authorization_RequestDenied", message)


def not_allowed() -> GraphError:
    """The method does not exist on this path."""
    return GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def value_required(name: str, resource: str) -> GraphError:
    """A property that must be sent is missing."""
    return bad_request(f"A value is required for property '{name}' of resource '{resource}'.")


def invalid_value(name: str, resource: str) -> GraphError:
    """A property has a value Graph does not accept."""
    return bad_request(f"Invalid value specified for property '{name}' of resource '{resource}'.")
