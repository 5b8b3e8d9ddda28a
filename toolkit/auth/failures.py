"""Sign-in failures in a person's words: which AADSTS code, what it means, what to do."""

from __future__ import annotations

import re

from toolkit.auth.aadsts import explain
from toolkit.errors import BadUsage, SignInFailed, ToolkitError, Unreachable
from toolkit.settings import RealTenant

CODE = re.compile(r"AADSTS(\d+)")
DISCOVERY = re.compile(r"OIDC Discovery|openid-configuration|authority configuration", re.IGNORECASE)
"""How msal says that it could not read what the tenant's sign-in addresses are."""
HTTP_ERROR = re.compile(r"HTTP Error: 5\d\d")
CONNECTION = re.compile(
    r"(Max retries exceeded|NewConnectionError|Name or service not known|getaddrinfo|"
    r"Connection (refused|reset|aborted)|CERTIFICATE_VERIFY_FAILED|ProxyError|timed? ?out)",
    re.IGNORECASE,
)
SECRET = re.compile(
    r"(client_secret|client_assertion|refresh_token|access_token|password|assertion)=[^&\s]+", re.IGNORECASE
)


def translated(failure: Exception, tenant: RealTenant) -> ToolkitError:
    """The ToolkitError for whatever azure-identity or msal raised while signing in."""
    if isinstance(failure, ToolkitError):
        return failure
    kinds = {type(one).__name__ for one in _reasons(failure)}
    text = SECRET.sub(r"\1=•••", "\n".join(str(one) for one in _reasons(failure)))
    what = f"cannot sign in to tenant {tenant.tenant}"
    if found := CODE.search(text):
        return _coded(what, int(found[1]), text)
    if kinds & {"InvalidProxyURL", "InvalidSchema", "InvalidURL"}:
        return BadUsage(what, "The proxy setting cannot be used.", hint="give HTTPS_PROXY as http://host:port")
    if CONNECTION.search(text) or kinds & {"ServiceRequestError", "ConnectionError", "Timeout"}:
        return _unreachable(what, _cause(text), tenant)
    if kinds & {"HTTPError", "JSONDecodeError"} or HTTP_ERROR.search(text):
        return _unreachable(what, "what answers there does not answer like it", tenant)
    if DISCOVERY.search(text):
        return _coded(what, 90002, text)
    if isinstance(failure, ValueError | OSError):
        return BadUsage(what, f"{_first_line(text)}", hint="check the sign-in settings (AZURE_* variables, --sign-in)")
    return SignInFailed(what, _first_line(text), hint=_way_in(tenant), commands=_ways(tenant))


def _reasons(failure: BaseException) -> list[BaseException]:
    """The failure and what led to it: msal raises a general one over the one that says why."""
    found: list[BaseException] = []
    reason: BaseException | None = failure
    while reason is not None and reason not in found:
        found.append(reason)
        reason = reason.__cause__ or reason.__context__
    return found


def _coded(what: str, code: int, text: str) -> SignInFailed:
    told = explain(str(code))
    if told is None:
        return SignInFailed(
            what, _first_line(text), code=code, hint="look the code up at https://login.microsoftonline.com/error"
        )
    return SignInFailed(what, f"AADSTS{code}: {told.meaning}", code=code, hint=told.fix)


def _unreachable(what: str, cause: str, tenant: RealTenant) -> Unreachable:
    host = tenant.authority or tenant.cloud.login_host
    return Unreachable(
        what,
        f"The sign-in service {host} could not be reached: {cause}.",
        hint="check the network, HTTPS_PROXY, NO_PROXY and the CA settings (REQUESTS_CA_BUNDLE, SSL_CERT_FILE)",
    )


def _cause(text: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted"
    if "Proxy" in text:
        return "the proxy refused or is not there"
    return "no connection"


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "no reason was given")
    return line if line.endswith(".") else f"{line}."


def _way_in(tenant: RealTenant) -> str:
    return (
        "sign in with a code in a browser, or give the pipeline a client id and secret"
        if tenant.method == "default"
        else ""
    )


def _ways(tenant: RealTenant) -> tuple[str, ...]:
    if tenant.method != "default":
        return ()
    return (
        f"entrakit apps list --tenant {tenant.tenant} --sign-in device-code",
        "export AZURE_TENANT_ID=… AZURE_CLIENT_ID=… AZURE_CLIENT_SECRET=…",
    )
