"""The journal of runs in a database: append-only, on disk before a write is sent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    exists,
    insert,
    literal,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from toolkit.domain.journal import Began, Event, NotWritten, run_of
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
    path = state / "journal.db"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made by hand: SQLite would let the umask decide who may read it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": 30.0})
        event.listen(engine, "connect", _durable)
        return SqlJournal(engine, path)
    except (SQLAlchemyError, OSError) as broken:
        raise ToolkitError(
            f"the journal {path} cannot be opened",
            _reason(broken),
            hint="nothing was changed; put a copy of the file back, or move it away to begin a new history",
        ) from broken


def _reason(broken: Exception) -> str:
    return f"{broken.__cause__ or broken}".rstrip(".") + "."


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


class SqlJournal:
    """Every append is committed and on disk when it returns."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        with engine.begin() as connection:
            _prepare(connection)

    def begin(self, began: Began) -> str:
        """Write down that a plan is about to be carried out; gives the run's id. Raises NotWritten."""
        while True:
            run_id = f"{began.at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            taken = exists().where(_events.c.run == run_id)
            row = select(literal(run_id), literal(began.plan.tenant.id), literal(_encoded(began))).where(~taken)
            # One statement: two runs begun in the same second must not share an id.
            with self._writing() as connection:
                made = connection.execute(insert(_events).from_select(["run", "tenant", "event"], row))
            if made.rowcount == 1:
                return run_id

    def append(self, run_id: str, told: Event) -> None:
        """Write down one more event of a run. Raises NotFound for a run that never began, and NotWritten."""
        of_run = (
            select(_events.c.run, _events.c.tenant, literal(_encoded(told))).where(_events.c.run == run_id).limit(1)
        )
        with self._writing() as connection:
            made = connection.execute(insert(_events).from_select(["run", "tenant", "event"], of_run))
        if made.rowcount != 1:
            raise _no_run(run_id)

    def run(self, run_id: str) -> Run:
        """One run. Raises NotFound."""
        query = select(_events.c.event).where(_events.c.run == run_id).order_by(_events.c.number)
        with self._reading() as connection:
            events = [_decoder.decode(text) for text in connection.execute(query).scalars()]
            if not events:
                raise _no_run(run_id)
            return run_of(run_id, events)

    def runs(self, tenant_id: str | None = None) -> Sequence[Run]:
        """All runs, the newest first; of one tenant where given."""
        query = select(_events.c.run, _events.c.event).order_by(_events.c.number)
        if tenant_id is not None:
            query = query.where(_events.c.tenant == tenant_id)
        by_run: dict[str, list[Event]] = {}
        with self._reading() as connection:
            for run_id, text in connection.execute(query):
                by_run.setdefault(run_id, []).append(_decoder.decode(text))
            return [run_of(run_id, events) for run_id, events in reversed(by_run.items())]

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as broken:
            raise NotWritten(
                f"the journal {self._path} cannot be written",
                _reason(broken),
                hint="look whether the disk is full and the file may be written",
            ) from broken

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, msgspec.MsgspecError, ValueError) as broken:
            raise ToolkitError(
                f"the journal {self._path} is damaged",
                _reason(broken),
                hint="put a copy of the file back, or move it away to begin a new history",
            ) from broken


def _prepare(connection: Connection) -> None:
    """The tables, made where there are none. Raises ToolkitError where a newer entrakit made them."""
    connection.execute(CreateTable(_schema, if_not_exists=True))
    found = connection.execute(select(_schema.c.version)).scalar()
    if found is not None and found > SCHEMA_VERSION:
        raise ToolkitError(
            "the journal was written by a newer entrakit",
            f"Its version is {found}; this program knows {SCHEMA_VERSION}.",
            hint="update entrakit",
        )
    connection.execute(CreateTable(_events, if_not_exists=True))
    for index in _events.indexes:
        connection.execute(CreateIndex(index, if_not_exists=True))
    if found is None:
        connection.execute(insert(_schema).values(version=SCHEMA_VERSION))


def _encoded(told: Event) -> str:
    return msgspec.json.encode(told).decode()


def _no_run(run_id: str) -> NotFound:
    return NotFound(f"there is no run {run_id}", hint="see what was done", commands=("entrakit history list",))
