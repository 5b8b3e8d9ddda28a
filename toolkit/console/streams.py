"""stdout for data, stderr for talk: who is listening, how wide, in colour or not."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from toolkit.errors import Ambiguous, ToolkitError
from toolkit.render.untrusted import for_terminal

_ASCII = str.maketrans({"✓": "+", "✗": "x", "…": "~", "│": "|", "─": "-", "┼": "+", "•": "*", "→": ">"})
_CODES = {"good": 32, "warning": 33, "bad": 31, "unknown": 35, "dim": 2, "strong": 1}


@dataclass
class Console:
    """The three streams of a process and what is known about them.

    `width` is None where stdout is no terminal; `color` is about stdout, `talk_color` about stderr.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    is_terminal: bool = False
    talks_to_terminal: bool = False
    width: int | None = None
    color: bool = False
    talk_color: bool = False
    interactive: bool = False
    draws: bool = False
    _reader_left: bool = field(default=False, init=False)

    @classmethod
    def detect(cls, env: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO) -> Console:
        """The console of these streams; makes them able to carry any text first."""
        is_terminal, talks = _is_tty(stdout), _is_tty(stderr)
        for stream, on_terminal in ((stdout, is_terminal), (stderr, talks)):
            _carry_any_text(stream, on_terminal=on_terminal)
        return cls(
            stdin,
            stdout,
            stderr,
            is_terminal=is_terminal,
            talks_to_terminal=talks,
            width=_width(env, stdout) if is_terminal else None,
            color=_wants_color(env, is_terminal) and _obeys_colors(stdout, is_terminal),
            talk_color=_wants_color(env, talks) and _obeys_colors(stderr, talks),
            interactive=_is_tty(stdin) and talks and not _is_set(env, "CI"),
            draws=talks and env.get("TERM") != "dumb" and not _is_set(env, "CI"),
        )

    def write(self, chunks: Iterable[str] | str) -> None:
        """Write what a renderer made to stdout; stops quietly when the reader has left.

        Raises OSError when the text cannot be stored, such as on a full disk.
        """
        if self._reader_left:
            return
        plain = not _can_show_symbols(self.stdout)
        try:
            for chunk in (chunks,) if isinstance(chunks, str) else chunks:
                self.stdout.write(chunk.translate(_ASCII) if plain else chunk)
            self.stdout.flush()
        except OSError as error:
            if not _is_broken_pipe(error):
                raise
            self._reader_left = True
            _point_at_nothing(self.stdout)

    def say(self, *lines: str, tone: str = "plain") -> None:
        r"""Write lines to stderr, each made harmless: a line break inside one shows as `\n`."""
        code = _CODES.get(tone) if self.talk_color else None
        plain = not _can_show_symbols(self.stderr)
        for line in lines:
            text = for_terminal(line)
            text = text.translate(_ASCII) if plain else text
            self._talk(f"\x1b[{code}m{text}\x1b[0m\n" if code and text else f"{text}\n")

    def chat(self, *lines: str, tone: str = "plain") -> None:
        """Say what only a person who watches wants to know; silent unless stderr is a terminal."""
        if self.talks_to_terminal:
            self.say(*lines, tone=tone)

    def hint(self, text: str, commands: Iterable[str] = ()) -> None:
        """Say the way out after an empty line, with the commands that take it, one on each line."""
        self.say("", f"hint: {text}", *(f"    {command}" for command in commands))

    def tell(self, failure: ToolkitError) -> None:
        """Say what failed, why, and the way out."""
        self.say(f"error: {failure.what}", tone="bad")
        if failure.why:
            self.say("", failure.why)
        if isinstance(failure, Ambiguous):
            self.say(*(f"    {candidate}" for candidate in failure.candidates))
        if failure.hint or failure.commands:
            self.hint(failure.hint or "try", failure.commands)

    def prompt(self, question: str) -> str | None:
        """Ask on stderr and read one line; None at the end of input."""
        plain = not _can_show_symbols(self.stderr)
        text = for_terminal(question)
        self._talk((text.translate(_ASCII) if plain else text) + " ")
        answer = self.stdin.readline()
        if not answer:
            self._talk("\n")
            return None
        return answer.rstrip("\r\n")

    def _talk(self, text: str) -> None:
        try:
            self.stderr.write(text)
            self.stderr.flush()
        except OSError as error:  # nobody listens; the work goes on
            if not _is_broken_pipe(error):
                raise
            _point_at_nothing(self.stderr)


def _is_tty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _is_set(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() not in ("", "0", "false", "no")


def _wants_color(env: Mapping[str, str], is_terminal: bool) -> bool:
    """https://no-color.org first, then https://bixense.com/clicolors and https://force-color.org."""
    if env.get("NO_COLOR"):
        return False
    if _is_set(env, "CLICOLOR_FORCE") or _is_set(env, "FORCE_COLOR"):
        return True
    return is_terminal and env.get("TERM") != "dumb" and env.get("CLICOLOR") != "0"


def _width(env: Mapping[str, str], stdout: TextIO) -> int:
    asked = env.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _carry_any_text(stream: TextIO, *, on_terminal: bool) -> None:
    """Data is always UTF-8 with the renderer's line ends; a terminal keeps its encoding, save on Windows."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    if not on_terminal:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    elif sys.platform == "win32":
        reconfigure(encoding="utf-8", errors="backslashreplace")
    else:
        reconfigure(errors="backslashreplace")


def _can_show_symbols(stream: TextIO) -> bool:
    try:
        "✓✗…│─┼".encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _obeys_colors(stream: TextIO, is_terminal: bool) -> bool:
    """Whether escape sequences reach something that reads them; switches a Windows console on.

    https://learn.microsoft.com/windows/console/console-virtual-terminal-sequences
    """
    if sys.platform != "win32" or not is_terminal:
        return True
    import ctypes
    import msvcrt

    try:
        handle = msvcrt.get_osfhandle(stream.fileno())
    except (OSError, ValueError):
        return False
    mode = ctypes.c_uint32()
    kernel = ctypes.windll.kernel32
    virtual_terminal = 0x0004
    return bool(
        kernel.GetConsoleMode(handle, ctypes.byref(mode))
        and kernel.SetConsoleMode(handle, mode.value | virtual_terminal)
    )


def _is_broken_pipe(error: OSError) -> bool:
    # Windows reports a reader that has left as EINVAL.
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def _point_at_nothing(stream: TextIO) -> None:
    """Send what is still buffered nowhere, or the interpreter complains about the pipe when it ends."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
