"""entrakit sandbox: the embedded tenant."""

from __future__ import annotations

import click

from toolkit.commands.options import OutputCommand, desk
from toolkit.errors import Exit


@click.group(name="sandbox")
def command() -> None:
    """The embedded tenant: its scenarios, and starting afresh."""


@command.command(
    "reset", cls=OutputCommand, example="entrakit sandbox reset\nentrakit sandbox reset --scenario botched"
)
@click.option("--scenario", default="contoso", show_default=True, help="The scenario to start with.")
def reset(scenario: str) -> int:
    """Forget all changes to the embedded tenant and start a scenario afresh."""
    at = desk()
    at.embedded.reset(scenario)
    at.console.say(f"the sandbox is a fresh {scenario} tenant in {at.embedded.folder}")
    return Exit.DONE


@command.command("scenarios", cls=OutputCommand, example="entrakit sandbox scenarios")
def scenarios() -> int:
    """List the scenarios that the embedded tenant can start with."""
    from toolkit.commands.answer import answer
    from toolkit.domain.coverage import Coverage
    from toolkit.render.views.sandbox import scenarios_view

    at = desk()
    return answer(at, scenarios_view(at.embedded.scenarios()), Coverage())
