"""The composition root: from what was asked for to an open tenant; the only room that meets every adapter."""

from __future__ import annotations

import os
import re
import time
import webbrowser
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.console.progress import Progress
from toolkit.console.streams import Console
from toolkit.desk import Desk, Serve, ServedTenant, Tenant
from toolkit.errors import NoTenant
from toolkit.ports import Journal
from toolkit.settings import CLOUDS, Choice, Cloud, RealTenant, SandboxTenant, choose_tenant, load_profiles

if TYPE_CHECKING:
    import requests

    from toolkit.auth.credential import LazyCredential
    from toolkit.changes.carry_out import Carrier, Tell
    from toolkit.graph.client import GraphClient
    from toolkit.wiring.trust import Trust

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LEGACY = {"CLIENT_ID": "AZURE_CLIENT_ID", "CLIENT_SECRET": "AZURE_CLIENT_SECRET", "TENANT_ID": "AZURE_TENANT_ID"}


def state_folder(env: Mapping[str, str]) -> Path:
    """Where state lasts between commands: ENTRAKIT_STATE, or the platform's folder for the user's state."""
    if chosen := env.get("ENTRAKIT_STATE"):
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("entrakit", appauthor=False)


def config_file(env: Mapping[str, str]) -> Path:
    """The configuration file: ENTRAKIT_CONFIG, or the platform's folder for the user's settings."""
    if chosen := env.get("ENTRAKIT_CONFIG"):
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("entrakit", appauthor=False) / "config.toml"


def make_desk(choice: Choice, console: Console, env: Mapping[str, str] | None = None) -> Desk:
    """The desk of one command; no tenant is opened and nothing is sent until the command asks."""
    env = os.environ if env is None else env
    progress = Progress(console)

    def open_tenant(*, changing: bool = False) -> AbstractAsyncContextManager[Tenant]:
        profiles = load_profiles(config_file(env)) if choice.profile or env.get("ENTRAKIT_PROFILE") else {}
        match choose_tenant(choice, env, profiles):
            case None:
                raise no_tenant()
            case SandboxTenant() as embedded:
                opening = _open_embedded(embedded, env, console, progress)
            case RealTenant() as real:
                opening = _open_real(real, env, console, progress, changing=changing)
        return _watched(opening, progress)

    return Desk(
        console=console,
        choice=choice,
        clock=lambda: datetime.now(UTC),
        progress=lambda: progress,
        open_tenant=open_tenant,
        journal=lambda: _journal(env),
        embedded=EmbeddedControl(env),
    )


class EmbeddedControl:
    """The desk's handle on the embedded tenant; loads it only when asked."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    @property
    def folder(self) -> Path:
        from toolkit.wiring.embedded import sandbox_folder

        return sandbox_folder(state_folder(self._env))

    def scenarios(self) -> Mapping[str, str]:
        from toolkit.wiring.embedded import SCENARIOS

        return SCENARIOS

    def reset(self, scenario: str) -> None:
        from toolkit.wiring.embedded import reset

        reset(state_folder(self._env), scenario)

    def serve(self, ask: Serve) -> AbstractContextManager[ServedTenant]:
        from toolkit.wiring.served import served

        return served(state_folder(self._env), ask)


@asynccontextmanager
async def _watched(opening: AbstractAsyncContextManager[Tenant], progress: Progress) -> AsyncGenerator[Tenant]:
    with progress:
        async with opening as tenant:
            yield tenant


def no_tenant() -> NoTenant:
    """The error of a command that was not told which tenant to look at."""
    return NoTenant(
        "no tenant is chosen",
        "entrakit never guesses which tenant to look at, and never falls back to the sandbox.",
        hint="name a tenant and sign in, or try the embedded sandbox",
        commands=(
            "entrakit apps list --tenant contoso.onmicrosoft.com --sign-in device-code",
            "entrakit apps list --sandbox",
        ),
    )


@asynccontextmanager
async def _open_embedded(
    chosen: SandboxTenant, env: Mapping[str, str], console: Console, progress: Progress
) -> AsyncGenerator[Tenant]:
    from toolkit.graph.client import GraphClient
    from toolkit.wiring.embedded import Embedded

    console.say("sandbox: this is the embedded tenant, not a real one")
    embedded = Embedded(state_folder(env), chosen)
    cloud = CLOUDS["global"]
    credential = embedded.credential(cloud, env)
    async with GraphClient(
        endpoint=f"https://{cloud.graph_host}/v1.0",
        scopes=[cloud.scope],
        credential=credential,
        on_wait=_tell_wait(progress),
        transport=embedded.transport(),
    ) as client:
        yield _tenant(client, credential, cloud, env, is_sandbox=True, browse=embedded.browse, asked_as="sandbox")


@asynccontextmanager
async def _open_real(
    chosen: RealTenant, env: Mapping[str, str], console: Console, progress: Progress, *, changing: bool
) -> AsyncGenerator[Tenant]:
    from toolkit.auth.credential import LazyCredential
    from toolkit.auth.methods import sign_in
    from toolkit.graph.client import GraphClient
    from toolkit.wiring.trust import trust_of

    _note_legacy_names(chosen, env, console)
    trust = trust_of(env)
    acquire = sign_in(chosen, env, _show_code(console), lambda: _session(trust), changing=changing)
    credential = LazyCredential(acquire, time.time)
    async with GraphClient(
        endpoint=chosen.graph_endpoint or f"https://{chosen.cloud.graph_host}/v1.0",
        scopes=[chosen.cloud.scope],
        credential=credential,
        on_wait=_tell_wait(progress),
        trust=trust() if trust else None,
    ) as client:
        yield _tenant(
            client, credential, chosen.cloud, env, is_sandbox=False, browse=webbrowser.open, asked_as=chosen.tenant
        )


def _session(trust: Trust | None) -> requests.Session:
    # requests is loaded only where a token must be asked for.
    from toolkit.auth.session import trusting

    return trusting(trust)


def _tenant(
    client: GraphClient,
    credential: LazyCredential,
    cloud: Cloud,
    env: Mapping[str, str],
    *,
    is_sandbox: bool,
    browse: Callable[[str], bool],
    asked_as: str,
) -> Tenant:
    from toolkit.graph.roles import GraphDirectory

    async def tenant_id() -> str | None:
        return await credential.claim(cloud.scope, "tid") or (asked_as if GUID.fullmatch(asked_as) else None)

    directory = GraphDirectory(client, tenant_id)

    def carrier(tell: Tell) -> Carrier:
        from toolkit.changes.carry_out import Carrier
        from toolkit.graph.writer import GraphWriter

        return Carrier(directory, GraphWriter(client), _journal(env), lambda: datetime.now(UTC), tell)

    async def signed_in_app() -> str | None:
        return await credential.claim(cloud.scope, "appid", "azp")

    return Tenant(directory, cloud, is_sandbox, browse, asked_as, signed_in_app, carrier)


def _journal(env: Mapping[str, str]) -> Journal:
    from toolkit.storage.journal import open_journal

    return open_journal(state_folder(env))


def _tell_wait(progress: Progress) -> Callable[[float, str], None]:
    return lambda seconds, why: progress.note("waiting", f"{why}; again in {seconds:.0f} s")


def _show_code(console: Console) -> Callable[[str, str], None]:
    return lambda url, code: console.say(f"To sign in, open {url} and enter the code {code}")


def _note_legacy_names(chosen: RealTenant, env: Mapping[str, str], console: Console) -> None:
    """Say which of the old names was really used; one that an option outranked is nobody's business."""
    used = {"CLIENT_ID": chosen.client_id, "TENANT_ID": chosen.tenant}
    if chosen.method == "client-secret":
        used["CLIENT_SECRET"] = env.get("CLIENT_SECRET")
    for legacy, value in used.items():
        if value and env.get(legacy, "").strip() == value.strip() and not env.get(LEGACY[legacy]):
            console.say(f"note: {legacy} is used; its standard name is {LEGACY[legacy]}")
