"""A write whose answer never comes was carried out or not: either way the tenant and the journal end up clear."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.changes.kinds import KINDS, NEWCOMER
from tests.changes.stage import Stage, State
from toolkit.domain.plans import Plan
from toolkit.errors import LeftBehind, RolledBack

each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
Make = Callable[[Stage], Plan]


def lose(number: int, request: httpx.Request) -> None:
    raise httpx.ReadError("the connection was closed", request=request)


def lose_once(at: int) -> Callable[[int, httpx.Request], None]:
    """Loses one answer, of the first write from the given one on."""
    lost: list[int] = []

    def meddle(number: int, request: httpx.Request) -> None:
        if number >= at and not lost:
            lost.append(number)
            lose(number, request)

    return meddle


def expected(make: Make) -> State:
    with Stage() as calm:
        calm.do(make(calm))
        return calm.state()


def twins(stage: Stage) -> list[tuple[object, ...]]:
    """What Graph would have only once."""
    tables = stage.tenant.tables
    keys = [
        *(("app", app["appId"]) for app in tables["servicePrincipals"].values()),
        *((g["clientId"], g["resourceId"], g["principalId"]) for g in tables["oauth2PermissionGrants"].values()),
        *((r["principalId"], r["resourceId"], r["appRoleId"]) for r in tables["appRoleAssignments"].values()),
        *((owned, owner) for owned, row in tables["owners"].items() for owner in row["ids"]),
    ]
    return [key for key in set(keys) if keys.count(key) > 1]


@each_kind
def test_one_answer_lost_after_the_write_took_effect_is_done_all_the_same(stage: Stage, make: Make) -> None:
    plan = make(stage)
    stage.wire.after = lose_once(len(stage.wire.writes) + 1)
    run = stage.do(plan)
    assert (run.outcome, {record.mark for record in run.steps}) == ("done", {"done"})
    assert stage.state() == expected(make)
    assert not twins(stage)


@each_kind
def test_every_answer_lost_after_the_writes_took_effect_is_done_all_the_same(stage: Stage, make: Make) -> None:
    plan = make(stage)
    stage.wire.after = lose
    assert stage.do(plan).outcome == "done"
    assert stage.state() == expected(make)
    assert not twins(stage)


@each_kind
def test_one_request_lost_on_its_way_is_sent_again(stage: Stage, make: Make) -> None:
    plan = make(stage)
    stage.wire.before = lose_once(len(stage.wire.writes) + 1)
    assert stage.do(plan).outcome == "done"
    assert stage.state() == expected(make)
    assert not twins(stage)


@each_kind
def test_all_requests_lost_on_their_way_leave_the_tenant_as_it_was(stage: Stage, make: Make) -> None:
    plan = make(stage)
    before = stage.state()
    stage.wire.before = lose
    with pytest.raises(RolledBack):
        stage.do(plan)
    assert stage.state() == before
    run = stage.last_run()
    assert (run.outcome, run.steps[0].mark) == ("rolled back", "failed")
    assert run.steps[0].detail


@each_kind
def test_an_undo_with_every_answer_lost_brings_the_tenant_back(stage: Stage, make: Make) -> None:
    plan = make(stage)
    before = stage.state()
    run = stage.do(plan)
    stage.wire.after = lose
    assert stage.undo(run).outcome == "done"
    assert stage.state() == before
    assert not twins(stage)


def test_a_lost_answer_and_a_lagging_tenant_do_not_create_a_service_principal_twice(stage: Stage) -> None:
    plan = KINDS["service principal create"](stage)
    stage.wire.lag = 6
    stage.wire.after = lose_once(1)
    assert stage.do(plan).outcome == "done"
    assert len(stage.rows("servicePrincipals", appId=NEWCOMER)) == 1
    assert len(stage.rows("deletedItems")) == len(Stage().rows("deletedItems"))


@each_kind
@pytest.mark.parametrize("lag", [1, 7, 25])
def test_a_lost_answer_and_a_lagging_tenant_end_done_or_as_it_was_or_named(stage: Stage, make: Make, lag: int) -> None:
    plan = make(stage)
    before = stage.state()
    stage.wire.lag = lag
    stage.wire.after = lose_once(len(stage.wire.writes) + 1)
    try:
        assert stage.do(plan).outcome == "done"
        assert stage.state() == expected(make)
    except RolledBack:
        assert stage.state() == before
    except LeftBehind as left:
        assert plan.steps[0].says in left.why
    assert not twins(stage)


def test_the_connection_that_is_lost_for_good_is_told_as_unknown_and_undone_later(stage: Stage) -> None:
    before = stage.state()
    plan = KINDS["grant patch"](stage)
    stage.wire.after = lambda number, request: cut(stage, request)
    with pytest.raises(LeftBehind) as left:
        stage.do(plan)
    assert plan.steps[0].says in left.value.why
    assert stage.last_run().steps[0].mark == "roll-back failed"
    stage.wire.cut = False
    stage.wire.after = lambda number, request: None
    assert stage.undo(stage.last_run()).outcome == "done"
    assert stage.state() == before


def cut(stage: Stage, request: httpx.Request) -> None:
    stage.wire.cut = True
    lose(0, request)


@each_kind
def test_what_can_be_seen_to_be_done_is_not_sent_again(stage: Stage, make: Make) -> None:
    plan = make(stage)
    start = len(stage.wire.writes)
    stage.wire.after = lose_once(start + 1)
    stage.do(plan)
    sent = stage.wire.writes[start:]
    # A deletion is repeated by the client before anybody can look.
    assert len(sent) == len(plan.steps) + sent[0].startswith("DELETE")


@pytest.mark.parametrize("kind", ["restore", "service principal create"])
def test_a_repeated_request_that_is_refused_because_the_first_was_carried_out_is_done(stage: Stage, kind: str) -> None:
    plan = KINDS[kind](stage)
    start = len(stage.wire.writes)
    stage.wire.before = lambda number, request: setattr(stage.wire, "lag", 20 if number == start + 1 else 0)
    stage.wire.after = lose_once(start + 1)
    assert stage.do(plan).outcome == "done"
    assert stage.wire.writes[start] == stage.wire.writes[start + 1]
    assert not twins(stage)
