"""The sandbox as an application: one function from request to reply, and the same as an ASGI app."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from toolkit.sandbox.http import Reply, Request, json_reply
from toolkit.sandbox.routing import Call
from toolkit.sandbox.store import SandboxStateDamaged, Store

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOG_LENGTH = 1000
_COMPRESS_FROM = 1024
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_UNLOGGED = {"authorization", "cookie"}


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Sandbox:
    """Microsoft Graph and the identity platform of one tenant, told apart by the host that is asked.

    `compress` is for serving over sockets: bodies above 1 KB are sent gzipped to those who ask.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime] = utc_now,
        seed: int = 0,
        *,
        compress: bool = False,
    ) -> None:
        self.store = store
        self.now = now
        self.compress = compress
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self._random = random.Random(seed)

    def handle(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
        """Answer one request; what goes wrong inside is a 500 that names the route, never an exception."""
        request = Request.of(method, url, headers, body)
        try:
            reply = self._answer(request)
        except SandboxStateDamaged as damaged:
            reply = _failure(500, "SandboxStateDamaged", str(damaged))
        except Exception:
            import traceback

            print(f"sandbox: {request.method} {request.path} failed", file=sys.stderr)
            traceback.print_exc(file=sys.stderr)
            text = f"The sandbox failed on {request.method} {request.path}; its traceback is on stderr."
            reply = _failure(500, "SandboxFailed", text)
        if not _is_control(request):
            self.log.append(_log_entry(request, reply))
        return reply

    def _answer(self, request: Request) -> Reply:
        if _is_control(request):
            from toolkit.sandbox.control import serve as control

            return control(self, request)
        serve, reads_only = self._service(request)
        if reads_only and not self.store.reading().settings["faults"]:
            call = self._call(request, self.store.reading())
            return serve(call)
        with self.store.writing() as change:
            call = self._call(request, change.tenant)
            reply = serve(call)
            change.dirty = change.dirty or call.dirty
            return reply

    def _call(self, request: Request, tenant: Any) -> Call:
        now = self.now()
        tenant.as_of = now
        return Call(request=request, tenant=tenant, now=now, request_id=self._guid())

    def _service(self, request: Request) -> tuple[Callable[[Call], Reply], bool]:
        """What serves the request, and whether it surely leaves the tenant as it is."""
        if _is_identity(request):
            return _identity, False
        from toolkit.sandbox.graph.service import reads_only, serve

        return serve, reads_only(request)

    def _guid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection (HTTP and lifespan)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"the sandbox does not serve {scope['type']}")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        reply = self.handle(scope["method"], _url(scope, headers), headers, await _body(receive))
        if self.compress:
            _squeeze(reply, headers)
        await _send(send, reply)


def _identity(call: Call) -> Reply:
    from toolkit.sandbox.faults import due, identity_fault
    from toolkit.sandbox.identity import router

    fault = due(call, call.request.path)
    if fault is not None:
        return identity_fault(fault, call)
    found = router.match(call.request.method, call.request.segments)
    if found is None:
        text = f"The sandbox does not serve {call.request.method} {call.request.path}"
        return json_reply({"error": "not_implemented", "error_description": text}, 501)
    call.route, parameters = found
    return call.route.handler(call, **parameters)


def _is_control(request: Request) -> bool:
    return bool(request.segments) and request.segments[0] == "_sandbox"


def _is_identity(request: Request) -> bool:
    host = request.hostname
    if host in _LOCAL:
        return not request.segments or request.segments[0].lower() not in ("v1.0", "beta")
    return host.startswith(("login.", "sts."))


def _failure(status: int, code: str, message: str) -> Reply:
    return json_reply({"error": {"code": code, "message": message}}, status)


def _log_entry(request: Request, reply: Reply) -> dict[str, Any]:
    return {
        "method": request.method,
        "host": request.host,
        "path": request.path,
        "query": request.query,
        "headers": {name: value for name, value in request.headers.items() if name not in _UNLOGGED},
        "status": reply.status,
    }


def _url(scope: Scope, headers: Mapping[str, str]) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8")
    path = raw.partition(b"?")[0].decode("latin-1")
    host = headers.get("host")
    if not host:
        name, port = scope.get("server") or ("localhost", None)
        host = name if port is None else f"{name}:{port}"
    query: bytes = scope.get("query_string", b"")
    return f"{scope.get('scheme', 'https')}://{host}{path}" + (f"?{query.decode('latin-1')}" if query else "")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def _squeeze(reply: Reply, headers: Mapping[str, str]) -> None:
    if len(reply.body) <= _COMPRESS_FROM or "gzip" not in headers.get("accept-encoding", ""):
        return
    import gzip

    reply.body = gzip.compress(reply.body, compresslevel=1, mtime=0)
    reply.headers["Content-Encoding"] = "gzip"
    reply.headers["Vary"] = "Accept-Encoding"


async def _send(send: Send, reply: Reply) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
