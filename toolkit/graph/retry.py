"""Patience with Graph: what may be sent again, after how long, for all requests of one tenant together."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from kiota_http.middleware import BaseMiddleware

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
PASSING = frozenset({500, 502, 503, 504})
ATTEMPTS = 7
BUDGET_SECONDS = 300.0

OnWait = Callable[[float, str], None]


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the service asked for: whole, fractional, or a date; None where it did not say."""
    text = response.headers.get("retry-after", "").strip()
    try:
        # A header that two servers on the way wrote is joined by a comma, and so is the day of a date.
        return max(0.0, float(text.partition(",")[0]))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


class Gate:
    """Held shut for all requests of a tenant while the service asks one of them to wait."""

    def __init__(self) -> None:
        self._until = 0.0

    async def wait(self) -> None:
        """Return once the gate is open."""
        while (left := self._until - time.monotonic()) > 0:
            await asyncio.sleep(left + random.random() * 0.05)

    def shut(self, seconds: float) -> None:
        """Hold everything for at least so long."""
        self._until = max(self._until, time.monotonic() + seconds)


class PatientRetry(BaseMiddleware):
    """Stands where the SDK's RetryHandler stood.

    429 was never carried out, so any method is repeated; 5xx and lost connections only where repeating is harmless: a
    POST whose answer was lost may have been done. `on_wait(seconds, why)` tells a watching person.
    """

    def __init__(self, gate: Gate, on_wait: OnWait) -> None:
        super().__init__()
        self._gate = gate
        self._on_wait = on_wait

    async def send(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """The first answer that is not a passing failure, or the last failure once patience is used up."""
        started = time.monotonic()
        for attempt in range(1, ATTEMPTS + 1):
            await self._gate.wait()
            options = dict(request.extensions)
            try:
                response = await super().send(request, transport)
            except httpx.TransportError as lost:
                delay = self._after_loss(request.method, lost, attempt)
                if delay is None or self._is_spent(attempt, started, delay):
                    raise
                self._on_wait(delay, "the connection was lost")
                await asyncio.sleep(delay)
            else:
                delay = self._after_answer(request.method, response, attempt)
                if delay is None or self._is_spent(attempt, started, delay):
                    return response
                await response.aclose()
                self._on_wait(delay, f"the service answered {response.status_code}")
                self._gate.shut(delay)
            # The last middleware of the chain takes its options out of the request; they belong back for the next try.
            request.extensions.update(options)
            request.headers["retry-attempt"] = str(attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @staticmethod
    def _is_spent(attempt: int, started: float, delay: float) -> bool:
        return attempt == ATTEMPTS or time.monotonic() - started + delay > BUDGET_SECONDS

    @staticmethod
    def _after_loss(method: str, lost: httpx.TransportError, attempt: int) -> float | None:
        never_sent = isinstance(lost, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        if "CERTIFICATE_VERIFY_FAILED" in str(lost):
            return None
        if (never_sent and attempt > 2) or not (never_sent or method in IDEMPOTENT):
            return None
        return min(20.0, 0.25 * 2**attempt) * (0.5 + random.random() / 2)

    @staticmethod
    def _after_answer(method: str, response: httpx.Response, attempt: int) -> float | None:
        asked = retry_after(response)
        if response.status_code == 429:
            return asked if asked is not None else min(30.0, 0.5 * 2**attempt)
        if response.status_code in PASSING and method in IDEMPOTENT:
            return asked if asked is not None else min(20.0, 0.25 * 2**attempt)
        return None
