"""What a command is handed: the tenant to read, the terminal to talk to, the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from toolkit.console.streams import Console
from toolkit.ports import Clock, DirectoryReader, Journal, Progress
from toolkit.settings import Choice, Cloud

if TYPE_CHECKING:
    from toolkit.changes.carry_out import Carrier, Tell


@dataclass(frozen=True)
class Tenant:
    """One tenant that is open for reading.

    `browse` opens an address in a browser (in the sandbox, as its person) and tells whether it could; `asked_as` is
    how the person named the tenant; `signed_in_app` gives the appId that the access token was issued to.
    """

    directory: DirectoryReader
    cloud: Cloud
    is_sandbox: bool
    browse: Callable[[str], bool]
    asked_as: str
    signed_in_app: Callable[[], Awaitable[str | None]]
    carrier: Callable[[Tell], Carrier]


@dataclass(frozen=True)
class Serve:
    """How to serve the embedded tenant to other programs; `ephemeral` forgets it afterwards, port 0 is a free one."""

    scenario: str | None = None
    ephemeral: bool = False
    port: int = 0
    proxy_port: int = 0


@dataclass(frozen=True)
class ServedTenant:
    """The embedded tenant as it is being served.

    `environment` points any program at it, `direct` those that can be told to use `origin`; `application` is one to
    sign in as, empty where the tenant has none that is known. `until_stopped` waits for Ctrl-C or a request to end.
    """

    origin: str
    proxy: str
    scenario: str
    environment: Mapping[str, str]
    direct: Mapping[str, str]
    application: Mapping[str, str]
    until_stopped: Callable[[], None]


class EmbeddedTenant(Protocol):
    """The embedded tenant from outside: where it is kept, what it can be, starting afresh."""

    @property
    def folder(self) -> Path:
        """Where its state lasts between commands."""
        ...

    def scenarios(self) -> Mapping[str, str]:
        """Scenarios by name, with a line about each."""
        ...

    def reset(self, scenario: str) -> None:
        """Start afresh. Raises BadUsage for an unknown scenario."""
        ...

    def serve(self, ask: Serve) -> AbstractContextManager[ServedTenant]:
        """Serve it over TLS on this machine while the block lasts.

        Raises BadUsage for a port that cannot be used and for a scenario that would cost what is kept.
        """
        ...


class OpenTenant(Protocol):
    """Opens the tenant that was named; `changing` asks for permissions to write as well. Raises NoTenant."""

    def __call__(self, *, changing: bool = False) -> AbstractAsyncContextManager[Tenant]: ...


@dataclass(frozen=True)
class Desk:
    """Handed to every command by the composition root; `open_tenant` raises NoTenant where none was named."""

    console: Console
    choice: Choice
    clock: Clock
    progress: Callable[[], Progress]
    open_tenant: OpenTenant
    journal: Callable[[], Journal]
    embedded: EmbeddedTenant
