"""Progress is drawn for a person who watches long work, and for nobody else."""

from __future__ import annotations

import io

from toolkit.console.progress import Progress
from toolkit.console.streams import Console


def console(*, draws: bool) -> Console:
    return Console(io.StringIO(), io.StringIO(), io.StringIO(), draws=draws)


def drawn(it: Console) -> str:
    assert isinstance(it.stderr, io.StringIO)
    return it.stderr.getvalue()


def read_grants(it: Console, *, patience: float) -> str:
    with Progress(it, patience=patience) as progress:
        progress.area("grants [bold]\u202e", 2000)
        progress.advance("grants [bold]\u202e", 1500)
        progress.note("grants [bold]\u202e", "waiting \x1b]0;3 s")
    progress.advance("grants [bold]\u202e")
    return drawn(it)


def test_long_work_is_drawn_with_its_count_and_harmless_words() -> None:
    shown = read_grants(console(draws=True), patience=0)
    assert "grants [bold]\\u202e" in shown
    assert "1,500 of 2,000" in shown
    assert "\x1b]0;" not in shown
    assert "\u202e" not in shown


def test_short_work_draws_nothing() -> None:
    assert read_grants(console(draws=True), patience=60) == ""


def test_where_nobody_watches_nothing_is_drawn() -> None:
    assert read_grants(console(draws=False), patience=0) == ""


def test_an_area_that_was_not_announced_counts_without_a_total() -> None:
    it = console(draws=True)
    with Progress(it, patience=0) as progress:
        progress.advance("users", 7)
    assert "users" in drawn(it)
