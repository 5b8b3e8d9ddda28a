"""The sandbox on sockets of this machine: accepting, one thread for each connection, and stopping in good order."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.sandbox.app import Sandbox
from toolkit.sandbox.serving.authority import authority_in, server_context
from toolkit.sandbox.serving.connection import Patience, Serve, Service

CONNECTIONS = 200
_BACKLOG = 128
_SHORT_OF_DESCRIPTORS_SECONDS = 0.1
_TRIES = 20
_FAREWELL_SECONDS = 3.0
_FAMILIES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


class PortUnusable(Exception):
    """A port that was asked for cannot be listened on: somebody else does, or it is not allowed."""

    def __init__(self, port: int, reason: OSError) -> None:
        self.port = port
        # Windows says that the access is denied when another program wants the port for itself.
        self.is_taken = reason.errno == errno.EADDRINUSE or (os.name == "nt" and reason.errno == errno.EACCES)
        super().__init__(reason.strerror or str(reason))


@dataclass(frozen=True)
class Serving:
    """Where the sandbox listens, and the file of the authority that clients are to trust."""

    port: int
    proxy_port: int
    ca: Path
    addresses: tuple[tuple[str, int], ...]


@contextmanager
def serving(
    sandbox: Sandbox,
    folder: Path,
    now: datetime,
    *,
    port: int = 0,
    proxy_port: int = 0,
    patience: Patience | None = None,
) -> Generator[Serving]:
    """Serve `sandbox` on loopback until the block is left; port 0 is a free one.

    The certification authority is kept in `folder`. Raises PortUnusable, and OSError when `folder` cannot be used.
    """
    authority = authority_in(folder, now)
    service = Service(sandbox, server_context(authority, folder, now), patience or Patience())
    with _listening(port) as direct, _listening(proxy_port) as proxied:
        service.port = _port_of(direct[0])
        doors: dict[socket.socket, Serve] = {
            **dict.fromkeys(direct, service.serve_tls),
            **dict.fromkeys(proxied, service.serve_proxy),
        }
        addresses = tuple((door.getsockname()[0], _port_of(door)) for door in doors)
        with _Porter(doors, service):
            yield Serving(service.port, _port_of(proxied[0]), authority.file, addresses)


class _Porter:
    """Lets connections in at the doors, each into a thread of its own, and shows them out at the end."""

    def __init__(self, doors: dict[socket.socket, Serve], service: Service) -> None:
        self._doors = doors
        self._service = service
        self._inside: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        self._bell, self._rope = socket.socketpair()
        self._thread = threading.Thread(target=self._let_in, name="sandbox-porter", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._rope.send(b"!")
        self._thread.join()
        self._service.finish()
        with self._guard:
            inside = dict(self._inside)
        for connection in inside:
            # Ends the wait for a next request; a reply that is being written still goes out.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        until = time.monotonic() + _FAREWELL_SECONDS
        for thread in inside.values():
            thread.join(max(0.0, until - time.monotonic()))
        self._bell.close()
        self._rope.close()

    def _let_in(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._bell, selectors.EVENT_READ)
            for door in self._doors:
                door.setblocking(False)
                waiting.register(door, selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    if key.fileobj is self._bell:
                        return
                    self._welcome(key.fileobj)  # pyright: ignore[reportArgumentType]

    def _welcome(self, door: socket.socket) -> None:
        try:
            connection, _ = door.accept()
        except OSError as gone:  # it left again, or there is no descriptor for it until another leaves
            if gone.errno in (errno.EMFILE, errno.ENFILE):
                time.sleep(_SHORT_OF_DESCRIPTORS_SECONDS)
            return
        connection.setblocking(True)
        with self._guard:
            if len(self._inside) >= CONNECTIONS:
                connection.close()
                return
            thread = threading.Thread(target=self._attend, args=(connection, self._doors[door]), daemon=True)
            self._inside[connection] = thread
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads
            self._forget(connection)

    def _attend(self, connection: socket.socket, serve: Serve) -> None:
        try:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            serve(connection)
        except OSError:
            pass  # the client broke off, was too slow or does not trust the certificate
        except Exception:
            import traceback

            print("sandbox: a connection failed", file=sys.stderr)
            traceback.print_exc(file=sys.stderr)
        finally:
            self._forget(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._guard:
            self._inside.pop(connection, None)
        connection.close()


@contextmanager
def _listening(port: int) -> Generator[list[socket.socket]]:
    doors = _open_both(port)
    try:
        yield doors
    finally:
        for door in doors:
            door.close()


def _open_both(port: int) -> list[socket.socket]:
    """Listen on IPv4's loopback and, where the machine has it, on the same port of IPv6's."""
    tries = 1 if port else _TRIES
    while True:
        doors: list[socket.socket] = []
        try:
            for family, address in _FAMILIES:
                if family == socket.AF_INET6 and not socket.has_ipv6:
                    continue
                wanted = port or (_port_of(doors[0]) if doors else 0)
                try:
                    doors.append(_open(family, address, wanted))
                except OSError as absent:
                    if not doors or absent.errno not in _ABSENT:
                        raise
            return doors
        except OSError as unusable:
            for door in doors:
                door.close()
            # A free port of IPv4 may be taken on IPv6: another one is asked for.
            tries -= 1
            if not tries:
                raise PortUnusable(port, unusable) from unusable


def _open(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "nt":
            # Else another program could listen on the same port: SO_REUSEADDR means that on Windows.
            door.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE"), 1)  # noqa: B009
        else:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind((address, port))
        door.listen(_BACKLOG)
    except BaseException:
        door.close()
        raise
    return door


def _port_of(door: socket.socket) -> int:
    return int(door.getsockname()[1])
