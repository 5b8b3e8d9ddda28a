"""The journal of runs in a database: append-only, on disk before a write is sent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, Text, create_engine, event, insert, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from toolkit.domain.journal import Began, Event, run_of
from toolkit.domain.plans import Run
from toolkit.errors import NotFound, ToolkitError

SCHEMA_VERSION = 1

_metadata = MetaData()
_schema = Table("schema_version", _metadata, Column("version", Integer, nullable=False))
_events = Table(
    "events",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", String(32), nullable=False, index=True),
    Column("tenant", String(64), nullable=False, index=True),
    Column("event", Text, nullable=False),
)
_decoder = msgspec.json.Decoder(Event)


def open_journal(state: Path) -> SqlJournal:
    """The journal in the state folder, made where there is none, readable by its owner only.

    Raises ToolkitError where it cannot be opened, or was written by a newer entrakit.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / "journal.db"
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30.0})
    event.listen(engine, "connect", _durable)
    try:
        return SqlJournal(engine)
    except (DatabaseError, OperationalError) as broken:
        raise ToolkitError(
            f"the journal {path} cannot be opened",
            f"{broken.__cause__ or broken}.",
            hint="nothing was changed; put a copy of the file back, or move it away to begin a new history",
        ) from broken


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


class SqlJournal:
    """Every append is committed and on disk when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _metadata.create_all(engine)
        with engine.begin() as connection:
            found = connection.execute(select(_schema.c.version)).scalar()
            if found is None:
                connection.execute(insert(_schema).values(version=SCHEMA_VERSION))
            elif found > SCHEMA_VERSION:
                raise ToolkitError(
                    "the journal was written by a newer entrakit",
                    f"Its version is {found}; this program knows {SCHEMA_VERSION}.",
                    hint="update entrakit",
                )

    def begin(self, began: Began) -> str:
        """Write down that a plan is about to be carried out; gives the run's id."""
        run_id = f"{began.at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        self._write(run_id, began.plan.tenant.id, began)
        return run_id

    def append(self, run_id: str, told: Event) -> None:
        """Write down one more event of a run."""
        with self._engine.connect() as connection:
            tenant = connection.execute(select(_events.c.tenant).where(_events.c.run == run_id)).scalar()
        self._write(run_id, tenant or "", told)

    def _write(self, run_id: str, tenant: str, told: Event) -> None:
        text = msgspec.json.encode(told).decode()
        with self._engine.begin() as connection:
            connection.execute(insert(_events).values(run=run_id, tenant=tenant, event=text))

    def run(self, run_id: str) -> Run:
        """One run. Raises NotFound."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(_events.c.event).where(_events.c.run == run_id).order_by(_events.c.number)
            ).scalars()
            events = [_decoder.decode(text) for text in rows]
        if not events:
            raise NotFound(f"there is no run {run_id}", hint="see what was done", commands=("entrakit history list",))
        return run_of(run_id, events)

    def runs(self, tenant_id: str | None = None) -> Sequence[Run]:
        """All runs, the newest first; of one tenant where given."""
        query = select(_events.c.run, _events.c.event).order_by(_events.c.number)
        if tenant_id is not None:
            query = query.where(_events.c.tenant == tenant_id)
        by_run: dict[str, list[Event]] = {}
        with self._engine.connect() as connection:
            for run_id, text in connection.execute(query):
                by_run.setdefault(run_id, []).append(_decoder.decode(text))
        return [run_of(run_id, events) for run_id, events in reversed(by_run.items())]
