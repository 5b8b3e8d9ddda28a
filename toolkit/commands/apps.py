"""entrakit apps: list, inspect, disable, delete and restore enterprise applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.changing import ChangeCommand, change, intent_of
from toolkit.commands.options import TenantCommand, desk

if TYPE_CHECKING:
    from toolkit.desk import Tenant
    from toolkit.domain.plans import Plan
    from toolkit.services.planning import Occasion


@click.group(name="apps")
def command() -> None:
    """List, inspect, disable, delete and restore enterprise applications."""


@command.command(
    "list",
    cls=TenantCommand,
    example="entrakit apps list --third-party --sandbox\n"
    'entrakit apps list --permission "Microsoft Graph/Mail.Read" -o json',
)
@click.option("--third-party", is_flag=True, help="Only those registered in other tenants than this and Microsoft's.")
@click.option("--name", "named", metavar="TEXT", help="Only those with this text in their name.")
@click.option("--disabled", is_flag=True, help="Only those that nobody can sign in to.")
@click.option("--permission", metavar="[RESOURCE/]VALUE", help="Only those that hold this permission.")
@click.option("--publisher", metavar="TEXT", help="Only those with this text in their verified publisher's name.")
def list_(third_party: bool, named: str | None, disabled: bool, permission: str | None, publisher: str | None) -> int:
    """List the enterprise applications (service principals) of the tenant."""
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.apps import application_list
    from toolkit.services.apps import ListApplications, list_applications

    at = desk()
    ask = ListApplications(
        third_party=third_party, named=named, disabled=disabled, permission=permission, publisher=publisher
    )

    found = looked(at, lambda tenant: list_applications(tenant.directory, ask, at.progress()))
    return answer(at, application_list(found, with_permissions=permission is not None), found.coverage)


@command.command("show", cls=TenantCommand, example="entrakit apps show SMArtEmail --sandbox")
@click.argument("app", default="SMArtEmail")
def show(app: str) -> int:
    """Show everything about one application.

    APP is an object id, an appId or a display name (SMArtEmail where none is given).
    """
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.apps import application_profile
    from toolkit.services.apps import show_application

    at = desk()
    profile = looked(at, lambda tenant: show_application(tenant.directory, app, at.clock()))
    return answer(at, application_profile(profile), profile.coverage)


@command.command("disable", cls=ChangeCommand, example="entrakit apps disable SMArtEmail --sandbox --plan")
@click.argument("app")
def disable(app: str, **options: Any) -> int:
    """Forbid sign-in to an application, for everyone.

    APP is an object id, an appId or a display name.
    """
    from toolkit.services.change_apps import plan_sign_in

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_sign_in(tenant.directory, app, occasion, enable=False)

    return change(make, intent_of(options))


@command.command("enable", cls=ChangeCommand, example="entrakit apps enable SMArtEmail --sandbox --plan")
@click.argument("app")
def enable(app: str, **options: Any) -> int:
    """Allow sign-in to an application again.

    APP is an object id, an appId or a display name.
    """
    from toolkit.services.change_apps import plan_sign_in

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_sign_in(tenant.directory, app, occasion, enable=True)

    return change(make, intent_of(options))


@command.command("delete", cls=ChangeCommand, example="entrakit apps delete SMArtEmail --sandbox --plan")
@click.argument("app")
def delete(app: str, **options: Any) -> int:
    """Move an application to the recycle bin, with a snapshot of all that it holds.

    APP is an object id, an appId or a display name.
    """
    from toolkit.services.change_apps import plan_delete

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_delete(tenant.directory, app, occasion)

    return change(make, intent_of(options))


@command.command("restore", cls=ChangeCommand, example="entrakit apps restore SMArtEmail --sandbox --plan")
@click.argument("app")
def restore(app: str, **options: Any) -> int:
    """Bring a deleted application back from the recycle bin (30 days).

    APP is an object id, an appId or a display name.
    """
    from toolkit.services.change_apps import plan_restore

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_restore(tenant.directory, app, occasion)

    return change(make, intent_of(options))
