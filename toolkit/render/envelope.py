"""What json and yaml wrap a view's content in."""

from __future__ import annotations

from msgspec import Struct

from toolkit.render.view import View


class Envelope(Struct, frozen=True):
    """The content with its schema, tenant and coverage: what it is, whose it is, and how much was read."""

    schema: str
    tenant: dict[str, str] | None
    coverage: object
    content: object


def envelope(view: View) -> Envelope:
    """The envelope of `view`."""
    return Envelope(f"entrakit/{view.kind}/{view.version}", view.tenant, view.coverage, view.content)
