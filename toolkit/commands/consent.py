"""entrakit consent: what an application was allowed, taking it away, and allowing it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.changing import ChangeCommand, change, intent_of
from toolkit.commands.options import TenantCommand, desk
from toolkit.errors import BadUsage, Exit

if TYPE_CHECKING:
    from toolkit.desk import Tenant
    from toolkit.domain.plans import Plan
    from toolkit.services.planning import Occasion

WANTS = "A permission that the application is known to need; :application behind an application permission."


@click.group(name="consent")
def command() -> None:
    """See what an application was allowed; revoke it, and grant it again."""


@command.command(
    "show",
    cls=TenantCommand,
    example="entrakit consent show SMArtEmail --sandbox\n"
    'entrakit consent show SMArtEmail --wants "Office 365 Exchange Online/SMTP.Send" --sandbox',
)
@click.argument("app", default="SMArtEmail")
@click.option("--wants", multiple=True, metavar="RESOURCE/PERMISSION", help=WANTS)
def show(app: str, wants: tuple[str, ...]) -> int:
    """Show the effective consent of an application: requested, granted to whom, missing, more than requested.

    APP is an object id, an appId or a display name (SMArtEmail where none is given). What an application of another
    tenant asks for is not readable here: say it with --wants.
    """
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.consent import consent_view
    from toolkit.services.consent import show_consent

    at = desk()
    picture = looked(at, lambda tenant: show_consent(tenant.directory, app, wants))
    return answer(at, consent_view(picture), picture.coverage)


@command.command(
    "url",
    cls=TenantCommand,
    example="entrakit consent url SMArtEmail --sandbox\nentrakit consent url SMArtEmail --open --wait --tenant …",
)
@click.argument("app", default="SMArtEmail")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option("--wait", "waits", is_flag=True, help="Wait until the consent is there.")
@click.option("--timeout", default=900.0, show_default=True, metavar="SECONDS", help="How long to wait.")
@click.option("--redirect-uri", metavar="URL", help="A reply URL of the application to go to afterwards.")
@click.option("--wants", multiple=True, metavar="RESOURCE/PERMISSION", help=WANTS)
def url(app: str, opens: bool, waits: bool, timeout: float, redirect_uri: str | None, wants: tuple[str, ...]) -> int:
    """Give the address where an administrator consents to an application for everyone.

    APP is a display name, an object id or an appId; an appId works even before the tenant knows the application.
    """
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.consent import url_view
    from toolkit.services.consent_url import SeekConsent, seek_consent

    at = desk()
    ask = SeekConsent(app=app, redirect_uri=redirect_uri, wants=wants, opens=opens, waits=waits, patience=timeout)

    told = looked(
        at,
        lambda tenant: seek_consent(
            tenant.directory,
            ask,
            login_host=tenant.cloud.login_host,
            browse=tenant.browse,
            tell=at.console.say,
        ),
    )
    return answer(at, url_view(told), told.coverage, Exit.DONE if told.arrived is not False else Exit.FAILED)


@command.command(
    "revoke",
    cls=ChangeCommand,
    example="entrakit consent revoke SMArtEmail --users --sandbox --plan\n"
    'entrakit consent revoke SMArtEmail --scope "Microsoft Graph/Mail.ReadWrite" --sandbox',
)
@click.argument("app")
@click.option("--admin", is_flag=True, help="Only what an administrator granted for everyone.")
@click.option("--users", is_flag=True, help="Only what users granted for themselves.")
@click.option("--user", metavar="UPN", help="Only what this user granted.")
@click.option("--application", is_flag=True, help="Only application permissions.")
@click.option("--scope", "scopes", multiple=True, metavar="[RESOURCE/]VALUE", help="Only this permission.")
def revoke(
    app: str, admin: bool, users: bool, user: str | None, application: bool, scopes: tuple[str, ...], **options: Any
) -> int:
    """Revoke the consent of an application: all of it, or only the parts chosen.

    APP is an object id, an appId or a display name.
    """
    from toolkit.services.change_consent import RevokeConsent, plan_revoke

    ask = RevokeConsent(app=app, admin=admin, users=users, user=user, application=application, scopes=scopes)

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_revoke(tenant.directory, ask, occasion)

    return change(make, intent_of(options))


@command.command(
    "grant",
    cls=ChangeCommand,
    example='entrakit consent grant SMArtEmail --permission "Office 365 Exchange Online/SMTP.Send" --sandbox\n'
    "entrakit consent grant SMArtEmail --from consent.json --sandbox --plan",
)
@click.argument("app")
@click.option("--permission", "permissions", multiple=True, metavar="RESOURCE/VALUE", help=WANTS)
@click.option("--user", metavar="UPN", help="Grant delegated permissions for this user only, not for everyone.")
@click.option("--manifest", is_flag=True, help="Grant what the application's registration in this tenant asks for.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Grant what a file names: the output of `consent show -o json`, or a YAML template.",
)
def grant(
    app: str, permissions: tuple[str, ...], user: str | None, manifest: bool, file: Path | None, **options: Any
) -> int:
    """Grant consent to an application; what it holds already is kept.

    APP is a display name, an object id or an appId; the service principal of an unknown appId is created.
    """
    from toolkit.services.change_consent import GrantConsent, plan_grant
    from toolkit.services.consent_files import granted_of, named

    if not (permissions or manifest or file):
        raise BadUsage("nothing to grant is named", hint="give --permission, --manifest or --from")
    asked = [named(text, user) for text in permissions]
    if file is not None:
        asked += granted_of(file.read_bytes(), file.name)
    ask = GrantConsent(app=app, permissions=tuple(asked), from_manifest=manifest)

    async def make(tenant: Tenant, occasion: Occasion) -> Plan:
        return await plan_grant(tenant.directory, ask, occasion)

    return change(make, intent_of(options))
