"""The embedded tenant behind sockets of this machine, and the settings that lead other programs to it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from toolkit.desk import Serve, ServedTenant
from toolkit.errors import BadUsage, ToolkitError
from toolkit.sandbox import MemoryStore, Sandbox, Store, Tenant, build
from toolkit.sandbox.serving import PortUnusable, Serving, serving
from toolkit.wiring.embedded import DEFAULT_SCENARIO, check_scenario, kept_tenant, look_at, sandbox_folder

_LOOK_UP_SECONDS = 0.5
"""Windows notices Ctrl-C only between two waits."""
_HERE = "localhost,127.0.0.1,::1"
_AUTHORITY_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


@contextmanager
def served(state: Path, ask: Serve) -> Generator[ServedTenant]:
    """Serve the embedded tenant until the block is left; raises as `EmbeddedTenant.serve` says."""
    if ask.port and ask.port == ask.proxy_port:
        raise BadUsage(f"port {ask.port} cannot be both --port and --proxy-port", hint="give two ports, or none")
    store = _store(state, ask)
    tenant = look_at(store)
    with ExitStack() as stack:
        until_stopped = stack.enter_context(_stoppable())
        where = _opened(stack, Sandbox(store), sandbox_folder(state), ask)
        origin, proxy = f"https://localhost:{where.port}", f"http://127.0.0.1:{where.proxy_port}"
        yield ServedTenant(
            origin=origin,
            proxy=proxy,
            scenario=tenant.scenario,
            environment=_environment(proxy, where.ca),
            direct={"AZURE_AUTHORITY_HOST": origin, "ENTRAKIT_GRAPH_ENDPOINT": f"{origin}/v1.0"},
            application=_application(tenant),
            until_stopped=until_stopped,
        )


def _store(state: Path, ask: Serve) -> Store:
    scenario = ask.scenario or DEFAULT_SCENARIO
    check_scenario(scenario)
    if ask.ephemeral:
        return MemoryStore(build(scenario, datetime.now(UTC)))
    kept = kept_tenant(state, scenario)
    if ask.scenario and kept.path.exists():
        raise BadUsage(
            f"cannot start the scenario {scenario}: an embedded tenant is kept already",
            "Starting another would forget what was changed in it.",
            hint="serve the scenario from memory, or start the kept tenant afresh and serve that",
            commands=(
                f"entrakit sandbox serve --scenario {scenario} --ephemeral",
                f"entrakit sandbox reset --scenario {scenario}",
            ),
        )
    return kept


def _opened(stack: ExitStack, sandbox: Sandbox, folder: Path, ask: Serve) -> Serving:
    try:
        return stack.enter_context(
            serving(sandbox, folder, datetime.now(UTC), port=ask.port, proxy_port=ask.proxy_port)
        )
    except PortUnusable as unusable:
        why = "Another program listens there." if unusable.is_taken else f"{unusable}."
        raise BadUsage(
            f"cannot listen on port {unusable.port}", why, hint="give another port, or none: a free one is chosen"
        ) from unusable
    except OSError as unusable:
        raise ToolkitError(
            "cannot keep the sandbox's certification authority",
            f"{folder} cannot be used: {unusable.strerror or unusable}.",
            hint="let ENTRAKIT_STATE name a folder that you may write to",
        ) from unusable


def _environment(proxy: str, ca: Path) -> dict[str, str]:
    """Lower case names too: where both are set, curl and requests obey those."""
    proxies = {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": _HERE, "no_proxy": _HERE}
    return {**proxies, **dict.fromkeys(_AUTHORITY_VARIABLES, str(ca.resolve()))}


def _application(tenant: Tenant) -> Mapping[str, str]:
    from toolkit.sandbox.scenarios.contoso_own import PIPELINE, PIPELINE_SECRET

    secrets = tenant.tables["secrets"].get(PIPELINE, {}).get("secrets", [])
    if not any(secret["value"] == PIPELINE_SECRET for secret in secrets):
        return {}
    return {"AZURE_TENANT_ID": tenant.id, "AZURE_CLIENT_ID": PIPELINE, "AZURE_CLIENT_SECRET": PIPELINE_SECRET}


@contextmanager
def _stoppable() -> Generator[Callable[[], None]]:
    """Gives a wait that ends with Ctrl-C, SIGTERM or, on Windows, Ctrl-Break; a second one ends the hard way."""
    stopped = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        stopped.set()
        signal.signal(number, before[number])

    def wait() -> None:
        while not stopped.wait(_LOOK_UP_SECONDS):
            pass

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # A shell that starts a program in the background lets it ignore Ctrl-C; that stays so.
    ours = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.getsignal(number) for number in ours}
    if threading.current_thread() is not threading.main_thread():
        before.clear()
    for number in before:
        signal.signal(number, stop)
    try:
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
