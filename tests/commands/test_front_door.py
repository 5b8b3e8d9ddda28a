"""The command line itself: help, errors, exit codes, and never a guessed tenant."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.commands.conftest import Entrakit
from toolkit.errors import Exit
from toolkit.main import entrakit as front_door

ROOT = Path(__file__).parents[2]


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its path."""
    if not isinstance(group, click.Group):
        yield path, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, (*path, name))


EVERY = list(commands(front_door))


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_every_command_has_help_and_an_example(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    assert f"entrakit {' '.join(path)}" in (command.epilog or "")


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_every_example_is_a_command_line_that_parses(path: tuple[str, ...], command: click.Command) -> None:
    import shlex

    for line in (command.epilog or "").splitlines():
        if line.strip().startswith("entrakit "):
            words = shlex.split(line)[1 + len(path) :]
            existing = [str(Path(__file__)) if word.endswith((".json", ".yaml")) else word for word in words]
            command.make_context(path[-1], existing, resilient_parsing=False)


def test_help_loads_neither_the_sdk_nor_rich() -> None:
    script = (
        "import sys; from toolkit.main import main; main(['--help']); "
        "bad = [m for m in ('msgraph', 'msal', 'azure', 'rich', 'httpx', 'msgspec') if m in sys.modules]; "
        "sys.exit(','.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_tenant_a_command_says_how_to_name_one(entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENTRAKIT_TENANT")
    told = entrakit("apps", "list")
    assert (told.code, told.out) == (4, "")
    assert "--tenant" in told.err
    assert "--sandbox" in told.err


def test_a_real_tenant_without_credentials_never_falls_back_to_the_sandbox(
    entrakit: Entrakit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTRAKIT_TENANT", "contoso.onmicrosoft.com")
    told = entrakit("apps", "list", "--sign-in", "client-secret")
    assert told.code != 0
    assert told.out == ""
    assert "AZURE_CLIENT_ID" in told.err


def test_the_sandbox_is_announced_on_stderr(entrakit: Entrakit) -> None:
    told = entrakit("roles", "check")
    assert "sandbox" in told.err
    assert "sandbox:" not in told.out


def test_the_sandbox_and_a_tenant_are_a_contradiction(entrakit: Entrakit) -> None:
    assert entrakit("apps", "list", "--sandbox", "--tenant", "contoso.example").code == 2


def test_a_misspelled_command_suggests_the_right_one(entrakit: Entrakit) -> None:
    told = entrakit("app", "list")
    assert told.code == 2
    assert "apps" in told.err


def test_a_wrong_option_is_a_usage_error_in_one_line(entrakit: Entrakit) -> None:
    told = entrakit("apps", "list", "--nope")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("error: ")


def test_every_exit_code_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert documented == {int(code) for code in Exit}


def test_the_readme_names_the_commands_that_continuous_integration_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 .ci/in_venv.py entrakit demo" in readme
    tests = "python3 .ci/in_venv.py --dev pytest"
    assert tests in readme
    assert tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
