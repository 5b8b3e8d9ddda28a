"""entrakit history: what was changed, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.changing import ChangeCommand, change, intent_of
from toolkit.commands.options import OutputCommand, desk

if TYPE_CHECKING:
    from toolkit.desk import Tenant
    from toolkit.domain.plans import Plan
    from toolkit.services.planning import Occasion


@click.group(name="history")
def command() -> None:
    """See what entrakit changed, and take it back."""


@command.command("list", cls=OutputCommand, example="entrakit history list")
def list_() -> int:
    """List the runs of all tenants, the newest first."""
    from toolkit.commands.answer import answer
    from toolkit.domain.coverage import Coverage
    from toolkit.render.views.plans import runs_view

    at = desk()
    return answer(at, runs_view(at.journal().runs()), Coverage())


@command.command("show", cls=OutputCommand, example="entrakit history show 20261121-101500-3fa9")
@click.argument("run")
def show(run: str) -> int:
    """Show what became of each step of a run."""
    from toolkit.commands.answer import answer
    from toolkit.domain.coverage import Coverage
    from toolkit.render.views.plans import run_view

    at = desk()
    return answer(at, run_view(at.journal().run(run)), Coverage())


@command.command("undo", cls=ChangeCommand, example="entrakit history undo 20261121-101500-3fa9 --sandbox --yes")
@click.argument("run")
def undo(run: str, **options: Any) -> int:
    """Take a run back: the last step first, and what does not return by itself is created again."""
    from itertools import takewhile

    from toolkit.services.undo import plan_undo

    journal = desk().journal()
    told = journal.run(run)
    # The journal's own order: clocks are set back.
    later = list(takewhile(lambda other: other.id != told.id, journal.runs(told.plan.tenant.id)))

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_undo(tenant.directory, told, later, occasion)

    return change(make, intent_of(options))
