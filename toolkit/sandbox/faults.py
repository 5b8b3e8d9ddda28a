"""Faults a test or a demo asks for: throttling, outages and refusals in the middle of healthy service.

A fault is `{"status": 429, "retryAfter": 2, "match": "GET /servicePrincipals*", "times": 1}`: `match` is a method and a
path with `*` and `?`, all requests when absent; `times` counts down, endless when absent.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from toolkit.sandbox.http import Reply, json_reply
from toolkit.sandbox.routing import Call

Fault = dict[str, Any]

_CODES = {
    429: ("TooManyRequests", "Too many requests. Please try again later."),
    500: ("InternalServerError", "An internal error has occurred."),
    502: ("BadGateway", "The server received an invalid response."),
    503: ("Service_ServiceUnavailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "The server timed out."),
}


def due(call: Call, path: str) -> Fault | None:
    """The fault that hits this request, counted down; `None` when it is spared."""
    faults: list[Fault] = call.tenant.settings["faults"]
    for fault in faults:
        if "status" in fault and _meant(fault, call.request.method, path):
            if "times" in fault:
                fault["times"] -= 1
                if fault["times"] <= 0:
                    faults.remove(fault)
                call.changed()
            return fault
    return None


def code_and_message(fault: Fault) -> tuple[str, str]:
    """What the error body says."""
    code, message = _CODES.get(fault["status"], ("UnknownError", "The sandbox was told to fail."))
    return fault.get("code", code), fault.get("message", message)


def retry_headers(fault: Fault) -> dict[str, str]:
    """`Retry-After`, when the fault has one."""
    after = fault.get("retryAfter")
    return {} if after is None else {"Retry-After": str(after)}


def identity_fault(fault: Fault, call: Call) -> Reply:
    """The fault as the identity platform words it."""
    body = {"error": "temporarily_unavailable", "error_description": code_and_message(fault)[1]}
    headers = {"x-ms-request-id": call.request_id, **retry_headers(fault)}
    return json_reply(body, fault["status"], headers)


def _meant(fault: Fault, method: str, path: str) -> bool:
    pattern: str = fault.get("match") or "*"
    return fnmatchcase(f"{method} {path}".lower(), pattern.lower())
