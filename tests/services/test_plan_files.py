"""Plans from files: whoever wrote them, they do what they say to what they name, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace

from tests.changes.kinds import SMART
from tests.changes.stage import EXCHANGE, GRAPH, Stage
from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant
from toolkit.domain.plans import Plan, Step
from toolkit.errors import BadUsage, RolledBack, StalePlan
from toolkit.services.plan_files import check_tenant, plan_from_bytes, plan_to_bytes
from toolkit.services.planning import MAKE_SURE


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def crafted(plan: Plan, *changes: Change, says: str = "enable sign-in to SMArtEmail") -> bytes:
    """A plan file with a digest that fits: it protects against accidents, not against authors."""
    steps = tuple(Step(change=change, says=says) for change in changes)
    return plan_to_bytes(replace(plan, steps=steps).sealed())


def test_a_step_that_points_to_the_grant_of_another_application_does_not_touch_it(stage: Stage) -> None:
    plan = stage.revoke(SMART, admin=True)
    (step,) = plan.steps
    victim = stage.rows("oauth2PermissionGrants", clientId=stage.app("Adatum Expenses")["id"])[0]
    assert isinstance(step.change.before, Consent)
    disguised = Change(before=replace(step.change.before, id=victim["id"]))
    stage.do(plan_from_bytes(crafted(plan, disguised), "plan"))
    assert victim["id"] in stage.tenant.tables["oauth2PermissionGrants"]
    assert stage.wire.writes == [f"DELETE /oauth2PermissionGrants/{step.change.before.id}"]


def test_a_role_step_that_points_to_the_assignment_of_another_does_not_touch_it(stage: Stage) -> None:
    plan = stage.revoke("Tailspin Signatures", application=True)
    victim = stage.rows("appRoleAssignments", principalId=stage.app("Backup Orchestrator")["id"])[0]
    role = plan.steps[0].change.before
    assert isinstance(role, RoleGrant)
    stage.do(plan_from_bytes(crafted(plan, Change(before=replace(role, id=victim["id"]))), "plan"))
    assert victim["id"] in stage.tenant.tables["appRoleAssignments"]


@pytest.mark.parametrize("side", ["before", "after", "both"])
def test_a_step_that_names_one_application_and_means_another_is_stale(stage: Stage, side: str) -> None:
    plan = stage.delete(SMART)
    (step,) = plan.steps
    victim = stage.app("Adatum Expenses")["id"]
    before, after = step.change.before, step.change.after
    assert isinstance(before, Enterprise) and isinstance(after, Enterprise)
    change = Change(
        before=replace(before, id=victim) if side != "after" else before,
        after=replace(after, id=victim) if side != "before" else after,
        takes=step.change.takes,
    )
    told = plan_from_bytes(crafted(plan, change), "plan")
    if side == "before":
        stage.do(told)
    else:
        with pytest.raises(StalePlan):
            stage.do(told)
    assert victim in stage.tenant.tables["servicePrincipals"]


def test_what_a_deletion_takes_along_cannot_smuggle_grants_into_its_undo(stage: Stage) -> None:
    plan = stage.delete(SMART)
    (step,) = plan.steps
    graph = stage.app(GRAPH)["id"]
    client = stage.app(SMART)["id"]
    more = Consent(client_id=client, resource_id=graph, principal_id=None, scopes=("Directory.ReadWrite.All",))
    change = replace(step.change, takes=(*step.change.takes, more))
    before = stage.state()
    with pytest.raises(StalePlan):
        stage.do(plan_from_bytes(crafted(plan, change), "plan"))
    assert stage.state() == before
    carrier = stage.carrier()
    run = stage.await_(carrier.carry_out(plan_from_bytes(crafted(plan, change), "plan")))
    stage.tenant.settings["restoreGrants"] = False
    stage.undo(run)
    assert stage.state() == before


def test_what_a_step_says_is_what_it_does(stage: Stage) -> None:
    plan = stage.delete(SMART)
    told = plan_from_bytes(crafted(plan, plan.steps[0].change, says="enable sign-in to SMArtEmail"), "plan")
    assert [step.says for step in told.steps] == ["delete application SMArtEmail"]
    assert told.digest == told.computed_digest()


def test_an_undo_keeps_saying_what_it_only_makes_sure_of(stage: Stage) -> None:
    plan = stage.undo_plan(stage.do(stage.delete(SMART)).id)
    assert any(step.says.startswith(MAKE_SURE) for step in plan.steps)
    assert plan_from_bytes(plan_to_bytes(plan), "plan") == plan


APP = Enterprise(id="i", app_id="a", name="N", enabled=True)
OWNER = Ownership(object_id="o", owner_id="w")


@pytest.mark.parametrize("change", [Change(), Change(before=APP, after=OWNER), Change(before=OWNER, after=APP)])
def test_a_step_that_is_no_change_of_one_thing_makes_no_plan(stage: Stage, change: Change) -> None:
    plan = replace(stage.delete(SMART), steps=(Step(change=change, says="x"),)).sealed()
    with pytest.raises(BadUsage, match="is not a plan"):
        plan_from_bytes(plan_to_bytes(plan), "plan")


@pytest.mark.parametrize("name", ["", "x", "../users", "me", "'", "00000000-0000-0000-0000-00000000000g", "a/b?c=d"])
def test_ids_that_are_none_change_nothing(stage: Stage, name: str) -> None:
    plan = stage.revoke(SMART, admin=True)
    before = stage.state()
    api = stage.app(EXCHANGE)["id"]
    changes = [
        Change(after=RoleGrant(principal_id=name, resource_id=api, app_role_id=name, principal_type="User")),
        Change(after=Consent(client_id=name, resource_id=api, principal_id=None, scopes=("A",))),
    ]
    for change in changes:
        with pytest.raises((RolledBack, StalePlan)):
            stage.do(plan_from_bytes(crafted(plan, change), "plan"))
    assert stage.state() == before


@pytest.mark.parametrize(
    "written", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 500, b'{"steps": 1}', b'{"version": 99}']
)
def test_what_is_no_plan_is_told_so(written: bytes) -> None:
    with pytest.raises(BadUsage, match="is not a plan"):
        plan_from_bytes(written, "plan.json")


def test_a_plan_of_a_newer_version_is_refused(stage: Stage) -> None:
    plan = replace(stage.delete(SMART), version=2).sealed()
    with pytest.raises(BadUsage, match="newer entrakit"):
        plan_from_bytes(plan_to_bytes(plan), "plan")


def test_a_plan_without_a_digest_is_refused(stage: Stage) -> None:
    with pytest.raises(BadUsage, match="edited"):
        plan_from_bytes(plan_to_bytes(replace(stage.delete(SMART), digest="")), "plan")


def test_a_plan_of_another_tenant_is_refused_by_its_id_and_not_by_its_name(stage: Stage) -> None:
    plan = stage.delete(SMART)
    check_tenant(plan, plan.tenant.id, "renamed")
    with pytest.raises(StalePlan, match="another tenant"):
        check_tenant(plan, "00000000-1111-4000-8000-000000000000", plan.tenant.name)


def test_a_file_reads_the_same_for_people_and_machines(stage: Stage) -> None:
    written = plan_to_bytes(stage.delete(SMART))
    assert written.endswith(b"}\n")
    assert b'\n  "purpose": "delete application SMArtEmail"' in written
    assert msgspec.json.decode(written)["digest"].startswith("sha256:")
