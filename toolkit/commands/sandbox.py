"""entrakit sandbox: the embedded tenant."""

from __future__ import annotations

import sys

import click

from toolkit.commands.options import OutputCommand, desk
from toolkit.errors import Exit

SHELLS = ("bash", "powershell")
HERE = "powershell" if sys.platform == "win32" else "bash"
PORT = click.IntRange(0, 65535)
"""0 is a free one that the system chooses."""


@click.group(name="sandbox")
def command() -> None:
    """The embedded tenant: its scenarios, starting afresh, and serving it to other programs."""


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


@command.command(
    "serve",
    epilog="\b\nExample:\n  entrakit sandbox serve\n  entrakit sandbox serve --scenario botched --ephemeral",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--scenario",
    metavar="NAME",
    help="The scenario to start with; only where no tenant is kept yet, or with --ephemeral.",
)
@click.option("--ephemeral", is_flag=True, help="Serve a tenant from memory; the kept one is left alone.")
@click.option("--port", type=PORT, metavar="PORT", default=0, help="Where TLS is spoken.  [default: a free port]")
@click.option(
    "--proxy-port", type=PORT, metavar="PORT", default=0, help="Where the proxy listens.  [default: a free port]"
)
@click.option(
    "--print-env",
    type=click.Choice(SHELLS),
    default=HERE,
    help="The shell to print settings for.  [default: bash, on Windows powershell]",
)
def serve(scenario: str | None, ephemeral: bool, port: int, proxy_port: int, print_env: str) -> int:
    """Serve the embedded tenant to any program of this machine, over TLS, until Ctrl-C.

    Prints the settings that lead a program to it by Microsoft's own host names: through a proxy that knows no other
    hosts, with a certification authority of its own. What is changed lasts, and `--sandbox` commands see it.
    """
    from toolkit.desk import Serve
    from toolkit.render.views.sandbox import environment_lines

    at = desk()
    with at.embedded.serve(Serve(scenario, ephemeral, port, proxy_port)) as served:
        at.console.write(environment_lines(print_env, served.environment, served.direct, served.application))
        at.console.say(
            f"serving the {served.scenario} sandbox at {served.origin}, proxy {served.proxy}; stop it with Ctrl-C"
        )
        served.until_stopped()
    return Exit.DONE
