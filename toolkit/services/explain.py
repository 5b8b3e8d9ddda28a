"""May this person consent to what an application asks for, and if not, who can?

https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from toolkit.domain.applications import ConsentPicture
from toolkit.domain.consent import AZURE_AD_GRAPH, MICROSOFT_GRAPH, Permission
from toolkit.domain.role_answers import ConsentAnswer, ConsentVerdict
from toolkit.domain.roles import (
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    CONSENTS_TO_ANYTHING,
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_ROLE_ADMINISTRATOR,
    RoleDefinition,
    RoleHolder,
)
from toolkit.ports import DirectoryReader
from toolkit.services.consent import show_consent
from toolkit.services.roles import find_person, holders_of
from toolkit.services.survey import Survey

NAMES = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    PRIVILEGED_ROLE_ADMINISTRATOR: "Privileged Role Administrator",
    APPLICATION_ADMINISTRATOR: "Application Administrator",
    CLOUD_APPLICATION_ADMINISTRATOR: "Cloud Application Administrator",
}


async def explain_consent(
    directory: DirectoryReader, user: str | None, asked: str, wants: Sequence[str] = ()
) -> ConsentAnswer:
    """Whether the person may consent to it for the whole tenant.

    Looks at the four built-in roles that carry this right; custom roles and the consent policies of users are not
    judged. Raises NotFound, Ambiguous and BadUsage.
    """
    survey = Survey()
    picture, person, everyone = await asyncio.gather(
        show_consent(directory, asked, wants),
        find_person(directory, user),
        _able_to_consent(directory, survey),
    )
    for area in picture.coverage.gaps:
        survey.gap(area)
    asks, known = _asks(picture)
    guarded = tuple(permission for permission in asks if _is_guarded(permission))
    own = tuple(holder for holder in everyone if holder.principal.id == person.id)
    able = tuple(h for h in everyone if _suffices(h, guarded) and _can_act(h))
    may, why = _verdict(own, guarded, complete=survey.coverage.complete)
    return ConsentAnswer(
        person=person,
        application=picture.principal.name,
        asks=asks,
        asks_known=known,
        may=may,
        why=why,
        blocked=guarded if may in ("no", "not known") and own else (asks if may == "no" else ()),
        own=own,
        able=able,
        tenant=picture.tenant,
        coverage=survey.coverage,
    )


async def _able_to_consent(directory: DirectoryReader, survey: Survey) -> list[RoleHolder]:
    """Everybody who holds one of the four roles for the whole tenant."""
    roles = [RoleDefinition(id=role_id, display_name=name) for role_id, name in NAMES.items()]
    found = await asyncio.gather(*(holders_of(directory, survey, role) for role in roles))
    return [holder for of_role in found for holder in of_role if holder.scope == "/"]


def _asks(picture: ConsentPicture) -> tuple[tuple[Permission, ...], bool]:
    """What is asked for; where that is not known, what the application holds stands for it."""
    if picture.source == "unknown":
        return tuple(state.permission for state in picture.permissions), False
    return tuple(state.permission for state in picture.permissions if state.requested), True


def _is_guarded(permission: Permission) -> bool:
    return permission.kind == "application" and permission.resource_app_id in (MICROSOFT_GRAPH, AZURE_AD_GRAPH)


def _can_act(holder: RoleHolder) -> bool:
    """Groups act through their members, and a disabled account not at all."""
    return holder.principal.kind in ("user", "servicePrincipal") and holder.principal.account_enabled is not False


def _suffices(holder: RoleHolder, guarded: Sequence[Permission]) -> bool:
    return holder.role_id in CONSENTS_TO_ANYTHING or not guarded


def _verdict(own: Sequence[RoleHolder], guarded: Sequence[Permission], *, complete: bool) -> tuple[ConsentVerdict, str]:
    enough = [holder for holder in own if _suffices(holder, guarded)]
    now = [holder for holder in enough if holder.is_effective_now]
    if now:
        return "yes", f"{now[0].role_name} may consent to all of it."
    later = [holder for holder in enough if holder.standing == "eligible"]
    if later:
        return "after activating a role", f"{later[0].role_name} is held only as eligible: activate it in PIM first."
    if not complete:
        return "not known", "No role that suffices was seen, but not everything could be read."
    if own:
        return "no", f"{own[0].role_name} may not consent to application permissions of Microsoft Graph."
    return "no", f"This needs one of the roles {', '.join(NAMES.values())}."
