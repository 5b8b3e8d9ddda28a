"""Instants as Graph writes them: UTC, with or without a zone, with up to seven digits of a second."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(value: datetime) -> datetime:
    """The instant in UTC; a value without a zone is UTC, as in Graph's error bodies."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def is_past(value: datetime | None, now: datetime) -> bool:
    """Whether the instant lies before `now`; no instant never passes."""
    return value is not None and moment(value) < now


def days_until(value: datetime, now: datetime) -> int:
    """Whole days from `now` to the instant; negative once it has passed."""
    return (moment(value) - now).days
