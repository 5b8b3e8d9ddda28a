"""What is sent again, after how long, and when patience ends; the clock of these tests jumps, nobody sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import httpx
import pytest

from tests.graph.wire import Service, connected, page, refused
from toolkit.domain.changes import Change, Consent, Enterprise
from toolkit.domain.principals import Organization
from toolkit.errors import ReplyLost, Unreachable
from toolkit.graph import retry
from toolkit.graph.client import GraphClient
from toolkit.graph.roles import GraphDirectory
from toolkit.graph.writer import GraphWriter

CONTOSO = page({"id": "c0117050-0000-4000-8000-000000000001", "displayName": "Contoso"})
GRANT = Consent(client_id="c", resource_id="r", principal_id=None, scopes=("a",))
NEW_GRANT = Change(before=None, after=GRANT)


class JumpingClock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def monotonic(self) -> float:
        return sum(self.waited)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> JumpingClock:
    jumping = JumpingClock()
    monkeypatch.setattr(retry, "time", jumping)
    monkeypatch.setattr(retry, "asyncio", SimpleNamespace(sleep=jumping.sleep))
    return jumping


async def organization(client: GraphClient) -> Organization:
    return await GraphDirectory(client).organization()


def writing(change: Change) -> Callable[[GraphClient], Awaitable[None]]:
    return lambda client: GraphWriter(client).write(change)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("2", 2, 2.1), ("0.25", 0.25, 0.35), ("0", 0, 0.1), ("-3", 0, 0.1), ("soon", 1, 1.1), (None, 1, 1.1)],
)
def test_throttling_is_waited_out_for_as_long_as_graph_asks(
    said: str | None, least: float, most: float, clock: JumpingClock
) -> None:
    service = Service(refused(429, **({"retry_after": said} if said else {})), CONTOSO)
    assert connected(service, organization).display_name == "Contoso"
    assert least <= sum(clock.waited) <= most
    assert len(service.asked) == 2


def test_a_date_to_try_again_at_is_understood(clock: JumpingClock) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert connected(Service(refused(429, retry_after=later), CONTOSO), organization).display_name == "Contoso"
    assert 20 < sum(clock.waited) < 31


def test_a_date_that_has_passed_means_at_once(clock: JumpingClock) -> None:
    service = Service(refused(429, retry_after="Fri, 05 Jan 2024 10:00:00 GMT"), CONTOSO)
    connected(service, organization)
    assert sum(clock.waited) < 0.1


def test_a_watching_person_is_told_about_each_wait() -> None:
    waits: list[tuple[float, str]] = []
    connected(Service(refused(429, retry_after="7"), refused(503), CONTOSO), organization, waits=waits)
    assert waits == [(7.0, "the service answered 429"), (1.0, "the service answered 503")]


def test_one_throttled_request_holds_back_the_others_of_the_tenant(clock: JumpingClock) -> None:
    sent: list[float] = []

    class Watched(Service):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            sent.append(clock.monotonic())
            return await super().handle_async_request(request)

    async def one_after_the_other(client: GraphClient) -> None:
        directory = GraphDirectory(client)

        async def latecomer() -> None:
            while len(sent) < 1:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await directory.organization()

        await asyncio.gather(directory.organization(), latecomer())

    connected(Watched(refused(429, retry_after="9"), CONTOSO), one_after_the_other)
    assert sent[0] == 0
    assert all(moment >= 9 for moment in sent[1:])


def test_a_read_is_repeated_when_the_service_is_unavailable_or_the_connection_is_lost() -> None:
    service = Service(refused(503), httpx.ReadError("reset"), refused(500), httpx.RemoteProtocolError("gone"), CONTOSO)
    assert connected(service, organization).display_name == "Contoso"
    assert [request.headers.get("retry-attempt") for request in service.asked] == ["4"] * 5
    assert all(request.headers["authorization"] == "Bearer the-access-token" for request in service.asked)


def test_patience_with_throttling_ends(clock: JumpingClock) -> None:
    service = Service(refused(429, "TooManyRequests"))
    with pytest.raises(Unreachable, match="cannot read the tenant's name") as ended:
        connected(service, organization)
    assert "429 TooManyRequests" in ended.value.why
    assert len(service.asked) == retry.ATTEMPTS
    assert sum(clock.waited) <= retry.BUDGET_SECONDS


def test_a_wait_beyond_all_patience_is_not_begun(clock: JumpingClock) -> None:
    service = Service(refused(429, retry_after="86400"))
    with pytest.raises(Unreachable):
        connected(service, organization)
    assert (len(service.asked), clock.waited) == (1, [])


def test_a_service_that_nobody_can_connect_to_is_given_up_soon() -> None:
    service = Service(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable, match="cannot read the tenant's name"):
        connected(service, organization)
    assert len(service.asked) == 3


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    service = Service(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))
    with pytest.raises(Unreachable) as ended:
        connected(service, organization)
    assert len(service.asked) == 1
    assert "SSL_CERT_FILE" in ended.value.hint


def test_a_throttled_write_was_not_carried_out_and_is_sent_again_as_it_was() -> None:
    service = Service(refused(429, retry_after="1"), httpx.Response(201, json={"id": "g"}))
    connected(service, writing(NEW_GRANT))
    assert service.json(0) == service.json(1)
    assert service.json(1)["scope"] == "a"


@pytest.mark.parametrize("lost", [httpx.ReadError("reset"), httpx.ReadTimeout("late"), httpx.RemoteProtocolError("x")])
def test_a_write_whose_answer_was_lost_is_not_repeated(lost: Exception) -> None:
    service = Service(lost)
    with pytest.raises(ReplyLost, match="change a delegated grant"):
        connected(service, writing(NEW_GRANT))
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_behind_a_failing_gateway_may_have_been_carried_out(status: int) -> None:
    service = Service(refused(status))
    with pytest.raises(ReplyLost):
        connected(service, writing(NEW_GRANT))
    assert len(service.asked) == 1


def test_a_write_that_never_left_is_tried_again_and_then_unreachable() -> None:
    service = Service(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable):
        connected(service, writing(NEW_GRANT))
    assert len(service.asked) == 3


def test_a_deletion_is_repeated_and_gone_is_as_good_as_deleted() -> None:
    app = Enterprise(id="5", app_id="6", name="SMArtEmail", enabled=True, where="live")
    gone = Change(before=app, after=Enterprise(id="5", app_id="6", name="SMArtEmail", enabled=True, where="bin"))
    service = Service(httpx.ReadError("reset"), httpx.Response(204))
    connected(service, writing(gone))
    assert [request.method for request in service.asked] == ["DELETE", "DELETE"]
