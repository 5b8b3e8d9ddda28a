"""What reading commands share: look at the tenant, show the answer, say what could not be read, give the exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from toolkit.desk import Desk, Tenant
from toolkit.domain.coverage import Coverage
from toolkit.errors import BadUsage, Exit
from toolkit.render import QueryError, render
from toolkit.render.view import View

Told = TypeVar("Told")


def looked(desk: Desk, ask: Callable[[Tenant], Awaitable[Told]]) -> Told:
    """What `ask` learns from the tenant that was named. Raises NoTenant, and what `ask` raises."""

    async def look() -> Told:
        async with desk.open_tenant() as tenant:
            return await ask(tenant)

    return asyncio.run(look())


def answer(desk: Desk, view: View, coverage: Coverage, code: Exit = Exit.DONE) -> int:
    """Write the view to stdout; INCOMPLETE outranks `code`. Raises BadUsage for a bad --query."""
    console = desk.console
    try:
        chunks = render(
            view, desk.choice.output or "table", width=console.width, color=console.color, query=desk.choice.query
        )
    except QueryError as wrong:
        raise BadUsage(
            "the --query cannot be used", wrong.what, hint="write it like", commands=(wrong.example,)
        ) from wrong
    console.write(chunks)
    if coverage.complete:
        return code
    for area in coverage.gaps:
        console.say(f"not read: {area.name} ({area.state}). {area.why}", tone="warning")
    console.say("incomplete: the answer leaves out what could not be read (exit 3)", tone="warning")
    return Exit.INCOMPLETE
