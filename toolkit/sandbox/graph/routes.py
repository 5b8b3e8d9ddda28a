"""The table of what the sandbox serves of Graph: each route with the permissions it needs."""

from __future__ import annotations

from collections.abc import Callable

from toolkit.sandbox.graph.permissions import Needs
from toolkit.sandbox.routing import Handler, Router

router = Router()
NEEDS: dict[str, Needs] = {}


def serves(method: str, template: str, needs: Needs) -> Callable[[Handler], Handler]:
    """Decorate the handler of an operation that callers with `needs` may use."""

    def register(handler: Handler) -> Handler:
        router.add(method, template, handler)
        NEEDS[f"{method} {template}"] = needs
        return handler

    return register
