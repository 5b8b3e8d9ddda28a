"""The one credential Graph's client is given: silent until a token is needed, and signing in once."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from azure.core.credentials import AccessToken

SPARE_SECONDS = 300
"""A token about to expire is not used: it must outlive the request it is sent with."""


class Token(NamedTuple):
    """An access token and the second (Unix time) at which it stops working."""

    secret: str
    expires_on: int

    def __repr__(self) -> str:
        return f"Token(•••, expires_on={self.expires_on})"


Acquire = Callable[[tuple[str, ...], str | None], Token]
"""Blocking: scopes and a claims challenge in, a token out. Raises SignInFailed or Unreachable."""


def claims_of(token: str) -> dict[str, object]:
    """What an access token says, unchecked; empty where it cannot be read."""
    try:
        body = token.split(".")[1]
        claims: object = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return cast("dict[str, object]", claims) if isinstance(claims, dict) else {}


class LazyCredential:
    """azure.core's AsyncTokenCredential over any way to sign in.

    The blocking sign-in runs in a thread, so it never holds up the event loop; parallel requests share one sign-in.
    """

    def __init__(self, acquire: Acquire, now: Callable[[], float] = time.time) -> None:
        self._acquire = acquire
        self._now = now
        self._token: Token | None = None
        self._met: str | None = None
        self._turn = asyncio.Lock()

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **_: Any,
    ) -> AccessToken:
        """A token for the scopes; a claims challenge asks for a fresh one, once for all who met the same challenge."""
        async with self._turn:
            token = self._token
            unmet = claims is not None and claims != self._met
            if token is None or unmet or token.expires_on - self._now() < SPARE_SECONDS:
                token = await asyncio.to_thread(self._acquire, scopes, claims)
                self._token, self._met = token, claims or self._met
        return AccessToken(token.secret, token.expires_on)

    async def claim(self, scope: str, *names: str) -> str | None:
        """The first of these claims that the access token carries; None where it has none or cannot be read.

        Only for telling and guarding: what a caller may do is the service's to decide. Raises what signing in raises.
        """
        claims = claims_of((await self.get_token(scope)).token)
        return next((str(claims[name]) for name in names if claims.get(name)), None)

    async def close(self) -> None:
        """Nothing is held open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()
