"""Where a tenant lives between requests: in memory, or in one file that several processes share."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from toolkit.sandbox.tenant import NotATenant, Tenant

_PATIENCE = 5.0
_Given = TypeVar("_Given")


class SandboxStateDamaged(Exception):
    """The file of a sandbox tenant cannot be read as one."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"the sandbox's state {path} is damaged ({reason}); 'entrakit sandbox reset' makes a new one")


@dataclass(slots=True)
class Change:
    """A tenant that may be changed, and whether it was."""

    tenant: Tenant
    dirty: bool = False


class Store(Protocol):
    """Keeps one tenant."""

    def reading(self) -> Tenant:
        """The tenant as it is now, not to be changed; raises `SandboxStateDamaged`."""
        ...

    def writing(self) -> AbstractContextManager[Change]:
        """The tenant for one writer alone; what is marked dirty is kept, an exception keeps nothing."""
        ...

    def replace(self, tenant: Tenant) -> None:
        """Put `tenant` in the place of whatever was there, damaged or not."""
        ...


class MemoryStore:
    """A tenant that ends with the process."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._lock = threading.RLock()

    def reading(self) -> Tenant:
        """The tenant."""
        return self._tenant

    @contextmanager
    def writing(self) -> Generator[Change]:
        """The tenant, one writer at a time."""
        with self._lock:
            yield Change(self._tenant)

    def replace(self, tenant: Tenant) -> None:
        """Start over with `tenant`."""
        with self._lock:
            self._tenant = tenant


class FileStore:
    """A tenant in one file, made by `make` when there is none. Writers take turns, readers never wait."""

    def __init__(self, path: Path, make: Callable[[], Tenant]) -> None:
        self.path = path
        self._make = make
        self._lock = threading.RLock()
        self._held: tuple[tuple[int, int, int], Tenant] | None = None

    def reading(self) -> Tenant:
        """The tenant in the file, read again when another process replaced it."""
        held, stamp = self._held, self._stamp()
        if held is not None and held[0] == stamp:
            return held[1]
        if stamp is None:
            return self._first()
        return self._load()

    @contextmanager
    def writing(self) -> Generator[Change]:
        """The tenant under the lock file; saved on leaving when marked dirty, forgotten on an exception."""
        with self._lock, self._alone():
            change = Change(self.reading())
            try:
                yield change
                if change.dirty:
                    self._save(change.tenant)
            except BaseException:
                self._held = None
                raise

    def replace(self, tenant: Tenant) -> None:
        """Write `tenant` over the file."""
        with self._lock, self._alone():
            self._save(tenant)

    def _first(self) -> Tenant:
        with self._lock, self._alone():
            if self._stamp() is None:
                self._save(self._make())
            return self._load()

    def _load(self) -> Tenant:
        stamp = self._stamp()
        try:
            tenant = Tenant.from_json(_patiently(self.path.read_bytes))
        except (NotATenant, FileNotFoundError) as error:
            raise SandboxStateDamaged(self.path, str(error) or type(error).__name__) from error
        if stamp is not None:
            self._held = (stamp, tenant)
        return tenant

    def _save(self, tenant: Tenant) -> None:
        import tempfile

        descriptor, name = tempfile.mkstemp(prefix=self.path.name, suffix=".new", dir=self.path.parent)
        new = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(tenant.to_json())
                file.flush()
                os.fsync(file.fileno())
            _patiently(lambda: Path(new).replace(self.path))
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise
        stamp = self._stamp()
        self._held = None if stamp is None else (stamp, tenant)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def _alone(self) -> Generator[None]:
        from filelock import FileLock

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self.path.with_name(self.path.name + ".lock"), timeout=60, is_singleton=True):
            yield


def _patiently(act: Callable[[], _Given]) -> _Given:
    """Windows refuses to read or replace a file that another process holds open for a moment."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return act()
        except PermissionError:
            if time.monotonic() > until or os.name != "nt":
                raise
            time.sleep(0.01)
