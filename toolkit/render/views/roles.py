"""Directory roles as views."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from toolkit.domain.principals import DirectoryObject
from toolkit.domain.role_answers import ConsentAnswer, RoleCheck, RoleHolders
from toolkit.domain.roles import RoleHolder
from toolkit.render.view import Block, Cell, Column, Fields, Note, NotShown, Shown, Table, Tone, View
from toolkit.render.views.cells import tenant_line

COLUMNS = (
    Column("Holder", "holder"),
    Column("Kind", "kind"),
    Column("How", "how"),
    Column("Standing", "standing"),
    Column("Account", "account"),
    Column("Scope", "scope", priority=2),
    Column("Remark", "remark", priority=1),
    Column("Object id", "object_id", priority=3),
)
ANSWER_TONES: dict[str, Tone] = {"holds": "good", "could activate": "warning", "no": "bad", "not known": "unknown"}
MAY_TONES: dict[str, Tone] = {"yes": "good", "after activating a role": "warning", "no": "bad", "not known": "unknown"}


def holders_view(told: RoleHolders) -> View:
    """Every holder of a role."""
    table = _table(f"Holders of {told.role_name}", told.holders, "nobody, as far as was read")
    people = {h.principal.id for h in told.holders if h.standing != "eligible" and h.principal.kind != "group"}
    count = Note("dim", f"{len(people)} hold it now; {len(told.holders)} paths in all")
    return View("roles.holders", 1, tenant_line(told.tenant), told, (table, count), told.coverage)


def _table(title: str, holders: Sequence[RoleHolder], empty: str) -> Table:
    return Table(title, COLUMNS, [_row(holder) for holder in holders], empty)


def _table_of_roles(title: str, holders: Sequence[RoleHolder]) -> Table:
    """The same for holders of several roles."""
    who, *rest = COLUMNS
    rows = [(_row(holder)[0], holder.role_name, *_row(holder)[1:]) for holder in holders]
    return Table(title, (who, Column("Role", "role"), *rest), rows, "nobody, as far as was read")


def _row(holder: RoleHolder) -> tuple[Cell, ...]:
    who = holder.principal
    return (
        _address(who),
        _kind(who),
        _path(holder),
        _standing(holder),
        _account(who),
        "whole tenant" if holder.scope == "/" else holder.scope,
        holder.note or None,
        who.id,
    )


def _path(holder: RoleHolder) -> Cell:
    if not holder.through:
        return "direct"
    groups = " > ".join(group.name for group in holder.through)
    return f"through {groups}" if holder.access == "member" else Shown(f"{holder.access} {groups}", "warning")


def _address(who: DirectoryObject) -> str:
    upn = who.user_principal_name
    return upn if isinstance(upn, str) and upn else who.name


def _kind(who: DirectoryObject) -> Cell:
    if not who.kind:
        return NotShown("the object could not be resolved")
    if who.user_type == "Guest":
        return Shown("guest", "warning")
    return {"servicePrincipal": "application"}.get(who.kind, who.kind)


def _account(who: DirectoryObject) -> Cell:
    if who.kind == "group":
        return None
    if who.account_enabled is UNSET or who.account_enabled is None:
        return NotShown("Graph did not say")
    return "enabled" if who.account_enabled else Shown("disabled", "warning")


def _standing(holder: RoleHolder) -> Cell:
    until = f" until {holder.until:%Y-%m-%d %H:%M} UTC" if holder.until else ""
    tone: Tone = "warning" if holder.standing == "eligible" else "plain"
    if holder.standing == "standing" and not holder.until:
        return "permanent"
    return Shown(f"{holder.standing}{until}", tone)


def check_view(told: RoleCheck) -> View:
    """Whether one person holds a role."""
    words = {
        "holds": f"yes: holds {told.role_name} now",
        "could activate": f"not now: is eligible for {told.role_name} and must activate it in PIM first",
        "no": f"no: does not hold {told.role_name}",
        "not known": f"not known: no path to {told.role_name} was seen, but not everything could be read",
    }[told.answer]
    head = Fields(
        None,
        (
            ("Person", _address(told.person)),
            ("Role", told.role_name),
            ("Answer", Shown(words, ANSWER_TONES[told.answer])),
        ),
    )
    blocks: tuple[Block, ...] = (head, *((_table("By these paths", told.paths, ""),) if told.paths else ()))
    return View("roles.check", 1, tenant_line(told.tenant), told, blocks, told.coverage)


def explanation_view(told: ConsentAnswer) -> View:
    """Whether one person may consent, and who can."""
    head = Fields(
        None,
        (
            ("Person", _address(told.person)),
            ("Application", told.application),
            ("May consent", Shown(told.may, MAY_TONES[told.may])),
            ("Because", told.why),
            ("Asked for", tuple(sorted({p.value for p in told.asks})) or "nothing that is known"),
        ),
    )
    blocks: list[Block] = [head]
    if told.own:
        blocks.append(_table_of_roles("Roles that this person holds", told.own))
    if told.may != "yes":
        blocks.append(_table_of_roles("Who can", told.able))
    if not told.asks_known:
        blocks.append(
            Note("unknown", "what it asks for is not readable here; what it holds already was judged instead")
        )
    return View("roles.explain", 1, tenant_line(told.tenant), told, tuple(blocks), told.coverage)
