"""Graph's replicas agree late: what was written is looked for with patience, and told as unknown after that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.changes.kinds import KINDS
from tests.changes.stage import Stage
from toolkit.domain.plans import Plan
from toolkit.errors import LeftBehind

each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
Make = Callable[[Stage], Plan]


@each_kind
@pytest.mark.parametrize("reads", [1, 3, 8])
def test_replicas_that_agree_late_are_waited_for(stage: Stage, make: Make, reads: int) -> None:
    plan = make(stage)
    before = stage.state()
    stage.wire.lag = reads
    assert stage.do(plan).outcome == "done"
    assert stage.state() != before
    assert stage.waited or reads == 1
    if plan.undoes is None:
        stage.undo(stage.last_run())
        assert stage.state() == before


@each_kind
def test_a_change_that_never_shows_is_left_behind_as_unknown(stage: Stage, make: Make) -> None:
    plan = make(stage)
    stage.wire.lag = 10_000
    with pytest.raises(LeftBehind) as told:
        stage.do(plan)
    assert plan.steps[0].says in told.value.why
    assert "perhaps" in told.value.why
    run = stage.last_run()
    assert (run.outcome, run.steps[0].mark) == ("left behind", "roll-back failed")
    assert 100 <= sum(stage.waited) <= 300


@each_kind
def test_a_change_that_shows_too_late_is_undone_from_the_journal(stage: Stage, make: Make) -> None:
    plan = make(stage)
    before = stage.state()
    stage.wire.lag = 10_000
    with pytest.raises(LeftBehind):
        stage.do(plan)
    stage.wire.lag = 0
    stage.wire.catch_up()
    assert stage.undo(stage.last_run()).outcome == "done"
    assert stage.state() == before
