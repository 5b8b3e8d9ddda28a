"""`contoso`: a company whose enterprise applications look like a real tenant's, wholesome, risky and broken ones."""

from datetime import datetime

from toolkit.sandbox.scenarios.contoso_logs import add_logs
from toolkit.sandbox.scenarios.contoso_own import add_own_applications
from toolkit.sandbox.scenarios.contoso_people import add_people
from toolkit.sandbox.scenarios.contoso_roles import add_roles
from toolkit.sandbox.scenarios.contoso_trouble import add_trouble
from toolkit.sandbox.scenarios.contoso_vendors import add_vendors
from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.smart_email import add_smart_email
from toolkit.sandbox.tenant import Tenant

TENANT_ID = "c0117050-0000-4000-8000-000000000001"


def build(now: datetime) -> Tenant:
    """The tenant as of `now`; the same ids whenever it is built."""
    draft = company(now, "contoso")
    add_smart_email(draft)
    add_logs(draft)
    draft.publish()
    return draft.tenant


def company(now: datetime, scenario: str) -> Draft:
    """Contoso before anybody installed SMArtEmail."""
    draft = Draft(Tenant(TENANT_ID, scenario), now)
    draft.organization("Contoso (sandbox)", ["contoso.onmicrosoft.com", "contoso.example"])
    draft.microsoft_applications()
    add_people(draft)
    add_own_applications(draft)
    add_vendors(draft)
    add_trouble(draft)
    add_roles(draft)
    return draft
