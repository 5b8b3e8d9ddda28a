"""The embedded tenant's scenarios as a view."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.render.view import Column, Table, View


def scenarios_view(scenarios: Mapping[str, str]) -> View:
    """The scenarios by name."""
    content = [{"name": name, "about": about} for name, about in scenarios.items()]
    columns = (Column("Scenario", "name"), Column("About", "about"))
    return View("sandbox.scenarios", 1, None, content, (Table(None, columns, [*scenarios.items()]),))
