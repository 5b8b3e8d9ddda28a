"""Absence has a type: what was read, and what could not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

Value = TypeVar("Value")
Made = TypeVar("Made")


class Known(Struct, Generic[Value], frozen=True, tag="known", tag_field="state"):
    """A value that was really read, be it empty."""

    value: Value


class NotKnown(Struct, frozen=True, tag="unknown", tag_field="state"):
    """A value that was not read: why, and which permissions (any one of them) would let it be."""

    why: str
    needs: tuple[str, ...] = ()


def told(value: Value | UnsetType, why: str = "Graph did not return it") -> Known[Value] | NotKnown:
    """Known, unless Graph was not asked for the property or kept it back."""
    return NotKnown(why) if value is UNSET else Known(value)


def mapped(told: Known[Value] | NotKnown, make: Callable[[Value], Made]) -> Known[Made] | NotKnown:
    """What `make` makes of a known value; the unknown stays unknown."""
    return told if isinstance(told, NotKnown) else Known(make(told.value))
