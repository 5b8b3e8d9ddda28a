"""Ids that exist only once an earlier step of a plan has made them."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from msgspec.structs import asdict, replace

from toolkit.domain.changes import TO_COME, Change, Enterprise, Thing, to_come


def bound(change: Change, ids: Mapping[str, str]) -> Change:
    """The change with ids to come replaced by those that `ids` knows."""
    return replace(
        change,
        before=_bound(change.before, ids),
        after=_bound(change.after, ids),
    )


def _bound(thing: Thing | None, ids: Mapping[str, str]) -> Thing | None:
    if thing is None:
        return None
    known = {
        name: ids[value]
        for name, value in asdict(thing).items()
        if isinstance(value, str) and value.startswith(TO_COME) and value in ids
    }
    return replace(thing, **known) if known else thing


def learn(ids: MutableMapping[str, str], thing: Thing | None) -> None:
    """Remember the object id of a service principal that was read back."""
    if isinstance(thing, Enterprise) and thing.where == "live":
        ids[to_come(thing.app_id)] = thing.id
