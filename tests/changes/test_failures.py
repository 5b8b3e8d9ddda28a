"""Throttling, outages, refusals and other administrators in the middle of a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.changes.kinds import KINDS, MAIL_READ, NEWCOMER, SMART, SMTP, two_steps
from tests.changes.stage import EXCHANGE, GRAPH, MOMENT, MemoryJournal, Stage
from toolkit.domain.changes import Change
from toolkit.domain.journal import Ended, Event, NotWritten, Stepped
from toolkit.domain.plans import Plan
from toolkit.errors import Exit, LeftBehind, PermissionMissing, RolledBack, StalePlan

each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
Make = Callable[[Stage], Plan]
WRITES = ("POST /oauth2PermissionGrants*", "POST /servicePrincipals*", "POST *restore", "PATCH *", "DELETE *")


def faults(stage: Stage, status: int, **more: Any) -> None:
    """Every kind of write meets this fault."""
    stage.tenant.settings["faults"] = [{"status": status, "match": match, **more} for match in WRITES]


def at_write(stage: Stage, number: int, do: Callable[[], object]) -> None:
    """Something happens just before the write of this number, counted from now, gets through."""
    first = len(stage.wire.writes)

    def meddle(now: int, request: httpx.Request) -> None:
        if now == first + number:
            do()

    stage.wire.before = meddle


def deny(stage: Stage, *permissions: str) -> None:
    stage.tenant.settings["deny"] = list(permissions)


def scopes(stage: Stage, resource: str) -> set[str]:
    app, api = stage.app(SMART)["id"], stage.app(resource)["id"]
    return {s for g in stage.rows("oauth2PermissionGrants", clientId=app, resourceId=api) for s in g["scope"].split()}


# Outages and throttling


@each_kind
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_storm_of_failures_leaves_the_tenant_as_it_was(stage: Stage, make: Make, status: int) -> None:
    plan = make(stage)
    before = stage.state()
    faults(stage, status)
    with pytest.raises(RolledBack) as told:
        stage.do(plan)
    assert str(status) in told.value.why
    assert stage.state() == before
    assert stage.last_run().outcome == "rolled back"


@each_kind
@pytest.mark.parametrize("status", [500, 503, 504])
def test_one_failure_of_the_service_is_got_over(stage: Stage, make: Make, status: int) -> None:
    plan = make(stage)
    before = stage.state()
    faults(stage, status, times=1)
    assert stage.do(plan).outcome == "done"
    assert stage.state() != before


@each_kind
def test_throttling_is_waited_out(stage: Stage, make: Make) -> None:
    plan = make(stage)
    before = stage.state()
    faults(stage, 429, retryAfter=0, times=3)
    assert stage.do(plan).outcome == "done"
    assert stage.state() != before


def test_throttling_in_the_middle_of_a_plan_is_waited_out(stage: Stage) -> None:
    plan = two_steps(stage)
    at_write(stage, 1, lambda: faults(stage, 429, retryAfter=0, times=2))
    assert [record.mark for record in stage.do(plan).steps] == ["done", "done"]


def test_a_storm_that_begins_half_way_leaves_behind_just_what_it_names(stage: Stage) -> None:
    before = stage.state()
    plan = two_steps(stage)
    at_write(stage, 2, lambda: faults(stage, 503))
    with pytest.raises(LeftBehind) as told:
        stage.do(plan)
    assert plan.steps[0].says in told.value.why
    assert plan.steps[1].says not in told.value.why
    run = stage.last_run()
    assert (run.outcome, [record.mark for record in run.steps]) == ("left behind", ["roll-back failed", "failed"])
    assert scopes(stage, EXCHANGE) == {"IMAP.AccessAsUser.All", "SMTP.Send"}
    stage.tenant.settings["faults"] = []
    assert stage.undo(run).outcome == "done"
    assert stage.state() == before


# Refusals


@each_kind
def test_a_permission_that_is_missing_leaves_the_tenant_as_it_was(stage: Stage, make: Make) -> None:
    plan = make(stage)
    before = stage.state()
    deny(
        stage,
        *("Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"),
    )
    with pytest.raises(PermissionMissing) as told:
        stage.do(plan)
    assert told.value.needs
    assert told.value.exit == Exit.SIGN_IN
    assert stage.state() == before


def test_a_permission_that_disappears_half_way_takes_back_what_was_done(stage: Stage) -> None:
    before = stage.state()
    plan = two_steps(stage)
    at_write(stage, 2, lambda: deny(stage, "AppRoleAssignment.ReadWrite.All"))
    with pytest.raises(RolledBack) as told:
        stage.do(plan)
    assert "AppRoleAssignment.ReadWrite.All" in told.value.why
    assert stage.state() == before
    assert [record.mark for record in stage.last_run().steps] == ["rolled back", "failed"]


def test_all_permissions_that_disappear_half_way_are_told_and_undone_later(stage: Stage) -> None:
    before = stage.state()
    plan = two_steps(stage)
    gone = ("AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All")
    at_write(stage, 2, lambda: deny(stage, *gone))
    with pytest.raises(LeftBehind) as told:
        stage.do(plan)
    assert plan.steps[0].says in told.value.why
    assert any("undo" in command for command in told.value.commands)
    deny(stage)
    stage.undo(stage.last_run())
    assert stage.state() == before


def test_a_created_service_principal_goes_away_after_what_was_granted_to_it(stage: Stage) -> None:
    plan = KINDS["service principal create"](stage)
    before = stage.state()
    at_write(stage, 3, lambda: deny(stage, "AppRoleAssignment.ReadWrite.All"))
    with pytest.raises(RolledBack):
        stage.do(plan)
    assert stage.state() == before
    assert [line.split("/")[0] for line in stage.wire.writes] == ["POST ", "POST ", "POST ", "DELETE ", "DELETE "]
    assert "oauth2PermissionGrants" in stage.wire.writes[3]
    assert stage.undo_plan(stage.last_run().id).steps == ()


def test_grants_of_an_application_that_graph_does_not_see_yet_are_patient(stage: Stage) -> None:
    plan = KINDS["service principal create"](stage)
    refusal = {"status": 400, "code": "Request_BadRequest", "message": "Not a valid reference update.", "times": 4}
    stage.tenant.settings["faults"] = [{**refusal, "match": "POST *appRoleAssignedTo"}]
    assert stage.do(plan).outcome == "done"
    assert len(stage.waited) == 4


def test_the_same_refusal_is_final_for_an_application_that_was_there(stage: Stage) -> None:
    plan = KINDS["app role add"](stage)
    refusal = {"status": 400, "code": "Request_BadRequest", "message": "Not a valid reference update."}
    stage.tenant.settings["faults"] = [{**refusal, "match": "POST *appRoleAssignedTo"}]
    with pytest.raises(RolledBack):
        stage.do(plan)
    assert stage.waited == []


def test_a_bug_in_the_middle_of_a_plan_takes_back_what_was_done(stage: Stage) -> None:
    before = stage.state()
    plan = two_steps(stage)
    inner, seen = stage.writer, list[Change]()

    class Broken:
        async def write(self, change: Change) -> None:
            seen.append(change)
            if len(seen) == 2:
                raise ZeroDivisionError
            await inner.write(change)

    stage.writer = Broken()
    with pytest.raises(RolledBack) as told:
        stage.do(plan)
    assert "ZeroDivisionError" in told.value.why
    assert isinstance(told.value.__cause__, Exception)
    assert stage.state() == before


# Other administrators


def other_admin_adds(stage: Stage, scope: str) -> None:
    (grant,) = stage.rows("oauth2PermissionGrants", clientId=stage.app(SMART)["id"], consentType="AllPrincipals")
    grant["scope"] += f" {scope}"


def test_a_grant_changed_between_plan_and_write_makes_the_plan_stale(stage: Stage) -> None:
    plan = stage.grant(SMART, SMTP)
    other_admin_adds(stage, "EWS.AccessAsUser.All")
    between = stage.state()
    with pytest.raises(StalePlan, match="not as the plan assumes"):
        stage.do(plan)
    assert stage.state() == between
    assert stage.journal.runs() == []


def test_a_grant_changed_while_the_plan_is_carried_out_is_kept_and_the_rest_taken_back(stage: Stage) -> None:
    plan = stage.grant(SMART, MAIL_READ, SMTP)
    assert plan.steps[-1].says.startswith("grant application permission")
    steps = tuple(reversed(plan.steps))
    reordered = Plan(purpose="p", command="c", tenant=plan.tenant, made_at=MOMENT, made_by="a", steps=steps).sealed()
    roles = stage.state()["roles"]
    at_write(stage, 1, lambda: other_admin_adds(stage, "EWS.AccessAsUser.All"))
    with pytest.raises(RolledBack, match="as it was") as told:
        stage.do(reordered)
    assert "changed meanwhile" in told.value.why
    assert stage.state()["roles"] == roles
    assert scopes(stage, EXCHANGE) == {"IMAP.AccessAsUser.All", "EWS.AccessAsUser.All"}


def test_rolling_back_does_not_overwrite_what_somebody_else_did_meanwhile(stage: Stage) -> None:
    plan = two_steps(stage)

    def meddle() -> None:
        other_admin_adds(stage, "EWS.AccessAsUser.All")
        deny(stage, "AppRoleAssignment.ReadWrite.All")

    at_write(stage, 2, meddle)
    with pytest.raises(LeftBehind) as told:
        stage.do(plan)
    assert plan.steps[0].says in told.value.why
    assert "EWS.AccessAsUser.All" in scopes(stage, EXCHANGE)
    assert "somebody else" in stage.last_run().steps[0].detail


def test_an_undo_does_not_overwrite_what_somebody_else_did_since(stage: Stage) -> None:
    run = stage.do(stage.grant(SMART, SMTP))
    other_admin_adds(stage, "EWS.AccessAsUser.All")
    between = stage.state()
    with pytest.raises(StalePlan):
        stage.undo(run)
    assert stage.state() == between


def test_what_is_deleted_is_what_was_looked_at(stage: Stage) -> None:
    plan = stage.delete(SMART)
    (grant,) = stage.rows("oauth2PermissionGrants", clientId=stage.app(SMART)["id"], consentType="AllPrincipals")
    row = {**grant, "id": "another", "resourceId": stage.app(GRAPH)["id"]}
    stage.tenant.tables["oauth2PermissionGrants"]["another"] = row
    with pytest.raises(StalePlan, match="not as the plan assumes") as told:
        stage.do(plan)
    assert "what goes with it changed" in told.value.why
    assert stage.app(SMART)


def test_a_grant_given_while_the_application_is_being_deleted_comes_back_with_it(stage: Stage) -> None:
    """The snapshot for the undo is taken when the deletion is sent, not when it was planned."""
    stage.tenant.settings["restoreGrants"] = False
    plan = stage.delete(SMART)
    carrier = stage.carrier()
    assert stage.await_(carrier.check_fresh(plan))
    (grant,) = stage.rows("oauth2PermissionGrants", clientId=stage.app(SMART)["id"], consentType="AllPrincipals")
    row = {**grant, "id": "another", "resourceId": stage.app(GRAPH)["id"], "scope": "User.Read"}
    stage.tenant.tables["oauth2PermissionGrants"]["another"] = row
    before = stage.state()
    run = stage.await_(carrier.carry_out(plan))
    stage.undo(run)
    assert stage.state() == before


def test_an_application_made_anew_is_not_deleted_by_a_plan_for_the_old_one(stage: Stage) -> None:
    plan = stage.delete(SMART)
    remade(stage)
    between = stage.state()
    with pytest.raises(StalePlan):
        stage.do(plan)
    assert stage.state() == between


def test_a_deletion_is_undone_for_an_application_that_was_made_anew_meanwhile(stage: Stage) -> None:
    before = {scope for resource in (EXCHANGE, GRAPH) for scope in scopes(stage, resource)}
    run = stage.do(stage.delete(SMART))
    new = remade(stage)
    assert stage.undo(run).outcome == "done"
    assert {scope for resource in (EXCHANGE, GRAPH) for scope in scopes(stage, resource)} == before
    assert stage.app(SMART)["id"] == new
    assert len(stage.tenant.owners_of(new)) == 1


def remade(stage: Stage) -> str:
    """Somebody consents again, so that the application has a service principal without any of the old grants."""
    tables = stage.tenant.tables
    deleted = stage.rows("deletedItems", displayName=SMART)
    row = dict(deleted[0] if deleted else stage.app(SMART))
    old, row["id"] = row["id"], "99999999-0000-4000-8000-000000000009"
    for name in ("@odata.type", "_with"):
        row.pop(name, None)
    tables["servicePrincipals"].pop(old, None)
    tables["servicePrincipals"][row["id"]] = {**row, "deletedDateTime": None, "accountEnabled": False}
    return row["id"]


# A journal that fails


class FullJournal(MemoryJournal):
    """Has room for so many events."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def append(self, run_id: str, told: Event) -> None:
        self.room -= 1
        if self.room < 0:
            raise NotWritten("the journal cannot be written", "The disk is full.")
        super().append(run_id, told)


def test_without_room_in_the_journal_nothing_is_written_to_the_tenant() -> None:
    with Stage(journal=FullJournal(0)) as stage:
        before = stage.state()
        with pytest.raises(RolledBack) as told:
            stage.do(two_steps(stage))
        assert "disk is full" in told.value.why
        assert stage.state() == before
        assert stage.wire.writes == []


@pytest.mark.parametrize("room", [1, 2, 3, 4])
def test_a_journal_that_fills_up_half_way_stops_the_run_and_names_what_may_be_in_place(room: int) -> None:
    journal = FullJournal(room)
    with Stage(journal=journal) as stage:
        before = stage.state()
        plan = two_steps(stage)
        with pytest.raises(LeftBehind) as told:
            stage.do(plan)
        assert plan.steps[0].says in told.value.why
        assert len(stage.wire.writes) == (room + 1) // 2
        journal.room = 100
        stage.undo(stage.last_run())
        assert stage.state() == before


def test_every_write_is_preceded_by_its_mark() -> None:
    journal = MemoryJournal()
    with Stage(journal=journal) as stage:
        inner = stage.writer

        class Asking:
            async def write(self, change: Change) -> None:
                last = journal.events[stage.last_run().id][-1]
                assert isinstance(last, Stepped)
                assert last.mark in ("intended", "rolling back")
                await inner.write(change)

        stage.writer = Asking()
        plan = KINDS["service principal create"](stage)
        at_write(stage, 3, lambda: deny(stage, "AppRoleAssignment.ReadWrite.All"))
        with pytest.raises(RolledBack):
            stage.do(plan)
        assert isinstance(journal.events[stage.last_run().id][-1], Ended)
        assert len(stage.rows("servicePrincipals", appId=NEWCOMER)) == 0
