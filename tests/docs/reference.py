"""`python -m tests.docs.reference` writes docs/reference/commands.md from the commands' own help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from toolkit.main import entrakit

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
WIDTH = 100


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its path, groups left out."""
    if not isinstance(group, click.Group):
        yield path, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*path, name))


def page() -> str:
    """The reference as it should be."""
    parts = [
        "# Commands\n\nMade from the commands' own help by `python -m tests.docs.reference`.\n",
        *(_section(path, command) for path, command in commands(entrakit)),
    ]
    return "\n".join(parts)


def _section(path: tuple[str, ...], command: click.Command) -> str:
    name = " ".join(("entrakit", *path))
    context = command.make_context(name, [], resilient_parsing=True, terminal_width=WIDTH)
    return f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
