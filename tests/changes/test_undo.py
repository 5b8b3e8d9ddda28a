"""Undoing: what was only intended, what was undone already, what hangs together, and what another machine did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.changes.kinds import KINDS, MAIL_READ, NEWCOMER, SMART, SMTP
from tests.changes.stage import EXCHANGE, MemoryJournal, Stage
from toolkit.domain.changes import Change
from toolkit.domain.plans import Plan
from toolkit.errors import BadUsage, StalePlan
from toolkit.services.change_consent import Granted

EWS = Granted(resource=EXCHANGE, value="EWS.AccessAsUser.All")
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
Make = Callable[[Stage], Plan]


class Cancelled:
    """A writer whose process ends before or after the write."""

    def __init__(self, stage: Stage, when: str, number: int = 1) -> None:
        self._inner = stage.writer
        self._when = when
        self._left = number

    async def write(self, change: Change) -> None:
        self._left -= 1
        if self._left == 0 and self._when == "before":
            raise asyncio.CancelledError
        await self._inner.write(change)
        if self._left == 0:
            raise asyncio.CancelledError


def interrupted(stage: Stage, plan: Plan, when: str, number: int = 1) -> str:
    """The id of a run of the plan that ended at a write."""
    calm = stage.writer
    stage.writer = Cancelled(stage, when, number)
    with pytest.raises(asyncio.CancelledError):
        stage.do(plan)
    stage.writer = calm
    run = stage.last_run()
    assert (run.outcome, run.steps[-1].mark) == ("interrupted", "intended")
    return run.id


@each_kind
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_run_is_undone_whether_or_not_its_last_write_took_effect(
    stage: Stage, make: Make, when: str
) -> None:
    plan = make(stage)
    before = stage.state()
    run = interrupted(stage, plan, when)
    assert (stage.state() == before) is (when == "before")
    stage.undo(run)
    assert stage.state() == before
    assert stage.journal.run(run).undone_by == stage.last_run().id


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_installation_is_undone_at_any_point(stage: Stage, when: str, number: int) -> None:
    plan = KINDS["service principal create"](stage)
    before = stage.state()
    stage.undo(interrupted(stage, plan, when, number))
    assert stage.state() == before


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_roll_back_that_was_interrupted_is_finished_by_the_undo(stage: Stage, when: str, number: int) -> None:
    plan = KINDS["service principal create"](stage)
    before = stage.state()
    stage.tenant.settings["deny"] = ["AppRoleAssignment.ReadWrite.All"]
    calm = stage.writer
    stage.writer = Cancelled(stage, when, 3 + number)
    with pytest.raises(asyncio.CancelledError):
        stage.do(plan)
    stage.writer = calm
    stage.undo(stage.last_run())
    assert stage.state() == before


@each_kind
def test_an_undo_is_undone_and_that_again(stage: Stage, make: Make) -> None:
    plan = make(stage)
    before = stage.state()
    first = stage.do(plan)
    after = stage.state()
    undo = stage.undo(first)
    again = stage.undo(undo)
    assert stage.state() == after
    assert stage.undo(again).outcome == "done"
    assert stage.state() == before


def test_a_run_whose_undo_was_undone_is_in_force_and_can_be_undone_again(stage: Stage) -> None:
    before = stage.state()
    first = stage.do(stage.grant(SMART, SMTP))
    stage.undo(stage.undo(first))
    assert stage.state() != before
    assert stage.undo(first).outcome == "done"
    assert stage.state() == before
    with pytest.raises(BadUsage, match="undone already"):
        stage.undo(first)


def test_a_run_that_was_undone_is_not_undone_twice(stage: Stage) -> None:
    first = stage.do(stage.grant(SMART, SMTP))
    second = stage.undo(first)
    with pytest.raises(BadUsage, match="undone already") as told:
        stage.undo(first)
    assert second.id in told.value.why


def test_a_later_change_of_the_same_grant_is_undone_first_also_when_its_undo_was_undone(stage: Stage) -> None:
    first = stage.do(stage.grant(SMART, SMTP))
    second = stage.do(stage.grant(SMART, EWS))
    stage.undo(stage.undo(second))
    with pytest.raises(BadUsage, match="cannot be undone yet") as told:
        stage.undo(first)
    assert second.id in told.value.why


def test_a_later_run_that_did_nothing_does_not_stand_in_the_way(stage: Stage) -> None:
    before = stage.state()
    first = stage.do(stage.grant(SMART, SMTP))
    second = interrupted(stage, stage.grant(SMART, EWS), "before")
    with pytest.raises(BadUsage, match="cannot be undone yet"):
        stage.undo(first)
    stage.undo(second)
    stage.undo(first)
    assert stage.state() == before


def test_what_was_revoked_comes_back_only_after_the_application_did(stage: Stage) -> None:
    before = stage.state()
    revoked = stage.do(stage.revoke(SMART))
    deleted = stage.do(stage.delete(SMART))
    with pytest.raises(BadUsage, match="cannot be undone yet") as told:
        stage.undo(revoked)
    assert deleted.id in told.value.why
    stage.undo(deleted)
    stage.undo(revoked)
    assert stage.state() == before


def test_what_hangs_on_an_application_that_somebody_else_deleted_is_not_called_undone(stage: Stage) -> None:
    revoked = stage.do(stage.revoke(SMART))
    app = stage.tenant.tables["servicePrincipals"].pop(stage.app(SMART)["id"])
    with pytest.raises(StalePlan, match="nothing of run") as told:
        stage.undo_plan(revoked.id)
    assert "IMAP.AccessAsUser.All" in told.value.why
    assert stage.journal.run(revoked.id).undone_by is None
    stage.tenant.tables["servicePrincipals"][app["id"]] = app
    assert stage.undo(revoked).outcome == "done"


def test_the_grants_of_other_applications_on_a_deleted_api_come_back_too(stage: Stage) -> None:
    stage.tenant.settings["restoreGrants"] = False
    stage.do(stage.grant(SMART, Granted(resource="Warehouse Scanner API", value="Scans.Read")))
    before = stage.state()
    plan = stage.delete("Warehouse Scanner API")
    assert any(loss.who == f"the application {SMART}" for loss in plan.losses)
    run = stage.do(plan)
    assert stage.state()["grants"] != before["grants"]
    undo = stage.undo_plan(run.id)
    stage.do(undo)
    lost = before["roles"] - stage.state()["roles"]
    assert stage.state()["grants"] == before["grants"]
    assert len(lost) == sum(note.startswith("cannot come back") for note in undo.notes) == 1


def test_a_deletion_that_cannot_be_undone_says_so_beforehand(stage: Stage) -> None:
    plan = stage.delete("Lucerne Publishing (SAML)")
    assert plan.notes[0].startswith("this cannot be undone")
    assert not [note for note in stage.delete(SMART).notes if note.startswith("this cannot be undone")]


def test_an_application_created_by_a_run_goes_with_what_was_granted_to_it_since(stage: Stage) -> None:
    run = stage.do(KINDS["service principal create"](stage))
    stage.do(stage.grant(NEWCOMER, EWS))
    with_more = stage.state()
    later = stage.journal.runs()[0]
    undo = stage.undo(run)
    assert not stage.rows("servicePrincipals", appId=NEWCOMER)
    stage.tenant.settings["restoreGrants"] = False
    stage.undo(undo)
    assert stage.state() == with_more
    assert stage.journal.run(later.id).undone_by is None


def test_an_application_created_by_a_run_that_somebody_purged_needs_no_undo(stage: Stage) -> None:
    plan = KINDS["service principal create"](stage)
    before = stage.state()
    run = stage.do(plan)
    (app,) = stage.rows("servicePrincipals", appId=NEWCOMER)
    for table, party in (("oauth2PermissionGrants", "clientId"), ("appRoleAssignments", "principalId")):
        for row in stage.rows(table, **{party: app["id"]}):
            del stage.tenant.tables[table][row["id"]]
    del stage.tenant.tables["servicePrincipals"][app["id"]]
    stage.undo(run)
    assert stage.state() == before
    assert stage.journal.run(run.id).undone_by == stage.last_run().id


def test_an_undo_planned_here_and_applied_on_another_machine_leaves_its_history_readable(stage: Stage) -> None:
    before = stage.state()
    plan = stage.undo_plan(stage.do(stage.grant(SMART, SMTP)).id)
    stage.journal = MemoryJournal()
    assert stage.do(plan).outcome == "done"
    assert stage.state() == before
    assert [run.outcome for run in stage.journal.runs()] == ["done"]


def test_an_undo_that_finds_all_taken_back_by_hand_is_written_down(stage: Stage) -> None:
    before = {table: dict(rows) for table, rows in stage.tenant.tables.items()}
    run = stage.do(stage.grant(SMART, MAIL_READ))
    stage.tenant.tables["appRoleAssignments"] = before["appRoleAssignments"]
    stage.undo(run)
    assert stage.journal.run(run.id).undone_by == stage.last_run().id
    assert stage.last_run().steps == ()


def test_graph_is_told_of_the_current_id_of_a_grant_and_not_of_the_plans(stage: Stage) -> None:
    plan = stage.revoke(SMART, admin=True)
    (grant,) = stage.rows("oauth2PermissionGrants", clientId=stage.app(SMART)["id"], consentType="AllPrincipals")
    table = stage.tenant.tables["oauth2PermissionGrants"]
    table["a-new-id"] = {**table.pop(grant["id"]), "id": "a-new-id"}
    stage.do(plan)
    assert stage.wire.writes == ["DELETE /oauth2PermissionGrants/a-new-id"]


def test_an_undo_begins_with_the_last_step(stage: Stage) -> None:
    run = stage.do(KINDS["service principal create"](stage))
    done = [record.change.subject for record in run.steps]
    assert [step.change.before for step in stage.undo_plan(run.id).steps] == done[::-1]
