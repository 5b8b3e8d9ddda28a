"""entrakit demo: the tour of a botched SMArtEmail, on an embedded tenant of its own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import click

EXCHANGE = "Office 365 Exchange Online"
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("May I repair anything here? Only some administrators can consent.", ("roles", "check", "--me")),
    ("Who else is Global Administrator, and how?", ("roles", "holders")),
    ("What is wrong with SMArtEmail?", ("apps", "show", "SMArtEmail")),
    (
        "Its documentation says that it reads and sends mail. What consent is missing?",
        (
            *("consent", "show", "SMArtEmail"),
            *("--wants", f"{EXCHANGE}/IMAP.AccessAsUser.All", "--wants", f"{EXCHANGE}/SMTP.Send"),
            *("--wants", "Microsoft Graph/offline_access"),
        ),
    ),
    ("Where does an administrator consent again?", ("consent", "url", "SMArtEmail")),
)
CLOSING = (
    "That was the embedded tenant. On your own:",
    "  export ENTRAKIT_TENANT=contoso.onmicrosoft.com ENTRAKIT_SIGN_IN=device-code",
    "  entrakit apps show SMArtEmail",
)


@click.command(name="demo", epilog="\b\nExample:\n  entrakit demo")
@click.pass_context
def command(ctx: click.Context) -> int:
    """A one-minute tour of a botched SMArtEmail, on a sandbox that is thrown away afterwards."""
    import shlex

    front_door = ctx.find_root().command
    worst = 0
    with _throwaway_sandbox():
        for about, arguments in STEPS:
            click.echo(f"\n{click.style('#', dim=True)} {about}")
            click.echo(f"{click.style('$', dim=True)} {click.style('entrakit ' + shlex.join(arguments), bold=True)}\n")
            worst = max(
                worst, int(front_door.main(args=list(arguments), prog_name="entrakit", standalone_mode=False) or 0)
            )
    click.echo("\n" + "\n".join(CLOSING))
    return worst


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
