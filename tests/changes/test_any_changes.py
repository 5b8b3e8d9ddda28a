"""Whatever is done to a tenant, in whatever order: it can be taken back, and an old plan never half applies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.changes.stage import Stage, State, contoso, state_of
from toolkit.domain.plans import Plan
from toolkit.domain.principals import MICROSOFT_TENANTS
from toolkit.errors import Exit, StalePlan, ToolkitError
from toolkit.sandbox import Tenant
from toolkit.sandbox.scenarios.contoso_own import PIPELINE, TOOL
from toolkit.services.change_consent import Granted

Row = dict[str, Any]
Move = Callable[[Stage], Plan]
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
CALM = settings(
    max_examples=45,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

_tenant = contoso()
_tables = _tenant.tables
_principals = _tables["servicePrincipals"]
_registered = {app["appId"] for app in _tables["applications"].values()}


def _comes_back(app: Row) -> bool:
    """Graph restores an application of this tenant only while its registration is there."""
    return app["appOwnerOrganizationId"] != _tenant.id or app["appId"] in _registered


APPS = sorted(
    (
        app["id"]
        for app in _principals.values()
        if app.get("appOwnerOrganizationId") not in MICROSOFT_TENANTS
        and app["servicePrincipalType"] == "Application"
        and app["appId"] not in (TOOL, PIPELINE)
        and _comes_back(app)
    ),
)
RESOURCES = sorted(app["id"] for app in _principals.values() if app["oauth2PermissionScopes"] or app["appRoles"])
PEOPLE = sorted(user["userPrincipalName"] for user in _tables["users"].values())
SCOPES = sorted((id, s["value"]) for id in RESOURCES for s in _principals[id]["oauth2PermissionScopes"])
ROLES = sorted(
    (id, role["value"])
    for id in RESOURCES
    for role in _principals[id]["appRoles"]
    if "Application" in role["allowedMemberTypes"] and role["value"]
)


def _orphans(tenant: Tenant) -> State:
    """What points to something that is gone, so that the tenant would not accept it a second time."""
    tables = tenant.tables
    known = {id for name in ("users", "groups", "servicePrincipals") for id in tables[name]}
    roles = {role["id"] for app in tables["servicePrincipals"].values() for role in app["appRoles"]} | {DEFAULT_ACCESS}
    state = state_of(tenant)
    return {
        "applications": frozenset(),
        "grants": frozenset(g for g in state["grants"] if not {g[0], g[1], g[2] or g[0]} <= known),
        "roles": frozenset(r for r in state["roles"] if not {r[0], r[1]} <= known or r[2] not in roles),
        "owners": frozenset(o for o in state["owners"] if not set(o) <= known),
    }


ORPHANS = _orphans(_tenant)

apps = st.sampled_from(APPS)
people = st.none() | st.sampled_from(PEOPLE)
delegated = st.builds(
    lambda scope, user: Granted(resource=scope[0], value=scope[1], user=user), st.sampled_from(SCOPES), people
)
application = st.builds(
    lambda role: Granted(resource=role[0], value=role[1], kind="application"), st.sampled_from(ROLES)
)
permissions = st.lists(delegated | application, min_size=1, max_size=3)
revocations = st.fixed_dictionaries(
    {},
    optional={
        "admin": st.booleans(),
        "users": st.booleans(),
        "user": st.sampled_from(PEOPLE),
        "application": st.booleans(),
        "scopes": st.lists(st.sampled_from([value for _, value in SCOPES]), max_size=3).map(tuple),
    },
)


def _enable(app: str, enable: bool) -> Move:
    return lambda stage: stage.enable(app, enable)


def _delete(app: str) -> Move:
    return lambda stage: stage.delete(app)


def _revoke(app: str, chosen: dict[str, Any]) -> Move:
    return lambda stage: stage.revoke(app, **chosen)


def _grant(app: str, wanted: Sequence[Granted]) -> Move:
    return lambda stage: stage.grant(app, *wanted)


def _moves(app: st.SearchStrategy[str]) -> st.SearchStrategy[Move]:
    return st.one_of(
        st.builds(_enable, app, st.booleans()),
        st.builds(_delete, app),
        st.builds(_revoke, app, revocations),
        st.builds(_grant, app, permissions),
    )


@st.composite
def _stories(draw: st.DrawFn) -> list[Move]:
    """A few moves that mostly meet: on two applications, one of which may be an API that the other uses."""
    cast = draw(st.lists(apps, min_size=1, max_size=2, unique=True))
    return draw(st.lists(_moves(st.sampled_from(cast)), min_size=1, max_size=4))


def _carried_out(stage: Stage, moves: Sequence[Move]) -> list[str]:
    """The runs of those moves that could be planned: a deleted application cannot be changed again."""
    runs: list[str] = []
    for move in moves:
        try:
            plan = move(stage)
        except ToolkitError as refused:
            assert refused.exit == Exit.USAGE, refused.what
            continue
        if plan.steps:
            runs.append(stage.do(plan).id)
    return runs


@pytest.mark.parametrize("grants_return", [True, False], ids=["grants return", "grants are lost"])
@CALM
@given(moves=_stories())
def test_any_changes_undone_in_reverse_leave_the_tenant_as_it_was(grants_return: bool, moves: list[Move]) -> None:
    with Stage() as stage:
        stage.tenant.settings["restoreGrants"] = grants_return
        before = stage.state()
        runs = _carried_out(stage, moves)
        assume(runs)
        lost = 0
        for run in reversed(runs):
            try:
                plan = stage.undo_plan(run)
            except StalePlan as hopeless:
                # All that the run took away were orphans; the refusal names each of them.
                lost += len(ORPHANS["grants"] | ORPHANS["roles"])
                assert "no longer has" in hopeless.why
                continue
            lost += sum(note.startswith("cannot come back: ") for note in plan.notes)
            if plan.steps:
                assert stage.do(plan).outcome == "done"
        after = stage.state()
    missing = {(area, row) for area in before for row in before[area] - after[area]}
    assert {area: after[area] - before[area] for area in before} == dict.fromkeys(before, frozenset())
    assert missing <= {(area, row) for area in ORPHANS for row in ORPHANS[area]}
    assert len(missing) <= lost


@CALM
@given(app=apps, data=st.data())
def test_a_plan_made_before_somebody_else_changed_the_tenant_applies_wholly_or_not_at_all(
    app: str, data: st.DataObject
) -> None:
    with Stage() as stage:
        plan = data.draw(_moves(st.just(app)))(stage)
        assume(plan.steps)
        _meddle(stage.tenant, app, data)
        between = stage.state()
        try:
            run = stage.do(plan)
        except ToolkitError as refused:
            assert refused.exit == Exit.UNCHANGED, (refused.what, refused.why)
            assert stage.state() == between
            return
        assert {record.mark for record in run.steps} <= {"done", "already so"}
        assert run.outcome == "done"
        undo = stage.undo_plan(run.id)
        if undo.steps:
            stage.do(undo)
        assert _without_orphans(stage.state()) == _without_orphans(between)


def _without_orphans(state: State) -> State:
    return {area: rows - ORPHANS[area] for area, rows in state.items()}


def _meddle(tenant: Tenant, app: str, data: st.DataObject) -> None:
    """Somebody else's work: on this application or beside it."""
    tables = tenant.tables
    grants = [g for g in tables["oauth2PermissionGrants"].values() if g["clientId"] == app]
    roles = [r for r in tables["appRoleAssignments"].values() if app in (r["principalId"], r["resourceId"])]
    choices: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "switch": lambda: tables["servicePrincipals"][app].update(accountEnabled=data.draw(st.booleans())),
        "owner": lambda: tables["owners"].setdefault(app, {"ids": []})["ids"].append(_another(tenant, app)),
        "beside": lambda: tables["servicePrincipals"][APPS[0]].update(accountEnabled=False),
    }
    if grants:
        grant = data.draw(st.sampled_from(grants))
        choices["more"] = lambda: grant.update(scope=f"{grant['scope']} Something.New")
        choices["order"] = lambda: grant.update(scope="  ".join(reversed(grant["scope"].split())))
        choices["revoke"] = lambda: tables["oauth2PermissionGrants"].pop(grant["id"])
    if roles:
        role = data.draw(st.sampled_from(roles))
        choices["unassign"] = lambda: tables["appRoleAssignments"].pop(role["id"])
    choices[data.draw(st.sampled_from(sorted(choices)))]()


def _another(tenant: Tenant, app: str) -> str:
    owned = set(tenant.owners_of(app))
    return next(id for id in sorted(tenant.tables["users"]) if id not in owned)
