"""Where a tenant lives between requests: memory, or a file that several processes share."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.sandbox import FileStore, MemoryStore, Sandbox, SandboxStateDamaged, Tenant

NOW = datetime(2031, 5, 6, tzinfo=UTC)


def tenant() -> Tenant:
    return Tenant("c0117050-0000-4000-8000-000000000001", "test")


def rename(store: FileStore | MemoryStore, name: str) -> None:
    with store.writing() as change:
        change.tenant.tables["users"]["1"] = {"id": "1", "displayName": name}
        change.dirty = True


def name_in(store: FileStore | MemoryStore) -> str | None:
    return store.reading().tables["users"].get("1", {}).get("displayName")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "tenant.json"


def test_a_tenant_survives_being_written_as_json() -> None:
    before = tenant()
    before.tables["users"]["1"] = {"id": "1", "displayName": "Zoë"}
    before.settings["deny"] = ["User.Read"]
    first = before.new_guid()
    after = Tenant.from_json(before.to_json())
    assert after.tables == before.tables
    assert after.settings == before.settings
    assert after.new_guid() == before.new_guid() != first


def test_the_file_is_made_on_first_use(path: Path) -> None:
    assert FileStore(path, tenant).reading().scenario == "test"
    assert path.exists()


def test_what_one_store_saves_another_reads(path: Path) -> None:
    first, second = FileStore(path, tenant), FileStore(path, tenant)
    assert name_in(second) is None
    rename(first, "Ada")
    assert name_in(second) == "Ada"


def test_what_was_not_marked_is_not_saved(path: Path) -> None:
    store = FileStore(path, tenant)
    before = store.reading().to_json()
    with store.writing():
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize("again", [True, False])
def test_a_failure_in_the_middle_keeps_nothing(path: Path, again: bool) -> None:
    store = FileStore(path, tenant)
    rename(store, "Ada")
    with pytest.raises(ZeroDivisionError), store.writing() as change:
        change.tenant.tables["users"]["1"]["displayName"] = "Bob"
        change.dirty = True
        raise ZeroDivisionError
    assert name_in(store if again else FileStore(path, tenant)) == "Ada"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps files private by where they are")
def test_nobody_else_may_read_the_file(path: Path) -> None:
    FileStore(path, tenant).reading()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_saving_leaves_no_half_written_files(path: Path) -> None:
    store = FileStore(path, tenant)
    for number in range(3):
        rename(store, str(number))
    assert {file.name for file in path.parent.iterdir()} <= {"tenant.json", "tenant.json.lock"}


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"format":99}', b"\xff\xfe"])
def test_a_damaged_file_is_named_with_the_way_out(path: Path, text: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(text)
    with pytest.raises(SandboxStateDamaged, match="entrakit sandbox reset") as damaged:
        FileStore(path, tenant).reading()
    assert str(path) in str(damaged.value)


def test_a_damaged_file_can_be_replaced(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")
    store = FileStore(path, tenant)
    store.replace(tenant())
    assert store.reading().scenario == "test"


def test_requests_on_a_damaged_tenant_say_so(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")
    reply = Sandbox(FileStore(path, tenant)).handle("GET", "https://graph.microsoft.com/v1.0/users")
    assert reply.status == 500
    assert "entrakit sandbox reset" in reply.json()["error"]["message"]


def count_up(store: FileStore | MemoryStore, times: int) -> None:
    for _ in range(times):
        with store.writing() as change:
            row = change.tenant.tables["users"].setdefault("1", {"id": "1", "count": 0})
            row["count"] += 1
            change.dirty = True


def test_threads_take_turns(path: Path) -> None:
    store = FileStore(path, tenant)
    threads = [threading.Thread(target=count_up, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert FileStore(path, tenant).reading().tables["users"]["1"]["count"] == 40


_COUNTING = """
import sys
from pathlib import Path
from toolkit.sandbox.store import FileStore
from toolkit.sandbox.tenant import Tenant
store = FileStore(Path(sys.argv[1]), lambda: Tenant("t", "test"))
for _ in range(15):
    with store.writing() as change:
        row = change.tenant.tables["users"].setdefault("1", {"id": "1", "count": 0})
        row["count"] += 1
        change.dirty = True
"""


def test_processes_take_turns(path: Path) -> None:
    command = [sys.executable, "-c", _COUNTING, str(path)]
    root = Path(__file__).parents[2]
    running = [subprocess.Popen(command, cwd=root) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert FileStore(path, tenant).reading().tables["users"]["1"]["count"] == 45


def test_new_ids_never_repeat_across_stores(path: Path) -> None:
    made: list[str] = []
    for _ in range(3):
        with FileStore(path, tenant).writing() as change:
            made.append(change.tenant.new_guid())
            change.dirty = True
    assert len(set(made)) == 3


def test_the_whole_sandbox_is_light_to_import() -> None:
    code = (
        "import sys, toolkit.sandbox, toolkit.sandbox.graph.service as s; s.whole_router(); "
        "print([m for m in ('msgraph','msal','azure','kiota_abstractions','httpx','cryptography','asyncio') "
        "if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
