"""entrakit roles: who holds a directory role and how, and who may consent."""

from __future__ import annotations

import click

from toolkit.commands.options import TenantCommand, desk
from toolkit.errors import BadUsage, Exit


@click.group(name="roles")
def command() -> None:
    """See who holds directory roles, and who may consent."""


@command.command(
    "holders",
    cls=TenantCommand,
    example='entrakit roles holders --sandbox\nentrakit roles holders "Application Administrator" -o csv',
)
@click.argument("role", required=False)
def holders(role: str | None) -> int:
    """Show every holder of a directory role, and by which path.

    ROLE is a role's name or template id (Global Administrator where none is given).
    """
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.roles import holders_view
    from toolkit.services.roles import role_holders

    at = desk()
    told = looked(at, lambda tenant: role_holders(tenant.directory, role))
    return answer(at, holders_view(told), told.coverage)


@command.command(
    "check",
    cls=TenantCommand,
    example="entrakit roles check --me --sandbox\n"
    'entrakit roles check --user dana@contoso.example --role "Application Administrator" --sandbox',
)
@click.option("--user", metavar="UPN", help="The person to check: a user principal name or an object id.")
@click.option("--me", is_flag=True, help="Check who is signed in (the default).")
@click.option("--role", help="The role's name or template id. [default: Global Administrator]")
def check(user: str | None, me: bool, role: str | None) -> int:
    """Check whether a person holds a role now: exit 0 yes, 10 no, 3 not everything could be read."""
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.roles import check_view
    from toolkit.services.roles import check_role

    _one_person(user, me=me)
    at = desk()
    told = looked(at, lambda tenant: check_role(tenant.directory, user, role))
    return answer(at, check_view(told), told.coverage, Exit.DONE if told.answer == "holds" else Exit.FINDINGS)


@command.command(
    "explain",
    cls=TenantCommand,
    example="entrakit roles explain --user dana@contoso.example --consent SMArtEmail --sandbox",
)
@click.option("--user", metavar="UPN", help="The person: a user principal name or an object id.")
@click.option("--me", is_flag=True, help="Explain for who is signed in (the default).")
@click.option("--consent", "app", metavar="APP", default="SMArtEmail", show_default=True, help="The application.")
@click.option("--wants", multiple=True, metavar="RESOURCE/PERMISSION", help="A permission that it is known to need.")
def explain(user: str | None, me: bool, app: str, wants: tuple[str, ...]) -> int:
    """Explain whether a person may consent to an application for everyone, and who can: exit 0 yes, 10 no."""
    from toolkit.commands.answer import answer, looked
    from toolkit.render.views.roles import explanation_view
    from toolkit.services.explain import explain_consent

    _one_person(user, me=me)
    at = desk()
    told = looked(at, lambda tenant: explain_consent(tenant.directory, user, app, wants))
    return answer(at, explanation_view(told), told.coverage, Exit.DONE if told.may == "yes" else Exit.FINDINGS)


def _one_person(user: str | None, *, me: bool) -> None:
    if user is not None and me:
        raise BadUsage("--user and --me name two people", hint="give one of them")
