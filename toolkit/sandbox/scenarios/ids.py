"""Identifiers by the formulas Graph's own ids follow, so that the same scenario always has the same ones."""

import base64
import uuid

_NAMESPACE = uuid.UUID("c0117050-0000-4000-8000-000000000000")


def object_id(kind: str, name: str) -> str:
    """The object id of what a scenario calls `name`."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))


def grant_id(client: str, resource: str, principal: str | None = None) -> str:
    """The id of a delegated grant: its key, packed."""
    return _packed(client, resource, *([principal] if principal else []))


def assignment_id(principal: str, resource: str, app_role: str) -> str:
    """The id of an app role assignment: its principal, then bytes without meaning."""
    return _packed(principal, object_id("assignment", f"{principal}/{resource}/{app_role}"))


def role_assignment_id(role: str, principal: str, scope: str = "/") -> str:
    """The id of a directory role assignment and of its schedule instance."""
    return _packed(role, principal, *([scope.rpartition("/")[2]] if scope != "/" else [])) + "-1"


def role_eligibility_id(role: str, principal: str, scope: str = "/") -> str:
    """The id of an eligible directory role assignment."""
    return role_assignment_id(role, principal, scope) + "-e"


def _packed(*guids: str) -> str:
    raw = b"".join(uuid.UUID(guid).bytes_le for guid in guids)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
