"""Questions to the person at the terminal; where there is none, nothing is assumed."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.console.streams import Console
from toolkit.render.untrusted import for_terminal


class NotInteractive(Exception):
    """A question was due and nobody is there to answer; `question` is the one."""

    def __init__(self, question: str) -> None:
        self.question = question
        super().__init__(f"nobody is there to answer: {for_terminal(question)}")


@dataclass(frozen=True)
class Prompts:
    """Asks on stderr and reads stdin; every method raises NotInteractive without a person at the terminal."""

    console: Console

    def confirm(self, question: str, default: bool = False) -> bool:
        """Whether the person says yes; the end of input is a no, an empty line is `default`."""
        self._insist(question)
        choices = "[Y/n]" if default else "[y/N]"
        while True:
            answer = self.console.prompt(f"{question} {choices}")
            if answer is None:
                return False
            match answer.strip().lower():
                case "":
                    return default
                case "y" | "yes":
                    return True
                case "n" | "no":
                    return False
                case _:
                    self.console.say("Please answer y or n.")

    def ask_typed(self, question: str, expected: str) -> bool:
        """Whether the person types `expected`, exactly, or as the terminal shows it."""
        self._insist(question)
        answer = self.console.prompt(f"{question} Type {expected} to go on:") or ""
        return answer.strip() != "" and answer.strip() in (expected.strip(), for_terminal(expected).strip())

    def _insist(self, question: str) -> None:
        if not self.console.interactive:
            raise NotInteractive(question)
