"""The journal on disk: append-only, durable, private, and clear about what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change, Ownership
from toolkit.domain.journal import Began, Ended, NotWritten, Stepped, TakenBack
from toolkit.domain.plans import Plan, Step
from toolkit.errors import NotFound, ToolkitError
from toolkit.storage import journal as journal_module
from toolkit.storage.journal import SqlJournal, open_journal

MOMENT = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
CHANGE = Change(after=Ownership(object_id="o", owner_id="lou"))


def plan(tenant: str = "t") -> Plan:
    return Plan(
        purpose="add an owner",
        command="entrakit",
        tenant=TenantName(tenant, "Contoso", "contoso.example"),
        made_at=MOMENT,
        made_by="admin",
        steps=(Step(change=CHANGE, says="add owner lou"),),
    ).sealed()


def began(tenant: str = "t", later: float = 0) -> Began:
    return Began(at=MOMENT + timedelta(seconds=later), plan=plan(tenant))


def stepped() -> Stepped:
    return Stepped(at=MOMENT, number=1, mark="intended", change=CHANGE)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def journal(state: Path) -> SqlJournal:
    return open_journal(state)


def test_what_was_written_is_read_back_by_another_process(journal: SqlJournal, state: Path) -> None:
    run_id = journal.begin(began())
    journal.append(run_id, stepped())
    assert [record.mark for record in open_journal(state).run(run_id).steps] == ["intended"]
    journal.append(run_id, Ended(at=MOMENT, outcome="done"))
    told = open_journal(state).run(run_id)
    assert (told.id, told.outcome, told.plan) == (run_id, "done", plan())


def test_an_event_survives_the_loss_of_power(journal: SqlJournal) -> None:
    with journal._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_runs_are_told_the_newest_first_and_by_tenant(journal: SqlJournal) -> None:
    first, second, third = (journal.begin(began(tenant, n)) for n, tenant in enumerate(("a", "b", "a")))
    assert [run.id for run in journal.runs()] == [third, second, first]
    assert [run.id for run in journal.runs("a")] == [third, first]


def test_the_order_is_that_of_writing_even_where_the_clock_was_set_back(journal: SqlJournal) -> None:
    first, second = journal.begin(began(later=60)), journal.begin(began())
    assert [run.id for run in journal.runs()] == [second, first]


def test_a_late_event_does_not_make_an_old_run_the_newest(journal: SqlJournal) -> None:
    first, second = journal.begin(began()), journal.begin(began())
    journal.append(first, TakenBack(at=MOMENT, by=second))
    assert [run.id for run in journal.runs()] == [second, first]
    assert journal.run(first).undone_by == second


def test_an_unknown_run_is_not_found(journal: SqlJournal) -> None:
    with pytest.raises(NotFound, match="there is no run"):
        journal.run("20310506-070809-ffff")


def test_an_event_of_a_run_that_never_began_is_refused_and_spoils_nothing(journal: SqlJournal) -> None:
    run_id = journal.begin(began())
    with pytest.raises(NotFound):
        journal.append("20310506-070809-ffff", TakenBack(at=MOMENT, by=run_id))
    assert [run.id for run in journal.runs()] == [run_id]


def test_two_runs_begun_in_the_same_second_get_different_ids(
    journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["aaaa", "aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr(journal_module.secrets, "token_hex", lambda length: next(drawn))
    ids = [journal.begin(began()), journal.begin(began())]
    assert ids == ["20310506-070809-aaaa", "20310506-070809-bbbb"]
    assert [run.id for run in journal.runs()] == ids[::-1]


def test_many_runs_begun_at_once_by_several_threads_are_all_there(state: Path) -> None:
    made: list[str] = []

    def work() -> None:
        journal = open_journal(state)
        for _ in range(5):
            run_id = journal.begin(began())
            journal.append(run_id, stepped())
            made.append(run_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = open_journal(state).runs()
    assert len({run.id for run in runs}) == len(made) == 20
    assert all(len(run.steps) == 1 for run in runs)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_may_read_the_journal(state: Path) -> None:
    mask = os.umask(0)
    try:
        journal = open_journal(state)
        journal.begin(began())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.iterdir()}
    finally:
        os.umask(mask)
    assert modes["journal.db"] == 0o600
    assert not [name for name, mode in modes.items() if mode & 0o077]
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a b", "50%25", "what?x=1", "#1", "ÄÖ"])
def test_the_state_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    if os.name == "nt" and "?" in name:
        pytest.skip("Windows has no such names")
    state = tmp_path / name
    run_id = open_journal(state).begin(began())
    assert (state / "journal.db").stat().st_size > 0
    assert open_journal(state).run(run_id).id == run_id


def _sql(state: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(state / "journal.db")
    try:
        with connection:
            return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_journal_of_a_newer_entrakit_is_refused_and_left_alone(journal: SqlJournal, state: Path) -> None:
    _sql(state, "UPDATE schema_version SET version = 2")
    _sql(state, "DROP TABLE events")
    with pytest.raises(ToolkitError) as refused:
        open_journal(state)
    assert "newer entrakit" in refused.value.what
    assert "update" in refused.value.hint
    assert _sql(state, "SELECT name FROM sqlite_master WHERE name = 'events'") == []


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database at all, but long enough to be taken for one" * 100)


def _header_overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[16:40] = b"\xff" * 24
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_garbage, _header_overwritten])
def test_a_damaged_file_is_one_clear_error(state: Path, damage: object) -> None:
    whole = open_journal(state)
    whole.begin(began())
    whole._engine.dispose()
    for name in ("journal.db-wal", "journal.db-shm"):
        (state / name).unlink(missing_ok=True)
    assert callable(damage)
    damage(state / "journal.db")
    with pytest.raises(ToolkitError) as broken:
        open_journal(state).runs()
    assert "journal.db" in broken.value.what
    assert broken.value.why
    assert "put a copy of the file back" in broken.value.hint


@pytest.mark.parametrize(
    "event",
    ["", "not json", "{}", '{"type": "began"}', '{"type": "from the future"}', '{"type":"ended","at":"x"}'],
)
def test_a_damaged_event_is_one_clear_error(journal: SqlJournal, state: Path, event: str) -> None:
    run_id = journal.begin(began())
    _sql(state, f"INSERT INTO events (run, tenant, event) VALUES ('{run_id}', 't', '{event}')")
    for read in (lambda: journal.run(run_id), journal.runs):
        with pytest.raises(ToolkitError, match="is damaged"):
            read()


def test_a_run_without_a_beginning_is_one_clear_error(journal: SqlJournal, state: Path) -> None:
    run_id = journal.begin(began())
    journal.append(run_id, stepped())
    _sql(state, "DELETE FROM events WHERE number = 1")
    with pytest.raises(ToolkitError, match="is damaged"):
        journal.runs()


def test_a_journal_that_cannot_be_written_says_so(journal: SqlJournal, state: Path) -> None:
    run_id = journal.begin(began())
    _sql(state, "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(FAIL, 'database is full'); END")
    with pytest.raises(NotWritten, match="cannot be written"):
        journal.append(run_id, stepped())
    with pytest.raises(NotWritten, match="cannot be written"):
        journal.begin(began())


@pytest.fixture
def no_folder(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "a file"
    path.write_text("in the way", encoding="utf-8")
    yield path


def test_a_state_folder_that_is_a_file_is_one_clear_error(no_folder: Path) -> None:
    with pytest.raises(ToolkitError, match="cannot be opened"):
        open_journal(no_folder)
