"""Ids that exist only once an earlier step of a plan has made them, or that re-creation has changed."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from msgspec.structs import asdict, replace

from toolkit.domain.changes import Change, Enterprise, Thing, to_come


def bound(change: Change, ids: Mapping[str, str]) -> Change:
    """The change with ids to come, and those of an application that was made anew, replaced by what `ids` knows."""
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
        if name.endswith("id") and isinstance(value, str) and value in ids
    }
    return replace(thing, **known) if known else thing


def learn(ids: MutableMapping[str, str], planned: Thing | None, seen: Thing | None) -> None:
    """Remember the object id of a service principal that was read back, where the plan has none or another."""
    if isinstance(seen, Enterprise) and seen.where == "live":
        ids[to_come(seen.app_id)] = seen.id
        if isinstance(planned, Enterprise) and planned.id not in ("", seen.id):
            ids[planned.id] = seen.id


def at_hand(change: Change, now: Thing | None) -> Change:
    """The change as it is to be sent: from what was read just now, with its current id."""
    after = change.after
    if isinstance(now, Enterprise) and isinstance(after, Enterprise):
        after = replace(after, id=now.id)
    return replace(change, before=now, after=after)
