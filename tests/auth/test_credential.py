"""The one credential: silent until it is needed, asked once, renewed in time, and shown to nobody else."""

from __future__ import annotations

import asyncio
import base64
import json

import httpx

from tests.graph.wire import Service, connected, page
from toolkit.auth.credential import SPARE_SECONDS, LazyCredential, Token
from toolkit.graph.client import GraphClient
from toolkit.graph.roles import GraphDirectory

SCOPE = "https://graph.microsoft.com/.default"
CHALLENGE = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
CONTOSO = page({"id": "c0117050-0000-4000-8000-000000000001", "displayName": "Contoso"})


class SignIn:
    """Counts what it is asked for; each token differs from the one before."""

    def __init__(self, lasts: int = 3600) -> None:
        self.asked: list[tuple[tuple[str, ...], str | None]] = []
        self._lasts = lasts

    def __call__(self, scopes: tuple[str, ...], claims: str | None) -> Token:
        self.asked.append((scopes, claims))
        return Token(f"token-{len(self.asked)}", 1_000_000 + self._lasts)


def challenge() -> httpx.Response:
    claims = base64.b64encode(CHALLENGE.encode()).decode()
    told = f'Bearer realm="", authorization_uri="https://login.example", error="insufficient_claims", claims="{claims}"'
    return httpx.Response(401, json={"error": {"code": "InvalidAuthenticationToken", "message": "Continuous access"}},
                          headers={"www-authenticate": told})  # fmt: skip


async def twenty_reads(client: GraphClient) -> None:
    directory = GraphDirectory(client)
    await asyncio.gather(*(directory.organization() for _ in range(20)))


async def one_read(client: GraphClient) -> None:
    await GraphDirectory(client).organization()


def test_nothing_is_asked_for_before_the_first_request() -> None:
    sign_in = SignIn()

    async def nothing(client: GraphClient) -> None: ...

    connected(Service(CONTOSO), nothing, sign_in)
    assert sign_in.asked == []


def test_parallel_reads_share_one_sign_in() -> None:
    sign_in, service = SignIn(lasts=4_000_000_000), Service(CONTOSO)
    connected(service, twenty_reads, sign_in)
    assert sign_in.asked == [((SCOPE,), None)]
    assert len(service.asked) == 20
    assert {request.headers["authorization"] for request in service.asked} == {"Bearer token-1"}


def test_a_claims_challenge_asks_for_a_token_that_meets_it() -> None:
    sign_in, service = SignIn(lasts=4_000_000_000), Service(challenge(), CONTOSO)
    connected(service, one_read, sign_in)
    assert sign_in.asked == [((SCOPE,), None), ((SCOPE,), CHALLENGE)]
    assert [request.headers["authorization"] for request in service.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_challenge_that_meets_many_requests_at_once_is_answered_once() -> None:
    sign_in = SignIn(lasts=4_000_000_000)

    class Revoked(Service):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await super().handle_async_request(request)
            return CONTOSO if request.headers["authorization"] == "Bearer token-2" else challenge()

    connected(Revoked(CONTOSO), twenty_reads, sign_in)
    assert [claims for _, claims in sign_in.asked] == [None, CHALLENGE]


def test_a_token_about_to_expire_is_renewed_before_it_is_used() -> None:
    sign_in = SignIn(lasts=3600)
    now = [1_000_000.0]

    async def use() -> list[str]:
        credential = LazyCredential(sign_in, lambda: now[0])
        seen: list[str] = []
        for passed in (0, 3600 - SPARE_SECONDS - 1, 2, 1):
            now[0] += passed
            seen.append((await credential.get_token(SCOPE)).token)
        return seen

    assert asyncio.run(use()) == ["token-1", "token-1", "token-2", "token-3"]


def test_a_sign_in_that_failed_is_tried_again_by_the_next_request() -> None:
    answers = iter([RuntimeError("no"), Token("later", 4_000_000_000)])

    def sign_in(scopes: tuple[str, ...], claims: str | None) -> Token:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def use() -> str:
        credential = LazyCredential(sign_in)
        told = await asyncio.gather(credential.get_token(SCOPE), credential.get_token(SCOPE), return_exceptions=True)
        assert isinstance(told[0], RuntimeError)
        return (await credential.get_token(SCOPE)).token

    assert asyncio.run(use()) == "later"


def test_a_token_never_shows_itself() -> None:
    assert "s3cret" not in f"{Token('s3cret', 5)!r} {Token('s3cret', 5)}"


def test_what_a_token_says_is_read_where_it_can_be() -> None:
    def made(claims: object) -> str:
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"x.{body}.y"

    async def told(secret: str) -> str | None:
        credential = LazyCredential(lambda scopes, claims: Token(secret, 4_000_000_000))
        return await credential.claim(SCOPE, "appid", "azp")

    assert asyncio.run(told(made({"appid": "the-app"}))) == "the-app"
    assert asyncio.run(told(made({"azp": "the-app"}))) == "the-app"
    for unreadable in ("opaque", "a.b.c", made([1]), made({})):
        assert asyncio.run(told(unreadable)) is None
