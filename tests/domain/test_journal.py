"""Events of a run, folded into what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change, Ownership
from toolkit.domain.journal import Began, Ended, Event, Stepped, TakenBack, run_of
from toolkit.domain.plans import Mark, Plan, Step

START = datetime(2031, 5, 6, tzinfo=UTC)
CHANGES = [Change(after=Ownership(object_id="o", owner_id=str(number))) for number in (1, 2, 3)]
PLAN = Plan(
    purpose="three owners",
    command="entrakit",
    tenant=TenantName("t", "Contoso", "contoso.example"),
    made_at=START,
    made_by="admin",
    steps=tuple(Step(change=change, says=f"step {number}") for number, change in enumerate(CHANGES, start=1)),
).sealed()
BEGAN = Began(at=START, plan=PLAN)


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def mark(number: int, mark: Mark, detail: str = "") -> Stepped:
    return Stepped(at=at(number), number=number, mark=mark, change=CHANGES[number - 1], detail=detail)


def test_the_last_mark_of_a_step_is_what_became_of_it() -> None:
    run = run_of("r", [BEGAN, mark(1, "intended"), mark(1, "done"), mark(2, "intended"), mark(2, "failed", "refused")])
    assert [(record.number, record.mark, record.detail) for record in run.steps] == [
        (1, "done", ""),
        (2, "failed", "refused"),
    ]
    assert run.steps[1].says == "step 2"


def test_a_run_without_an_end_was_interrupted() -> None:
    run = run_of("r", [BEGAN, mark(1, "intended")])
    assert (run.outcome, run.finished_at, run.started_at) == ("interrupted", None, START)


def test_an_ended_run_tells_how_and_when() -> None:
    run = run_of("r", [BEGAN, Ended(at=at(9), outcome="rolled back")])
    assert (run.outcome, run.finished_at) == ("rolled back", at(9))


def test_a_run_that_begins_again_is_interrupted_until_it_ends_again() -> None:
    events: list[Event] = [BEGAN, Ended(at=at(1), outcome="left behind"), Began(at=at(2), plan=PLAN)]
    assert run_of("r", events).outcome == "interrupted"
    assert run_of("r", [*events, Ended(at=at(3), outcome="done")]).outcome == "done"


def test_a_run_knows_which_one_undid_it_last() -> None:
    taken = [TakenBack(at=at(1), by="a"), TakenBack(at=at(2), by="b")]
    assert run_of("r", [BEGAN, *taken]).undone_by == "b"
    assert run_of("r", [BEGAN]).undone_by is None


def test_steps_are_told_in_the_order_of_the_plan() -> None:
    run = run_of("r", [BEGAN, mark(3, "done"), mark(1, "done"), mark(2, "done")])
    assert [record.number for record in run.steps] == [1, 2, 3]


@pytest.mark.parametrize("events", [[], [Ended(at=START, outcome="done")], [mark(1, "done"), BEGAN]])
def test_a_run_without_a_beginning_is_no_run(events: list[Event]) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        run_of("r", events)


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_step_that_the_plan_lacks_is_no_step(number: int) -> None:
    with pytest.raises(ValueError, match="lacks"):
        run_of("r", [BEGAN, Stepped(at=START, number=number, mark="done", change=CHANGES[0])])
