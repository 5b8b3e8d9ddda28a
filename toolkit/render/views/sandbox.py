"""The embedded tenant's scenarios as a view, and the settings that lead to it as lines for a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from toolkit.render.view import Column, Table, View

_POWERSHELL_QUOTES = re.compile("(['\u2018-\u201b])")


def scenarios_view(scenarios: Mapping[str, str]) -> View:
    """The scenarios by name."""
    content = [{"name": name, "about": about} for name, about in scenarios.items()]
    columns = (Column("Scenario", "name"), Column("About", "about"))
    return View("sandbox.scenarios", 1, None, content, (Table(None, columns, [*scenarios.items()]),))


def environment_lines(
    shell: str, environment: Mapping[str, str], direct: Mapping[str, str], application: Mapping[str, str]
) -> str:
    """Lines that bash or PowerShell can run to set `environment`; the other settings are comments."""
    setting = _in_powershell if shell == "powershell" else _in_bash
    lines = [
        "# Any program, unmodified: Microsoft's host names lead to the sandbox, every other host is refused.",
        *(setting(name, value) for name, value in environment.items()),
        "# Past the proxy, for programs that can be told where to go:",
        *(f"# {setting(name, value)}" for name, value in direct.items()),
    ]
    if application:
        lines += ["# An application to sign in as:"]
        lines += [f"# {setting(name, value)}" for name, value in application.items()]
    return "".join(f"{line}\n" for line in lines)


def _in_bash(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _in_powershell(name: str, value: str) -> str:
    doubled = _POWERSHELL_QUOTES.sub(r"\1\1", value)
    return f"$env:{name} = '{doubled}'"
