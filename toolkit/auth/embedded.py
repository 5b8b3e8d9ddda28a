"""Signing in to the embedded tenant: the device code flow of the real msal, approved by the sandbox's own person."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolkit.auth.credential import SPARE_SECONDS, Acquire, Token
from toolkit.errors import SignInFailed


def sign_in(
    *, client_id: str, authority: str, http: Callable[[], Any], approve: Callable[[str], None], kept: Path
) -> Acquire:
    """Tokens of the embedded tenant; `approve(user_code)` is the person who types the code, `http()` msal's client.

    The access token is kept in the file `kept`, beside the sandbox's state: it opens nothing but that sandbox, and
    keeping it spares every command the import of msal. Raises SignInFailed with the platform's AADSTS code.
    """

    def acquire(scopes: tuple[str, ...], claims: str | None) -> Token:
        if claims is None and (token := _kept(kept)):
            return token
        token = _device_code(client_id, authority, http(), approve, list(scopes))
        _keep(kept, token)
        return token

    return acquire


def _device_code(client_id: str, authority: str, http: Any, approve: Callable[[str], None], scopes: list[str]) -> Token:
    import msal

    # msal ships no types.
    app: Any = msal.PublicClientApplication(client_id, authority=authority, http_client=http)
    flow: dict[str, Any] = app.initiate_device_flow(scopes)
    if "user_code" not in flow:
        raise _refused(flow)
    approve(flow["user_code"])
    answer: dict[str, Any] = app.acquire_token_by_device_flow(flow)
    if "access_token" not in answer:
        raise _refused(answer)
    return Token(answer["access_token"], int(time.time()) + int(answer["expires_in"]))


def _refused(answer: dict[str, Any]) -> SignInFailed:
    text = str(answer.get("error_description") or answer.get("error") or "no reason given").splitlines()[0]
    codes: list[int] = answer.get("error_codes") or []
    return SignInFailed("cannot sign in to the sandbox", text, code=codes[0] if codes else None)


def _kept(path: Path) -> Token | None:
    try:
        kept = json.loads(path.read_bytes())
        token = Token(kept["secret"], kept["expires_on"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return token if token.expires_on - time.time() > SPARE_SECONDS else None


def _keep(path: Path, token: Token) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"secret": token.secret, "expires_on": token.expires_on}, file)
    fresh.replace(path)
