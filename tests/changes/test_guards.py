"""Microsoft's own applications and the one that is signed in are not changed by accident, nor by a plan in disguise."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.changes.kinds import MAIL_READ, SMART
from tests.changes.stage import EXCHANGE, MOMENT, Stage
from toolkit.changes.guards import check_guards
from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant, Thing
from toolkit.domain.plans import Plan, Step
from toolkit.errors import Refused
from toolkit.sandbox.scenarios.contoso_own import TOOL


def plan_of(stage: Stage, *changes: Change) -> Plan:
    return Plan(
        purpose="a plan",
        command="entrakit",
        tenant=TenantName(stage.tenant.id, "Contoso", "contoso.example"),
        made_at=MOMENT,
        made_by="somebody",
        steps=tuple(Step(change=change, says="nothing special") for change in changes),
    ).sealed()


def guard(stage: Stage, plan: Plan, *, microsoft: bool = False, own: bool = False) -> None:
    stage.await_(check_guards(stage.directory, plan, signed_in_app=TOOL, allow_microsoft=microsoft, allow_self=own))


def enterprise(stage: Stage, name: str) -> Enterprise:
    app = stage.app(name)
    return Enterprise(id=app["id"], app_id=app["appId"], name=name, enabled=app["accountEnabled"])


def things(stage: Stage, name: str) -> dict[str, Thing]:
    app = enterprise(stage, name)
    api = stage.app("Warehouse Scanner API")["id"]
    role = RoleGrant(principal_id=app.id, resource_id=api, app_role_id="r", principal_type="ServicePrincipal")
    return {
        "the application": app,
        "without its object id": replace(app, id=""),
        "under the object id of another": replace(app, id=stage.app(SMART)["id"]),
        "under another name": replace(app, name="Harmless"),
        "a grant of it": Consent(client_id=app.id, resource_id=api, principal_id=None, scopes=("A",)),
        "a role it holds": role,
        "a role it holds, called a user's": replace(role, principal_type="User"),
        "an owner of it": Ownership(object_id=app.id, owner_id="x"),
    }


with_names = pytest.mark.parametrize("name", [EXCHANGE, "entrakit (sandbox)"])


@with_names
@pytest.mark.parametrize(
    "what",
    [
        *("the application", "without its object id", "under the object id of another", "under another name"),
        *("a grant of it", "a role it holds", "a role it holds, called a user's", "an owner of it"),
    ],
)
def test_what_is_protected_is_protected_however_a_plan_points_to_it(stage: Stage, name: str, what: str) -> None:
    thing = things(stage, name)[what]
    for change in (Change(before=thing), Change(after=thing), Change(before=thing, after=thing)):
        with pytest.raises(Refused) as told:
            guard(stage, plan_of(stage, change))
        assert name in told.value.what
        guard(stage, plan_of(stage, change), microsoft=True, own=True)


def test_granting_a_permission_of_microsofts_to_a_vendors_application_is_not_changing_microsofts(stage: Stage) -> None:
    guard(stage, stage.grant(SMART, MAIL_READ))
    guard(stage, stage.delete(SMART))
