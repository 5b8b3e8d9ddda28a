"""Who calls Graph, as their access token says.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.sandbox import tokens
from toolkit.sandbox.odata.errors import GraphError
from toolkit.sandbox.routing import Call

_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal behind a request: its object id, permissions and directory roles."""

    oid: str
    app_id: str
    permissions: frozenset[str]
    wids: tuple[str, ...]
    is_app_only: bool

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> Caller:
        """The caller whom claims describe."""
        app_only = claims.get("idtyp") == "app" or "scp" not in claims
        permissions = claims.get("roles", ()) if app_only else str(claims.get("scp", "")).split()
        return cls(
            oid=str(claims.get("oid", "")),
            app_id=str(claims.get("appid", "")),
            permissions=frozenset(permissions),
            wids=tuple(claims.get("wids", ())),
            is_app_only=app_only,
        )


def caller_of(call: Call) -> Caller:
    """The caller of a request; raises `GraphError` 401 for no token or a bad one."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    try:
        return Caller.of(tokens.verify(call.tenant, token.strip() if scheme.lower() == "bearer" else "", call.now))
    except tokens.BadToken as bad:
        raise GraphError(401, bad.code, bad.message, headers={"WWW-Authenticate": _CHALLENGE}) from bad
