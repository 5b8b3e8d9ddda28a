"""Record the SMArtEmail case in a terminal of 100 columns, as a person types it: `python docs/images/record.py`.

Runs the real commands in a pseudo-terminal (POSIX) on a fresh sandbox and writes smartemail.svg and demo.svg here.
"""

from __future__ import annotations

import os
import re
import select
import sys
import tempfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS = 100
HERE = Path(__file__).parent
WANTS = '--wants "Office 365 Exchange Online/IMAP.AccessAsUser.All" --wants "Office 365 Exchange Online/SMTP.Send"'
LOOKING = ("entrakit roles check --me", "entrakit apps show SMArtEmail")
WHOLE_CASE = (
    "entrakit roles check --me",
    f"entrakit consent show SMArtEmail {WANTS}",
    "entrakit apps delete SMArtEmail",
    "entrakit history undo RUN --yes",
    "entrakit apps enable SMArtEmail --yes",
    'entrakit consent grant SMArtEmail --permission "Office 365 Exchange Online/SMTP.Send" --yes',
    f"entrakit consent show SMArtEmail {WANTS}",
    "entrakit history list",
)
RUN = re.compile(r"history undo (\S+)")
FONT_FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def main() -> None:
    """Write both pictures."""
    record(LOOKING, HERE / "looking.svg")
    record(WHOLE_CASE, HERE / "smartemail.svg")


def record(commands: Sequence[str], picture: Path) -> None:
    """Type the commands one after the other and draw what the terminal showed."""
    console = Console(record=True, width=COLUMNS, file=StringIO())
    with tempfile.TemporaryDirectory() as folder:
        shown = ""
        for template in commands:
            command = template.replace("RUN", next(iter(RUN.findall(shown)), "RUN"))
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            shown = typed(command, folder)
            console.print(Text.from_ansi(shown.rstrip()), soft_wrap=True)
            console.print()
    drawn = console.export_svg(title="entrakit on the sandbox", theme=MONOKAI, unique_id="entrakit")
    picture.write_text(FONT_FACE.sub("", drawn), encoding="utf-8")
    print(f"{picture.name}: {len(drawn) // 1024} KB")


def typed(command: str, folder: str) -> str:
    """What the terminal shows for a command; a question is answered with y."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(
            ENTRAKIT_TENANT="sandbox", ENTRAKIT_STATE=folder, COLUMNS=str(COLUMNS), TERM="xterm-256color", CI=""
        )
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        os.execvp("sh", ["sh", "-c", command])
    shown = b""
    while chunk := _read(terminal):
        shown += chunk
        if chunk.rstrip().endswith(b"[y/N]"):
            os.write(terminal, b"y\n")
    os.waitpid(child, 0)
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], 30.0)
    if not ready:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side has closed
        return b""


if __name__ == "__main__":
    main()
