"""What a request asks for, and what the tenant has granted.

https://learn.microsoft.com/entra/identity-platform/scopes-oidc
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from toolkit.sandbox.identity import errors
from toolkit.sandbox.identity.clients import Client
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tokens import GRAPH_APP_ID, GRAPH_HOSTS

OIDC = frozenset({"openid", "profile", "email", "offline_access"})
DEFAULT = ".default"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

# Microsoft lets its own command line have these on Microsoft Graph without anybody's consent.
_PREAUTHORIZED = frozenset(
    {
        "application.readwrite.all",
        "approleassignment.readwrite.all",
        "auditlog.read.all",
        "delegatedpermissiongrant.readwrite.all",
        "directory.accessasuser.all",
        "group.readwrite.all",
        "user.readwrite.all",
    }
)
_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


@dataclass(frozen=True, slots=True)
class Asked:
    """One resource, the audience as it was written, and the permissions wanted there."""

    resource: dict[str, Any]
    audience: str
    values: tuple[str, ...]
    oidc: frozenset[str]

    @property
    def is_default(self) -> bool:
        """`.default`: whatever has been consented."""
        return DEFAULT in self.values

    @property
    def named_by_uri(self) -> bool:
        """Did the client write the resource before its permissions?"""
        return self.audience != GRAPH_APP_ID


def read_scope(call: Call, text: str) -> Asked:
    """The parameter `scope`; raises 70011 for what cannot be one, 500011 for a resource not in the tenant."""
    words = text.split()
    oidc = frozenset(word.lower() for word in words) & OIDC
    wanted = [_split(word) for word in words if word.lower() not in OIDC]
    audiences = list(dict.fromkeys(audience for audience, _ in wanted)) or [GRAPH_APP_ID]
    if len(audiences) > 1:
        raise errors.bad_scope(text)
    values = tuple(dict.fromkeys(value for _, value in wanted))
    if DEFAULT in values and len(values) > 1:
        raise errors.bad_scope(text)
    return Asked(_resource(call, audiences[0]), audiences[0], values, oidc)


def read_application_scope(call: Call, text: str) -> Asked:
    """The `scope` of a client that asks in its own name: `<resource>/.default` and nothing else."""
    words = text.split()
    if len(words) != 1 or not words[0].endswith("/" + DEFAULT):
        raise errors.bad_scope(text)
    return read_scope(call, text)


def granted_scopes(call: Call, client: Client, resource: dict[str, Any], user: dict[str, Any]) -> list[str]:
    """The delegated permissions in force: everyone's grants and the user's own, as the resource spells them."""
    enabled = (row["value"] for row in resource["oauth2PermissionScopes"] if row["isEnabled"])
    published: dict[str, str] = {value.casefold(): value for value in enabled}
    held: set[str] = set()
    for grant in call.tenant.grants_of_client(client.id):
        mine = grant["consentType"] == "AllPrincipals" or grant["principalId"] == user["id"]
        if mine and grant["resourceId"] == resource["id"]:
            held.update((grant["scope"] or "").casefold().split())
    held |= _preauthorized(client, resource, published)
    return sorted(spelling for folded, spelling in published.items() if folded in held)


def in_token(asked: Asked, granted: list[str]) -> list[str]:
    """The `scp` of a token: what was asked for of what is granted; all of it for `.default` or for no permission."""
    if asked.is_default or not asked.values:
        return [value for value in granted if value.lower() != "offline_access"]
    wanted = {value.casefold() for value in asked.values} | (asked.oidc - {"offline_access"})
    return [value for value in granted if value.casefold() in wanted]


def missing(asked: Asked, granted: list[str]) -> list[str]:
    """The permissions asked for by name that nobody consented to."""
    held = {value.casefold() for value in granted}
    return [value for value in asked.values if value != DEFAULT and value.casefold() not in held]


def published_scope(resource: dict[str, Any], value: str) -> dict[str, Any] | None:
    """The delegated permission of a resource by its value, in any letter case."""
    folded = value.casefold()
    return next((row for row in resource["oauth2PermissionScopes"] if row["value"].casefold() == folded), None)


def find_resource(call: Call, audience: str) -> dict[str, Any] | None:
    """The service principal of a resource by appId, by identifier URI or by the address of its cloud."""
    direct = call.tenant.service_principal_of(audience.lower())
    if direct is not None:
        return direct
    if urlsplit(audience).hostname in GRAPH_HOSTS:
        return call.tenant.service_principal_of(GRAPH_APP_ID)
    plain = audience.rstrip("/").lower()
    for principal in call.tenant.tables["servicePrincipals"].values():
        if any(name.rstrip("/").lower() == plain for name in principal["servicePrincipalNames"]):
            return principal
    return None


def _split(word: str) -> tuple[str, str]:
    resource, slash, value = word.rpartition("/")
    if word == DEFAULT or not slash:
        return GRAPH_APP_ID, word
    if not resource or not value:
        raise errors.bad_scope(word)
    return resource, value


def _resource(call: Call, audience: str) -> dict[str, Any]:
    found = find_resource(call, audience)
    if found is None:
        raise errors.unknown_resource(audience, call.tenant.organization["displayName"])
    if not found["accountEnabled"]:
        raise errors.disabled_resource(found["displayName"])
    return found


def _preauthorized(client: Client, resource: dict[str, Any], published: dict[str, str]) -> set[str]:
    if client.app_id != AZURE_CLI or resource["appOwnerOrganizationId"] != _MICROSOFT:
        return set()
    return set(_PREAUTHORIZED) if resource["appId"] == GRAPH_APP_ID else set(published)
