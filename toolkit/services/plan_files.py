"""Plans as files: written for review, refused where they were edited."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from toolkit.domain.changes import Change
from toolkit.domain.plans import PLAN_VERSION, Plan, Step
from toolkit.errors import BadUsage, StalePlan
from toolkit.services.planning import MAKE_SURE, sentence, step


def plan_to_bytes(plan: Plan) -> bytes:
    """The plan as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n"


def plan_from_bytes(written: bytes, name: str) -> Plan:
    """The plan in a file. Raises BadUsage where it is none, is of a newer version, or was edited."""
    try:
        plan = msgspec.json.decode(written, type=Plan)
    except msgspec.MsgspecError as broken:
        raise BadUsage(f"{name} is not a plan", f"{broken}.", hint="make one with --out") from broken
    if plan.version > PLAN_VERSION:
        raise BadUsage(f"{name} was made by a newer entrakit", hint="update entrakit")
    if plan.digest != plan.computed_digest():
        raise BadUsage(
            f"{name} was edited after it was made",
            "Its digest does not fit its content, so what would be done is not what was planned.",
            hint="make the plan again with --out",
        )
    if any(not _is_one_thing(step.change) for step in plan.steps):
        raise BadUsage(f"{name} is not a plan", "A step of it changes one thing into another, or nothing at all.")
    return replace(plan, steps=tuple(_said_truly(step) for step in plan.steps)).sealed()


def _is_one_thing(change: Change) -> bool:
    states = [thing for thing in (change.before, change.after) if thing is not None]
    return len({type(thing) for thing in states}) == 1


def _said_truly(planned: Step) -> Step:
    """A file may say of a step what it likes; what is shown is what the step does."""
    sure = MAKE_SURE if planned.says.startswith(MAKE_SURE) else ""
    return step(planned.change, sure + sentence(planned.change))


def check_tenant(plan: Plan, tenant_id: str, tenant_name: str) -> None:
    """Raises StalePlan for a plan of another tenant."""
    if plan.tenant.id != tenant_id:
        raise StalePlan(
            "the plan was made for another tenant; nothing was changed",
            f"It is for {plan.tenant.name} ({plan.tenant.id}); this is {tenant_name} ({tenant_id}).",
            hint="name that tenant with --tenant",
        )
