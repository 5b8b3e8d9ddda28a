"""Who holds a directory role, by which path, and whether one person does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from msgspec import UNSET

from toolkit.domain.known import Known
from toolkit.domain.principals import DirectoryObject
from toolkit.domain.role_answers import RoleAnswer, RoleCheck, RoleHolders
from toolkit.domain.roles import (
    GLOBAL_ADMINISTRATOR,
    GroupSchedule,
    RoleAssignment,
    RoleDefinition,
    RoleHolder,
    Standing,
)
from toolkit.errors import Ambiguous, BadUsage, NotFound
from toolkit.ports import DirectoryReader
from toolkit.services.lookup import tenant_name
from toolkit.services.survey import Survey

ORDER: dict[Standing, int] = {"standing": 0, "activated": 1, "eligible": 2}


async def find_role(directory: DirectoryReader, asked: str | None) -> RoleDefinition:
    """The role of this name or template id; Global Administrator where none is asked for.

    Raises NotFound with the names that come near.
    """
    if asked is None or asked.casefold() in (GLOBAL_ADMINISTRATOR, "global administrator"):
        return RoleDefinition(
            id=GLOBAL_ADMINISTRATOR, display_name="Global Administrator", template_id=GLOBAL_ADMINISTRATOR
        )
    roles = await directory.role_definitions()
    wanted = asked.strip().casefold()
    found = [r for r in roles if wanted in (r.id.casefold(), (r.template_id or ""), (r.display_name or "").casefold())]
    if len(found) == 1:
        return found[0]
    if found:
        lines = [f"{role.id}  {role.display_name}" for role in found]
        raise Ambiguous(f"{len(found)} roles are named {asked}", "A role id tells them apart.", lines)
    near = sorted(r.display_name or "" for r in roles if wanted in (r.display_name or "").casefold())[:6]
    raise NotFound(
        f"there is no directory role {asked}",
        f"Names that contain it: {', '.join(near)}." if near else "Give a role's full name or its template id.",
    )


async def role_holders(directory: DirectoryReader, asked: str | None) -> RoleHolders:
    """All holders of a role by every path; what could not be read (PIM without its licence) is in the coverage."""
    survey = Survey()
    tenant, role = await asyncio.gather(tenant_name(directory), find_role(directory, asked))
    holders = await holders_of(directory, survey, role)
    return RoleHolders(
        role_id=role.id,
        role_name=role.display_name or role.id,
        holders=holders,
        tenant=tenant,
        coverage=survey.coverage,
    )


async def holders_of(directory: DirectoryReader, survey: Survey, role: RoleDefinition) -> tuple[RoleHolder, ...]:
    """The holders of one role, groups opened up."""
    active, eligible = await asyncio.gather(
        _active(directory, survey, role.id),
        survey.of("eligible assignments (PIM)", directory.eligible_role_instances(role_id=role.id)),
    )
    rows: list[tuple[RoleAssignment, Standing]] = []
    rows.extend((row, _standing(row)) for row in active)
    rows.extend((row, "eligible") for row in (eligible.value if isinstance(eligible, Known) else ()))
    people = await _people(directory, survey, {row.principal_id for row, _ in rows})
    direct = [_holder(row, standing, role, people) for row, standing in rows]
    groups = [holder for holder in direct if holder.principal.kind == "group"]
    inside = await asyncio.gather(*(_through(directory, survey, group) for group in groups))
    everyone = [*direct, *(holder for members in inside for holder in members)]
    return tuple(sorted(_distinct(everyone), key=_rank))


async def _active(directory: DirectoryReader, survey: Survey, role_id: str) -> Sequence[RoleAssignment]:
    """With PIM detail where it can be read; else the plain assignments, and the coverage says what is lacking."""
    told = await survey.of("active assignments (PIM)", directory.active_role_instances(role_id=role_id))
    if isinstance(told, Known):
        return told.value
    plain = await survey.of("role assignments", directory.role_assignments(role_id=role_id))
    return plain.value if isinstance(plain, Known) else ()


def _standing(row: RoleAssignment) -> Standing:
    return "activated" if (row.assignment_type or "").casefold() == "activated" else "standing"


async def _people(directory: DirectoryReader, survey: Survey, ids: Iterable[str]) -> dict[str, DirectoryObject]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    told = await survey.of("names", directory.objects(wanted))
    found = {thing.id: thing for thing in told.value} if isinstance(told, Known) else {}
    detailed = await _with_state(directory, survey, list(found.values()))
    return {thing.id: thing for thing in detailed}


async def _with_state(
    directory: DirectoryReader, survey: Survey, things: Sequence[DirectoryObject]
) -> list[DirectoryObject]:
    """Graph tells whether a user is enabled or a guest only when it is asked for those properties."""
    unclear = [t for t in things if t.kind == "user" and (t.account_enabled is UNSET or t.user_type is UNSET)]
    asked = await asyncio.gather(*(survey.of("user states", directory.user(t.id)) for t in unclear))
    fresh = {
        told.value.id: _typed(told.value, "user")
        for told in asked
        if isinstance(told, Known) and told.value is not None
    }
    return [fresh.get(thing.id, thing) for thing in things]


def _typed(thing: DirectoryObject, kind: str) -> DirectoryObject:
    from msgspec.structs import replace

    return thing if thing.odata_type else replace(thing, odata_type=f"#microsoft.graph.{kind}")


def _holder(
    row: RoleAssignment, standing: Standing, role: RoleDefinition, people: dict[str, DirectoryObject]
) -> RoleHolder:
    known = people.get(row.principal_id)
    return RoleHolder(
        principal=known or DirectoryObject(id=row.principal_id),
        role_id=role.id,
        role_name=role.display_name or role.id,
        standing=standing,
        scope=row.directory_scope_id or row.app_scope_id or "/",
        until=row.end_date_time,
        note="" if known else "could not be resolved: deleted, or of another tenant",
    )


async def _through(directory: DirectoryReader, survey: Survey, held: RoleHolder) -> list[RoleHolder]:
    """The people behind a group: its members, and those who may become member or owner of it."""
    group = held.principal
    members, candidates = await asyncio.gather(
        survey.of("group members", directory.group_members(group.id)),
        survey.of("eligible group members (PIM)", directory.eligible_group_access(group_id=group.id)),
    )
    found = await _with_state(directory, survey, members.value if isinstance(members, Known) else ())
    inside = [_member(member, held) for member in found if member.kind != "group"]
    schedules = candidates.value if isinstance(candidates, Known) else ()
    people = await _people(directory, survey, {row.principal_id for row in schedules})
    return inside + [_candidate(row, held, people) for row in schedules]


def _member(member: DirectoryObject, held: RoleHolder) -> RoleHolder:
    return RoleHolder(
        principal=member,
        role_id=held.role_id,
        role_name=held.role_name,
        standing=held.standing,
        through=(held.principal,),
        scope=held.scope,
        until=held.until,
    )


def _candidate(row: GroupSchedule, held: RoleHolder, people: dict[str, DirectoryObject]) -> RoleHolder:
    return RoleHolder(
        principal=people.get(row.principal_id, DirectoryObject(id=row.principal_id)),
        role_id=held.role_id,
        role_name=held.role_name,
        standing="eligible",
        through=(held.principal,),
        scope=held.scope,
        until=row.end_date_time,
        access="may become owner of" if row.access_id == "owner" else "may join",
    )


def _distinct(holders: Iterable[RoleHolder]) -> list[RoleHolder]:
    seen: dict[tuple[object, ...], RoleHolder] = {}
    for holder in holders:
        path = tuple(group.id for group in holder.through)
        seen.setdefault((holder.principal.id, holder.standing, path, holder.scope, holder.access), holder)
    return list(seen.values())


def _rank(holder: RoleHolder) -> tuple[int, int, str, str]:
    return (ORDER[holder.standing], len(holder.through), holder.principal.name.casefold(), holder.principal.id)


async def find_person(directory: DirectoryReader, user: str | None) -> DirectoryObject:
    """The user named, or the one signed in where None.

    Raises NotFound, and BadUsage where an application is signed in and no user is named.
    """
    person = await directory.me() if user is None else await directory.user(user)
    if person is not None:
        return _typed(person, "user")
    if user is None:
        raise BadUsage(
            "an application is signed in, so there is no --me",
            hint="name a person",
            commands=("entrakit roles check --user alex@contoso.example",),
        )
    raise NotFound(f"there is no user {user}", "Give the user principal name or the object id.")


async def check_role(directory: DirectoryReader, user: str | None, asked: str | None) -> RoleCheck:
    """Whether a person holds a role for the whole tenant."""
    survey = Survey()
    tenant, role, person = await asyncio.gather(
        tenant_name(directory), find_role(directory, asked), find_person(directory, user)
    )
    holders = await holders_of(directory, survey, role)
    paths = tuple(holder for holder in holders if holder.principal.id == person.id)
    return RoleCheck(
        person=person,
        role_id=role.id,
        role_name=role.display_name or role.id,
        answer=_answer(paths, complete=survey.coverage.complete),
        paths=paths,
        tenant=tenant,
        coverage=survey.coverage,
    )


def _answer(paths: Sequence[RoleHolder], *, complete: bool) -> RoleAnswer:
    if any(path.is_effective_now for path in paths):
        return "holds"
    if any(path.standing == "eligible" and path.scope == "/" for path in paths):
        return "could activate"
    return "no" if complete else "not known"
