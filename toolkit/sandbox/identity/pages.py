"""The few HTML pages of the sign-in service. Whatever the tenant or the request says is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toolkit.sandbox.http import escaped
from toolkit.sandbox.routing import Call

_STYLE = (
    "body{font:16px system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}button{font:inherit;margin:.2rem .2rem .2rem 0;padding:.4rem .8rem}input{font:inherit;"
    "padding:.4rem}li{margin:.2rem 0}.note{color:#555}"
)


def sign_in_page(call: Call, application: str, keep: Mapping[str, str]) -> str:
    """Pick a user: sends the same request again with `sandbox_user`."""
    body = (
        f"<h1>Sign in</h1><p>to <strong>{escaped(application)}</strong></p>"
        f'<form method="get">{_hidden(keep)}{_people(call, "sandbox_user")}'
        '<p><button name="sandbox_cancel" value="1">Cancel</button></p></form>'
    )
    return _page("Sign in", body)


def consent_page(call: Call, application: str, permissions: Iterable[str], keep: Mapping[str, str]) -> str:
    """Pick an administrator to accept the permissions for everyone, or cancel."""
    listed = "".join(f"<li>{escaped(name)}</li>" for name in permissions) or "<li>nothing</li>"
    body = (
        "<h1>Permissions requested</h1><p>Review for your organization</p>"
        f"<p><strong>{escaped(application)}</strong> would like to:</p><ul>{listed}</ul>"
        f'<p>Accept as:</p><form method="get">{_hidden(keep)}{_people(call, "sandbox_user")}'
        '<p><button name="sandbox_cancel" value="1">Cancel</button></p></form>'
    )
    return _page("Permissions requested", body)


def device_page(call: Call, code: str, problem: str = "") -> str:
    """Type a device code and pick a user."""
    trouble = f"<p><strong>{escaped(problem)}</strong></p>" if problem else ""
    body = (
        f'<h1>Enter code</h1>{trouble}<form method="post"><p><label>Code <input name="code" autofocus '
        f'value="{escaped(code)}"></label></p><p>Sign in as:</p>{_people(call, "user")}'
        '<p><button name="cancel" value="1">Cancel</button></p></form>'
    )
    return _page("Enter code", body)


def message_page(title: str, text: str) -> str:
    """One sentence."""
    return _page(title, f"<h1>{escaped(title)}</h1><p>{escaped(text)}</p>")


def posting_page(address: str, fields: Mapping[str, str]) -> str:
    """`response_mode=form_post`: a form that sends itself."""
    body = (
        f'<form method="POST" name="hiddenform" action="{escaped(address)}">{_hidden(fields)}'
        "<noscript><button>Continue</button></noscript></form>"
        "<script>document.forms[0].submit()</script>"
    )
    return _page("Working", body)


def _people(call: Call, field: str) -> str:
    users = sorted(call.tenant.tables["users"].values(), key=lambda user: user["displayName"])
    return "".join(
        f'<button name="{field}" value="{escaped(user["userPrincipalName"])}">{escaped(user["displayName"])}</button>'
        for user in users[:50]
        if user["accountEnabled"]
    )


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escaped(name)}" value="{escaped(value)}">' for name, value in fields.items()
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escaped(title)} - sandbox</title>'
        f'<style>{_STYLE}</style></head><body>{body}<p class="note">This is the sandbox tenant. '
        "Nothing here reaches Microsoft.</p></body></html>"
    )
