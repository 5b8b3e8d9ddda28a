"""The one way in which commands change a tenant: plan, show, ask, carry out, tell how to undo."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from toolkit.commands.options import TenantCommand, desk

if TYPE_CHECKING:
    from toolkit.changes.carry_out import Carrier
    from toolkit.desk import Desk, Tenant
    from toolkit.domain.plans import Mark, Plan, Run, Step
    from toolkit.services.planning import Occasion

    Make = Callable[[Tenant, Occasion], Awaitable[Plan]]


class Intent(Struct, frozen=True, kw_only=True):
    """How far a changing command shall go."""

    only_plan: bool
    out: Path | None
    yes: bool
    allow_microsoft: bool
    allow_self: bool


class ChangeCommand(TenantCommand):
    """A command that changes one tenant."""

    def more_options(self) -> list[click.Parameter]:
        return [
            click.Option(["--plan", "only_plan"], is_flag=True, help="Only show what would be done."),
            click.Option(
                ["--out"], type=click.Path(dir_okay=False, path_type=Path), help="Keep the plan in a file, do nothing."
            ),
            click.Option(["--yes"], is_flag=True, help="Do not ask; needed without a terminal."),
            click.Option(["--allow-microsoft"], is_flag=True, help="Also change an application of Microsoft's own."),
            click.Option(["--allow-self"], is_flag=True, help="Also change the application that entrakit signs in as."),
            *super().more_options(),
        ]


def intent_of(options: dict[str, Any]) -> Intent:
    """The intent from a ChangeCommand's options."""
    return Intent(**{name: options[name] for name in Intent.__struct_fields__})


def change(make: Make, intent: Intent) -> int:
    """Make a plan and go as far with it as `intent` says; raises what planning and carrying out do."""
    import asyncio

    at = desk()

    async def go() -> int:
        from toolkit.services.planning import Occasion

        async with at.open_tenant(changing=True) as tenant:
            occasion = Occasion(command=_spelled(), now=at.clock(), signed_in_app=await tenant.signed_in_app())
            return await carry_plan(at, tenant, await make(tenant, occasion), intent)

    return asyncio.run(go())


def _spelled() -> str:
    return shlex.join(["entrakit", *sys.argv[1:]])


async def carry_plan(at: Desk, tenant: Tenant, plan: Plan, intent: Intent) -> int:
    """Guard, show, ask, carry out. Raises Refused, StalePlan, RolledBack, LeftBehind."""
    from toolkit.changes.guards import check_guards
    from toolkit.commands.answer import answer
    from toolkit.domain.coverage import Coverage
    from toolkit.errors import Exit
    from toolkit.render.views.plans import done_view, plan_view

    if not plan.steps:
        at.console.say(f"nothing to do: {plan.purpose} is so already")
        return Exit.DONE
    await check_guards(
        tenant.directory,
        plan,
        signed_in_app=await tenant.signed_in_app(),
        allow_microsoft=intent.allow_microsoft,
        allow_self=intent.allow_self,
    )
    if intent.out is not None:
        _keep(at, plan, intent.out)
    if intent.only_plan or intent.out is not None:
        return answer(at, plan_view(plan), Coverage())
    carrier = tenant.carrier(_teller(at, plan))
    if not await carrier.check_fresh(plan):
        if plan.undoes:
            carrier.settle(plan)
        at.console.say(f"nothing to do: {plan.purpose} is so already")
        return Exit.DONE
    _show(at, plan)
    _ask(at, intent)
    run = await _carried(at, carrier, plan)
    code = answer(at, done_view(run), Coverage())
    _tell_way_back(at, run)
    return code


async def _carried(at: Desk, carrier: Carrier, plan: Plan) -> Run:
    from asyncio import CancelledError

    try:
        return await carrier.carry_out(plan)
    except CancelledError:
        # What was done stays done: the journal knows it, and the person decides.
        begun = at.journal().runs(plan.tenant.id)[0]
        at.console.hint("to take back what was done so far", (f"entrakit history undo {begun.id}",))
        raise


def _keep(at: Desk, plan: Plan, path: Path) -> None:
    from toolkit.errors import BadUsage
    from toolkit.services.plan_files import plan_to_bytes

    try:
        path.write_bytes(plan_to_bytes(plan))
    except OSError as failed:
        raise BadUsage(f"cannot write the plan to {path}", f"{failed.strerror}.") from failed
    at.console.hint("the plan is kept; look at it, and carry it out with", (f"entrakit plan apply {path}",))


def _show(at: Desk, plan: Plan) -> None:
    """The plan goes to stderr: stdout is for what was done."""
    from toolkit.render import render
    from toolkit.render.views.plans import plan_view

    console = at.console
    width = console.width or (100 if console.talks_to_terminal else None)
    for chunk in render(plan_view(plan), "table", width=width, color=console.talk_color):
        console.stderr.write(chunk)
    console.say("")


def _ask(at: Desk, intent: Intent) -> None:
    from toolkit.console.prompts import NotInteractive, Prompts
    from toolkit.errors import Refused

    if intent.yes:
        return
    try:
        agreed = Prompts(at.console).confirm("Do this?")
    except NotInteractive as nobody:
        raise Refused(
            "nobody is there to agree to the plan; nothing was changed",
            hint="repeat the command with --yes, or keep the plan with --out and apply it later",
        ) from nobody
    if not agreed:
        raise Refused("declined; nothing was changed")


def _teller(at: Desk, plan: Plan) -> Callable[[int, Step, Mark], None]:
    def tell(number: int, step: Step, mark: Mark) -> None:
        if mark != "intended":
            at.console.chat(f"  {number}/{len(plan.steps)} {mark}: {step.says}", tone="dim")

    return tell


def _tell_way_back(at: Desk, run: Run) -> None:
    if run.plan.undoes is None and any(record.mark == "done" for record in run.steps):
        at.console.hint("to take it back", (f"entrakit history undo {run.id}",))
