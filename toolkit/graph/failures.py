"""Graph's refusals in a person's words: what failed, why, and what would let it succeed."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import msgspec
from kiota_abstractions.api_error import APIError

from toolkit.errors import GraphRefused, NotLicensed, PermissionMissing, ToolkitError, Unreachable

LICENCE_CODES = frozenset({"AadPremiumLicenseRequired", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"})


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
    return Refusal(
        status=error.response_status_code or 0,
        code=str(getattr(main, "code", None) or ""),
        message=str(getattr(main, "message", None) or error.message or ""),
        request_id=str(headers.get("request-id", "")),
    )


def translated(error: Exception, doing: str, needs: Sequence[str]) -> ToolkitError:
    """The ToolkitError for what the SDK or the connection raised while `doing`."""
    if isinstance(error, ToolkitError):
        return error
    if isinstance(error, APIError):
        return _answered(refusal(error), doing, needs)
    if isinstance(error, httpx.TransportError):
        return Unreachable(
            f"cannot {doing}",
            f"Microsoft Graph could not be reached: {_reason(error)}.",
            hint="check the network, HTTPS_PROXY and the CA settings (SSL_CERT_FILE), then try again",
        )
    if isinstance(error, msgspec.MsgspecError):
        return GraphRefused(
            f"cannot {doing}", f"The answer is not what Microsoft documents: {error}.", code="UnexpectedAnswer"
        )
    raise error


def _reason(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__


def _answered(told: Refusal, doing: str, needs: Sequence[str]) -> ToolkitError:
    what = f"cannot {doing}"
    if told.code in LICENCE_CODES or "premium license" in told.message.casefold():
        return NotLicensed(what, f"{told} The tenant has no licence for it (Microsoft Entra ID P1 or P2).")
    if told.status == 403:
        return PermissionMissing(what, f"{told} {_needed(needs)}".strip(), needs=needs, **_way_in(needs))
    if told.status == 401:
        return PermissionMissing(
            what,
            f"{told} The token was not accepted.",
            hint="check the tenant, the cloud (--cloud) and this machine's clock, and sign in again",
        )
    if told.status == 429 or told.status in {502, 503, 504}:
        return Unreachable(what, f"{told} It was tried again until patience ran out.", hint="try again later")
    return GraphRefused(what, str(told), status=told.status, code=told.code)


def _needed(needs: Sequence[str]) -> str:
    return f"It needs the permission {' or '.join(needs)}." if needs else ""


def _way_in(needs: Sequence[str]) -> dict[str, str]:
    if not needs:
        return {}
    return {
        "hint": f"have an administrator consent to {needs[0]} for the application that signs in, "
        "and for a person hold a directory role that may read it (Global Reader will do)"
    }
