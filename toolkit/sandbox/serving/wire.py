"""HTTP/1.1 on a socket: one request read within limits of size and time, one reply written (RFC 9112)."""

from __future__ import annotations

import gzip
import io
import re
import socket
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus

from toolkit.sandbox.http import Reply, json_reply

LINE_LIMIT = 64 * 1024
HEADERS_LIMIT = 128
BODY_LIMIT = 4 * 1024 * 1024
"""Far more than any request to the sandbox needs; it is held in memory."""
COMPRESS_FROM = 1024
_GOODBYE_SECONDS = 0.5

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) ([\x21-\xff]+) HTTP/(\d)\.(\d)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)", re.DOTALL)
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEX = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;.*)?", re.DOTALL)
_BODILESS = (204, 304)


class BadRequest(Exception):
    """A request that the sandbox itself does not answer: the status it gets, why, and which methods are `allowed`."""

    def __init__(self, status: int, text: str, allowed: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.allowed = allowed

    def reply(self) -> Reply:
        """The refusal in a form that both Graph's clients and a person can read."""
        code = _reason(self.status).title().replace(" ", "")
        allow = {"Allow": self.allowed} if self.allowed else {}
        return json_reply({"error": {"code": code, "message": self.text}}, self.status, allow)


class Gone(Exception):
    """The other side has closed the connection between two requests, or said nothing for too long."""


@dataclass(slots=True)
class Asked:
    """A request as it came: header names in lower case, the body already whole and uncompressed."""

    method: str
    target: str
    keeps_alive: bool
    is_old: bool
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def lists(self, header: str, token: str) -> bool:
        """Does a header that is a list hold `token`?"""
        return token in (part.strip().lower() for part in self.headers.get(header, "").split(","))


class Incoming(io.RawIOBase):
    """The reading side of a socket, until a moment: a client that trickles bytes gains no time by it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """Whatever is read from now on must come within so many seconds."""
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """As RawIOBase; raises TimeoutError when the time is up."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class Conversation:
    """Requests and replies on one connection. With `sparing`, not a byte after a request is read ahead of time."""

    def __init__(self, connection: socket.socket, *, idle: float, patience: float, sparing: bool = False) -> None:
        self._connection = connection
        self._incoming = Incoming(connection)
        self._reader = io.BufferedReader(self._incoming, 1 if sparing else 64 * 1024)
        self._idle = idle
        self._patience = patience

    def next_request(self) -> Asked:
        """The next request. Raises Gone when there is none, BadRequest when it cannot be understood."""
        self._incoming.allow(self._idle)
        try:
            if not self._reader.peek(1):
                raise Gone
        except OSError as silent:
            raise Gone from silent
        self._incoming.allow(self._patience)
        try:
            return self._request()
        except TimeoutError as slow:
            raise BadRequest(408, f"The request was not complete after {self._patience:g} s.") from slow

    def send(self, reply: Reply, asked: Asked | None, *, keeps_alive: bool) -> None:
        """Write a reply; it is compressed, or left without its body, as the request wants. Raises OSError."""
        self._connection.settimeout(self._patience)
        self._connection.sendall(written(reply, asked, keeps_alive=keeps_alive))

    def _request(self) -> Asked:
        line = self._line(414, "The request line")
        if not line:  # RFC 9112 section 2.2: an empty line before the request is overlooked
            line = self._line(414, "The request line")
        found = _REQUEST_LINE.fullmatch(line)
        if found is None:
            raise BadRequest(400, "The request line is malformed.")
        if found[3] != b"1":
            raise BadRequest(505, "Only HTTP/1.1 is spoken here.")
        is_old = found[4] == b"0"
        asked = Asked(found[1].decode("ascii"), found[2].decode("latin-1"), not is_old, is_old, self._fields())
        if is_old:
            asked.keeps_alive = asked.lists("connection", "keep-alive")
        else:
            asked.keeps_alive = not asked.lists("connection", "close")
        asked.body = _uncompressed(asked.headers, self._body(asked))
        return asked

    def _line(self, status: int, what: str) -> bytes:
        line = self._reader.readline(LINE_LIMIT + 1)
        if len(line) > LINE_LIMIT:
            raise BadRequest(status, f"{what} is longer than {LINE_LIMIT} bytes.")
        if not line.endswith(b"\n"):
            raise BadRequest(400, "The request ended in the middle.")
        return line[:-2] if line.endswith(b"\r\n") else line[:-1]

    def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for _ in range(HEADERS_LIMIT + 1):
            line = self._line(431, "A header")
            if not line:
                return fields
            found = _FIELD.fullmatch(line)
            if found is None or _FORBIDDEN.search(found[2]):
                raise BadRequest(400, "A header is malformed.")
            name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1").rstrip(" \t")
            if name not in fields:
                fields[name] = value
            elif name in ("host", "content-length", "transfer-encoding"):
                raise BadRequest(400, f"The header {name} is there twice.")
            else:
                fields[name] = f"{fields[name]}, {value}"
        raise BadRequest(431, f"There are more than {HEADERS_LIMIT} headers.")

    def _body(self, asked: Asked) -> bytes:
        headers = asked.headers
        length, coding = headers.get("content-length"), headers.get("transfer-encoding")
        if coding is not None:
            if coding.strip().lower() != "chunked" or length is not None or asked.is_old:
                raise BadRequest(400, "The length of the body is not clear.")
            self._continue(asked)
            return self._chunks()
        if length is None:
            return b""
        if not (length.isascii() and length.isdigit()):
            raise BadRequest(400, "Content-Length is not a number.")
        if len(length) > 18 or int(length) > BODY_LIMIT:
            raise _too_large()
        self._continue(asked)
        return self._exactly(int(length))

    def _continue(self, asked: Asked) -> None:
        if not asked.is_old and asked.lists("expect", "100-continue"):
            self._connection.settimeout(self._patience)
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _chunks(self) -> bytes:
        parts, total = list[bytes](), 0
        while True:
            found = _HEX.fullmatch(self._line(400, "The size of a chunk"))
            if found is None:
                raise BadRequest(400, "The size of a chunk is malformed.")
            size = int(found[1], 16)
            if size == 0:
                self._fields()  # trailers
                return b"".join(parts)
            total += size
            if total > BODY_LIMIT:
                raise _too_large()
            parts.append(self._exactly(size))
            if self._line(400, "A chunk"):
                raise BadRequest(400, "A chunk is longer than it says.")

    def _exactly(self, size: int) -> bytes:
        body = self._reader.read(size)
        if len(body) < size:
            raise BadRequest(400, "The request ended in the middle.")
        return body


def say_goodbye(connection: socket.socket) -> None:
    """Send no more, and throw away for a short while what still comes: closing on it would take the reply along."""
    until, thrown = time.monotonic() + _GOODBYE_SECONDS, 0
    with suppress(OSError):
        # Below TLS, which has nothing more to say.
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while thrown < BODY_LIMIT and (left := until - time.monotonic()) > 0:
            connection.settimeout(left)
            part = socket.socket.recv(connection, 64 * 1024)
            if not part:
                return
            thrown += len(part)


def written(reply: Reply, asked: Asked | None, *, keeps_alive: bool, reason: str | None = None) -> bytes:
    """A reply as bytes, in the form that this request wants."""
    body, more = _encoded(reply, asked)
    headers = {**reply.headers, **more}
    names = {name.lower() for name in headers}
    if "date" not in names:
        headers["Date"] = format_datetime(datetime.now(UTC), usegmt=True)
    if reply.status not in _BODILESS:
        headers["Content-Length"] = str(len(body))
    if not keeps_alive:
        headers["Connection"] = "close"
    elif asked is not None and asked.is_old:
        headers["Connection"] = "keep-alive"
    lines = [f"HTTP/1.1 {reply.status} {reason or _reason(reply.status)}"]
    lines += [f"{_CONTROL.sub('', name)}: {_CONTROL.sub(' ', value)}" for name, value in headers.items()]
    is_head = asked is not None and asked.method == "HEAD"
    head = "".join(f"{line}\r\n" for line in (*lines, ""))
    return _as_bytes(head) + (b"" if is_head or reply.status in _BODILESS else body)


def _encoded(reply: Reply, asked: Asked | None) -> tuple[bytes, Mapping[str, str]]:
    if len(reply.body) <= COMPRESS_FROM or "Content-Encoding" in reply.headers:
        return reply.body, {}
    vary = {"Vary": "Accept-Encoding"}
    if asked is None or not _takes_gzip(asked.headers.get("accept-encoding", "")):
        return reply.body, vary
    return gzip.compress(reply.body, compresslevel=1, mtime=0), {**vary, "Content-Encoding": "gzip"}


def _takes_gzip(accepted: str) -> bool:
    """https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3"""
    for part in accepted.lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        if coding in ("gzip", "x-gzip"):
            return not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", parameter) for parameter in parameters)
    return False


def _uncompressed(headers: Mapping[str, str], body: bytes) -> bytes:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", "") or not body:
        return body
    if coding != "gzip":
        raise BadRequest(415, "A request may be compressed by gzip only.")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(body, BODY_LIMIT + 1)
    except zlib.error as broken:
        raise BadRequest(400, "The compressed body is damaged.") from broken
    if len(plain) > BODY_LIMIT:
        raise _too_large()
    if not unpacker.eof:
        raise BadRequest(400, "The compressed body is damaged.")
    return plain


def _too_large() -> BadRequest:
    return BadRequest(413, f"The body is larger than {BODY_LIMIT // 1024 // 1024} MB.")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def _as_bytes(head: str) -> bytes:
    # What came in as Latin-1 goes out as the same bytes; anything else is UTF-8.
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError:
        return head.encode("utf-8", "replace")
