"""Signing in on another device: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code."""

from __future__ import annotations

from typing import Any

from toolkit.sandbox.http import Reply, html, json_reply
from toolkit.sandbox.identity import errors
from toolkit.sandbox.identity.clients import authenticate, client_of
from toolkit.sandbox.identity.issuing import Form, check_user, consented, log_sign_in, user_tokens
from toolkit.sandbox.identity.pages import device_page, message_page
from toolkit.sandbox.identity.realm import LOOPBACK, require_tenant
from toolkit.sandbox.identity.scopes import read_scope
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tenant import Tenant
from toolkit.sandbox.tokens import b64url

LIFETIME = 900
INTERVAL = 5
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


def ask(call: Call, tenant: str) -> Reply:
    """A new device code and the code a person types."""
    require_tenant(call, tenant)
    form = call.request.form()
    client = client_of(call, form.get("client_id"))
    if not form.get("scope"):
        raise errors.missing_parameter("scope")
    read_scope(call, form["scope"])
    user_code = "".join(_LETTERS[byte % len(_LETTERS)] for byte in call.tenant.new_bytes(9))
    device_code = b64url(call.tenant.new_bytes(48))
    call.tenant.tables["deviceCodes"][device_code] = {
        "userCode": user_code,
        "appId": client.app_id,
        "scope": form["scope"],
        "state": "pending",
        "userId": None,
        "expires": call.now.timestamp() + LIFETIME,
    }
    call.changed()
    place = _verification_uri(call)
    body = {
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": place,
        "expires_in": LIFETIME,
        "interval": INTERVAL,
        "message": f"To sign in, use a web browser to open the page {place} and enter the code {user_code} "
        "to authenticate.",
    }
    return json_reply(body, 200, errors.HEADERS)


def redeem(call: Call, form: Form) -> Reply:
    """Tokens once the person has approved; 70016 until then."""
    client = client_of(call, form.get("client_id"))
    code = form.get("device_code") or form.get("code")
    if not code:
        raise errors.missing_parameter("device_code")
    acr = authenticate(call, client, form, required=not client.is_public)
    row = call.tenant.tables["deviceCodes"].get(code)
    if row is None or row["appId"] != client.app_id:
        raise errors.device_code_unknown()
    user = _approving_user(call, row)
    check_user(call, client, user)
    asked = read_scope(call, row["scope"])
    granted = consented(call, client, user, asked, interactive=True)
    del call.tenant.tables["deviceCodes"][code]
    log_sign_in(call, client.principal, user, asked.resource, 0, "Other.")
    return user_tokens(call, client, user, asked, granted, {**form, "scope": row["scope"]}, appidacr=acr)


def approve(tenant: Tenant, user_code: str, user: str) -> bool:
    """Let `user` (UPN or object id) approve a code; False where there is no such code or user."""
    found = tenant.user_of(user)
    row = _typed(tenant, user_code)
    if found is None or row is None:
        return False
    row.update(state="approved", userId=found["id"])
    return True


def decline(tenant: Tenant, user_code: str) -> bool:
    """Refuse a code, as its user; False where there is no such code."""
    row = _typed(tenant, user_code)
    if row is None:
        return False
    row["state"] = "declined"
    return True


def page(call: Call) -> Reply:
    """The page where a person types the code and says who they are."""
    return html(device_page(call, call.request.query.get("code", "")))


def page_sent(call: Call) -> Reply:
    """What the page says when the code was typed."""
    form = call.request.form()
    code = form.get("code", "")
    done = decline(call.tenant, code) if form.get("cancel") else approve(call.tenant, code, form.get("user", ""))
    if not done:
        return html(device_page(call, code, problem="That code is not known, or has expired."), 400)
    call.changed()
    return html(message_page("You may close this window", "The device will notice in a few seconds."))


def _approving_user(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    if row["expires"] <= call.now.timestamp():
        raise errors.device_code_expired()
    if row["state"] == "declined":
        raise errors.device_code_declined()
    who = row["userId"] if row["state"] == "approved" else call.tenant.settings["autoApprove"]
    if who is None:
        raise errors.device_code_pending()
    user = call.tenant.user_of(who)
    if user is None:
        raise errors.unknown_user(who, call.tenant.organization["displayName"])
    return user


def _typed(tenant: Tenant, user_code: str) -> dict[str, Any] | None:
    plain = user_code.strip().upper()
    return next((row for row in tenant.tables["deviceCodes"].values() if row["userCode"] == plain), None)


def _verification_uri(call: Call) -> str:
    if call.request.hostname in LOOPBACK:
        return f"{call.request.base}/devicelogin"
    return "https://microsoft.com/devicelogin"
