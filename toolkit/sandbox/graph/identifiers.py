"""Ids as Graph makes them: base64 of the GUIDs of the parties.

https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
"""

from __future__ import annotations

import base64
import re
import uuid

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def grant_id(client: str, resource: str, principal: str | None) -> str:
    """The id of a delegated grant, which encodes its parties."""
    parties = (client, resource) if principal is None else (client, resource, principal)
    return _encoded(b"".join(uuid.UUID(party).bytes_le for party in parties))


def assignment_id(principal: str, random: bytes) -> str:
    """The id of an app role assignment: its principal and 16 bytes of chance."""
    return _encoded(uuid.UUID(principal).bytes_le + random)


def is_guid(text: object) -> bool:
    """Does the text look like an object id?"""
    return isinstance(text, str) and _GUID.fullmatch(text) is not None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
