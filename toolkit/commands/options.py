"""The options that every command on a tenant knows, and the desk they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from toolkit.desk import Desk

FORMATS = ("table", "json", "yaml", "csv", "tsv", "markdown")
CLOUDS = ("global", "usgov", "usgovdod", "china")
METHODS = ("client-secret", "certificate", "device-code", "default")

_KEY = "toolkit.choice"

Decorated = Callable[..., Any]


def _keep(ctx: click.Context, option: click.Parameter, value: object) -> None:
    cast("dict[str, object]", ctx.meta.setdefault(_KEY, {}))[option.name or ""] = value


def _option(*names: str, **settings: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_keep, **settings)


def _output() -> list[click.Parameter]:
    return [
        _option("-o", "--output", type=click.Choice(FORMATS), default="table", help="How to show the answer."),
        _option("--query", metavar="JMESPATH", help="Show only this part of the content."),
    ]


def _tenant() -> list[click.Parameter]:
    return [
        _option("--sandbox", is_flag=True, help="Use the embedded tenant."),
        _option("--tenant", metavar="TENANT", help="Use this tenant: its id or a domain. [ENTRAKIT_TENANT]"),
        _option("--profile", metavar="NAME", help="Use a profile of the configuration file. [ENTRAKIT_PROFILE]"),
        _option("--cloud", type=click.Choice(CLOUDS), help="National cloud. [ENTRAKIT_CLOUD]"),
        _option("--sign-in", type=click.Choice(METHODS), help="How to sign in. [ENTRAKIT_SIGN_IN]"),
        _option("--client-id", metavar="APPID", help="The application to sign in with. [AZURE_CLIENT_ID]"),
        _option("--graph-endpoint", metavar="URL", help="Another Graph endpoint. [ENTRAKIT_GRAPH_ENDPOINT]"),
    ]


class OutputCommand(click.Command):
    """A command that answers in any format."""

    def __init__(self, *args: Any, example: str = "", **settings: Any) -> None:
        settings.setdefault("epilog", f"\b\nExample:\n  {example.replace(chr(10), chr(10) + '  ')}")
        settings.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **settings)
        self.params.extend(self.more_options())

    def more_options(self) -> list[click.Parameter]:
        """The options beyond the command's own."""
        return _output()


class TenantCommand(OutputCommand):
    """A command on one tenant."""

    def more_options(self) -> list[click.Parameter]:
        return [*_tenant(), *_output()]


def desk() -> Desk:
    """The desk of the command that is running."""
    import os
    import sys

    from toolkit.console.streams import Console
    from toolkit.settings import Choice
    from toolkit.wiring import make_desk

    given = cast("dict[str, Any]", click.get_current_context().meta.get(_KEY, {}))
    return make_desk(Choice(**given), Console.detect(os.environ, sys.stdin, sys.stdout, sys.stderr), os.environ)
