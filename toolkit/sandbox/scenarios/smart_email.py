"""SMArtEmail as a failed installation leaves it: switched off, half consented, with a user's old consent beside.

The publisher's application lives in another tenant. Graph shows there what it asks for, here it does not, so the
sandbox keeps that under `_requiredResourceAccess` for the consent page alone and never serves it.
"""

from toolkit.sandbox.scenarios.contoso_people import DANA, LOU, person, team
from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH
from toolkit.sandbox.scenarios.shapes import Wants, required_access

NAME = "SMArtEmail"
APP_ID = "5a5a5a5a-0e3a-4000-8000-00005a5a7e01"
PUBLISHER_TENANT = "5a5a5a5a-0000-4000-8000-000000000001"
PUBLISHER = "SMA Technologies (invented)"
WANTS: Wants = {
    EXCHANGE: (("IMAP.AccessAsUser.All", "SMTP.Send"), ()),
    GRAPH: (("offline_access", "User.Read"), ()),
}


def install(draft: Draft, app_id: str = APP_ID, *, enabled: bool) -> str:
    """A service principal of SMArtEmail without any consent; answers its object id."""
    principal = draft.principal(
        NAME,
        app_id,
        owner=PUBLISHER_TENANT,
        enabled=enabled,
        replies=["http://localhost", "https://smartemail.example/consented"],
        publisher=PUBLISHER,
        homepage="https://smartemail.example",
    )
    draft.tables["servicePrincipals"][principal]["_requiredResourceAccess"] = required_access(WANTS)
    return principal


def add_smart_email(draft: Draft) -> None:
    """The one botched SMArtEmail of the tenant."""
    principal = install(draft, enabled=False)
    draft.own(principal, [person(LOU)])
    draft.grant(principal, draft.of(EXCHANGE), "IMAP.AccessAsUser.All")
    draft.grant(principal, draft.of(GRAPH), "Mail.ReadWrite offline_access", person(DANA))
    draft.assign(person(DANA), principal, days=-330)
    draft.assign(team("OpCon Operators"), principal, days=-330)
