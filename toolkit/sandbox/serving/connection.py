"""What happens on one connection: TLS and requests to the sandbox, or a CONNECT that leads to the same."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from toolkit.sandbox.app import Sandbox
from toolkit.sandbox.http import Reply
from toolkit.sandbox.identity.realm import LOOPBACK
from toolkit.sandbox.serving.hosts import MICROSOFT_HOSTS, is_served, split_authority
from toolkit.sandbox.serving.wire import Asked, BadRequest, Conversation, Gone, say_goodbye, written

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REFUSED_METHODS = ("TRACE", "CONNECT")
_HTTPS = 443
_TLS_HANDSHAKE = 0x16
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for a TLS handshake, for a whole request, and for the next one."""

    handshake: float = 10
    request: float = 30
    idle: float = 75


class Service:
    """Answers connections with one sandbox. Requests take turns: a tenant is not made for two threads at once."""

    def __init__(self, sandbox: Sandbox, context: ssl.SSLContext, patience: Patience) -> None:
        self._sandbox = sandbox
        self._context = context
        self._patience = patience
        self._turn = threading.Lock()
        self._talking: set[ssl.SSLSocket] = set()
        self.port = 0
        self.is_stopping = False

    def serve_tls(self, connection: socket.socket) -> None:
        """Speak TLS and answer requests until the client leaves. Raises OSError when the connection breaks."""
        connection.settimeout(self._patience.handshake)
        first = connection.recv(1, socket.MSG_PEEK)
        if first and first[0] != _TLS_HANDSHAKE:
            refused = BadRequest(400, f"TLS is spoken here: https://localhost:{self.port}")
            connection.sendall(written(refused.reply(), None, keeps_alive=False))
            say_goodbye(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as tls, self._among_the_talking(tls):
            conversation = Conversation(tls, idle=self._patience.idle, patience=self._patience.request)
            self._converse(conversation)
            with suppress(OSError, ValueError):
                tls.settimeout(0)
                tls.unwrap()  # tells the other side, and does not wait for its answer
            say_goodbye(tls)

    def serve_proxy(self, connection: socket.socket) -> None:
        """Answer a CONNECT for a host of the sandbox and serve that; refuse any other. Raises OSError as above."""
        patience = self._patience.request
        conversation = Conversation(connection, idle=patience, patience=patience, sparing=True)
        try:
            asked = conversation.next_request()
            _check_tunnel(asked, self.port)
        except Gone:
            return
        except BadRequest as refused:
            connection.settimeout(patience)
            # Most clients show a proxy's reason phrase and nothing else.
            reason = _UNPRINTABLE.sub(" ", refused.text)
            connection.sendall(written(refused.reply(), None, keeps_alive=False, reason=reason))
            say_goodbye(connection)
            return
        connection.settimeout(patience)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.serve_tls(connection)

    def _converse(self, conversation: Conversation) -> None:
        """Answer requests until the client leaves, or has to."""
        while True:
            asked = None
            try:
                asked = conversation.next_request()
                reply, keeps_alive = self._reply(asked), asked.keeps_alive and not self.is_stopping
            except Gone:
                return
            except BadRequest as bad:
                conversation.send(bad.reply(), asked, keeps_alive=False)
                return
            conversation.send(reply, asked, keeps_alive=keeps_alive)
            if not keeps_alive:
                return

    def _reply(self, asked: Asked) -> Reply:
        if asked.method not in METHODS:
            status = 405 if asked.method in _REFUSED_METHODS else 501
            raise BadRequest(status, f"{asked.method} is not served.", allowed=", ".join(METHODS))
        host, path = self._addressed(asked)
        if asked.method == "OPTIONS":
            return Reply(204, b"", {"Allow": ", ".join(METHODS)})
        method = "GET" if asked.method == "HEAD" else asked.method
        with self._turn:
            if self.is_stopping:
                raise Gone
            try:
                return self._sandbox.handle(method, f"https://{host}{path}", asked.headers, asked.body)
            except ValueError as unreadable:
                raise BadRequest(400, "The address of the request is malformed.") from unreadable

    def _addressed(self, asked: Asked) -> tuple[str, str]:
        """Host and path of a request; raises BadRequest where it is for a host that is not the sandbox's."""
        host, path = asked.headers.get("host", ""), asked.target
        scheme, separator, rest = path.partition("://")
        if separator and scheme.lower() in ("https", "http"):  # the absolute form outranks the header
            host, slash, path = rest.partition("/")
            path = slash + path or "/"
        elif not host:
            if not asked.is_old:
                raise BadRequest(400, "The header Host is missing.")
            host = f"localhost:{self.port}"
        if not path.startswith("/") and (path, asked.method) != ("*", "OPTIONS"):
            raise BadRequest(400, "The address of the request is malformed.")
        try:
            name, _ = split_authority(host)
        except ValueError:
            raise BadRequest(400, "The header Host is malformed.") from None
        if not is_served(name):
            raise BadRequest(421, f"{host} is not served by the sandbox.")
        return host, path

    def finish(self) -> None:
        """Take no further request on any connection; returns once the one being answered is done."""
        self.is_stopping = True
        with self._turn:
            for tls in tuple(self._talking):
                # Past ssl's own shutdown, which would send what is still being written in the clear.
                with suppress(OSError):
                    socket.socket.shutdown(tls, socket.SHUT_RD)

    @contextmanager
    def _among_the_talking(self, tls: ssl.SSLSocket) -> Generator[None]:
        self._talking.add(tls)
        try:
            yield
        finally:
            self._talking.discard(tls)


Serve = Callable[[socket.socket], None]


def _check_tunnel(asked: Asked, port: int) -> None:
    """Raises BadRequest for anything but a tunnel to the sandbox."""
    if asked.method != "CONNECT":
        host = asked.target.partition("://")[2].partition("/")[0]
        if host:
            raise BadRequest(403, f"{host} is refused: this proxy leads by CONNECT to the sandbox only")
        raise BadRequest(405, "this is the proxy of the entrakit sandbox; it answers CONNECT only", allowed="CONNECT")
    try:
        name, asked_port = split_authority(asked.target)
    except ValueError:
        raise BadRequest(400, "what to connect to is malformed; it is written host:port") from None
    is_ours = (name in MICROSOFT_HOSTS and asked_port == _HTTPS) or (name in LOOPBACK and asked_port == port)
    if not is_ours:
        raise BadRequest(403, f"{asked.target} is refused: this proxy leads to the entrakit sandbox only")
