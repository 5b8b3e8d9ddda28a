"""Nothing is sent that was not written down before, where another process can read it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from tests.changes.kinds import KINDS, two_steps
from tests.changes.stage import Stage
from toolkit.domain.changes import Change, same
from toolkit.domain.journal import Event, Stepped
from toolkit.errors import RolledBack
from toolkit.ports import DirectoryWriter
from toolkit.storage.journal import open_journal


class Suspicious:
    """Before each write it reads the journal through a connection of its own."""

    def __init__(self, inner: DirectoryWriter, state: Path) -> None:
        self._inner = inner
        self._path = state / "journal.db"
        self.marks: list[str] = []

    async def write(self, change: Change) -> None:
        told = self._last_event()
        assert isinstance(told, Stepped)
        if told.mark == "intended":
            assert same(told.change.subject, change.subject)
            assert same(told.change.before, change.before)
        else:
            assert told.mark == "rolling back"
            assert any(same(back.after, change.after) for back in told.change.way_back())
        self.marks.append(told.mark)
        await self._inner.write(change)

    def _last_event(self) -> Event:
        connection = sqlite3.connect(self._path)
        try:
            (text,) = connection.execute("SELECT event FROM events ORDER BY number DESC LIMIT 1").fetchone()
        finally:
            connection.close()
        return msgspec.json.decode(text, type=Event)


@pytest.mark.parametrize("kind", KINDS)
def test_every_write_and_its_undo_are_on_disk_before_they_are_sent(kind: str, tmp_path: Path) -> None:
    with Stage(journal=open_journal(tmp_path)) as stage:
        plan = KINDS[kind](stage)
        stage.writer = watching = Suspicious(stage.writer, tmp_path)
        stage.undo(stage.do(plan))
        assert len(watching.marks) >= 2
        assert [run.outcome for run in stage.journal.runs()][:2] == ["done", "done"]


def test_the_way_back_is_on_disk_before_it_is_taken(tmp_path: Path) -> None:
    with Stage(journal=open_journal(tmp_path)) as stage:
        stage.writer = watching = Suspicious(stage.writer, tmp_path)
        plan = two_steps(stage)
        stage.tenant.settings["deny"] = ["AppRoleAssignment.ReadWrite.All"]
        with pytest.raises(RolledBack):
            stage.do(plan)
        assert watching.marks == ["intended", "intended", "rolling back"]
