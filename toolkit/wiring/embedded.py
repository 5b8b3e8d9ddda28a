"""The embedded tenant behind the three libraries' own seams: no socket, Microsoft's host names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.auth.credential import Acquire, LazyCredential
from toolkit.auth.embedded import sign_in
from toolkit.errors import BadUsage, ToolkitError
from toolkit.sandbox import SCENARIOS, FileStore, Sandbox, SandboxStateDamaged, Store, Tenant, build
from toolkit.settings import Cloud, Method, RealTenant, SandboxTenant

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
    check_scenario(scenario)
    for token in sandbox_folder(state).glob("token-*"):
        token.unlink(missing_ok=True)
    kept_tenant(state).replace(build(scenario, datetime.now(UTC)))


def check_scenario(scenario: str) -> None:
    """Raises BadUsage for an unknown scenario."""
    if scenario not in SCENARIOS:
        raise BadUsage(f"there is no scenario {scenario}", f"Scenarios: {', '.join(SCENARIOS)}.")


def kept_tenant(state: Path, scenario: str = DEFAULT_SCENARIO) -> FileStore:
    """The embedded tenant that lasts between commands; where there is none yet, one of `scenario` is made."""
    return FileStore(sandbox_folder(state) / "tenant.json", lambda: build(scenario, datetime.now(UTC)))


def look_at(store: Store) -> Tenant:
    """The tenant in `store`. Raises ToolkitError, with the way out, where its file is damaged."""
    try:
        return store.reading()
    except SandboxStateDamaged as damaged:
        raise ToolkitError(
            "the sandbox's state cannot be read", str(damaged), commands=("entrakit sandbox reset",)
        ) from damaged


class Embedded:
    """One command's view of the embedded tenant; its state is a file that the next command finds again."""

    def __init__(self, state: Path, chosen: SandboxTenant) -> None:
        self._folder = sandbox_folder(state)
        self._chosen = chosen
        self._user = chosen.user or DEFAULT_USER
        store = kept_tenant(state)
        self._tenant_id = look_at(store).id
        self._sandbox = Sandbox(store)

    def transport(self) -> httpx.AsyncBaseTransport:
        """httpx's door to the sandbox."""
        import httpx

        return httpx.ASGITransport(app=self._sandbox)  # pyright: ignore[reportArgumentType]

    def credential(self, cloud: Cloud, env: Mapping[str, str]) -> LazyCredential:
        """A credential that signs the sandbox's person in through msal, or an application through azure-identity."""
        if self._chosen.sign_in is not None:
            return LazyCredential(self._application(self._chosen.sign_in, cloud, env))
        return LazyCredential(
            sign_in(
                client_id=CLIENT_ID,
                authority=f"https://{cloud.login_host}/{self._tenant_id}",
                http=lambda: _session(self._sandbox),
                approve=self._approve,
                kept=self._folder / f"token-{self._user.replace('@', '-at-')}.json",
            )
        )

    def _application(self, method: Method, cloud: Cloud, env: Mapping[str, str]) -> Acquire:
        from toolkit.auth import methods

        here = RealTenant(tenant=self._tenant_id, cloud=cloud, method=method, client_id=self._chosen.client_id)
        return methods.sign_in(
            here, env, lambda _url, code: self._approve(code), lambda: _session(self._sandbox), light=False
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


def _session(sandbox: Sandbox) -> Any:
    # requests is loaded only where a token must be asked for.
    from toolkit.auth.door import session_over

    return session_over(sandbox.handle)
