"""Graph's refusals in a person's words: what failed, why, and what would let it succeed."""

from __future__ import annotations

import httpx
import msgspec
from kiota_abstractions.api_error import APIError

from toolkit.errors import GraphRefused, NotLicensed, PermissionMissing, ToolkitError, Unreachable
from toolkit.graph.needs import Needs

LICENCE_CODES = frozenset({"AadPremiumLicenseRequired", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"})


FOREIGN = "UnexpectedAnswer"
"""Our own code for an answer that is not what Graph writes."""


class Refusal(msgspec.Struct, frozen=True):
    """Status, code and message of an error answer, and the id that Microsoft's support asks for."""

    status: int
    code: str
    message: str
    request_id: str = ""

    def __str__(self) -> str:
        code = f" {self.code}" if self.code else ""
        reference = f" (request-id {self.request_id})" if self.request_id else ""
        return f"Graph answered {self.status}{code}: {self.message.rstrip('.') or 'no message'}{reference}."


def refusal(error: APIError) -> Refusal:
    """What the SDK's error says, whether or not its body could be parsed."""
    main = getattr(error, "error", None)
    headers = error.response_headers or {}
    if type(error) is APIError:
        kind = str(headers.get("content-type", "")).partition(";")[0] or "text of no kind"
        code, message = FOREIGN, f"{kind} that is not Graph's; something in between may have answered"
    else:
        code, message = str(getattr(main, "code", None) or ""), str(getattr(main, "message", None) or "")
    return Refusal(
        status=error.response_status_code or 0,
        code=code,
        message=message,
        request_id=str(headers.get("request-id", "")),
    )


def translated(error: Exception, doing: str, needs: Needs) -> ToolkitError:
    """The ToolkitError for what the SDK or the connection raised while `doing`."""
    if isinstance(error, ToolkitError):
        return error
    if isinstance(error, APIError):
        return _answered(refusal(error), doing, needs)
    if isinstance(error, httpx.RequestError):
        return Unreachable(
            f"cannot {doing}",
            f"Microsoft Graph could not be reached: {_reason(error)}.",
            hint="check the network, HTTPS_PROXY and the CA settings (SSL_CERT_FILE, REQUESTS_CA_BUNDLE)",
        )
    if isinstance(error, msgspec.MsgspecError | UnicodeDecodeError):
        return GraphRefused(f"cannot {doing}", f"The answer is not what Microsoft documents: {error}.", code=FOREIGN)
    raise error


def _reason(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _answered(told: Refusal, doing: str, needs: Needs) -> ToolkitError:
    what = f"cannot {doing}"
    if told.code in LICENCE_CODES or "premium license" in told.message.casefold():
        return NotLicensed(what, f"{told} The tenant has no licence for it (Microsoft Entra ID P1 or P2).")
    if told.status == 403:
        return PermissionMissing(what, f"{told} {needs}", needs=needs.permissions, hint=needs.hint)
    if told.status == 401:
        return PermissionMissing(
            what,
            f"{told} The token was not accepted.",
            hint="check the tenant, the cloud (--cloud) and this machine's clock, and sign in again",
        )
    if told.status == 429 or told.status in {502, 503, 504}:
        return Unreachable(what, f"{told} It was tried again until patience ran out.", hint="try again later")
    return GraphRefused(what, str(told), status=told.status, code=told.code)
