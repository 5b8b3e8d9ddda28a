"""Answers that are not what Microsoft documents: one clear error, or read for what they say."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.graph.wire import ENDPOINT, TOKEN, Service, connected, page, refused
from toolkit.domain.changes import Change, Enterprise
from toolkit.errors import GraphRefused, PermissionMissing, ToolkitError, Unreachable
from toolkit.graph.client import GraphClient
from toolkit.graph.roles import GraphDirectory
from toolkit.graph.writer import GraphWriter

ID = "0ec7cb25-5d7d-4f1f-9d3c-0123456789ab"
OTHER = "0ec7cb25-5d7d-4f1f-9d3c-0123456789cd"
HTML = "<html><body>Bad <b>gateway</b></body></html>"


def reading(read: Callable[[GraphDirectory], Awaitable[Any]]) -> Callable[[GraphClient], Awaitable[Any]]:
    return lambda client: read(GraphDirectory(client))


async def listed(client: GraphClient) -> list[str]:
    found = GraphDirectory(client).service_principals()
    return [app.id async for app_page in found for app in app_page]


grants = reading(lambda directory: directory.delegated_grants())
one = reading(lambda directory: directory.service_principal(ID))
me = reading(lambda directory: directory.me())


def raw(status: int, text: str, kind: str = "application/json") -> httpx.Response:
    return httpx.Response(status, content=text.encode(), headers={"content-type": kind})


ODD_REFUSALS = {
    "a page of HTML": raw(400, HTML, "text/html"),
    "HTML that claims to be JSON": raw(400, HTML),
    "plain text": raw(400, "no such thing", "text/plain"),
    "truncated JSON": raw(400, '{"error": {"code": "Bad'),
    "nothing": httpx.Response(400),
    "a JSON string": raw(400, '"no"'),
    "a JSON list": raw(400, "[1]"),
    "null": raw(400, "null"),
    "an OAuth error": raw(400, '{"error": "invalid_request", "error_description": "no"}'),
    "another project's error": raw(400, '{"detail": "no"}'),
    "no code": raw(400, '{"error": {"message": "no"}}'),
    "no message": raw(400, '{"error": {"code": "BadRequest"}}'),
    "null members": raw(400, '{"error": {"code": null, "message": null, "innerError": null}}'),
    "a code of another type": raw(400, '{"error": {"code": 400, "message": ["no"]}}'),
    "bytes": httpx.Response(400, content=b"\xff\xfe\x00", headers={"content-type": "application/json"}),
}


@pytest.mark.parametrize("name", ODD_REFUSALS)
@pytest.mark.parametrize("read", [listed, one, grants], ids=["a collection", "an object", "grants"])
def test_a_refusal_in_whatever_form_is_one_clear_error(name: str, read: Callable[..., Awaitable[Any]]) -> None:
    with pytest.raises(GraphRefused) as told:
        connected(Service(ODD_REFUSALS[name]), read)
    assert told.value.status == 400
    assert told.value.why.startswith("Graph answered 400")
    assert "<b>" not in told.value.why
    assert "Traceback" not in told.value.why


ODD_PAGES = {
    "truncated JSON": raw(200, '{"value": [{"id": "0ec7'),
    "HTML": raw(200, HTML, "text/html"),
    "nothing": httpx.Response(200),
    "no collection": raw(200, "{}"),
    "a null collection": raw(200, '{"value": null}'),
    "an object for a collection": raw(200, '{"value": {}}'),
    "a list": raw(200, "[]"),
    "null": raw(200, "null"),
    "an item without an id": raw(200, '{"value": [{"appId": "x"}]}'),
    "an item that is null": raw(200, '{"value": [null]}'),
    "an id that is a number": raw(200, '{"value": [{"id": 5}]}'),
    "bytes": httpx.Response(200, content=b'{"value": [{"id": "\xff"}]}'),
    "a wrong encoding": httpx.Response(200, content=b"zip"),
}


@pytest.mark.parametrize("name", ODD_PAGES)
def test_a_page_that_is_none_is_never_taken_for_an_empty_one(name: str) -> None:
    with pytest.raises(GraphRefused, match="cannot list enterprise applications") as told:
        connected(Service(ODD_PAGES[name]), listed)
    assert "not what Microsoft documents" in told.value.why


def test_a_body_that_cannot_be_unpacked_is_an_error_of_the_connection() -> None:
    class Packed(Service):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await super().handle_async_request(request)
            return httpx.Response(
                200, stream=httpx.ByteStream(b"not gzip"), headers={"content-encoding": "gzip"}, request=request
            )

    with pytest.raises(Unreachable, match="cannot list enterprise applications"):
        connected(Packed(page()), listed)


def test_a_collection_that_breaks_off_on_its_second_page_gives_nothing() -> None:
    service = Service(page({"id": ID}, next_link=f"{ENDPOINT}/oauth2PermissionGrants?$skiptoken=a"), raw(200, "{"))
    with pytest.raises(GraphRefused):
        connected(service, grants)


def test_an_object_that_is_not_there_is_none() -> None:
    assert connected(Service(refused(404, "Request_ResourceNotFound")), one) is None
    assert connected(Service(raw(404, '{"detail": "Not Found"}')), one) is None


def test_a_404_that_is_not_graphs_does_not_mean_that_the_object_is_not_there() -> None:
    with pytest.raises(GraphRefused) as told:
        connected(Service(raw(404, HTML, "text/html; charset=utf-8")), one)
    assert "text/html" in told.value.why


def test_an_application_is_nobody_but_a_missing_me_is_an_error() -> None:
    assert connected(Service(refused(400, "BadRequest")), me) is None
    with pytest.raises(GraphRefused):
        connected(Service(refused(404, "UnknownRoute")), me)


def test_a_refused_token_says_what_to_check() -> None:
    with pytest.raises(PermissionMissing) as told:
        connected(Service(refused(401, "InvalidAuthenticationToken")), listed)
    assert "clock" in told.value.hint


# --- liberal in what is read


def test_properties_may_be_missing_and_unknown_ones_are_passed_over() -> None:
    bare = {"id": ID, "@odata.type": "#microsoft.graph.servicePrincipal", "extra": {"deep": [1]}, "tags": None}
    app = connected(Service(raw(200, json.dumps(bare))), one)
    assert (app.id, app.display_name, app.tags) == (ID, None, None)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09", datetime(2024, 5, 6, 7, 8, 9)),
        ("2024-05-06T07:08:09.1234567Z", datetime(2024, 5, 6, 7, 8, 9, 123457, tzinfo=UTC)),
        ("2024-05-06T09:08:09+02:00", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("9999-12-31T23:59:59.9999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_are_read_with_or_without_zone_and_with_all_their_digits(text: str, read_as: datetime) -> None:
    body = {"id": ID, "createdDateTime": text, "passwordCredentials": [{"endDateTime": text, "keyId": None}]}
    app = connected(Service(raw(200, json.dumps(body))), one)
    assert app.created_date_time == read_as
    assert app.password_credentials[0].end_date_time == read_as


@pytest.mark.parametrize("indent", [None, 2])
def test_ids_in_capitals_are_the_same_ids(indent: int | None) -> None:
    body = {"value": [{"id": ID.upper(), "appId": OTHER.upper(), "displayName": OTHER.upper()}]}
    body_text = "\ufeff" + json.dumps(body, indent=indent)
    named = reading(lambda directory: directory.service_principals_named(OTHER))
    (app,) = connected(Service(raw(200, body_text)), named)
    assert (app.id, app.app_id) == (ID, OTHER)
    assert app.display_name == OTHER.upper()


def test_ids_that_are_no_guids_keep_their_letters() -> None:
    body = {"value": [{"id": "AbC-dEf_9", "clientId": ID.upper(), "consentType": "AllPrincipals", "resourceId": OTHER}]}
    (grant,) = connected(Service(raw(200, json.dumps(body))), grants)
    assert (grant.id, grant.client_id) == ("AbC-dEf_9", ID)


@pytest.mark.parametrize(
    ("read", "rows"),
    [
        (
            lambda directory: directory.delegated_grants(ID),
            [{"id": "1", "clientId": of, "consentType": "AllPrincipals", "resourceId": "r"} for of in (ID, OTHER)],
        ),
        (
            lambda directory: directory.eligible_group_access(group_id=ID),
            [{"id": "1", "principalId": "p", "groupId": of, "accessId": "member"} for of in (ID, OTHER)],
        ),
        (
            lambda directory: directory.eligible_group_access(principal_id=ID),
            [{"id": "1", "principalId": of, "groupId": "g", "accessId": "member"} for of in (ID, OTHER)],
        ),
        (
            lambda directory: directory.role_assignments(principal_id=ID),
            [{"id": "1", "principalId": of, "roleDefinitionId": "r"} for of in (ID, OTHER)],
        ),
        (
            lambda directory: directory.eligible_role_instances(role_id=ID),
            [{"id": "1", "principalId": "p", "roleDefinitionId": of} for of in (ID, OTHER)],
        ),
    ],
    ids=["grants", "group access of a group", "group access of a person", "assignments", "eligible roles"],
)
def test_a_service_that_ignores_the_filter_does_not_widen_the_answer(
    read: Callable[[GraphDirectory], Awaitable[Any]], rows: list[dict[str, str]]
) -> None:
    service = Service(page(*rows))
    assert len(connected(service, reading(read))) == 1
    assert ID in service.asked[0].url.params["$filter"]


# --- redirects


@pytest.mark.parametrize(
    "place",
    [
        "https://login.evil.example/portal?token=x",
        "https://graph.microsoft.com:8443/v1.0/servicePrincipals",
        "http://graph.microsoft.com/v1.0/servicePrincipals",
        "//evil.example/",
        "https://[bad",
    ],
)
def test_a_redirect_to_elsewhere_is_refused_and_nothing_is_sent_there(place: str) -> None:
    service = Service(httpx.Response(302, headers={"location": place}), page({"id": ID}))
    with pytest.raises(GraphRefused, match="redirect"):
        connected(service, listed)
    assert service.hosts == {"graph.microsoft.com"}
    assert len(service.asked) == 1


def test_a_redirect_within_the_service_is_followed_with_the_token() -> None:
    service = Service(httpx.Response(307, headers={"location": "/v1.0/servicePrincipals/"}), page({"id": ID}))
    assert connected(service, listed) == [ID]
    assert service.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_redirects_without_end_are_refused() -> None:
    service = Service(httpx.Response(302, headers={"location": "/v1.0/again"}))
    with pytest.raises(ToolkitError):
        connected(service, listed)
    assert len(service.asked) < 10


def test_a_write_is_never_redirected() -> None:
    app = Enterprise(id=ID, app_id=OTHER, name="SMArtEmail", enabled=True)
    off = Change(before=app, after=Enterprise(id=ID, app_id=OTHER, name="SMArtEmail", enabled=False))
    service = Service(httpx.Response(302, headers={"location": "/v1.0/elsewhere"}), httpx.Response(204))
    with pytest.raises(GraphRefused, match="redirect"):
        connected(service, lambda client: GraphWriter(client).write(off))
    assert [request.method for request in service.asked] == ["PATCH"]
