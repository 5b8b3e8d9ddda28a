"""The sandbox's own endpoint, `/_sandbox`: look at the request log, set it up, start over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from toolkit.sandbox.http import BadJson, Reply, Request, json_reply

if TYPE_CHECKING:
    from toolkit.sandbox.app import Sandbox


def serve(sandbox: Sandbox, request: Request) -> Reply:
    """Answer one request to the control endpoint; an unknown one lists what there is."""
    name = request.segments[1].lower() if len(request.segments) > 1 else ""
    action = _ACTIONS.get((request.method, name))
    if action is None:
        known = [f"{method} /_sandbox/{action}" for method, action in _ACTIONS]
        return json_reply({"error": "no such control", "controls": known}, 404)
    try:
        body: object = request.json() or {}
    except BadJson as error:
        return json_reply({"error": str(error)}, 400)
    if not isinstance(body, dict):
        return json_reply({"error": "a JSON object is needed"}, 400)
    return action(sandbox, cast("dict[str, Any]", body))


def _health(sandbox: Sandbox, body: dict[str, Any]) -> Reply:
    tenant = sandbox.store.reading()
    return json_reply({"status": "ok", "tenant": tenant.id, "scenario": tenant.scenario})


def _requests(sandbox: Sandbox, body: dict[str, Any]) -> Reply:
    return json_reply({"requests": list(sandbox.log)})


def _reset(sandbox: Sandbox, body: dict[str, Any]) -> Reply:
    from toolkit.sandbox import SCENARIOS, build

    name = body.get("scenario") or "contoso"
    if name not in SCENARIOS:
        return json_reply({"error": f"no scenario '{name}'", "scenarios": SCENARIOS}, 400)
    sandbox.store.replace(build(name, sandbox.now()))
    sandbox.log.clear()
    return json_reply({"scenario": name})


def _settings(sandbox: Sandbox, body: dict[str, Any]) -> Reply:
    with sandbox.store.writing() as change:
        settings = change.tenant.settings
        unknown = sorted(set(body) - set(settings))
        if unknown:
            return json_reply({"error": f"no setting {', '.join(unknown)}", "settings": sorted(settings)}, 400)
        for name, value in body.items():
            if isinstance(settings[name], dict) and isinstance(value, dict):
                settings[name].update(value)
            else:
                settings[name] = value
        change.dirty = True
        return json_reply(settings)


def _show_settings(sandbox: Sandbox, body: dict[str, Any]) -> Reply:
    return json_reply(sandbox.store.reading().settings)


def _approve(sandbox: Sandbox, body: dict[str, Any]) -> Reply:
    from toolkit.sandbox.identity.device_code import approve

    with sandbox.store.writing() as change:
        if not approve(change.tenant, str(body.get("user_code", "")), str(body.get("user", ""))):
            return json_reply({"error": "no such code, or no such user"}, 404)
        change.dirty = True
        return json_reply({"approved": body.get("user_code")})


_ACTIONS: dict[tuple[str, str], Callable[[Sandbox, dict[str, Any]], Reply]] = {
    ("GET", "health"): _health,
    ("GET", "requests"): _requests,
    ("POST", "reset"): _reset,
    ("GET", "settings"): _show_settings,
    ("PATCH", "settings"): _settings,
    ("POST", "approve"): _approve,
}
