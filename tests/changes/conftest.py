"""A stage for each test, and a client that does not take its time."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.changes.stage import Stage
from toolkit.graph.retry import PatientRetry


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Contoso with an administrator at work."""
    with Stage() as stage:
        yield stage


@pytest.fixture(autouse=True)
def the_client_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """It repeats what it would repeat, but at once."""
    after_loss, after_answer = PatientRetry._after_loss, PatientRetry._after_answer

    def loss(method: str, lost: httpx.TransportError, attempt: int) -> float | None:
        return None if after_loss(method, lost, attempt) is None else 0.0

    def answer(method: str, response: httpx.Response, attempt: int) -> float | None:
        return None if after_answer(method, response, attempt) is None else 0.0

    monkeypatch.setattr(PatientRetry, "_after_loss", staticmethod(loss))
    monkeypatch.setattr(PatientRetry, "_after_answer", staticmethod(answer))
