"""A tenant, its administrator and a carrier in one process: no command line, no socket, no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from azure.core.credentials import AccessToken

from tests.sandbox.asking_graph import EVERYTHING, GLOBAL_ADMINISTRATOR
from toolkit.changes.carry_out import Carrier
from toolkit.domain.changes import Change
from toolkit.domain.journal import Began, Event, run_of
from toolkit.domain.plans import Mark, Plan, Run, Step
from toolkit.errors import NotFound
from toolkit.graph.client import GraphClient
from toolkit.graph.roles import GraphDirectory
from toolkit.graph.writer import GraphWriter
from toolkit.ports import DirectoryReader, DirectoryWriter, Journal
from toolkit.sandbox import MemoryStore, Sandbox, Store, Tenant, build, tokens
from toolkit.sandbox.scenarios.contoso_people import ADMIN, person
from toolkit.services.change_apps import plan_delete, plan_restore, plan_sign_in
from toolkit.services.change_consent import GrantConsent, Granted, RevokeConsent, plan_grant, plan_revoke
from toolkit.services.planning import Occasion
from toolkit.services.undo import plan_undo

Value = TypeVar("Value")
MOMENT = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
CONTOSO = build("contoso", MOMENT).to_json()
EXCHANGE = "Office 365 Exchange Online"
GRAPH = "Microsoft Graph"
State = dict[str, frozenset[Any]]
Meddle = Callable[[int, httpx.Request], object]


def contoso() -> Tenant:
    """A fresh copy of the scenario."""
    return Tenant.from_json(CONTOSO)


class MemoryJournal:
    """The journal as a list for each run."""

    def __init__(self) -> None:
        self.events: dict[str, list[Event]] = {}

    def begin(self, began: Began) -> str:
        run_id = f"run-{len(self.events) + 1}"
        self.events[run_id] = [began]
        return run_id

    def append(self, run_id: str, told: Event) -> None:
        if run_id not in self.events:
            raise NotFound(f"there is no run {run_id}")
        self.events[run_id].append(told)

    def run(self, run_id: str) -> Run:
        return run_of(run_id, self.events[run_id])

    def runs(self, tenant_id: str | None = None) -> Sequence[Run]:
        return [self.run(run_id) for run_id in reversed(self.events)]


class Wire(httpx.AsyncBaseTransport):
    """The line to the sandbox. A test may meddle before a write gets through, or before its answer comes back.

    With `lag`, so many reads after each write still show what was before. A `cut` line carries nothing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = _door(store)
        self._before = self._now
        self._behind = 0
        self.lag = 0
        self.cut = False
        self.writes: list[str] = []
        self.before: Meddle = lambda number, request: None
        self.after: Meddle = lambda number, request: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("no route to host", request=request)
        if request.method == "GET" or request.url.path.endswith("getByIds"):
            self._behind -= 1
            return await (self._before if self._behind >= 0 else self._now).handle_async_request(request)
        self.writes.append(f"{request.method} {request.url.path.removeprefix('/v1.0')}")
        number = len(self.writes)
        self.before(number, request)
        if self.lag:
            self._before, self._behind = _door(MemoryStore(_copy(self._store.reading()))), self.lag
        answer = await self._now.handle_async_request(request)
        self.after(number, request)
        return answer

    def catch_up(self) -> None:
        """All replicas agree again."""
        self._behind = 0


def _door(store: Store) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=Sandbox(store, now=lambda: MOMENT))


def _copy(tenant: Tenant) -> Tenant:
    return Tenant.from_json(tenant.to_json())


class AdminCredential:
    """The administrator's token; azure.core's AsyncTokenCredential."""

    def __init__(self, tenant: Tenant) -> None:
        oid = person(ADMIN)
        claims = {"scp": EVERYTHING, "idtyp": "user", "oid": oid, "upn": ADMIN, "wids": [GLOBAL_ADMINISTRATOR]}
        audience = {"aud": "https://graph.microsoft.com", "appid": "app"}
        self._token = tokens.issue(tenant, {**audience, **claims}, MOMENT)

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, 4_000_000_000)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


class Stage:
    """Plans are made with the services and carried out through the real client, in simulated time."""

    def __init__(self, tenant: Tenant | None = None, journal: Journal | None = None) -> None:
        self.tenant = tenant or contoso()
        self.store: Store = MemoryStore(self.tenant)
        self.now = MOMENT
        self.waited: list[float] = []
        self.told: list[tuple[int, Mark]] = []
        self.journal: Journal = journal or MemoryJournal()
        self.wire = Wire(self.store)
        self.client = GraphClient(
            endpoint="https://graph.microsoft.com/v1.0",
            scopes=["https://graph.microsoft.com/.default"],
            credential=AdminCredential(self.tenant),
            on_wait=lambda seconds, why: None,
            transport=self.wire,
        )
        self.directory: DirectoryReader = GraphDirectory(self.client)
        self.writer: DirectoryWriter = GraphWriter(self.client)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self.client.__aexit__(None, None, None))
        self._runner.close()

    def await_(self, work: Coroutine[Any, Any, Value]) -> Value:
        """What the coroutine gives."""
        return self._runner.run(work)

    # Planning

    @property
    def occasion(self) -> Occasion:
        self.now += timedelta(seconds=1)
        return Occasion(command="entrakit test", now=self.now, signed_in_app=None)

    def enable(self, app: str, enable: bool = True) -> Plan:
        return self.await_(plan_sign_in(self.directory, app, self.occasion, enable=enable))

    def delete(self, app: str) -> Plan:
        return self.await_(plan_delete(self.directory, app, self.occasion))

    def restore(self, app: str) -> Plan:
        return self.await_(plan_restore(self.directory, app, self.occasion))

    def revoke(self, app: str, **chosen: Any) -> Plan:
        return self.await_(plan_revoke(self.directory, RevokeConsent(app=app, **chosen), self.occasion))

    def grant(self, app: str, *permissions: Granted) -> Plan:
        return self.await_(plan_grant(self.directory, GrantConsent(app=app, permissions=permissions), self.occasion))

    def undo_plan(self, run_id: str) -> Plan:
        runs = self.journal.runs()
        later = runs[: [run.id for run in runs].index(run_id)]
        return self.await_(plan_undo(self.directory, self.journal.run(run_id), later, self.occasion))

    # Carrying out

    def carrier(self) -> Carrier:
        def tell(number: int, step: Step, mark: Mark) -> None:
            self.told.append((number, mark))

        return Carrier(self.directory, self.writer, self.journal, lambda: self.now, tell, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.waited.append(seconds)

    def do(self, plan: Plan) -> Run:
        """Check and carry out, as a command does."""

        async def done() -> Run:
            carrier = self.carrier()
            if not await carrier.check_fresh(plan):
                return carrier.settle(plan)
            return await carrier.carry_out(plan)

        return self.await_(done())

    def undo(self, run: Run | str) -> Run:
        return self.do(self.undo_plan(run if isinstance(run, str) else run.id))

    def last_run(self) -> Run:
        return self.journal.runs()[0]

    # Looking

    def state(self) -> State:
        return state_of(self.tenant)

    def app(self, name: str) -> dict[str, Any]:
        """The one service principal of this name."""
        (found,) = [app for app in self.tenant.tables["servicePrincipals"].values() if app["displayName"] == name]
        return found

    def rows(self, table: str, **fields: object) -> list[dict[str, Any]]:
        """The rows of a table in which all these fields are so."""
        return [r for r in self.tenant.tables[table].values() if all(r.get(k) == v for k, v in fields.items())]


def state_of(tenant: Tenant) -> State:
    """All that plans change, without the ids that re-creation changes and the order that means nothing."""
    tables = tenant.tables
    grants = tables["oauth2PermissionGrants"].values()
    roles = tables["appRoleAssignments"].values()
    return {
        "applications": frozenset(
            (app["id"], app["appId"], app["accountEnabled"]) for app in tables["servicePrincipals"].values()
        ),
        "grants": frozenset(
            (g["clientId"], g["resourceId"], g["principalId"], frozenset((g["scope"] or "").lower().split()))
            for g in grants
        ),
        "roles": frozenset((r["principalId"], r["resourceId"], r["appRoleId"]) for r in roles),
        "owners": frozenset((owned, owner) for owned, row in tables["owners"].items() for owner in row["ids"]),
    }


class Watched:
    """A writer that tells what it is about to send."""

    def __init__(self, inner: DirectoryWriter, watch: Callable[[Change], Awaitable[None] | None]) -> None:
        self._inner = inner
        self._watch = watch

    async def write(self, change: Change) -> None:
        waiting = self._watch(change)
        if waiting is not None:
            await waiting
        await self._inner.write(change)
