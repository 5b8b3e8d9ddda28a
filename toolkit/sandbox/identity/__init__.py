"""The Microsoft identity platform of the sandbox tenant: discovery, sign-in, tokens, consent."""

from __future__ import annotations

from collections.abc import Callable

from toolkit.sandbox.http import Reply
from toolkit.sandbox.identity import admin_consent, authorize, device_code, discovery, token
from toolkit.sandbox.identity.errors import SignInError, error_reply
from toolkit.sandbox.routing import Call, Router

__all__ = ["router"]

_ROUTES: tuple[tuple[str, str, Callable[..., Reply]], ...] = (
    ("GET", "/common/discovery/instance", discovery.instances),
    ("GET", "/{tenant}/v2.0/.well-known/openid-configuration", discovery.openid_configuration),
    ("GET", "/{tenant}/.well-known/openid-configuration", discovery.openid_configuration),
    ("GET", "/{tenant}/discovery/v2.0/keys", discovery.keys),
    ("GET", "/{tenant}/discovery/keys", discovery.keys),
    ("POST", "/{tenant}/oauth2/v2.0/devicecode", device_code.ask),
    ("GET", "/devicelogin", device_code.page),
    ("POST", "/devicelogin", device_code.page_sent),
    ("GET", "/{tenant}/oauth2/v2.0/authorize", authorize.authorize),
    ("GET", "/{tenant}/oauth2/v2.0/logout", authorize.logout),
    ("POST", "/{tenant}/oauth2/v2.0/token", token.token),
    ("POST", "/{tenant}/oauth2/token", token.token),
    ("GET", "/{tenant}/adminconsent", admin_consent.first_version),
    ("GET", "/{tenant}/v2.0/adminconsent", admin_consent.second_version),
)


def _answering(handler: Callable[..., Reply]) -> Callable[..., Reply]:
    """`handler`, with its refusals as replies."""

    def answer(call: Call, **parameters: str) -> Reply:
        try:
            reply = handler(call, **parameters)
        except SignInError as refused:
            reply = error_reply(call, refused)
        reply.headers["x-ms-request-id"] = call.request_id
        reply.headers["client-request-id"] = call.request.headers.get("client-request-id", call.request_id)
        return reply

    return answer


router = Router()
for _method, _template, _handler in _ROUTES:
    router.add(_method, _template, _answering(_handler))
