"""The authorization endpoint: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from toolkit.sandbox.http import Reply, html, redirect
from toolkit.sandbox.identity import errors
from toolkit.sandbox.identity.clients import Client, client_of
from toolkit.sandbox.identity.errors import SignInError
from toolkit.sandbox.identity.issuing import check_user, consented, log_sign_in
from toolkit.sandbox.identity.pages import message_page, posting_page, sign_in_page
from toolkit.sandbox.identity.realm import require_tenant
from toolkit.sandbox.identity.scopes import read_scope
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tokens import b64url

OWN_FIELDS = ("sandbox_user", "sandbox_cancel")


def authorize(call: Call, tenant: str) -> Reply:
    """A page to sign in on, or the redirect back with a code or an error."""
    query = call.request.query
    try:
        require_tenant(call, tenant)
        client = client_of(call, query.get("client_id"))
        address = query.get("redirect_uri", "")
        if not client.may_reply_to(address):
            raise errors.bad_reply_address(client.app_id, address)
    except SignInError as refused:
        return error_page(call, refused)
    try:
        user = _user(call)
        if user is None:
            keep = {name: value for name, value in query.items() if name not in OWN_FIELDS}
            return html(sign_in_page(call, client.name, keep))
        return _respond(call, address, {"code": _code(call, client, user, address), "client_info": ""})
    except SignInError as refused:
        if refused.user is not None:
            log_sign_in(call, client.principal, refused.user, None, refused.number, refused.text)
        return _respond(call, address, refusal(call, refused))


def refusal(call: Call, refused: SignInError) -> dict[str, str]:
    """The query of an error redirect."""
    return {"error": refused.error, "error_description": errors.description(call, refused)}


def error_page(call: Call, refused: SignInError) -> Reply:
    """A refusal that cannot go back to the application, shown to the person instead."""
    return html(message_page("Sorry, but we're having trouble signing you in.", errors.description(call, refused)), 400)


def logout(call: Call, tenant: str) -> Reply:
    """Sign-out: there is no session to end."""
    require_tenant(call, tenant)
    address = call.request.query.get("post_logout_redirect_uri", "")
    if urlsplit(address).scheme in ("http", "https"):
        return redirect(address)
    return html(message_page("You signed out of your account", "You may close this window."))


def picked_user(call: Call) -> dict[str, Any] | None:
    """Who signs in: picked on the page, or the `autoApprove` user of the settings; None where nobody yet."""
    name = call.request.query.get("sandbox_user") or call.tenant.settings["autoApprove"]
    if not name:
        return None
    user = call.tenant.user_of(name)
    if user is None:
        raise errors.unknown_user(name, call.tenant.organization["displayName"])
    return user


def _user(call: Call) -> dict[str, Any] | None:
    query = call.request.query
    if query.get("response_type") != "code":
        raise SignInError(70005, "unsupported_response_type", "The sandbox answers response_type 'code' alone.")
    if query.get("sandbox_cancel"):
        raise SignInError(65004, "access_denied", "The user declined to consent to access the app.")
    user = picked_user(call)
    if user is None and query.get("prompt") == "none":
        raise errors.login_required()
    return user


def _code(call: Call, client: Client, user: dict[str, Any], address: str) -> str:
    query = call.request.query
    check_user(call, client, user)
    asked = read_scope(call, query.get("scope", "openid"))
    try:
        consented(call, client, user, asked, interactive=query.get("prompt") != "none")
    except SignInError as refused:
        if refused.number != 65001 or query.get("prompt") == "none":
            raise
        raise errors.consent_needs_admin(client.name).met_by(user) from None
    code = f"1.{b64url(call.tenant.new_bytes(64))}"
    call.tenant.tables["authorizationCodes"][code] = {
        "appId": client.app_id,
        "userId": user["id"],
        "redirectUri": address,
        "scope": query.get("scope", "openid"),
        "challenge": query.get("code_challenge"),
        "method": query.get("code_challenge_method", "plain"),
        "nonce": query.get("nonce"),
        "expires": call.now.timestamp() + 600,
        "redeemed": False,
    }
    log_sign_in(call, client.principal, user, asked.resource, 0, "Other.")
    return code


def _respond(call: Call, address: str, fields: dict[str, str]) -> Reply:
    query = call.request.query
    if "client_info" in fields:
        fields.pop("client_info")
        fields["session_state"] = call.request_id
    if "state" in query:
        fields["state"] = query["state"]
    mode = query.get("response_mode", "query")
    if mode == "form_post":
        return html(posting_page(address, fields))
    mark = "#" if mode == "fragment" else "&" if "?" in address else "?"
    return redirect(f"{address}{mark}{urlencode(fields)}")
