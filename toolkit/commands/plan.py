"""entrakit plan: plans kept in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from toolkit.commands.changing import ChangeCommand, carry_plan, intent_of
from toolkit.commands.options import OutputCommand, desk
from toolkit.domain.plans import Plan

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="plan")
def command() -> None:
    """Look at plans that were kept in files, and carry them out."""


@command.command("show", cls=OutputCommand, example="entrakit plan show delete.plan.json")
@click.argument("file", type=FILE)
def show(file: Path) -> int:
    """Explain a plan without looking at the tenant."""
    from toolkit.commands.answer import answer
    from toolkit.domain.coverage import Coverage
    from toolkit.render.views.plans import plan_view

    return answer(desk(), plan_view(_read(file)), Coverage())


@command.command("apply", cls=ChangeCommand, example="entrakit plan apply delete.plan.json --sandbox --yes")
@click.argument("file", type=FILE)
def apply(file: Path, **options: Any) -> int:
    """Carry out a plan, if the tenant is still as it assumes; edited plans are refused."""
    import asyncio

    from toolkit.services.lookup import tenant_name
    from toolkit.services.plan_files import check_tenant

    at, plan = desk(), _read(file)

    async def go() -> int:
        async with at.open_tenant(changing=True) as tenant:
            here = await tenant_name(tenant.directory)
            check_tenant(plan, here.id, here.name)
            return await carry_plan(at, tenant, plan, intent_of(options))

    return asyncio.run(go())


def _read(file: Path) -> Plan:
    from toolkit.services.plan_files import plan_from_bytes

    return plan_from_bytes(file.read_bytes(), file.name)
