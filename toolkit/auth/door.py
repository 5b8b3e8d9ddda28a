"""The door through which msal and azure-identity reach an identity platform that has no socket.

Both send through a `requests` session; one whose only adapter calls a function is all that they need.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests
from requests.adapters import BaseAdapter


class Reply(Protocol):
    """An answer of the identity platform."""

    status: int
    body: bytes
    headers: dict[str, str]


Handle = Callable[[str, str, Mapping[str, str], bytes], Reply]
"""Method, URL, headers and body in, an answer out."""


class HandlerAdapter(BaseAdapter):
    """A requests adapter that asks a function instead of the network."""

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self._handle = handle

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        """The function's answer as a response."""
        body = request.body or b""
        told = self._handle(
            request.method, request.url, dict(request.headers), body.encode() if isinstance(body, str) else body
        )
        response = requests.Response()
        response.status_code = told.status
        response.headers.update(told.headers)
        response.raw = io.BytesIO(told.body)
        response.encoding = "utf-8"
        response.url = request.url
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is held open."""


def session_over(handle: Handle) -> requests.Session:
    """A session whose every request is answered by `handle`."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", HandlerAdapter(handle))
    return session
