"""Data to stdout, talk to stderr, and only what each listener can read."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from collections.abc import Iterator

import pytest

from toolkit.console.streams import Console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def console(env: dict[str, str], *, terminal: bool = True) -> Console:
    streams = [Terminal() if terminal else io.StringIO() for _ in range(3)]
    return Console.detect(env, *streams)


def said(it: Console) -> str:
    assert isinstance(it.stderr, io.StringIO)
    return it.stderr.getvalue()


@pytest.mark.parametrize(
    ("env", "terminal", "color"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
        ({"CLICOLOR": "0"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_follows_the_wishes_of_the_environment(env: dict[str, str], terminal: bool, color: bool) -> None:
    it = console(env, terminal=terminal)
    assert (it.color, it.talk_color) == (color, color)


def test_only_a_terminal_has_a_width_and_columns_sets_it() -> None:
    assert console({"COLUMNS": "140"}).width == 140
    assert console({"COLUMNS": "nonsense"}).width
    assert console({"COLUMNS": "140"}, terminal=False).width is None


def test_nobody_is_asked_in_ci_or_without_a_terminal() -> None:
    assert console({}).interactive
    assert not console({"CI": "true"}).interactive
    assert not console({}, terminal=False).interactive


def test_what_is_said_is_harmless_and_one_line_each() -> None:
    it = console({}, terminal=False)
    it.say("deleted \x1b[2J\u202e", "a\nb")
    assert said(it) == "deleted \\x1b[2J\\u202e\na\\nb\n"


def test_chat_is_for_a_person_who_watches() -> None:
    silent, heard = console({}, terminal=False), console({"NO_COLOR": "1"})
    silent.chat("done")
    heard.chat("done")
    assert (said(silent), said(heard)) == ("", "done\n")


def test_a_hint_has_its_commands_on_their_own_lines() -> None:
    it = console({}, terminal=False)
    it.hint("sign in and try again", ["entrakit auth login"])
    assert said(it) == "\nhint: sign in and try again\n    entrakit auth login\n"


def test_a_terminal_without_the_signs_gets_ascii() -> None:
    raw = io.BytesIO()
    ascii_terminal = io.TextIOWrapper(raw, encoding="ascii")
    ascii_terminal.isatty = lambda: True  # pyright: ignore[reportAttributeAccessIssue]
    it = Console.detect({}, Terminal(), ascii_terminal, Terminal())
    it.write(["✓ Zoë │ ─┼ …\n"])
    expected = "+ Zo\\xeb | -+ ~" if sys.platform != "win32" else "✓ Zoë │ ─┼ …"
    assert raw.getvalue().decode().splitlines() == [expected]


def test_data_is_utf_8_with_the_renderers_line_ends() -> None:
    raw = io.BytesIO()
    it = Console.detect({}, io.StringIO(), io.TextIOWrapper(raw, encoding="cp1252"), io.StringIO())
    it.write("✓ Zoë\r\n\n")
    assert raw.getvalue() == "✓ Zoë\r\n\n".encode()


def test_writing_stops_quietly_when_the_reader_leaves() -> None:
    class Left(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    taken: list[int] = []

    def chunks() -> Iterator[str]:
        for number in range(9):
            taken.append(number)
            yield str(number)

    it = Console.detect({}, io.StringIO(), Left(), io.StringIO())
    it.write(chunks())
    it.write(chunks())
    assert taken == [0]


def test_a_full_disk_is_not_silent() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        Console.detect({}, io.StringIO(), Full(), io.StringIO()).write("report")


def test_the_interpreter_does_not_complain_about_a_reader_who_left() -> None:
    program = (
        "import os, sys; from toolkit.console.streams import Console\n"
        "it = Console.detect(os.environ, sys.stdin, sys.stdout, sys.stderr)\n"
        "it.write('x' * 1000 + '\\n' for _ in range(10_000))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(20) == 0
    assert process.stderr.read() == b""
    process.stderr.close()
