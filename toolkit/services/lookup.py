"""Which application a person means: by object id, appId or exact display name, and never a guess."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from toolkit.domain.applications import TenantName
from toolkit.domain.principals import ServicePrincipal
from toolkit.errors import Ambiguous, BadUsage, GraphRefused, InRecycleBin, NotFound, PermissionMissing, Unreachable
from toolkit.ports import DirectoryReader

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


async def tenant_name(directory: DirectoryReader) -> TenantName:
    """The tenant that answers; raises what the reader raises."""
    told = await directory.organization()
    return TenantName(told.id, told.display_name or told.domain or told.id, told.domain or told.id)


async def find_application(directory: DirectoryReader, asked: str) -> ServicePrincipal:
    """The one service principal that `asked` names.

    Raises BadUsage for an empty name, Ambiguous where several fit, and NotFound with what comes near.
    """
    asked = asked.strip()
    if not asked:
        raise BadUsage("no application is named", hint="give an object id, an appId or a display name")
    if GUID.fullmatch(asked):
        by_id, by_app = await asyncio.gather(
            directory.service_principal(asked), directory.service_principal_of_app(asked)
        )
        found = {app.id: app for app in (by_id, by_app) if app is not None}
        candidates: Sequence[ServicePrincipal] = tuple(found.values())
    else:
        candidates = await directory.service_principals_named(asked)
    if len(candidates) == 1:
        return await _whole(directory, candidates[0], looked_up_by_name=not GUID.fullmatch(asked))
    if candidates:
        raise _ambiguous(asked, candidates)
    raise await _not_found(directory, asked)


async def _whole(directory: DirectoryReader, app: ServicePrincipal, *, looked_up_by_name: bool) -> ServicePrincipal:
    """A list answer leaves properties out on some services; the object itself has them all."""
    if not looked_up_by_name:
        return app
    return await directory.service_principal(app.id) or app


def _ambiguous(asked: str, candidates: Sequence[ServicePrincipal]) -> Ambiguous:
    lines = [
        f"{app.id}  appId {app.app_id}  {_sign_in(app)}  {app.publisher or 'no verified publisher'}  {app.name}"
        for app in sorted(candidates, key=lambda app: app.app_id)
    ]
    return Ambiguous(
        f"{len(candidates)} applications are named {asked}",
        "A name does not tell them apart; an object id (first column) or an appId does.",
        lines,
        hint="say which one",
        commands=(f"entrakit apps show {sorted(app.id for app in candidates)[0]}",),
    )


def _sign_in(app: ServicePrincipal) -> str:
    match app.account_enabled:
        case True:
            return "enabled"
        case False:
            return "disabled"
        case _:
            return "state unknown"


async def _not_found(directory: DirectoryReader, asked: str) -> NotFound:
    """The error for a name that nothing has, with what would help."""
    deleted = await _deleted(directory, asked)
    if deleted:
        when = "it is in the recycle bin" if len(deleted) == 1 else f"{len(deleted)} are in the recycle bin"
        return InRecycleBin(
            f"there is no application {asked}",
            f"One of this name was deleted and can still be restored for 30 days: {when} (object id {deleted[0].id}).",
        )
    near = await _near(directory, asked)
    why = f"Names that begin alike: {', '.join(near)}." if near else "No service principal has this name or id."
    return NotFound(f"there is no application {asked}", why, hint="see what there is", commands=("entrakit apps list",))


async def _deleted(directory: DirectoryReader, asked: str) -> Sequence[ServicePrincipal]:
    # Only a hint beside the error: where it cannot be read, the error stands without it.
    try:
        return await directory.deleted_service_principals(asked)
    except (PermissionMissing, GraphRefused, Unreachable):
        return ()


async def _near(directory: DirectoryReader, asked: str) -> list[str]:
    start = asked[:4].replace("'", "''")
    names: list[str] = []
    try:
        async for page in directory.service_principals(filtered=f"startswith(displayName,'{start}')"):
            names.extend(app.name for app in page if app.name.casefold().startswith(asked[:4].casefold()))
    except (PermissionMissing, GraphRefused, Unreachable):
        return []
    return sorted(names)[:5]
