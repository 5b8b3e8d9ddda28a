"""Runs a command inside the project's own .venv, which it makes and keeps up to date.

    python3 .ci/in_venv.py entrakit demo
    python3 .ci/in_venv.py --dev pytest

The first call installs the pinned packages (and entrakit itself, editable); later calls find the stamp
left behind and start at once. Exit codes are the command's own; 2 stands for a usage error and 1 for a
set-up that failed.
"""

from __future__ import annotations  # so that an old Python gets as far as the message that it is too old

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

OLDEST_PYTHON = (3, 11)
PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
PINS = {
    "run": PROJECT / ".ci" / "requirements.txt",
    "dev": PROJECT / ".ci" / "requirements-dev.txt",
}
MADE_HERE = VENV / ".entrakit-venv"


def stop(message: str, code: int = 1) -> NoReturn:
    print(f"in_venv: {message}", file=sys.stderr)
    raise SystemExit(code)


def stamp_of(pins: str) -> Path:
    return VENV / f".entrakit-{pins}-pins"


def digest_of(pins: str) -> str:
    """What the environment is made from: the pins, the project's metadata and where the project is."""
    digest = hashlib.sha256(str(PROJECT).encode())
    for source in (PINS[pins], PROJECT / "pyproject.toml"):
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()


def is_ready(pins: str) -> bool:
    stamp = stamp_of(pins)
    return PYTHON.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == digest_of(pins)


def is_usable() -> bool:
    """Whether the environment's Python starts, is new enough and has pip."""
    probe = f"import sys, pip; raise SystemExit(sys.version_info[:2] < {OLDEST_PYTHON})"
    try:
        return subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_environment() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]} ({sys.executable})")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        stop("this Python cannot make virtual environments (on Debian and Ubuntu: apt install python3-venv)")
    call([sys.executable, "-m", "venv", "--clear", str(VENV)], "could not make .venv")
    MADE_HERE.write_text("made by .ci/in_venv.py; may be deleted\n", encoding="utf-8")


def ensure_environment() -> None:
    """Keeps a usable .venv; replaces a broken one only if it was made here."""
    if not VENV.exists():
        make_environment()
    elif not is_usable():
        if not MADE_HERE.exists():
            stop(f"{VENV} was not made here and does not work, or its Python is older than 3.11; remove it")
        make_environment()


def call(command: list[str], failure: str) -> None:
    """Runs a step in silence and shows what it said only if it failed."""
    done = subprocess.run(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode("utf-8", errors="replace"))
        stop(failure)


def install(pins: str) -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    call([*pip, "--require-hashes", "-r", str(PINS[pins])], "could not install the pinned packages")
    editable = ["--no-deps", "--no-build-isolation", "--no-index", "-e", str(PROJECT)]
    call([*pip, *editable], "could not install entrakit itself")
    # What an installation from a wheel does too; an editable one would compile at every start where writing is off.
    call([str(PYTHON), "-m", "compileall", "-q", str(PROJECT / "toolkit")], "could not compile entrakit")


def set_up(pins: str) -> None:
    print("setting up .venv (about a minute, once)…", file=sys.stderr, flush=True)
    ensure_environment()
    for known in PINS:
        stamp_of(known).unlink(missing_ok=True)
    install(pins)
    satisfied = ("run", "dev") if pins == "dev" else (pins,)
    for name in satisfied:
        stamp_of(name).write_text(digest_of(name), encoding="utf-8")


def environment() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name.upper() != "PYTHONHOME"}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join((str(SCRIPTS), env.get("PATH", os.defpath)))
    return env


def run(command: list[str]) -> NoReturn:
    env = environment()
    program = shutil.which(command[0], path=str(SCRIPTS)) or shutil.which(command[0], path=env["PATH"])
    if program is None:
        stop(f"no such command in .venv: {command[0]}", 127)
    if os.name != "nt":
        os.execve(program, command, env)
    try:
        raise SystemExit(subprocess.run([program, *command[1:]], env=env, check=False).returncode)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def main(arguments: list[str]) -> NoReturn:
    pins = "run"
    if arguments[:1] == ["--dev"]:
        pins, arguments = "dev", arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        stop("usage: in_venv.py [--dev] COMMAND [ARGUMENT…]", 2)
    if not is_ready(pins):
        set_up(pins)
    run(arguments)


if __name__ == "__main__":
    if hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(errors="replace")
    main(sys.argv[1:])
