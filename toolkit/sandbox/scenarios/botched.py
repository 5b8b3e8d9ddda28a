"""`botched`: Contoso after three attempts to install SMArtEmail, with two of it alive and one deleted."""

from datetime import datetime

from toolkit.sandbox.scenarios.contoso import company
from toolkit.sandbox.scenarios.contoso_people import DANA, person, team
from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.ids import object_id
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH
from toolkit.sandbox.scenarios.smart_email import add_smart_email, install
from toolkit.sandbox.tenant import Tenant

NEW_APP_ID = "5a5a5a5a-0e3a-4000-8000-00005a5a7e02"
FIRST_APP_ID = "5a5a5a5a-0e3a-4000-8000-00005a5a7e00"


def build(now: datetime) -> Tenant:
    """The tenant as of `now`: the old SMArtEmail disabled, a new one half consented, the first one deleted."""
    draft = company(now, "botched")
    add_smart_email(draft)
    new = install(draft, NEW_APP_ID, enabled=True)
    draft.grant(new, draft.of(GRAPH), "User.Read")
    draft.assign(team("OpCon Operators"), new, days=-2)
    _first_attempt(draft)
    draft.publish()
    return draft.tenant


def _first_attempt(draft: Draft) -> None:
    first = install(draft, FIRST_APP_ID, enabled=True)
    grants = [
        draft.grant(first, draft.of(EXCHANGE), "IMAP.AccessAsUser.All SMTP.Send"),
        draft.grant(first, draft.of(GRAPH), "offline_access User.Read", person(DANA)),
    ]
    assignments = [draft.assign(person(DANA), first, days=-700)]
    draft.delete(first, grants, assignments, days=-21)


def first_principal() -> str:
    """The object id of the deleted SMArtEmail."""
    return object_id("servicePrincipal", FIRST_APP_ID)
