"""How the tests reach the sandbox's sign-in service: as msal does, and by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msal

from toolkit.sandbox import MemoryStore, Sandbox, Tenant
from toolkit.sandbox.http import Reply
from toolkit.sandbox.scenarios import contoso
from toolkit.sandbox.scenarios.contoso_own import PIPELINE, PIPELINE_SECRET, TOOL
from toolkit.sandbox.tokens import Claims, read

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
DEFAULT = f"{GRAPH}/.default"
ADMIN = "admin@contoso.example"


class Answer:
    """A reply in the shape msal expects from its `http_client`."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.text = reply.body.decode("utf-8")
        self.headers = {name.lower(): value for name, value in reply.headers.items()}

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise RuntimeError(self.status_code)


class SignInHost:
    """One sandbox with a clock that can be moved; also msal's `http_client`."""

    def __init__(self, tenant: Tenant | None = None) -> None:
        self.moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
        self.tenant = tenant or contoso.build(self.moment)
        self.sandbox = Sandbox(MemoryStore(self.tenant), now=lambda: self.moment)
        self.name = self.tenant.id

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**time)

    # msal's http_client

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Answer:
        body = data if isinstance(data, str) else urlencode(data or {})
        return Answer(self.sandbox.handle("POST", _with(url, params), headers or {}, body.encode()))

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Answer:
        return Answer(self.sandbox.handle("GET", _with(url, params), headers or {}))

    def close(self) -> None:
        """Nothing to close."""

    # by hand

    def ask(self, path: str, query: Mapping[str, str] | None = None, base: str = LOGIN) -> Reply:
        """A GET."""
        return self.sandbox.handle("GET", _with(f"{base}/{path}", query))

    def send(self, path: str, headers: Mapping[str, str] | None = None, **form: str) -> Reply:
        """A form post to an endpoint of the tenant."""
        url = f"{LOGIN}/{self.name}/oauth2/v2.0/{path}"
        return self.sandbox.handle("POST", url, headers or {}, urlencode(form).encode())

    def token(self, **form: str) -> Reply:
        """A form post to the token endpoint."""
        return self.send("token", **form)

    def pipeline_token(self, **form: str) -> Reply:
        """Client credentials of entrakit's pipeline client, some fields replaced."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": PIPELINE,
            "client_secret": PIPELINE_SECRET,
            "scope": DEFAULT,
            **form,
        }
        return self.token(**{name: value for name, value in fields.items() if value})

    def signed_in(self, scope: str = "User.Read openid profile offline_access", user: str = ADMIN) -> dict[str, Any]:
        """The tokens of a user who signed in to entrakit with a device code."""
        self.tenant.settings["autoApprove"] = user
        asked = self.send("devicecode", client_id=TOOL, scope=scope).json()
        reply = self.token(
            grant_type="urn:ietf:params:oauth:grant-type:device_code",
            client_id=TOOL,
            device_code=asked["device_code"],
            client_info="1",
        )
        self.tenant.settings["autoApprove"] = None
        assert reply.status == 200, reply.body
        return reply.json()

    def claims(self, token: str) -> Claims:
        """What a token says, its signature checked."""
        return read(self.tenant, token)

    def public(self, client: str = TOOL, **more: Any) -> msal.PublicClientApplication:
        """The real msal over this host."""
        return msal.PublicClientApplication(client, authority=f"{LOGIN}/{self.name}", http_client=self, **more)

    def confidential(self, credential: Any, client: str = PIPELINE) -> msal.ConfidentialClientApplication:
        """The real msal over this host."""
        return msal.ConfidentialClientApplication(
            client, authority=f"{LOGIN}/{self.name}", client_credential=credential, http_client=self
        )


def refused(reply: Reply) -> tuple[int, str, int]:
    """Status, error value and AADSTS number of a refusal."""
    body = reply.json()
    return reply.status, body["error"], body["error_codes"][0]


def sent_to(reply: Reply) -> tuple[str, dict[str, str]]:
    """Where a redirect goes, and the query it takes along."""
    assert reply.status == 302, reply.body
    parts = urlsplit(reply.headers["Location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


def _with(url: str, query: Mapping[str, str] | None) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url
