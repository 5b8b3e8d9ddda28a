"""The token endpoint, one function per grant type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from toolkit.sandbox.http import Reply
from toolkit.sandbox.identity import device_code, errors
from toolkit.sandbox.identity.clients import Client, authenticate, client_of, named_client
from toolkit.sandbox.identity.errors import SignInError
from toolkit.sandbox.identity.issuing import (
    Form,
    application_token,
    check_user,
    consented,
    log_sign_in,
    user_tokens,
)
from toolkit.sandbox.identity.realm import require_tenant
from toolkit.sandbox.identity.scopes import read_application_scope, read_scope
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tokens import b64url

INACTIVE_AFTER = timedelta(days=90)


def token(call: Call, tenant: str) -> Reply:
    """Tokens for a grant; failures that met a user are remembered in the sign-in log."""
    form = call.request.form()
    exact = require_tenant(call, tenant)
    grant = form.get("grant_type")
    if not grant:
        raise errors.missing_parameter("grant_type")
    redeem = _GRANTS.get(grant)
    if redeem is None:
        raise errors.unsupported_grant(grant)
    if grant == "client_credentials" and not exact:
        raise errors.not_over_common()
    form["client_id"] = named_client(call, form) or ""
    try:
        return redeem(call, form)
    except SignInError as refused:
        _remember(call, form, refused)
        raise


def _client_credentials(call: Call, form: Form) -> Reply:
    client = client_of(call, form.get("client_id"))
    if not form.get("scope") and not form.get("resource"):
        raise errors.missing_parameter("scope")
    asked = read_application_scope(call, form.get("scope") or f"{form['resource']}/.default")
    return application_token(call, client, asked, authenticate(call, client, form, required=True))


def _authorization_code(call: Call, form: Form) -> Reply:
    client = client_of(call, form.get("client_id"))
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise errors.missing_parameter(name)
    row = call.tenant.tables["authorizationCodes"].get(form["code"])
    if row is None or row["appId"] != client.app_id:
        raise errors.code_unknown()
    acr = authenticate(call, client, form, required=_is_web(client, row["redirectUri"]))
    _check_code(call, row, form)
    row["redeemed"] = True
    call.changed()
    user = _user(call, row["userId"])
    check_user(call, client, user)
    scope = form.get("scope") or row["scope"]
    asked = read_scope(call, scope)
    granted = consented(call, client, user, asked, interactive=False)
    nonce = {"nonce": row["nonce"]} if row["nonce"] else {}
    return user_tokens(call, client, user, asked, granted, {**form, "scope": scope}, appidacr=acr, **nonce)


def _refresh(call: Call, form: Form) -> Reply:
    client = client_of(call, form.get("client_id"))
    if not form.get("refresh_token"):
        raise errors.missing_parameter("refresh_token")
    acr = authenticate(call, client, form, required=not client.is_public)
    row = call.tenant.tables["refreshTokens"].get(form["refresh_token"])
    if row is None:
        raise errors.code_unknown()
    if row["appId"] != client.app_id:
        raise errors.refresh_token_foreign()
    user = _user(call, row["userId"])
    _check_refresh_token(call, row, user)
    check_user(call, client, user)
    scope = form.get("scope") or row["scope"]
    asked = read_scope(call, scope)
    granted = consented(call, client, user, asked, interactive=False)
    row["used"] = call.now.timestamp()
    call.changed()
    # Entra hands out a new refresh token on every use, whether or not offline_access is asked for again.
    wider = scope if "offline_access" in asked.oidc else f"{scope} offline_access"
    return user_tokens(call, client, user, read_scope(call, wider), granted, {**form, "scope": wider}, appidacr=acr)


_GRANTS: dict[str, Callable[[Call, Form], Reply]] = {
    "client_credentials": _client_credentials,
    "authorization_code": _authorization_code,
    "refresh_token": _refresh,
    device_code.GRANT: device_code.redeem,
    "device_code": device_code.redeem,
}


def _is_web(client: Client, address: str) -> bool:
    return client.application is not None and address in client.application["web"]["redirectUris"]


def _check_code(call: Call, row: dict[str, Any], form: Form) -> None:
    if row["redeemed"]:
        raise errors.code_redeemed()
    if row["expires"] <= call.now.timestamp():
        raise errors.code_expired()
    if row["redirectUri"] != form["redirect_uri"]:
        raise errors.bad_reply_address(row["appId"], form["redirect_uri"])
    if row["challenge"]:
        verifier = form.get("code_verifier", "")
        hashed = b64url(hashlib.sha256(verifier.encode()).digest())
        if row["challenge"] != (hashed if row["method"] == "S256" else verifier):
            raise errors.wrong_verifier()


def _check_refresh_token(call: Call, row: dict[str, Any], user: dict[str, Any]) -> None:
    issued = datetime.fromtimestamp(row["issued"], UTC)
    valid_from = user.get("signInSessionsValidFromDateTime")
    if row.get("revoked") or (valid_from and datetime.fromisoformat(valid_from) > issued):
        moment = valid_from or f"{call.now:%Y-%m-%dT%H:%M:%SZ}"
        raise errors.refresh_token_revoked(f"{issued:%Y-%m-%dT%H:%M:%S.0000000Z}", moment).met_by(user)
    idle = call.now - datetime.fromtimestamp(row["used"], UTC)
    if idle >= INACTIVE_AFTER:
        clock = f"{idle.days}.{timedelta(seconds=idle.seconds)}"
        raise errors.refresh_token_inactive(f"{issued:%Y-%m-%dT%H:%M:%S.0000000Z}", clock).met_by(user)


def _user(call: Call, id: str) -> dict[str, Any]:
    user = call.tenant.tables["users"].get(id)
    if user is None:
        raise errors.unknown_user(id, call.tenant.organization["displayName"])
    return user


def _remember(call: Call, form: Form, refused: SignInError) -> None:
    """A disabled client is remembered too, where a refresh token says whose sign-in it was."""
    row = call.tenant.tables["refreshTokens"].get(form.get("refresh_token", ""))
    user = refused.user or (call.tenant.tables["users"].get(row["userId"]) if row else None)
    client = call.tenant.service_principal_of(form["client_id"].lower())
    if user is not None and client is not None:
        log_sign_in(call, client, user, None, refused.number, refused.text)
