"""An embedded tenant: Microsoft Graph v1.0 and the Microsoft identity platform as Microsoft documents them.

It knows none of the toolkit's classes and no client library; it runs in-process under the real ones.
"""

from __future__ import annotations

from datetime import datetime

from toolkit.sandbox.app import Sandbox
from toolkit.sandbox.store import FileStore, MemoryStore, SandboxStateDamaged, Store
from toolkit.sandbox.tenant import Tenant

__all__ = [
    "SCENARIOS",
    "FileStore",
    "MemoryStore",
    "Sandbox",
    "SandboxStateDamaged",
    "Store",
    "Tenant",
    "build",
]

SCENARIOS: dict[str, str] = {
    "contoso": "a small company with everyday, risky and broken enterprise applications",
    "botched": "the same company after an application migration went wrong",
    "generated": "a large tenant made up from a seed",
}


def build(scenario: str, now: datetime) -> Tenant:
    """A new tenant of a scenario as of `now`; raises `KeyError` for a name not in `SCENARIOS`."""
    if scenario not in SCENARIOS:
        raise KeyError(scenario)
    from importlib import import_module

    return import_module(f"toolkit.sandbox.scenarios.{scenario}").build(now)
