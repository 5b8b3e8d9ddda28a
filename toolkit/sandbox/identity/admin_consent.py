"""Tenant-wide consent in the browser.

v1: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
v2: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from toolkit.sandbox.http import Reply, html, redirect
from toolkit.sandbox.identity import errors
from toolkit.sandbox.identity.authorize import OWN_FIELDS, error_page, picked_user
from toolkit.sandbox.identity.clients import Client
from toolkit.sandbox.identity.consent import (
    Wanted,
    configured,
    grant_for_all,
    install,
    manifest,
    may_consent_for_all,
    required_access_of,
)
from toolkit.sandbox.identity.errors import SignInError
from toolkit.sandbox.identity.pages import consent_page, message_page
from toolkit.sandbox.identity.realm import require_tenant
from toolkit.sandbox.identity.scopes import DEFAULT, OIDC, find_resource, published_scope, read_scope
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tokens import GRAPH_APP_ID


def first_version(call: Call, tenant: str) -> Reply:
    """`/{tenant}/adminconsent`: everything the application is configured with, both kinds."""
    return _consent(call, tenant, version=1)


def second_version(call: Call, tenant: str) -> Reply:
    """`/{tenant}/v2.0/adminconsent`: the scopes of the request, or all of a resource with `.default`."""
    return _consent(call, tenant, version=2)


def _consent(call: Call, tenant: str, version: int) -> Reply:
    query = call.request.query
    try:
        if version == 2 and tenant.casefold() == "common":
            raise SignInError(90023, "invalid_request", "Use a tenant or /organizations with this endpoint.")
        require_tenant(call, tenant)
        app_id, name = _application(call)
        wanted = _wanted(call, app_id, version)
        if query.get("sandbox_cancel"):
            return _declined(call, version)
        user = picked_user(call)
        if user is None:
            keep = {field: value for field, value in query.items() if field not in OWN_FIELDS}
            return html(consent_page(call, name, _listed(call, wanted), keep))
    except SignInError as refused:
        return error_page(call, refused)
    if not user["accountEnabled"] or not may_consent_for_all(call, user, wanted):
        return _declined(call, version)
    principal = install(call, app_id, user)
    if principal is not None:
        grant_for_all(call, principal, wanted, user)
    return _accepted(call, version)


def _application(call: Call) -> tuple[str, str]:
    """The appId and name of the application; raises where nobody knows it or the address is not registered."""
    app_id = call.request.query.get("client_id", "").lower()
    if not app_id:
        raise errors.missing_parameter("client_id")
    source = manifest(call.tenant, app_id) or call.tenant.application_of(app_id)
    if source is None:
        raise errors.unknown_application(app_id, call.tenant.organization["displayName"])
    address = call.request.query.get("redirect_uri")
    principal = manifest(call.tenant, app_id)
    if address is not None and principal is not None:
        client = Client({"id": "", **principal}, call.tenant.application_of(app_id))
        if not client.may_reply_to(address):
            raise errors.bad_reply_address(app_id, address)
    return app_id, source["displayName"]


def _wanted(call: Call, app_id: str, version: int) -> Wanted:
    all_of_it = configured(call, required_access_of(call.tenant, app_id))
    if version == 1:
        return all_of_it
    scope = call.request.query.get("scope", "")
    if not scope:
        raise errors.missing_parameter("scope")
    wanted = Wanted()
    for word in scope.split():
        _add(call, wanted, word, all_of_it)
    return wanted


def _add(call: Call, wanted: Wanted, word: str, configured_access: Wanted) -> None:
    if word.lower() in OIDC:
        graph = find_resource(call, GRAPH_APP_ID)
        if graph is not None:
            wanted.scopes.setdefault(graph["id"], []).append(word.lower())
        return
    asked = read_scope(call, word)
    resource: str = asked.resource["id"]
    if asked.values == (DEFAULT,):
        for kind in ("scopes", "roles"):
            known: dict[str, list[str]] = getattr(configured_access, kind)
            if resource in known:
                getattr(wanted, kind)[resource] = known[resource]
        return
    found = [published_scope(asked.resource, value) for value in asked.values]
    if None in found:
        raise errors.bad_scope(word)
    wanted.scopes.setdefault(resource, []).extend(row["value"] for row in found if row is not None)


def _listed(call: Call, wanted: Wanted) -> list[str]:
    principals = call.tenant.tables["servicePrincipals"]
    named = [f"{principals[id]['displayName']}: {value}" for id, values in wanted.scopes.items() for value in values]
    for id, roles in wanted.roles.items():
        values = {row["id"]: row["value"] for row in principals[id]["appRoles"]}
        named.extend(f"{principals[id]['displayName']}: {values[role]} (without a user)" for role in roles)
    return named


def _accepted(call: Call, version: int) -> Reply:
    if version == 1:
        return _return(call, {"tenant": call.tenant.id, **_state(call), "admin_consent": "True"})
    scope = call.request.query["scope"]
    return _return(call, {"admin_consent": "True", "tenant": call.tenant.id, "scope": scope, **_state(call)})


def _declined(call: Call, version: int) -> Reply:
    if version == 1:
        why = {"error": "permission_denied", "error_description": "The admin canceled the request"}
        return _return(call, {**why, **_state(call)})
    refused = errors.consent_declined()
    why = {"error": refused.error, "error_description": errors.description(call, refused)}
    return _return(call, {"admin_consent": "True", **why, **_state(call)})


def _state(call: Call) -> dict[str, Any]:
    return {"state": call.request.query["state"]} if "state" in call.request.query else {}


def _return(call: Call, fields: dict[str, str]) -> Reply:
    address = call.request.query.get("redirect_uri")
    if not address:
        done = "error" not in fields
        title = "Permissions granted" if done else "Permissions not granted"
        return html(message_page(title, "You may close this window."), 200 if done else 403)
    mark = "&" if "?" in address else "?"
    return redirect(f"{address}{mark}{urlencode(fields, quote_via=quote)}")
