"""What is not changed without being told twice: Microsoft's own applications, and the one that is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from toolkit.domain.changes import TO_COME, Consent, Enterprise, Ownership, RoleGrant, Thing
from toolkit.domain.plans import Plan
from toolkit.domain.principals import ServicePrincipal
from toolkit.errors import Refused
from toolkit.ports import DirectoryReader


async def check_guards(
    directory: DirectoryReader,
    plan: Plan,
    *,
    signed_in_app: str | None,
    allow_microsoft: bool,
    allow_self: bool,
) -> None:
    """Raises Refused, naming the application and the option that overrides."""
    things = [step.change.subject for step in plan.steps]
    ids = sorted({object_id for thing in things for object_id in _changed(thing)})
    # A step finds its application by either id, so either may be the protected one.
    app_ids = sorted({thing.app_id for thing in things if isinstance(thing, Enterprise)})
    found = await asyncio.gather(
        *(directory.service_principal(object_id) for object_id in ids),
        *(directory.service_principal_of_app(app_id) for app_id in app_ids),
    )
    for app in (app for app in found if app is not None):
        _check(app, plan, signed_in_app, allow_microsoft=allow_microsoft, allow_self=allow_self)


def _changed(thing: Thing) -> Sequence[str]:
    match thing:
        case Enterprise():
            ids = [thing.id]
        case Consent():
            ids = [thing.client_id]
        case RoleGrant():
            # The type is what the plan says; an application is looked up whatever it is called.
            ids = [thing.principal_id] + [thing.resource_id] * (thing.principal_type != "ServicePrincipal")
        case Ownership():
            ids = [thing.object_id]
    return [object_id for object_id in ids if object_id and not object_id.startswith(TO_COME)]


def _check(
    app: ServicePrincipal, plan: Plan, signed_in_app: str | None, *, allow_microsoft: bool, allow_self: bool
) -> None:
    if app.origin(plan.tenant.id) == "Microsoft" and not allow_microsoft:
        raise Refused(
            f"{app.name} is one of Microsoft's own applications",
            "Changing it can break services of the tenant in ways that cannot be undone from here.",
            hint="if you are certain, repeat the command with --allow-microsoft",
        )
    if signed_in_app is not None and app.app_id.lower() == signed_in_app.lower() and not allow_self:
        raise Refused(
            f"{app.name} is the application that entrakit is signed in as",
            "Changing it may lock you out before the change can be taken back.",
            hint="sign in as another application, or repeat the command with --allow-self",
        )
