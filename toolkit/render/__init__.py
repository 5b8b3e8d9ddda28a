"""A view as text in one of several formats. Importing this loads no format and no library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from toolkit.render.query import QueryError, ask

if TYPE_CHECKING:
    from toolkit.render.view import View

__all__ = ["FORMATS", "QueryError", "UnknownFormat", "render"]

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "table": "toolkit.render.table",
        "json": "toolkit.render.json",
        "yaml": "toolkit.render.yaml",
        "csv": "toolkit.render.csv",
        "tsv": "toolkit.render.tsv",
        "markdown": "toolkit.render.markdown",
    }
)


class UnknownFormat(ValueError):
    """A format nobody writes; the text lists those there are."""


class _Format(Protocol):
    def render_view(self, view: View, *, width: int | None, color: bool) -> Iterator[str]: ...

    def render_result(self, result: object, *, width: int | None, color: bool) -> Iterator[str]: ...


def render(view: View, format: str, *, width: int | None, color: bool, query: str | None = None) -> Iterator[str]:
    """The text of `view` in chunks; the same arguments always give the same text.

    `width` is the terminal's, None where stdout is no terminal. `query` is JMESPath over the view's content;
    its bare result is shown instead of the view. Raises UnknownFormat and QueryError before the first chunk.
    """
    if format not in FORMATS:
        raise UnknownFormat(f"there is no format {format!r}; there are: {', '.join(FORMATS)}")
    writer = cast(_Format, import_module(FORMATS[format]))
    if query is None:
        return writer.render_view(view, width=width, color=color)
    return writer.render_result(ask(view.content, query), width=width, color=color)
