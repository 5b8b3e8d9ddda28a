"""Tokens as the token endpoint hands them out, and the sign-in log that remembers who came."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from toolkit.sandbox.http import Reply, json_reply
from toolkit.sandbox.identity import errors
from toolkit.sandbox.identity.clients import Client
from toolkit.sandbox.identity.consent import ask_user, roles_in_force
from toolkit.sandbox.identity.scopes import DEFAULT, Asked, granted_scopes, in_token, missing
from toolkit.sandbox.routing import Call
from toolkit.sandbox.scenarios.log_rows import sign_in_row
from toolkit.sandbox.tokens import b64url, issue, sign, unique_id

Form = dict[str, str]
Object = dict[str, Any]


def check_user(call: Call, client: Client, user: dict[str, Any]) -> None:
    """Raise where this user may not sign in to this client: disabled (50057), or not assigned to it (50105)."""
    if not user["accountEnabled"]:
        raise errors.disabled_user().met_by(user)
    if client.principal["appRoleAssignmentRequired"] and not _is_assigned(call, client, user):
        raise errors.not_assigned(user["userPrincipalName"], client.app_id, client.name).met_by(user)


def consented(call: Call, client: Client, user: dict[str, Any], asked: Asked, *, interactive: bool) -> list[str]:
    """The granted scopes, after the user's own consent where one can be asked; raises 65001 where some lack."""
    granted = granted_scopes(call, client, asked.resource, user)
    if interactive and ask_user(call, client, asked, granted, user):
        return granted_scopes(call, client, asked.resource, user)
    if missing(asked, granted) or (asked.is_default and not granted):
        raise errors.consent_missing(client.app_id, client.name).met_by(user)
    return granted


def user_tokens(
    call: Call, client: Client, user: dict[str, Any], asked: Asked, granted: list[str], form: Form, **extra: str
) -> Reply:
    """The 200 of a flow with a user: access token, and id and refresh token where asked for.

    `extra`: `nonce` of the authorization request, `appidacr` of the client's credential.
    """
    values = in_token(asked, granted)
    lifetime = int(call.tenant.settings["tokenLifetime"])
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": " ".join(_scope_words(asked, values)),
        "expires_in": lifetime - 1,
        "ext_expires_in": lifetime - 1,
        "access_token": issue(call.tenant, _user_claims(call, client, user, asked, values, extra), call.now),
    }
    if "offline_access" in asked.oidc:
        body["refresh_token"] = _refresh_token(call, client, user, form)
    if "openid" in asked.oidc:
        body["id_token"] = _id_token(call, client, user, extra.get("nonce"))
    if form.get("client_info") == "1":
        body["client_info"] = b64url(msgspec.json.encode({"uid": user["id"], "utid": call.tenant.id}))
    return json_reply(body, 200, errors.HEADERS)


def application_token(call: Call, client: Client, asked: Asked, appidacr: str) -> Reply:
    """The 200 of client credentials: an access token with the application's roles, and nothing else."""
    assigned = call.tenant.assignments_of_principal(client.id)
    ids = {row["appRoleId"] for row in assigned if row["resourceId"] == asked.resource["id"]}
    if asked.resource["appRoleAssignmentRequired"] and not ids:
        raise errors.application_not_assigned(client.app_id, asked.resource["appId"])
    roles = [row["value"] for row in asked.resource["appRoles"] if row["id"] in ids and row["isEnabled"]]
    held = call.tenant.role_templates_of(client.id)
    claims: dict[str, Any] = {
        "aud": asked.audience,
        "app_displayname": client.name,
        "appid": client.app_id,
        "appidacr": appidacr,
        "idp": f"https://sts.windows.net/{call.tenant.id}/",
        "idtyp": "app",
        "oid": client.id,
        "sub": client.id,
        **({"roles": sorted(roles)} if roles else {}),
        "wids": held or [_DEFAULT_WID],
    }
    lifetime = int(call.tenant.settings["tokenLifetime"])
    body = {
        "token_type": "Bearer",
        "expires_in": lifetime - 1,
        "ext_expires_in": lifetime - 1,
        "access_token": issue(call.tenant, claims, call.now),
    }
    return json_reply(body, 200, errors.HEADERS)


def log_sign_in(call: Call, client: Object, user: Object, resource: Object | None, error: int, why: str | None) -> None:
    """Append an interactive or failed sign-in to the log."""
    id = call.tenant.new_guid()
    call.tenant.tables["signIns"][id] = sign_in_row(
        id,
        f"{call.now:%Y-%m-%dT%H:%M:%SZ}",
        user=user,
        client=client,
        resource=resource,
        error=error,
        reason=why,
        correlation=errors.correlation_id(call),
        address="203.0.113.20",
    )
    call.changed()


# The template id Entra puts into tokens of principals without any directory role.
_DEFAULT_WID = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"


def _is_assigned(call: Call, client: Client, user: dict[str, Any]) -> bool:
    holders = {user["id"], *call.tenant.groups_of(user["id"])}
    return any(row["principalId"] in holders for row in call.tenant.assignments_of_resource(client.id))


def _user_claims(
    call: Call, client: Client, user: dict[str, Any], asked: Asked, values: list[str], extra: dict[str, str]
) -> dict[str, Any]:
    return {
        "aud": asked.audience,
        "acct": 1 if user["userType"] == "Guest" else 0,
        "acr": "1",
        "amr": ["pwd", "mfa"],
        "app_displayname": client.name,
        "appid": client.app_id,
        "appidacr": extra.get("appidacr", "0"),
        "family_name": user["surname"] or "",
        "given_name": user["givenName"] or "",
        "idtyp": "user",
        "ipaddr": "203.0.113.20",
        "name": user["displayName"],
        "oid": user["id"],
        **_user_roles(call, user, asked),
        "scp": " ".join(values),
        "sub": _pairwise(user, asked.resource["appId"]),
        "unique_name": user["userPrincipalName"],
        "upn": user["userPrincipalName"],
        "wids": roles_in_force(call.tenant, user, call.now),
    }


def _user_roles(call: Call, user: dict[str, Any], asked: Asked) -> dict[str, list[str]]:
    holders = {user["id"], *call.tenant.groups_of(user["id"])}
    rows = call.tenant.assignments_of_resource(asked.resource["id"])
    ids = {row["appRoleId"] for row in rows if row["principalId"] in holders}
    roles = [row["value"] for row in asked.resource["appRoles"] if row["id"] in ids and row["value"]]
    return {"roles": roles} if roles else {}


def _scope_words(asked: Asked, values: list[str]) -> list[str]:
    """Permissions as the client spelled its request: after the resource's URI, or bare."""
    named = {value.casefold(): value for value in asked.values}
    spelled = [named.get(value.casefold(), value) for value in values]
    if not asked.named_by_uri:
        return [*spelled, *(asked.oidc - {"offline_access", *values})]
    qualified = [f"{asked.audience}/{value}" for value in spelled if value.lower() not in asked.oidc]
    echo = [f"{asked.audience}/{DEFAULT}"] if asked.is_default else []
    return [*sorted(asked.oidc - {"offline_access"}), *qualified, *echo]


def _refresh_token(call: Call, client: Client, user: dict[str, Any], form: Form) -> str:
    token = f"1.{b64url(call.tenant.new_bytes(96))}"
    moment = call.now.timestamp()
    call.tenant.tables["refreshTokens"][token] = {
        "appId": client.app_id,
        "userId": user["id"],
        "issued": moment,
        "used": moment,
        "scope": form.get("scope", ""),
    }
    call.changed()
    return token


def _id_token(call: Call, client: Client, user: dict[str, Any], nonce: str | None) -> str:
    moment = int(call.now.timestamp())
    claims = {
        "aud": client.app_id,
        "iss": f"{call.request.base}/{call.tenant.id}/v2.0",
        "iat": moment,
        "nbf": moment,
        "exp": moment + 3600,
        "name": user["displayName"],
        **({"nonce": nonce} if nonce else {}),
        "oid": user["id"],
        "preferred_username": user["userPrincipalName"],
        "sub": _pairwise(user, client.app_id),
        "tid": call.tenant.id,
        "uti": unique_id(),
        "ver": "2.0",
    }
    return sign(call.tenant, claims)


def _pairwise(user: dict[str, Any], app_id: str) -> str:
    return b64url(hashlib.sha256(f"{user['id']}/{app_id}".encode()).digest())
