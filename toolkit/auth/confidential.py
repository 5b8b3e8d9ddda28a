"""Signing in an application by its secret through msal itself.

azure-identity does the same by way of msal, but importing it costs 0.1 s more: it loads what certificates, managed
identities and developer tools need. A secret is what most pipelines have, and their every run pays.
"""

from __future__ import annotations

import time
from typing import Any

import msal
from azure.core.credentials import AccessToken


class ConfidentialClient:
    """azure.core's TokenCredential for a client id and secret; `options` are those of `methods`."""

    def __init__(self, tenant: str, client_id: str, secret: str, options: dict[str, Any]) -> None:
        authority = options["authority"]
        host = authority if "://" in authority else f"https://{authority}"
        # msal ships no types.
        self._app: Any = msal.ConfidentialClientApplication(
            client_id,
            authority=f"{host}/{tenant}",
            client_credential=secret,
            http_client=options["session"],
            instance_discovery=not options.get("disable_instance_discovery", False),
            client_capabilities=["CP1"],
        )

    def get_token(self, *scopes: str, claims: str | None = None, **_: Any) -> AccessToken:
        """A token; raises RefusedByPlatform with the platform's own text where it refuses."""
        asked = int(time.time())
        answer: dict[str, Any] = self._app.acquire_token_for_client(list(scopes), claims_challenge=claims)
        if "access_token" not in answer:
            raise RefusedByPlatform(str(answer.get("error_description") or answer.get("error") or "no reason given"))
        return AccessToken(answer["access_token"], asked + int(answer["expires_in"]))


class RefusedByPlatform(Exception):
    """The identity platform's refusal, with its AADSTS text."""
