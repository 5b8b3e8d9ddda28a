"""What the sign-in service refuses, with the numbers and the body clients know.

Numbers: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import re
from typing import Any

from toolkit.sandbox.http import Reply, json_reply
from toolkit.sandbox.routing import Call

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

HEADERS = {
    "Cache-Control": "no-store, no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "Content-Type": "application/json; charset=utf-8",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "P3P": 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
    "x-ms-ests-server": "2.1.0 - sandbox",
}


class SignInError(Exception):
    """A refusal: its AADSTS number, OAuth error value, HTTP status and, where one was involved, the user."""

    def __init__(self, number: int, error: str, text: str, *, status: int = 400, suberror: str | None = None) -> None:
        super().__init__(f"AADSTS{number}: {text}")
        self.number = number
        self.error = error
        self.text = text
        self.status = status
        self.suberror = suberror
        self.user: dict[str, Any] | None = None

    def met_by(self, user: dict[str, Any]) -> SignInError:
        """The same refusal, known to have met `user`."""
        self.user = user
        return self


def error_reply(call: Call, refused: SignInError) -> Reply:
    """The token endpoint's answer to a refusal."""
    return json_reply(error_body(call, refused), refused.status, HEADERS)


def error_body(call: Call, refused: SignInError) -> dict[str, Any]:
    """The JSON of a refusal: https://learn.microsoft.com/entra/identity-platform/reference-error-codes."""
    moment = f"{call.now:%Y-%m-%d %H:%M:%SZ}"
    correlation = correlation_id(call)
    body: dict[str, Any] = {
        "error": refused.error,
        "error_description": f"{description(call, refused)}",
        "error_codes": [refused.number],
        "timestamp": moment,
        "trace_id": call.request_id,
        "correlation_id": correlation,
        "error_uri": f"{call.request.base}/error?code={refused.number}",
    }
    if refused.suberror:
        body["suberror"] = refused.suberror
    return body


def description(call: Call, refused: SignInError) -> str:
    """`error_description`: number, text and the ids a support case would ask for."""
    return (
        f"AADSTS{refused.number}: {refused.text}\r\nTrace ID: {call.request_id}\r\n"
        f"Correlation ID: {correlation_id(call)}\r\nTimestamp: {call.now:%Y-%m-%d %H:%M:%SZ}"
    )


def correlation_id(call: Call) -> str:
    """The client's own request id where it sent one, else ours."""
    sent = call.request.headers.get("client-request-id", "")
    return sent if _GUID.fullmatch(sent) else call.request_id


def unknown_tenant(name: str, error: str = "invalid_request") -> SignInError:
    return SignInError(
        90002,
        error,
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud.",
    )


def unknown_instance() -> SignInError:
    return SignInError(50049, "invalid_instance", "Unknown or invalid instance.")


def missing_parameter(name: str) -> SignInError:
    return SignInError(900144, "invalid_request", f"The request body must contain the following parameter: '{name}'.")


def unsupported_grant(grant: str) -> SignInError:
    return SignInError(70003, "unsupported_grant_type", f"The app requested an unsupported grant type '{grant}'.")


def not_over_common() -> SignInError:
    return SignInError(
        9001023,
        "invalid_request",
        "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or "
        "tenant-specific endpoint.",
    )


def unknown_application(app_id: str, directory: str) -> SignInError:
    return SignInError(
        700016,
        "unauthorized_client",
        f"Application with identifier '{app_id}' was not found in the directory '{directory}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    )


def disabled_application(app_id: str, name: str) -> SignInError:
    return SignInError(7000112, "unauthorized_client", f"Application '{app_id}'({name}) is disabled.")


def bad_secret(app_id: str) -> SignInError:
    return SignInError(
        7000215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        f"the client secret ID, for a secret added to app '{app_id}'.",
        status=401,
    )


def expired_secret(app_id: str) -> SignInError:
    return SignInError(
        7000222,
        "invalid_client",
        f"The provided client secret keys for app '{app_id}' are expired. Create new keys for your app, or consider "
        "using certificate credentials for added security: https://aka.ms/certCreds.",
        status=401,
    )


def bad_assertion(why: str, number: int = 700027) -> SignInError:
    return SignInError(number, "invalid_client", why, status=401)


def no_credential() -> SignInError:
    return SignInError(
        7000218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        status=401,
    )


def bad_scope(scope: str) -> SignInError:
    return SignInError(
        70011,
        "invalid_scope",
        f"The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
    )


def unknown_resource(name: str, directory: str) -> SignInError:
    return SignInError(
        500011,
        "invalid_resource",
        f"The resource principal named {name} was not found in the tenant named {directory}. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You might have sent your authentication request to the wrong tenant.",
    )


def disabled_resource(name: str) -> SignInError:
    return SignInError(500014, "invalid_resource", f"The service principal for resource '{name}' is disabled.")


def consent_missing(app_id: str, name: str) -> SignInError:
    return SignInError(
        65001,
        "invalid_grant",
        f"The user or administrator has not consented to use the application with ID '{app_id}' named '{name}'. Send "
        "an interactive authorization request for this user and resource.",
        suberror="consent_required",
    )


def consent_needs_admin(name: str) -> SignInError:
    return SignInError(90094, "access_denied", f"An administrator must grant the permissions '{name}' asks for.")


def consent_declined() -> SignInError:
    return SignInError(65004, "consent_required", "The resource owner or authorization server denied the request.")


def not_assigned(user: str, app_id: str, name: str) -> SignInError:
    return SignInError(
        50105,
        "invalid_grant",
        f"The signed in user '{user}' is not assigned to a role for the application '{app_id}'({name}).",
    )


def application_not_assigned(app_id: str, resource: str) -> SignInError:
    return SignInError(
        501051, "invalid_grant", f"Application '{app_id}' is not assigned to a role for the application '{resource}'."
    )


def unknown_user(name: str, directory: str) -> SignInError:
    return SignInError(50034, "invalid_grant", f"The user account {name} does not exist in the {directory} directory.")


def disabled_user() -> SignInError:
    return SignInError(50057, "invalid_grant", "The user account is disabled.")


def login_required() -> SignInError:
    return SignInError(50058, "login_required", "Session information is not sufficient for single-sign-on.")


def bad_reply_address(app_id: str, address: str) -> SignInError:
    return SignInError(
        50011,
        "invalid_request",
        f"The redirect URI '{address}' specified in the request does not match the redirect URIs configured for the "
        f"application '{app_id}'.",
    )


def device_code_pending() -> SignInError:
    return SignInError(
        70016,
        "authorization_pending",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    )


def device_code_declined() -> SignInError:
    return SignInError(70017, "authorization_declined", "OAuth 2.0 device flow error. The end user denied it.")


def device_code_unknown() -> SignInError:
    return SignInError(70018, "bad_verification_code", "Invalid verification code.")


def device_code_expired() -> SignInError:
    return SignInError(
        70020,
        "expired_token",
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
    )


def code_unknown() -> SignInError:
    return SignInError(9002313, "invalid_grant", "Invalid request. Request is malformed or invalid.")


def code_redeemed() -> SignInError:
    return SignInError(
        54005,
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing "
        "refresh token.",
    )


def code_expired() -> SignInError:
    return SignInError(70008, "invalid_grant", "The provided authorization code or refresh token has expired.")


def wrong_verifier() -> SignInError:
    return SignInError(
        501481,
        "invalid_grant",
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    )


def refresh_token_foreign() -> SignInError:
    return SignInError(70000, "invalid_grant", "Provided grant is invalid or malformed.")


def refresh_token_inactive(issued: str, idle: str) -> SignInError:
    return SignInError(
        700082,
        "invalid_grant",
        f"The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for "
        f"{idle}.",
    )


def refresh_token_revoked(issued: str, valid_from: str) -> SignInError:
    return SignInError(
        50173,
        "invalid_grant",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have "
        f"changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before "
        f"which tokens are not valid) for this user is '{valid_from}'.",
        suberror="bad_token",
    )
