"""Questions are asked on stderr, answered on stdin, and never assumed."""

from __future__ import annotations

import io

import pytest

from toolkit.console.prompts import NotInteractive, Prompts
from toolkit.console.streams import Console


def prompts(typed: str, *, interactive: bool = True) -> Prompts:
    return Prompts(Console(io.StringIO(typed), io.StringIO(), io.StringIO(), interactive=interactive))


def asked(it: Prompts) -> str:
    assert isinstance(it.console.stderr, io.StringIO)
    return it.console.stderr.getvalue()


@pytest.mark.parametrize(
    ("typed", "default", "confirmed"),
    [
        ("y\n", False, True),
        ("YES\n", False, True),
        ("n\n", True, False),
        ("\n", False, False),
        ("\n", True, True),
    ],
)
def test_an_empty_line_is_the_default(typed: str, default: bool, confirmed: bool) -> None:
    assert prompts(typed).confirm("Delete?", default) is confirmed


def test_the_end_of_input_is_a_no_whatever_the_default() -> None:
    assert prompts("").confirm("Delete?", default=True) is False


def test_an_unclear_answer_is_asked_again() -> None:
    it = prompts("perhaps\ny\n")
    assert it.confirm("Delete \x1b[2JPayroll?")
    assert asked(it) == "Delete \\x1b[2JPayroll? [y/N] Please answer y or n.\nDelete \\x1b[2JPayroll? [y/N] "


def test_a_typed_name_must_be_the_name() -> None:
    assert prompts("Payroll\n").ask_typed("Deleting 3 applications.", "Payroll")
    assert not prompts("payroll\n").ask_typed("Deleting 3 applications.", "Payroll")
    assert not prompts("").ask_typed("Deleting 3 applications.", "")


def test_a_hostile_name_is_typed_as_it_is_shown() -> None:
    it = prompts("Pay\\u202eroll\n")
    assert it.ask_typed("Deleting.", "Pay\u202eroll")
    assert asked(it) == "Deleting. Type Pay\\u202eroll to go on: "


def test_without_a_person_every_question_is_refused() -> None:
    it = prompts("y\ny\n", interactive=False)
    with pytest.raises(NotInteractive, match="nobody is there to answer: Delete"):
        it.confirm("Delete?")
    with pytest.raises(NotInteractive):
        it.ask_typed("Delete?", "x")
    assert asked(it) == ""
