"""JSON, indented; hostile characters are escaped and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from toolkit.render.envelope import envelope
from toolkit.render.untrusted import for_json
from toolkit.render.view import View


def render_view(view: View, *, width: int | None, color: bool) -> Iterator[str]:
    """The envelope of `view`."""
    yield _document(envelope(view), "deterministic")


def render_result(result: object, *, width: int | None, color: bool) -> Iterator[str]:
    """The bare result of a query, keys in the order the query gave them."""
    yield _document(result, None)


def _document(content: object, order: Literal["deterministic"] | None) -> str:
    try:
        compact = msgspec.json.encode(content, order=order).decode()
    except UnicodeEncodeError:  # a lone surrogate: JSON can escape it, UTF-8 cannot hold it
        return for_json(_with_surrogates(content, order)) + "\n"
    return msgspec.json.format(for_json(compact), indent=2) + "\n"


def _with_surrogates(content: object, order: Literal["deterministic"] | None) -> str:
    from json import dumps

    plain = msgspec.to_builtins(content, order=order, str_keys=True)
    return dumps(plain, ensure_ascii=False, indent=2)
