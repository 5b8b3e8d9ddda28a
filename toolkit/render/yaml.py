"""YAML with the same envelope as JSON; hostile characters are escaped and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

from msgspec import to_builtins

from toolkit.render.envelope import envelope
from toolkit.render.untrusted import for_yaml, is_hostile
from toolkit.render.view import View


def render_view(view: View, *, width: int | None, color: bool) -> Iterator[str]:
    """The envelope of `view`."""
    yield _document(envelope(view), "deterministic")


def render_result(result: object, *, width: int | None, color: bool) -> Iterator[str]:
    """The bare result of a query, keys in the order the query gave them."""
    yield _document(result, None)


def _document(content: object, order: Literal["deterministic"] | None) -> str:
    plain = to_builtins(content, order=order, str_keys=True)
    try:
        return for_yaml(_dumped(plain, in_c=True))
    except UnicodeEncodeError:  # a lone surrogate, which only the dumper written in Python can escape
        return for_yaml(_dumped(plain, in_c=False))


def _dumped(plain: object, *, in_c: bool) -> str:
    import yaml

    text: str = yaml.dump(
        plain,
        Dumper=_dumper(in_c),
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=2**31 - 1,  # never folded: a fold inside an escaped text would change what for_yaml sees
    )
    return text.removesuffix("...\n")  # the mark after a bare scalar


@cache
def _dumper(in_c: bool) -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper) if in_c else yaml.SafeDumper

    def text(dumper: Any, value: str) -> Any:
        style = '"' if is_hostile(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def repeated(_dumper: Any, _value: object) -> bool:
        return True  # a value that stands twice is written twice, never as an alias

    dumper = type("Dumper", (base,), {"ignore_aliases": repeated})
    dumper.add_representer(str, text)
    return dumper
