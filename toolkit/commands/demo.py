"""entrakit demo: the tour of a botched SMArtEmail, on an embedded tenant of its own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import click

from toolkit.commands.options import desk

LAST_RUN = "RUN"
"""Stands for the id of the run before."""
EXCHANGE = "Office 365 Exchange Online"
NEEDED = ("--wants", f"{EXCHANGE}/IMAP.AccessAsUser.All", "--wants", f"{EXCHANGE}/SMTP.Send")
SHOW = ("apps", "show", "SMArtEmail")
DELETE = ("apps", "delete", "SMArtEmail", "--yes")
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("May I repair anything here? Only some administrators can consent.", ("roles", "check", "--me")),
    ("What is wrong with SMArtEmail?", SHOW),
    ("Its documentation says it reads and sends mail. What is missing?", ("consent", "show", "SMArtEmail", *NEEDED)),
    ("Start over: delete it. The plan says who loses what (--plan only shows it).", DELETE),
    ("Is it gone? Where to?", SHOW),
    ("It was needed after all. Take the deletion back.", ("history", "undo", LAST_RUN, "--yes")),
    ("Now repair it instead: let people sign in,", ("apps", "enable", "SMArtEmail", "--yes")),
    (
        "grant what is missing for everyone,",
        ("consent", "grant", "SMArtEmail", "--permission", f"{EXCHANGE}/SMTP.Send", "--yes"),
    ),
    ("and take away what one user consented to alone.", ("consent", "revoke", "SMArtEmail", "--users", "--yes")),
    ("Is it whole?", ("consent", "show", "SMArtEmail", *NEEDED)),
    ("What did I do? Each line can be undone.", ("history", "list")),
)
NOT_FOUND = 2
"""Belongs to the story: a deleted application is not found."""
CLOSING = (
    "That was the embedded tenant. On your own:",
    "  export ENTRAKIT_TENANT=contoso.onmicrosoft.com ENTRAKIT_SIGN_IN=device-code",
    "  entrakit apps show SMArtEmail",
)


@click.command(
    name="demo",
    epilog="\b\nExample:\n  entrakit demo",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.pass_context
def command(ctx: click.Context) -> int:
    """A two-minute tour of a botched SMArtEmail, on a sandbox that is thrown away afterwards."""
    front_door = cast("click.Group", ctx.find_root().command)
    with _throwaway_sandbox():
        for about, planned in STEPS:
            arguments = [_last_run() if word == LAST_RUN else word for word in planned]
            _announce(about, arguments)
            code = _run(front_door, arguments)
            if code not in (0, NOT_FOUND if planned == SHOW else 0):
                return code
    click.echo("\n" + "\n".join(CLOSING))
    return 0


def _announce(about: str, arguments: list[str]) -> None:
    import shlex

    click.echo(f"\n{click.style('#', dim=True)} {about}")
    click.echo(f"{click.style('$', dim=True)} {click.style('entrakit ' + shlex.join(arguments), bold=True)}\n")


def _run(front_door: click.Group, arguments: list[str]) -> int:
    from toolkit.errors import ToolkitError

    try:
        return int(front_door.main(args=arguments, prog_name="entrakit", standalone_mode=False) or 0)
    except ToolkitError as failure:
        desk().console.tell(failure)
        return failure.exit


def _last_run() -> str:
    return desk().journal().runs()[0].id


@contextmanager
def _throwaway_sandbox() -> Generator[None]:
    """The steps are real commands, so they are told by the environment, as a person would tell them."""
    import os
    import tempfile

    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="entrakit-demo-") as folder:
        for name in ("ENTRAKIT_PROFILE", "ENTRAKIT_SANDBOX_USER"):
            os.environ.pop(name, None)
        os.environ.update(ENTRAKIT_TENANT="sandbox", ENTRAKIT_STATE=folder)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
