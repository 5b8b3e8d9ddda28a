"""The application that asks for a token, and how it proves to be that application."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from toolkit.sandbox.identity import errors
from toolkit.sandbox.identity.realm import LOOPBACK
from toolkit.sandbox.routing import Call

_PLATFORMS = ("web", "spa", "publicClient")


class Client:
    """A client application: its service principal here and, when this is its home, its registration."""

    def __init__(self, principal: dict[str, Any], application: dict[str, Any] | None) -> None:
        self.principal = principal
        self.application = application
        self.id: str = principal["id"]
        self.app_id: str = principal["appId"]
        self.name: str = principal["displayName"]

    @property
    def is_public(self) -> bool:
        """May it sign users in without a secret? Applications of other tenants count as public."""
        registered = self.application
        if registered is None:
            return True
        native = _registered_addresses(registered, "publicClient")
        return registered.get("isFallbackPublicClient") is True or bool(native)

    def may_reply_to(self, address: str) -> bool:
        """Is `address` registered? Loopback addresses match on any port."""
        registered = [*self.principal["replyUrls"], *_registered_addresses(self.application, *_PLATFORMS)]
        if address in registered or not registered:
            return address in registered or _is_loopback(address)
        loose = _without_port(address)
        return loose is not None and any(_without_port(known) == loose for known in registered)


def client_of(call: Call, app_id: str | None) -> Client:
    """The client of a request; raises where it is unknown here (700016) or switched off (7000112)."""
    if not app_id:
        raise errors.missing_parameter("client_id")
    principal = call.tenant.service_principal_of(app_id.lower())
    if principal is None:
        raise errors.unknown_application(app_id, call.tenant.organization["displayName"])
    if not principal["accountEnabled"]:
        raise errors.disabled_application(app_id, principal["displayName"])
    return Client(principal, call.tenant.application_of(principal["appId"]))


def authenticate(call: Call, client: Client, form: Mapping[str, str], *, required: bool) -> str:
    """Check the client's credential; answers `appidacr`: 0 none, 1 secret, 2 certificate."""
    assertion = form.get("client_assertion")
    if assertion:
        _check_assertion(call, client, assertion)
        return "2"
    secret = form.get("client_secret") or _basic_secret(call)
    if secret:
        _check_secret(call, client, secret)
        return "1"
    if required:
        raise errors.no_credential()
    return "0"


def named_client(call: Call, form: Mapping[str, str]) -> str | None:
    """The client id of a token request: from the form, or from Basic authentication."""
    return form.get("client_id") or (_basic(call) or (None,))[0]


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, encoded = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(name), unquote_plus(secret)


def _basic_secret(call: Call) -> str | None:
    pair = _basic(call)
    return pair[1] if pair else None


def _check_secret(call: Call, client: Client, secret: str) -> None:
    kept = call.tenant.tables["secrets"].get(client.app_id, {}).get("secrets", [])
    matching = [row for row in kept if row["value"] == secret]
    if not matching:
        raise errors.bad_secret(client.app_id)
    if all(_moment(row["endDateTime"]) <= call.now for row in matching):
        raise errors.expired_secret(client.app_id)


def _check_assertion(call: Call, client: Client, assertion: str) -> None:
    from toolkit.sandbox.identity.assertion import read_assertion

    holders = [client.principal] if client.application is None else [client.application, client.principal]
    registered: list[str] = [row["key"] for holder in holders for row in holder["keyCredentials"] if row.get("key")]
    claims = read_assertion(assertion, registered)
    if claims.get("iss") != client.app_id or claims.get("sub") != client.app_id:
        raise errors.bad_assertion("Client assertion issuer and subject must be the client id.", 700021)
    if float(claims.get("exp", 0)) <= call.now.timestamp():
        raise errors.bad_assertion("Client assertion is not within its valid time range.", 700024)
    audience = urlsplit(str(claims.get("aud", "")))
    place = audience.path.rstrip("/").lower()
    if audience.netloc.lower() != call.request.host.lower() or not place.endswith(("/token", "/v2.0")):
        raise errors.bad_assertion("Client assertion audience claim does not match the realm issuer.", 700023)


def _registered_addresses(application: dict[str, Any] | None, *kinds: str) -> list[str]:
    addresses: list[str] = []
    for kind in kinds if application else ():
        platform: dict[str, Any] = application.get(kind) or {} if application else {}
        addresses.extend(platform.get("redirectUris") or [])
    return addresses


def _is_loopback(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "http" and (parts.hostname or "") in LOOPBACK


def _without_port(address: str) -> tuple[str, str] | None:
    if not _is_loopback(address):
        return None
    parts = urlsplit(address)
    return parts.hostname or "", parts.path.rstrip("/")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
