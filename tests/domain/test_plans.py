"""A plan's digest shows every edit of every field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from toolkit.domain.applications import TenantName
from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant
from toolkit.domain.plans import Loss, Plan, Step
from toolkit.errors import BadUsage
from toolkit.services.plan_files import plan_from_bytes, plan_to_bytes
from toolkit.services.planning import step

GRANT = Consent(client_id="c", resource_id="r", principal_id="p", scopes=("A", "B"), client="C", principal="P", id="g")
ROLE = RoleGrant(principal_id="p", resource_id="r", app_role_id="a", principal_type="User", principal="P", id="i")
APP = Enterprise(id="i", app_id="a", name="N", enabled=True)
PLAN = Plan(
    purpose="delete application N",
    command="entrakit apps delete N",
    tenant=TenantName("t", "Contoso", "contoso.example"),
    made_at=datetime(2031, 5, 6, tzinfo=UTC),
    made_by="admin@contoso.example",
    steps=(
        step(Change(before=APP, after=msgspec.structs.replace(APP, where="bin"), takes=(GRANT, ROLE))),
        step(Change(after=Ownership(object_id="o", owner_id="w", owner="W"))),
    ),
    losses=(Loss("everybody", "sign-in"), Loss("Lou", "ownership")),
    notes=("a note", "another"),
    undoes="20310506-000000-abcd",
).sealed()
WRITTEN: dict[str, Any] = json.loads(plan_to_bytes(PLAN))

Path = tuple[str | int, ...]


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key in value:
            yield from _leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def _edited(path: Path) -> Any:
    plan = json.loads(plan_to_bytes(PLAN))
    *way, last = path
    inner = plan
    for part in way:
        inner = inner[part]
    inner[last] = _other(inner[last], last)
    return plan


def _other(value: object, name: str | int) -> object:
    if name == "made_at":
        return "2031-05-06T00:00:01Z"
    if name == "where":
        return {"live": "bin", "bin": "live"}[str(value)]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value - 1
    return f"{value}x"


LEAVES = [path for path in _leaves(WRITTEN) if path[-1] != "type"]


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_an_edit_of_any_field_shows(path: Path) -> None:
    with pytest.raises(BadUsage, match="edited after it was made"):
        plan_from_bytes(json.dumps(_edited(path)).encode(), "plan")


def test_every_field_of_a_plan_was_tried() -> None:
    tried = {part for path in LEAVES for part in path if isinstance(part, str)}
    kinds = (Plan, Step, Change, Enterprise, Consent, RoleGrant, Ownership, Loss, TenantName)
    fields = {name for kind in kinds for name in kind.__struct_fields__} - {"before", "resource", "role", "client"}
    assert fields <= tried | {"client"}


@pytest.mark.parametrize("field", ["steps", "losses", "notes"])
@pytest.mark.parametrize("how", ["fewer", "more", "reversed"])
def test_steps_losses_and_notes_can_be_neither_taken_out_nor_repeated(field: str, how: str) -> None:
    plan = json.loads(plan_to_bytes(PLAN))
    items = plan[field]
    plan[field] = {"fewer": items[1:], "more": [*items, items[0]], "reversed": items[::-1]}[how]
    with pytest.raises(BadUsage, match="edited after it was made"):
        plan_from_bytes(json.dumps(plan).encode(), "plan")


def test_a_plan_comes_back_from_its_file_as_it_was() -> None:
    assert plan_from_bytes(plan_to_bytes(PLAN), "plan") == PLAN


def test_the_layout_of_the_file_does_not_count() -> None:
    assert plan_from_bytes(json.dumps(WRITTEN, indent=7).encode(), "plan") == PLAN


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert PLAN.digest == PLAN.sealed().digest == PLAN.sealed().sealed().digest
    assert PLAN.digest.startswith("sha256:")
