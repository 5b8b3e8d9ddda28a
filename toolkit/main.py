"""The front door: which command, loaded only when named, and how a failure becomes words and an exit code."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from toolkit import __version__
from toolkit.errors import Exit, ToolkitError

if TYPE_CHECKING:
    from toolkit.console.streams import Console

NOUNS = {
    "apps": "List, inspect, disable, delete and restore enterprise applications.",
    "consent": "See what an application was allowed; revoke it, and grant it again.",
    "roles": "See who holds directory roles, and who may consent.",
    "plan": "Look at plans that were kept in files, and carry them out.",
    "history": "See what entrakit changed, and take it back.",
    "sandbox": "The embedded tenant: serve it, start it afresh, its scenarios.",
    "demo": "A one-minute tour on the embedded tenant.",
}

EPILOG = """\b
Start here:
  entrakit demo
  entrakit apps list --sandbox
  entrakit apps show SMArtEmail --tenant contoso.onmicrosoft.com --sign-in device-code

Exit codes: 0 done, 2 usage, 3 something could not be read, 4 sign-in or permission missing,
6 unreachable, 10 findings. All of them: docs/reference/exit-codes.md."""


class Nouns(click.Group):
    """Commands by name; a module is imported only when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in NOUNS:
            return None
        command: click.Command = import_module(f"toolkit.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(NOUNS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and name not in NOUNS:
            from difflib import get_close_matches

            near = get_close_matches(name, NOUNS)
            hint = f" Did you mean {near[0]}?" if near else f" Commands: {', '.join(NOUNS)}."
            raise click.UsageError(f"There is no command {name}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=Nouns,
    epilog=EPILOG,
    no_args_is_help=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="entrakit %(version)s")
@click.pass_context
def entrakit(ctx: click.Context) -> None:
    """Repair, audit and guard the enterprise applications of a Microsoft 365 / Entra ID tenant."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit code; never raises."""
    # A command is short-lived and makes many objects that stay; looking for garbage among them costs a tenth of it.
    gc.set_threshold(100_000, 20, 20)
    try:
        code = entrakit.main(
            args=None if arguments is None else list(arguments), prog_name="entrakit", standalone_mode=False
        )
        return int(code or 0)
    except click.exceptions.NoArgsIsHelpError as nothing:
        click.echo(nothing.format_message(), err=True)
        return Exit.USAGE
    except click.UsageError as wrong:
        return _tell_usage(wrong)
    except click.exceptions.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, click.Abort):
        _console().say("interrupted")
        return Exit.INTERRUPTED
    except ToolkitError as failure:
        _console().tell(failure)
        return failure.exit
    except Exception as bug:
        return _tell_bug(bug)


def run() -> NoReturn:
    """The console script."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Everything is written and closed; taking the interpreter apart object by object would cost as much as a request.
    os._exit(code)


def _console() -> Console:
    from toolkit.console.streams import Console

    return Console.detect(os.environ, sys.stdin, sys.stdout, sys.stderr)


def _tell_usage(wrong: click.UsageError) -> int:
    console = _console()
    console.say(f"error: {wrong.format_message()}", tone="bad")
    path = wrong.ctx.command_path if wrong.ctx else "entrakit"
    console.hint("see the options and an example", (f"{path} --help",))
    return Exit.USAGE


def _tell_bug(bug: Exception) -> int:
    """Where it broke, without the values it broke on: those may be a tenant's, or secret."""
    import traceback

    frames = [
        f"{frame.filename.rpartition('toolkit')[2].lstrip('/').lstrip(chr(92))}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(bug.__traceback__)
        if "toolkit" in frame.filename
    ]
    console = _console()
    console.say(f"error: this is a bug in entrakit: {type(bug).__name__}", tone="bad")
    console.say("")
    console.say("Nothing more is known about the tenant than before. Please report it with these lines:")
    console.say(f"    entrakit {__version__}, Python {sys.version.split()[0]}, {sys.platform}")
    for frame in frames[-4:]:
        console.say(f"    {frame}")
    return Exit.FAILED
