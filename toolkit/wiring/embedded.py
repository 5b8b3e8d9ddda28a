"""The embedded tenant behind the three libraries' own seams: no socket, Microsoft's host names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from toolkit.auth.credential import LazyCredential
from toolkit.auth.embedded import sign_in
from toolkit.errors import BadUsage, ToolkitError
from toolkit.sandbox import SCENARIOS, FileStore, Sandbox, SandboxStateDamaged, build

if TYPE_CHECKING:
    import httpx

CLIENT_ID = "e0e0e0e0-0000-4000-8000-00000e117a51"
"""entrakit's own public client in the embedded tenant."""
DEFAULT_USER = "admin@contoso.example"
DEFAULT_SCENARIO = "contoso"


def sandbox_folder(state: Path) -> Path:
    """Where the embedded tenant and its token are kept."""
    return state / "sandbox"


def reset(state: Path, scenario: str) -> None:
    """Start the embedded tenant afresh. Raises BadUsage for an unknown scenario."""
    if scenario not in SCENARIOS:
        raise BadUsage(f"there is no scenario {scenario}", f"Scenarios: {', '.join(SCENARIOS)}.")
    for token in sandbox_folder(state).glob("token-*"):
        token.unlink(missing_ok=True)
    _store(state).replace(build(scenario, datetime.now(UTC)))


def _store(state: Path) -> FileStore:
    return FileStore(sandbox_folder(state) / "tenant.json", lambda: build(DEFAULT_SCENARIO, datetime.now(UTC)))


class Embedded:
    """One command's view of the embedded tenant; its state is a file that the next command finds again."""

    def __init__(self, state: Path, user: str | None) -> None:
        self._folder = sandbox_folder(state)
        self._user = user or DEFAULT_USER
        store = _store(state)
        try:
            self._tenant_id = store.reading().id
        except SandboxStateDamaged as damaged:
            raise ToolkitError(
                "the sandbox's state cannot be read", str(damaged), commands=("entrakit sandbox reset",)
            ) from damaged
        self._sandbox = Sandbox(store)

    def transport(self) -> httpx.AsyncBaseTransport:
        """httpx's door to the sandbox."""
        import httpx

        return httpx.ASGITransport(app=self._sandbox)  # pyright: ignore[reportArgumentType]

    def credential(self, login_host: str) -> LazyCredential:
        """A credential that signs the sandbox's person in through msal."""
        return LazyCredential(
            sign_in(
                client_id=CLIENT_ID,
                authority=f"https://{login_host}/{self._tenant_id}",
                http=MsalDoor(self._sandbox),
                approve=self._approve,
                kept=self._folder / f"token-{self._user.replace('@', '-at-')}.json",
            )
        )

    def _approve(self, user_code: str) -> None:
        body = json.dumps({"user_code": user_code, "user": self._user})
        answer = self._sandbox.handle(
            "POST",
            "https://login.microsoftonline.com/_sandbox/approve",
            {"content-type": "application/json"},
            body.encode(),
        )
        if answer.status >= 400:
            raise BadUsage(
                f"the sandbox has no user {self._user}",
                hint="unset ENTRAKIT_SANDBOX_USER, or name one of its users",
                commands=("entrakit roles holders --sandbox",),
            )

    def browse(self, url: str) -> bool:
        """Open a page of the embedded identity platform as its signed-in person, who accepts what it asks."""
        answer = self._sandbox.handle("GET", f"{url}&sandbox_user={self._user}")
        return answer.status < 400


class Answer:
    """A reply as msal wants to see it."""

    def __init__(self, status_code: int, text: str, headers: Mapping[str, str]) -> None:
        self.status_code = status_code
        self.text = text
        self.headers = headers

    def raise_for_status(self) -> None:
        """msal asks this of answers it does not read itself."""
        if self.status_code >= 400:
            raise RuntimeError(f"the sandbox answered {self.status_code}")


class MsalDoor:
    """msal's door to the sandbox, in place of requests.Session."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> Answer:
        if params:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
        return self._send("GET", url, headers, b"")

    def post(
        self, url: str, data: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> Answer:
        # msal hands over ints, and a certificate's assertion as bytes.
        form = {key: value.decode() if isinstance(value, bytes) else str(value) for key, value in (data or {}).items()}
        headers = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._send("POST", url, headers, urlencode(form).encode())

    def close(self) -> None:
        """Nothing is held open."""

    def _send(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes) -> Answer:
        reply = self._sandbox.handle(method, url, headers or {}, body)
        return Answer(reply.status, reply.body.decode("utf-8"), reply.headers)
