"""What the documentation says is what the program does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.docs.reference import PAGE, commands, page
from toolkit.main import entrakit

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\((?!https?:)([^)#]+)")


def test_the_reference_is_made_from_the_commands_help() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("written", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_every_link_leads_somewhere(written: Path) -> None:
    targets = LINK.findall(written.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (written.parent / target).exists()]


def readme_commands() -> list[str]:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```")[1::2]
    return [line for block in blocks for line in block.splitlines() if line.startswith("entrakit ")]


@pytest.mark.parametrize("line", readme_commands())
def test_every_command_of_the_readme_parses(line: str) -> None:
    words = shlex.split(re.split(r"\s{2,}", line)[0])[1:]
    known = dict(commands(entrakit))
    path = next(tuple(words[:length]) for length in (2, 1) if tuple(words[:length]) in known)
    with click.Context(entrakit) as parent:
        known[path].make_context(path[-1], words[len(path) :], parent=parent)
