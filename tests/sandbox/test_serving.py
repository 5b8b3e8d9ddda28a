"""The sandbox behind sockets: who is let in, what the wire carries, that nothing breaks it, and how it ends."""

from __future__ import annotations

import gzip
import http.client
import ipaddress
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.sandbox.asking_graph import EVERYTHING, GLOBAL_ADMINISTRATOR
from toolkit.main import main
from toolkit.sandbox import FileStore, MemoryStore, Sandbox, Store, build, tokens
from toolkit.sandbox.http import Reply
from toolkit.sandbox.scenarios.contoso_own import PIPELINE, PIPELINE_SECRET
from toolkit.sandbox.scenarios.contoso_people import ADMIN, person
from toolkit.sandbox.serving import Patience, PortUnusable, Serving, serving
from toolkit.sandbox.serving.authority import authority_in, server_context
from toolkit.sandbox.serving.hosts import MICROSOFT_HOSTS

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)
HASTY = Patience(handshake=0.3, request=0.3, idle=5)


@dataclass(frozen=True)
class Served:
    """A sandbox and where it listens."""

    sandbox: Sandbox
    at: Serving

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.at.port}"

    @property
    def proxies(self) -> dict[str, str]:
        return {"https": f"http://127.0.0.1:{self.at.proxy_port}"}

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.at.ca))

    @property
    def admin(self) -> dict[str, str]:
        """The header of an administrator who may do everything."""
        claims = {"aud": "https://graph.microsoft.com", "appid": "app", "scp": EVERYTHING, "idtyp": "user"}
        who = {"oid": person(ADMIN), "upn": ADMIN, "wids": [GLOBAL_ADMINISTRATOR]}
        token = tokens.issue(self.sandbox.store.reading(), {**claims, **who}, datetime.now(UTC))
        return {"Authorization": f"Bearer {token}"}

    def connected(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.at.port, context=self.trust, timeout=10)

    def raw(self, sent: bytes) -> bytes:
        """All that is answered to these bytes, until the server closes."""
        with self.talking() as tls:
            tls.sendall(sent)
            return everything(tls)

    @contextmanager
    def talking(self) -> Generator[ssl.SSLSocket]:
        plain = socket.create_connection(("127.0.0.1", self.at.port), 10)
        with self.trust.wrap_socket(plain, server_hostname="localhost") as tls:
            yield tls

    def asked_of_proxy(self, sent: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.at.proxy_port), 10) as plain:
            plain.sendall(sent)
            return everything(plain)

    def is_well(self) -> bool:
        """Does it still answer a newcomer?"""
        return b'"status":"ok"' in self.raw(get("/_sandbox/health", "Connection: close"))


def everything(connection: socket.socket) -> bytes:
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def get(path: str, *headers: str, host: str = "localhost") -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", "")).encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@contextmanager
def serve(folder: Path, store: Store | None = None, patience: Patience | None = None) -> Generator[Served]:
    sandbox = Sandbox(store or MemoryStore(build("contoso", NOW)))
    with serving(sandbox, folder, NOW, patience=patience) as at:
        yield Served(sandbox, at)


@pytest.fixture(autouse=True)
def nobody_else_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither authorities nor proxies come from the environment."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    with serve(tmp_path_factory.mktemp("served")) as it:
        yield it


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    with serve(tmp_path_factory.mktemp("hasty"), patience=HASTY) as it:
        yield it


# Who is let in


def test_it_listens_on_loopback_alone(served: Served) -> None:
    assert {port for _, port in served.at.addresses} == {served.at.port, served.at.proxy_port}
    assert all(ipaddress.ip_address(address).is_loopback for address, _ in served.at.addresses)


@pytest.mark.parametrize("host", sorted(MICROSOFT_HOSTS))
def test_the_proxy_leads_to_the_sandbox_under_the_hosts_real_name(served: Served, host: str) -> None:
    answer = requests.get(
        f"https://{host}/_sandbox/health", proxies=served.proxies, verify=str(served.at.ca), timeout=10
    )
    assert answer.json()["status"] == "ok"


@pytest.mark.parametrize(
    "host", ["graph.microsoft.com", "login.windows.net", "sts.windows.net", "login.microsoftonline.us"]
)
def test_the_national_clouds_and_the_old_sign_in_hosts_are_served(host: str) -> None:
    assert host in MICROSOFT_HOSTS


@pytest.mark.parametrize(
    "target",
    [
        "example.com:443",
        "management.azure.com:443",
        "graph.microsoft.com.example.com:443",
        "graph.microsoft.com:80",
        "graph.microsoft.com",
        "127.0.0.1:22",
        "[::1]:22",
    ],
)
def test_the_proxy_refuses_every_other_target_and_names_it(served: Served, target: str) -> None:
    answer = served.asked_of_proxy(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    assert status(answer) == 403
    assert answer.split(b"\r\n")[0].startswith(f"HTTP/1.1 403 {target} is refused".encode())


def test_a_client_shows_which_host_the_proxy_refused(served: Served) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match=r"example\.com:443 is refused"):
        requests.get("https://example.com/", proxies=served.proxies, verify=str(served.at.ca), timeout=10)


def test_the_proxy_forwards_nothing_in_the_clear(served: Served) -> None:
    answer = requests.get(
        "http://example.com/", proxies={"http": served.proxies["https"]}, verify=str(served.at.ca), timeout=10
    )
    assert answer.status_code == 403
    assert "example.com" in answer.json()["error"]["message"]


def test_the_proxy_leads_to_localhost_at_its_own_port(served: Served) -> None:
    answer = served.asked_of_proxy(f"CONNECT localhost:{served.at.port + 1} HTTP/1.1\r\n\r\n".encode())
    assert status(answer) == 403
    connection = http.client.HTTPSConnection("127.0.0.1", served.at.proxy_port, context=served.trust, timeout=10)
    connection.set_tunnel("localhost", served.at.port)
    connection.request("GET", "/_sandbox/health")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"\x16\x03\x01\x00\x05hello\r\n", b"CONNECT :443 HTTP/1.1\r\n\r\n"])
def test_what_is_no_request_gets_a_400_from_the_proxy(served: Served, sent: bytes) -> None:
    assert status(served.asked_of_proxy(sent)) == 400


def test_who_speaks_no_tls_is_told_to(served: Served) -> None:
    answer = requests.get(f"http://127.0.0.1:{served.at.port}/v1.0/me", timeout=10)
    assert answer.status_code == 400
    assert served.origin in answer.json()["error"]["message"]


def test_a_request_for_another_host_is_misdirected(served: Served) -> None:
    answer = served.raw(get("/v1.0/me", host="evil.example"))
    assert status(answer) == 421
    assert b"evil.example" in answer


# Signing in and asking Graph


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "login.microsoftonline.us"])
def test_discovery_names_the_host_that_was_asked(served: Served, host: str) -> None:
    url = f"https://{host}/common/v2.0/.well-known/openid-configuration"
    document = requests.get(url, proxies=served.proxies, verify=str(served.at.ca), timeout=10).json()
    assert document["token_endpoint"] == f"https://{host}/common/oauth2/v2.0/token"


def test_discovery_at_localhost_names_the_port(served: Served) -> None:
    url = f"{served.origin}/common/v2.0/.well-known/openid-configuration"
    document = requests.get(url, verify=str(served.at.ca), timeout=10).json()
    assert document["token_endpoint"] == f"{served.origin}/common/oauth2/v2.0/token"


@pytest.mark.parametrize("direct", [True, False], ids=["directly", "through the proxy"])
def test_msal_signs_an_application_in_and_graph_takes_its_token(served: Served, direct: bool) -> None:
    login, graph = (
        (served.origin,) * 2 if direct else ("https://login.microsoftonline.com", "https://graph.microsoft.com")
    )
    proxies = None if direct else served.proxies
    app: Any = msal.ConfidentialClientApplication(
        PIPELINE,
        authority=f"{login}/{served.sandbox.store.reading().id}",
        client_credential=PIPELINE_SECRET,
        instance_discovery=not direct,
        verify=str(served.at.ca),
        proxies=proxies,
    )
    token = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    page = requests.get(
        f"{graph}/v1.0/servicePrincipals?$top=2",
        headers={"Authorization": f"Bearer {token['access_token']}"},
        proxies=proxies,
        verify=str(served.at.ca),
        timeout=10,
    ).json()
    assert page["@odata.nextLink"].startswith(f"{graph}/v1.0/servicePrincipals?")


# The wire


def test_a_connection_is_kept_for_the_next_request(served: Served) -> None:
    connection = served.connected()
    sockets: list[object] = []
    for _ in range(3):
        connection.request("GET", "/_sandbox/health")
        answer = connection.getresponse()
        assert answer.read().startswith(b'{"status":"ok"')
        sockets.append(connection.sock)
    connection.close()
    assert sockets[0] is not None and len(set(map(id, sockets))) == 1


def test_requests_that_come_at_once_are_answered_in_order(served: Served) -> None:
    answer = served.raw(get("/_sandbox/health") + get("/nowhere/at/all") + get("/_sandbox/health", "Connection: close"))
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"501", b"200"]


def test_http_1_0_is_closed_unless_it_asks_to_be_kept(served: Served) -> None:
    assert b"Connection: close" in served.raw(b"GET /_sandbox/health HTTP/1.0\r\n\r\n")
    with served.talking() as tls:
        tls.sendall(b"GET /_sandbox/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"Connection: keep-alive" in tls.recv(65536)


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [("gzip, deflate, br", True), ("GZIP;q=0.5", True), ("gzip;q=0", False), ("identity", False), (None, False)],
)
def test_a_large_answer_is_compressed_for_those_who_ask(served: Served, accepted: str | None, compressed: bool) -> None:
    connection = served.connected()
    headers = served.admin if accepted is None else {**served.admin, "Accept-Encoding": accepted}
    connection.putrequest("GET", "/v1.0/servicePrincipals", skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert (answer.headers["Content-Encoding"] == "gzip") is compressed
    assert int(answer.headers["Content-Length"]) == len(body)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert json.loads(gzip.decompress(body) if compressed else body)["value"]


def test_a_small_answer_is_not_compressed(served: Served) -> None:
    answer = served.raw(get("/_sandbox/health", "Accept-Encoding: gzip", "Connection: close"))
    assert b"Content-Encoding" not in answer


def test_head_tells_the_length_of_what_get_would_give(served: Served) -> None:
    connection = served.connected()
    connection.request("GET", "/_sandbox/health")
    body = connection.getresponse().read()
    connection.request("HEAD", "/_sandbox/health")
    head = connection.getresponse()
    assert (head.status, head.headers["Content-Length"], head.read()) == (200, str(len(body)), b"")
    connection.request("GET", "/_sandbox/health")
    assert connection.getresponse().read() == body
    connection.close()


@pytest.mark.parametrize("target", ["*", "/v1.0/servicePrincipals"])
def test_options_says_which_methods_there_are(served: Served, target: str) -> None:
    answer = served.raw(f"OPTIONS {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert status(answer) == 204
    assert b"Allow: GET, HEAD, POST" in answer
    assert b"Access-Control" not in answer


def test_a_deletion_answers_without_body_and_length(served: Served) -> None:
    headers = served.admin
    grant = next(iter(served.sandbox.store.reading().tables["oauth2PermissionGrants"]))
    answer = served.raw(
        f"DELETE /v1.0/oauth2PermissionGrants/{grant} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: {headers['Authorization']}\r\n\r\n".encode()
    )
    assert status(answer) == 204
    assert b"Content-Length" not in answer
    assert answer.endswith(b"\r\n\r\n")


SETTINGS = b'{"pageSize": 77}'
CHUNKED = b"5;name=value\r\n" + SETTINGS[:5] + b"\r\n" + b"%x\r\n" % len(SETTINGS[5:]) + SETTINGS[5:] + b"\r\n0\r\n\r\n"
PACKED = gzip.compress(SETTINGS)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Length: %d" % len(SETTINGS), SETTINGS),
        (b"Transfer-Encoding: chunked", CHUNKED),
        (b"Content-Encoding: gzip\r\nContent-Length: %d" % len(PACKED), PACKED),
    ],
    ids=["plain", "chunked", "gzip"],
)
def test_a_body_arrives_however_it_is_sent(served: Served, headers: bytes, body: bytes) -> None:
    head = b"PATCH /_sandbox/settings HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    answer = served.raw(head + headers + b"\r\n\r\n" + body)
    assert status(answer) == 200
    assert b'"pageSize":77' in answer
    served.sandbox.store.reading().settings["pageSize"] = 100


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(served: Served) -> None:
    with served.talking() as tls:
        tls.sendall(
            b"PATCH /_sandbox/settings HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert tls.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        tls.sendall(b"{}")
        assert status(tls.recv(65536)) == 200


def test_a_request_may_carry_its_whole_address(served: Served) -> None:
    answer = served.raw(get("https://graph.microsoft.com/v1.0/me", "Connection: close", host="evil.example"))
    assert status(answer) == 401


def test_no_header_can_be_smuggled_into_an_answer(served: Served) -> None:
    sent = "/common/oauth2/v2.0/authorize?client_id=x&redirect_uri=https://a%0d%0aSet-Cookie:%20b"
    assert b"\r\nSet-Cookie" not in served.raw(get(sent, "client-request-id: x\ty", "Connection: close"))


# Nothing breaks it


HOST = b"Host: localhost\r\n"
POST = b"POST /v1.0/me HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"G\x00T / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
        (b"GET v1.0 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost:99999\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"name : value\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"a: b\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"a: \x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"a: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"a: " + b"b" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
        (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 1_0\r\n\r\n", 400),
        (POST + b"Content-Length: 5, 5\r\n\r\nhello", 400),
        (POST + b"Content-Length: 999999999\r\n\r\n", 413),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413),
        (POST + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx", 415),
        (POST + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 400),
    ],
)
def test_a_broken_request_is_refused_and_the_next_one_answered(served: Served, sent: bytes, expected: int) -> None:
    answer = served.raw(sent)
    assert status(answer) == expected
    assert b"Connection: close" in answer
    assert served.is_well()


def test_a_small_body_cannot_grow_beyond_the_limit(served: Served) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert status(served.raw(POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)) == 413


@pytest.mark.parametrize("sent", [b"", b"\x16", b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x01" + b"\xff" * 1000])
def test_a_broken_handshake_harms_nobody_else(served: Served, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.at.port), 10) as plain:
        plain.sendall(sent)
    assert served.is_well()


def test_a_client_that_leaves_in_the_middle_harms_nobody_else(
    served: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    with served.talking() as tls:
        tls.sendall(POST + b"Content-Length: 100\r\n\r\nonly this")
    assert served.is_well()
    assert capfd.readouterr().err == ""


def test_a_client_that_does_not_trust_the_authority_gets_nothing(served: Served) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(served.origin, timeout=10)
    assert served.is_well()


def test_a_request_that_dawdles_is_ended(hasty: Served) -> None:
    assert status(hasty.raw(b"GET /v1.0/me HTTP/1.1\r\nHost: loc")) == 408


def test_a_handshake_that_dawdles_is_ended(hasty: Served) -> None:
    with socket.create_connection(("127.0.0.1", hasty.at.port), 10) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert everything(plain) == b""


def test_the_sandboxs_own_failure_is_a_500_and_no_end(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Reply:
        raise RuntimeError("for this test")

    monkeypatch.setattr(served.sandbox, "handle", fail)
    with served.talking() as tls:
        tls.sendall(get("/v1.0/me"))
        assert everything(tls) == b""
    monkeypatch.undo()
    assert served.is_well()


# The state


def test_concurrent_writes_all_last_and_leave_the_state_whole(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    with serve(tmp_path, FileStore(file, lambda: build("contoso", NOW))) as it:
        headers = {**it.admin, "Content-Type": "application/json"}
        principals = sorted(it.sandbox.store.reading().tables["servicePrincipals"])[:24]

        def note(id: str) -> int:
            connection = it.connected()
            connection.request("PATCH", f"/v1.0/servicePrincipals/{id}", json.dumps({"notes": f"of {id}"}), headers)
            answer = connection.getresponse()
            answer.read()
            connection.request("GET", "/v1.0/servicePrincipals", headers=headers)
            read = connection.getresponse()
            json.loads(read.read())
            connection.close()
            return answer.status if read.status == 200 else read.status

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(note, principals)) == {204}
    rows = FileStore(file, lambda: pytest.fail("the file is gone")).reading().tables["servicePrincipals"]
    assert [rows[id]["notes"] for id in principals] == [f"of {id}" for id in principals]


# The authority


def test_the_authority_stays_the_same_from_start_to_start(tmp_path: Path) -> None:
    with serve(tmp_path) as first:
        trusted = first.at.ca.read_bytes()
    with serve(tmp_path) as second:
        assert second.at.ca.read_bytes() == trusted
        assert second.is_well()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
def test_nobody_else_can_read_the_authoritys_key(tmp_path: Path) -> None:
    authority_in(tmp_path, NOW)
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "ca.key").chmod(0o644)
    authority_in(tmp_path, NOW)
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600


def test_nothing_secret_but_the_authoritys_key_is_left_behind(tmp_path: Path) -> None:
    with serve(tmp_path):
        assert {file.name for file in tmp_path.iterdir()} <= {"ca.pem", "ca.key", "ca.lock"}


@pytest.mark.parametrize(("days", "stays"), [(357, True), (359, False), (400, False), (-1, False)])
def test_the_authority_is_made_anew_a_week_before_it_expires(tmp_path: Path, days: int, stays: bool) -> None:
    before = authority_in(tmp_path, NOW).certificate
    assert (authority_in(tmp_path, NOW + timedelta(days=days)).certificate == before) is stays


def _lose(file: Path) -> None:
    file.unlink()


def _damage(file: Path) -> None:
    file.write_text("not what it was", encoding="utf-8")


@pytest.mark.parametrize("harm", [_lose, _damage])
@pytest.mark.parametrize("name", ["ca.pem", "ca.key"])
def test_a_lost_or_damaged_authority_is_made_anew(tmp_path: Path, name: str, harm: Callable[[Path], None]) -> None:
    before = authority_in(tmp_path, NOW).certificate
    harm(tmp_path / name)
    with serve(tmp_path) as it:
        assert it.is_well()
    assert authority_in(tmp_path, NOW).certificate != before


def test_starts_at_the_same_time_agree_on_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: authority_in(tmp_path, NOW).certificate, range(6)))
    assert len({certificate.fingerprint(hashes.SHA256()) for certificate in made}) == 1


def test_the_authority_vouches_for_no_host_but_the_sandboxs(tmp_path: Path) -> None:
    authority = authority_in(tmp_path, NOW)
    context = server_context(authority, tmp_path, NOW)
    assert _is_trusted(context, authority.file, "graph.microsoft.com")
    key = ec.generate_private_key(ec.SECP256R1())
    stolen = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(hours=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    pem = tmp_path / "stolen.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(stolen.public_bytes(Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    assert not _is_trusted(context, authority.file, "bank.example")


def _is_trusted(server: ssl.SSLContext, ca: Path, host: str) -> bool:
    """Does a client that trusts `ca` take what `server` shows for `host`?"""
    trust = ssl.create_default_context(cafile=str(ca))
    here, there = ssl.MemoryBIO(), ssl.MemoryBIO()
    client, shown = trust.wrap_bio(here, there, server_hostname=host), server.wrap_bio(there, here, server_side=True)
    for _ in range(4):
        for side in (client, shown):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return True


# Ending


def test_a_kept_connection_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with serve(tmp_path) as it:
            tls = stack.enter_context(it.talking())
            tls.sendall(get("/_sandbox/health"))
            assert status(tls.recv(65536)) == 200
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", it.at.proxy_port), 10))
        assert everything(tls) == b""
        assert everything(plain) == b""
    for port in (it.at.port, it.at.proxy_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 10)


def test_a_request_that_is_being_answered_is_answered_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ending = threading.Event(), threading.Event()
    body = os.urandom(3_000_000)

    def slowly(*_: object) -> Reply:
        asked.set()
        ending.wait(10)
        return Reply(200, body)

    with ThreadPoolExecutor(1) as threads:
        with serve(tmp_path) as it:
            monkeypatch.setattr(it.sandbox, "handle", slowly)
            answer = threads.submit(it.raw, get("/v1.0/me"))
            assert asked.wait(10)
            # The server begins to end while the answer is not there yet.
            threading.Timer(0.05, ending.set).start()
        assert answer.result(10).endswith(body)


def test_a_port_that_is_taken_is_told(served: Served, tmp_path: Path) -> None:
    with pytest.raises(PortUnusable) as told, serving(served.sandbox, tmp_path, NOW, port=served.at.port):
        pass
    assert (told.value.port, told.value.is_taken) == (served.at.port, True)


# The command


class Server:
    """`entrakit sandbox serve` as a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "toolkit", "sandbox", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
        )
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        (self.origin, self.proxy) = re.findall(r"https?://[\w.]+:\d+", self.said) or ("", "")

    def ended(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """The exit code, stdout and the rest of stderr after this signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@contextmanager
def command(*arguments: str) -> Generator[Server]:
    server = Server(*arguments)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


def settings(printed: str) -> Mapping[str, str]:
    return dict(re.findall(r"^(?:# )?export (\w+)=(.*)$", printed, re.MULTILINE))


POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop_and_that_is_no_failure(number: signal.Signals) -> None:
    with command("--ephemeral", "--scenario", "botched", "--print-env", "bash") as server:
        assert server.said.startswith("serving the botched sandbox at https://localhost:")
        assert "Ctrl-C" in server.said
        code, out, err = server.ended(number)
    assert (code, err) == (0, "")
    printed = settings(out)
    assert printed["HTTPS_PROXY"] == printed["https_proxy"] == server.proxy
    assert printed["AZURE_AUTHORITY_HOST"] == server.origin
    assert printed["ENTRAKIT_GRAPH_ENDPOINT"] == f"{server.origin}/v1.0"
    ca = {printed[name] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")}
    assert ca == {str(Path(os.environ["ENTRAKIT_STATE"], "sandbox", "ca.pem").resolve())}
    assert (printed["AZURE_CLIENT_ID"], printed["AZURE_CLIENT_SECRET"]) == (PIPELINE, PIPELINE_SECRET)


@POSIX
def test_commands_on_the_sandbox_and_programs_on_the_server_share_one_tenant(
    capfd: pytest.CaptureFixture[str],
) -> None:
    ca = Path(os.environ["ENTRAKIT_STATE"], "sandbox", "ca.pem")
    with command() as server:
        tenant = requests.get(f"{server.origin}/_sandbox/health", verify=str(ca), timeout=10).json()["tenant"]
        form = {"grant_type": "client_credentials", "client_id": PIPELINE, "client_secret": PIPELINE_SECRET}
        form["scope"] = "https://graph.microsoft.com/.default"
        url = f"{server.origin}/{tenant}/oauth2/v2.0/token"
        token = requests.post(url, data=form, verify=str(ca), timeout=10).json()["access_token"]
        assert main(["apps", "delete", "SMArtEmail", "--sandbox", "--yes"]) == 0
        page = requests.get(
            f"{server.origin}/v1.0/servicePrincipals?$filter=displayName eq 'SMArtEmail'",
            headers={"Authorization": f"Bearer {token}"},
            verify=str(ca),
            timeout=10,
        )
        assert page.json()["value"] == []
        requests.post(f"{server.origin}/_sandbox/reset", json={"scenario": "botched"}, verify=str(ca), timeout=10)
        capfd.readouterr()
        assert main(["apps", "show", "--sandbox"]) == 2
        assert "2 applications are named SMArtEmail" in capfd.readouterr().err
        assert server.ended()[0] == 0


def told(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["sandbox", "serve", *arguments])
    out, err = capfd.readouterr()
    assert out == ""
    return code, err


def test_a_taken_port_is_one_clear_error(served: Served, capfd: pytest.CaptureFixture[str]) -> None:
    code, err = told(capfd, "--proxy-port", str(served.at.port))
    assert code == 2
    assert f"error: cannot listen on port {served.at.port}" in err
    assert "Another program listens there." in err


def test_one_port_cannot_be_both(capfd: pytest.CaptureFixture[str]) -> None:
    code, err = told(capfd, "--port", "18443", "--proxy-port", "18443")
    assert code == 2
    assert "18443" in err


def test_a_scenario_never_replaces_the_tenant_that_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["apps", "delete", "SMArtEmail", "--sandbox", "--yes"]) == 0
    capfd.readouterr()
    code, err = told(capfd, "--scenario", "botched")
    assert code == 2
    assert "entrakit sandbox serve --scenario botched --ephemeral" in err
    assert main(["apps", "show", "SMArtEmail", "--sandbox"]) == 2


def test_an_unknown_scenario_cannot_be_served(capfd: pytest.CaptureFixture[str]) -> None:
    code, err = told(capfd, "--scenario", "nope", "--ephemeral")
    assert code == 2
    assert "contoso" in err


def test_a_damaged_state_is_told_before_anything_is_served(capfd: pytest.CaptureFixture[str]) -> None:
    folder = Path(os.environ["ENTRAKIT_STATE"], "sandbox")
    folder.mkdir(parents=True)
    (folder / "tenant.json").write_text("{", encoding="utf-8")
    code, err = told(capfd)
    assert code == 1
    assert "entrakit sandbox reset" in err


def test_a_value_is_quoted_for_its_shell() -> None:
    from toolkit.render.views.sandbox import environment_lines

    hostile = {"CA": "/it's $(here)/ca.pem"}
    assert """export CA='/it'"'"'s $(here)/ca.pem'""" in environment_lines("bash", hostile, {}, {})
    assert "$env:CA = '/it''s $(here)/ca.pem'" in environment_lines("powershell", hostile, {}, {})
