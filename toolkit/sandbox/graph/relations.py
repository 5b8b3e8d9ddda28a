"""Relationships between directory objects: lists of them, owners come and go, and `$expand`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from toolkit.sandbox.graph.audit import audited
from toolkit.sandbox.graph.bodies import body_of, object_id, referenced_id
from toolkit.sandbox.graph.kinds import CASTS, DIRECTORY_OBJECT
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, number
from toolkit.sandbox.odata.errors import bad_request, not_found, unsupported_query
from toolkit.sandbox.odata.kinds import Kind
from toolkit.sandbox.odata.options import Expansion, is_advanced
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tenant import Tenant

Object = dict[str, Any]
Relation = Callable[[Tenant, str], list[Object]]

_MOST_EXPANDED = 20


def related(tenant: Tenant, ids: Iterable[str]) -> list[Object]:
    """The objects of some ids as mixed collections show them; ids of what is gone are left out."""
    found = (tenant.typed(id) for id in ids)
    return [row for row in found if row is not None]


def owners(tenant: Tenant, id: str) -> list[Object]:
    """Owners of an application, service principal or group."""
    return related(tenant, tenant.owners_of(id))


def owned_objects(tenant: Tenant, id: str) -> list[Object]:
    """What a principal owns."""
    return related(tenant, tenant.owned_by(id))


def members(tenant: Tenant, id: str) -> list[Object]:
    """Direct members of a group."""
    return related(tenant, tenant.members_of(id))


def transitive_members(tenant: Tenant, id: str) -> list[Object]:
    """Members of a group, through nested groups too."""
    return related(tenant, tenant.transitive_members_of(id))


def member_of(tenant: Tenant, id: str) -> list[Object]:
    """Groups and directory roles an object is in directly."""
    templates = [
        row["roleDefinitionId"] for row in tenant.role_assignments_of(id) if row.get("directoryScopeId", "/") == "/"
    ]
    return related(tenant, [*tenant.groups_of(id), *_activated(tenant, templates)])


def transitive_member_of(tenant: Tenant, id: str) -> list[Object]:
    """Groups and directory roles an object is in, through groups too."""
    roles = _activated(tenant, tenant.role_templates_of(id))
    return related(tenant, [*tenant.transitive_groups_of(id), *roles])


def role_members(tenant: Tenant, id: str) -> list[Object]:
    """Direct members of an activated directory role."""
    template = tenant.tables["directoryRoles"][id]["roleTemplateId"]
    return related(tenant, tenant.role_holders(template))


def _activated(tenant: Tenant, templates: Iterable[str]) -> list[str]:
    roles = (tenant.activated_role(template) for template in dict.fromkeys(templates))
    return [role["id"] for role in roles if role is not None]


def _by_table(tenant: Tenant, id: str) -> list[Object]:
    return tenant.grants_of_user(id) if id in tenant.tables["users"] else tenant.grants_of_client(id)


RELATIONS: dict[str, Relation] = {
    "owners": owners,
    "ownedObjects": owned_objects,
    "members": members,
    "transitiveMembers": transitive_members,
    "memberOf": member_of,
    "transitiveMemberOf": transitive_member_of,
    "appRoleAssignments": lambda tenant, id: tenant.assignments_of_principal(id),
    "appRoleAssignedTo": lambda tenant, id: tenant.assignments_of_resource(id),
    "oauth2PermissionGrants": _by_table,
}


def related_ids(call: Call, id: str, name: str) -> list[str]:
    """Object ids on the other side of a relationship such as `memberOf`."""
    return [row["id"] for row in RELATIONS[name](call.tenant, id)]


def typed_objects(call: Call, ids: Iterable[str]) -> list[Object]:
    """The objects of some ids with their `@odata.type`; ids of what is gone are left out."""
    return related(call.tenant, ids)


def listing(call: Call, ids: Iterable[str], name: str | None = None) -> Reply:
    """A page of directory objects; only those of kind `name` and in its own shape, when one is given."""
    rows = typed_objects(call, ids)
    if name is None:
        return many(call, DIRECTORY_OBJECT, rows)
    names = {option.lower() for option in call.request.query}
    if names & {"$filter", "$orderby"} and not is_advanced(call.request):
        raise unsupported_query()
    kind = CASTS[name.lower()]
    return many(call, kind, _untyped(rows, kind))


def counting(call: Call, ids: Iterable[str]) -> Reply:
    """How many directory objects there are."""
    return number(call, DIRECTORY_OBJECT, typed_objects(call, ids))


def expanded(call: Call, row: Object, expansion: Expansion) -> list[Object]:
    """The first twenty related objects; an expansion of a directory object has no second page."""
    relation = role_members if "roleTemplateId" in row else RELATIONS[expansion.name]
    return [_trimmed(one, expansion.select) for one in relation(call.tenant, row["id"])[:_MOST_EXPANDED]]


def add_owner(call: Call, id: str) -> Reply:
    """Make what the body refers to an owner; twice is refused."""
    owner = referenced_id(body_of(call))
    found = call.tenant.directory_object(owner)
    if found is None or found[0] not in ("users", "servicePrincipals"):
        raise not_found(owner)
    ids = call.tenant.tables["owners"].setdefault(object_id(id), {"ids": []})["ids"]
    if owner in ids:
        text = "One or more added object references already exist for the following modified properties"
        raise bad_request(f"{text}: 'owners'.")
    ids.append(owner)
    _audited_owner(call, id, "Add owner to")
    return Reply(204)


def remove_owner(call: Call, id: str, owner: str) -> Reply:
    """Take an owner away; one who is none is a 404."""
    ids = call.tenant.tables["owners"].get(object_id(id), {"ids": []})["ids"]
    if object_id(owner) not in ids:
        raise not_found(owner)
    ids.remove(object_id(owner))
    _audited_owner(call, id, "Remove owner from")
    return Reply(204)


def _audited_owner(call: Call, id: str, what: str) -> None:
    table, row = call.tenant.directory_object(object_id(id)) or ("servicePrincipals", {"id": id})
    noun = "application" if table == "applications" else "service principal"
    audited(call, f"{what} {noun}", what.partition(" ")[0], row)


def _trimmed(row: Object, names: tuple[str, ...]) -> Object:
    if not names:
        return row
    kept = {name: row.get(name) for name in names}
    return {"@odata.type": row["@odata.type"], **kept} if "@odata.type" in row else kept


def _untyped(rows: list[Object], kind: Kind) -> list[Object]:
    wanted = f"#microsoft.graph.{kind.name}"
    return [{k: v for k, v in row.items() if k != "@odata.type"} for row in rows if row["@odata.type"] == wanted]
