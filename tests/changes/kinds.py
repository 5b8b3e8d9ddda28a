"""One plan for each kind of write that there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.changes.stage import EXCHANGE, GRAPH, Stage
from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change, Ownership
from toolkit.domain.plans import Plan
from toolkit.sandbox import Tenant
from toolkit.services.change_consent import Granted
from toolkit.services.planning import Maker, sealed_plan, step

NEWCOMER = "77777777-0000-4000-8000-000000000001"
SMART = "SMArtEmail"
SMTP = Granted(resource=EXCHANGE, value="SMTP.Send")
USER_READ = Granted(resource=GRAPH, value="User.Read")
MAIL_READ = Granted(resource=GRAPH, value="Mail.Read", kind="application")


def with_newcomer(tenant: Tenant) -> Tenant:
    """With a registration that has no service principal yet."""
    row: dict[str, Any] = {"id": "77777777-0000-4000-8000-00000000000a", "appId": NEWCOMER, "displayName": "Newcomer"}
    tenant.tables["applications"][row["id"]] = row
    return tenant


def of_owner(stage: Stage, change: Change) -> Plan:
    """No command changes owners alone; deletions taken back do."""
    made = Maker(TenantName(stage.tenant.id, "Contoso", "contoso.example"), "admin")
    return sealed_plan(made, stage.occasion, "change an owner", [step(change)])


def _owner(stage: Stage, *, is_one: bool) -> Ownership:
    app = stage.app(SMART)["id"]
    owned = stage.tenant.owners_of(app)
    people = sorted(stage.tenant.tables["users"])
    return Ownership(object_id=app, owner_id=next(id for id in people if (id in owned) is is_one), owner="somebody")


def _restore(stage: Stage) -> Plan:
    stage.do(stage.delete(SMART))
    return stage.restore(SMART)


def _create(stage: Stage) -> Plan:
    with_newcomer(stage.tenant)
    return stage.grant(NEWCOMER, USER_READ, MAIL_READ)


KINDS: dict[str, Callable[[Stage], Plan]] = {
    "enable": lambda stage: stage.enable(SMART),
    "delete": lambda stage: stage.delete(SMART),
    "restore": _restore,
    "grant create": lambda stage: stage.grant(SMART, USER_READ),
    "grant patch": lambda stage: stage.grant(SMART, SMTP),
    "grant delete": lambda stage: stage.revoke(SMART, admin=True),
    "app role add": lambda stage: stage.grant(SMART, MAIL_READ),
    "app role remove": lambda stage: stage.revoke("Tailspin Signatures", application=True),
    "owner add": lambda stage: of_owner(stage, Change(after=_owner(stage, is_one=False))),
    "owner remove": lambda stage: of_owner(stage, Change(before=_owner(stage, is_one=True))),
    "service principal create": _create,
}
"""Each leads a fresh stage to where the kind can be tried, and gives the plan."""


def two_steps(stage: Stage) -> Plan:
    """A scope into a grant that is there, then an application permission."""
    plan = stage.grant(SMART, SMTP, MAIL_READ)
    assert len(plan.steps) == 2
    return plan
