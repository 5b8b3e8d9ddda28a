"""`python -m tests.changes.dying WHEN NUMBER COMMAND…`: entrakit on the sandbox, killed at a write.

WHEN is `before` (the request never gets out) or `after` (it was carried out, and nobody heard).
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

import httpx

from toolkit.main import main
from toolkit.wiring.embedded import Embedded


class Dying(httpx.AsyncBaseTransport):
    """Kills this process at the write of a number."""

    def __init__(self, inner: httpx.AsyncBaseTransport, when: str, number: int) -> None:
        self._inner = inner
        self._when = when
        self._left = number

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_write = request.method != "GET" and not request.url.path.endswith("getByIds")
        self._left -= is_write
        here = is_write and self._left == 0
        if here and self._when == "before":
            _die()
        answer = await self._inner.handle_async_request(request)
        if here:
            _die()
        return answer


def _die() -> NoReturn:
    # Windows has no SIGKILL; there any signal ends a process at once.
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    raise AssertionError("this process is dead")


def run(when: str, number: int, command: list[str]) -> int:
    whole = Embedded.transport
    Embedded.transport = lambda self: Dying(whole(self), when, number)
    return main(command)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
