"""The machine loses power in the middle of a write: the journal is readable, and `history undo` brings all back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.changes.kinds import NEWCOMER, with_newcomer
from tests.changes.stage import EXCHANGE, State, state_of
from toolkit.domain.plans import Run
from toolkit.main import main
from toolkit.sandbox import FileStore, build
from toolkit.storage.journal import open_journal
from toolkit.wiring.embedded import Embedded

ROOT = Path(__file__).parents[2]
DELETE = ("apps", "delete", "SMArtEmail")
GRANT = (
    *("consent", "grant", "SMArtEmail", "--permission", f"{EXCHANGE}/SMTP.Send"),
    *("--permission", "Microsoft Graph/Mail.Read:application"),
)
CREATE = ("consent", "grant", NEWCOMER, "--permission", "Microsoft Graph/User.Read")


class Machine:
    """A state folder with the sandbox and the journal in it."""

    def __init__(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ENTRAKIT_STATE", str(state))
        monkeypatch.setenv("ENTRAKIT_TENANT", "sandbox")
        self.state = state
        self.store = FileStore(
            state / "sandbox" / "tenant.json", lambda: with_newcomer(build("contoso", datetime.now(UTC)))
        )
        with self.store.writing() as change:
            change.tenant.settings["restoreGrants"] = False
            change.dirty = True

    def die(self, when: str, number: int, *command: str) -> None:
        """Run a command that is killed at its write of a number."""
        line = [sys.executable, "-m", "tests.changes.dying", when, str(number), *command, "--yes"]
        done = subprocess.run(line, cwd=ROOT, env=os.environ.copy(), capture_output=True, timeout=60, check=False)
        assert done.returncode == (-signal.SIGKILL if os.name != "nt" else signal.SIGTERM), done.stderr.decode()

    def last_run(self) -> Run:
        return open_journal(self.state).runs()[0]

    def tenant(self) -> State:
        return state_of(self.store.reading())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path / "state", monkeypatch)


CASES = {
    "before the deletion": ("before", 1, DELETE),
    "after the deletion": ("after", 1, DELETE),
    "before the second step": ("before", 2, GRANT),
    "after the second step": ("after", 2, GRANT),
    "before a service principal is created": ("before", 1, CREATE),
    "after a service principal was created": ("after", 1, CREATE),
    "after something was granted to it": ("after", 2, CREATE),
}


@pytest.mark.parametrize(("when", "number", "command"), CASES.values(), ids=CASES.keys())
def test_a_killed_run_is_in_the_journal_and_undone(
    machine: Machine, when: str, number: int, command: tuple[str, ...]
) -> None:
    before = machine.tenant()
    machine.die(when, number, *command)
    assert (machine.tenant() == before) is (when == "before" and number == 1)
    run = machine.last_run()
    assert run.outcome == "interrupted"
    assert [record.mark for record in run.steps] == [*["done"] * (number - 1), "intended"]
    assert main(["history", "undo", run.id, "--yes"]) == 0
    assert machine.tenant() == before
    assert open_journal(machine.state).run(run.id).undone_by == machine.last_run().id


def test_an_undo_that_was_killed_is_simply_begun_again(machine: Machine) -> None:
    before = machine.tenant()
    assert main([*DELETE, "--yes"]) == 0
    run = machine.last_run()
    machine.die("after", 3, "history", "undo", run.id)
    assert machine.tenant() != before
    assert open_journal(machine.state).run(run.id).undone_by is None
    assert main(["history", "undo", run.id, "--yes"]) == 0
    assert machine.tenant() == before


class Interrupting(httpx.AsyncBaseTransport):
    """Somebody presses Ctrl-C while the write of a number is under way."""

    def __init__(self, inner: httpx.AsyncBaseTransport, number: int) -> None:
        self._inner = inner
        self._left = number

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        self._left -= request.method != "GET" and not request.url.path.endswith("getByIds")
        if self._left == 0:
            self._left = -1
            signal.raise_signal(signal.SIGINT)
            # A real connection waits here, and hears of it.
            await asyncio.sleep(0)
        return answer


@pytest.mark.parametrize("number", [1, 2])
def test_an_interrupted_run_names_the_command_that_takes_it_back(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], number: int
) -> None:
    before = machine.tenant()
    whole: Callable[[Embedded], httpx.AsyncBaseTransport] = Embedded.transport
    with monkeypatch.context() as patched:
        patched.setattr(Embedded, "transport", lambda self: Interrupting(whole(self), number))
        assert main([*GRANT, "--yes"]) == 130
    run = machine.last_run()
    assert run.outcome == "interrupted"
    assert f"history undo {run.id}" in capfd.readouterr().err
    assert main(["history", "undo", run.id, "--yes"]) == 0
    assert machine.tenant() == before
