"""Contoso's logs: the sign-ins and directory changes that tell how things came to be."""

from toolkit.sandbox.scenarios.contoso_own import HR_PORTAL, TOOL
from toolkit.sandbox.scenarios.contoso_people import ADMIN, DANA, person
from toolkit.sandbox.scenarios.contoso_vendors import vendor_app
from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.ids import object_id
from toolkit.sandbox.scenarios.log_rows import Row, audit_row, sign_in_row
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH
from toolkit.sandbox.scenarios.smart_email import APP_ID

_REASONS = {
    0: "Other.",
    65001: "The user or administrator has not consented to use the application.",
    7000112: "Application is disabled.",
    50105: "The signed in user is not assigned to a role for the application.",
}


def add_logs(draft: Draft) -> None:
    """Sign-ins of the last weeks and the audit rows of consents."""
    sign_in(draft, DANA, APP_ID, EXCHANGE, 65001, days=-6)
    sign_in(draft, DANA, APP_ID, EXCHANGE, 65001, days=-5.9)
    sign_in(draft, DANA, APP_ID, EXCHANGE, 7000112, days=-2)
    sign_in(draft, "omar@contoso.example", APP_ID, EXCHANGE, 7000112, days=-1)
    sign_in(draft, DANA, APP_ID, EXCHANGE, 7000112, days=-0.2)
    sign_in(draft, ADMIN, TOOL, GRAPH, 0, days=-0.1)
    sign_in(draft, "finn@contoso.example", HR_PORTAL, GRAPH, 0, days=-3)
    sign_in(draft, "mei@contoso.example", HR_PORTAL, GRAPH, 50105, days=-4)
    northwind = vendor_app("Northwind CRM Connector")
    sign_in(draft, "o.brien@contoso.example", northwind, GRAPH, 0, days=-1.5)
    for app_id, days in ((APP_ID, -20.0), (northwind, -25.0)):
        for grant in draft.tenant.grants_of_client(draft.of(app_id)):
            consented(draft, grant, days)
    administrator = draft.tables["users"][person(ADMIN)]
    smart_email = draft.tables["servicePrincipals"][draft.of(APP_ID)]
    _audit(draft, "Update service principal", "Update", administrator, smart_email, {"AccountEnabled": "false"}, -3)


def sign_in(draft: Draft, upn: str, app_id: str, resource: str, error: int, days: float) -> None:
    """A row of the sign-in log."""
    id = object_id("signIn", f"{upn}/{app_id}/{error}/{days}")
    draft.tables["signIns"][id] = sign_in_row(
        id,
        draft.day(days),
        user=draft.tables["users"][person(upn)],
        client=draft.tables["servicePrincipals"][draft.of(app_id)],
        resource=draft.tables["servicePrincipals"][draft.of(resource)],
        error=error,
        reason=_REASONS[error],
        correlation=object_id("correlation", id),
        address="203.0.113.20",
    )


def consented(draft: Draft, grant: Row, days: float) -> None:
    """The audit rows of the consent that made a grant."""
    everyone = grant["consentType"] == "AllPrincipals"
    who = draft.tables["users"][person(ADMIN) if everyone else grant["principalId"]]
    granted = {
        "DelegatedPermissionGrant.Scope": grant["scope"],
        "DelegatedPermissionGrant.ConsentType": grant["consentType"],
        "ServicePrincipal.ObjectID": grant["clientId"],
    }
    context = {"ConsentContext.IsAdminConsent": str(everyone), "ConsentContext.OnBehalfOfAll": str(everyone)}
    principals = draft.tables["servicePrincipals"]
    resource, client = principals[grant["resourceId"]], principals[grant["clientId"]]
    _audit(draft, "Add delegated permission grant", "Assign", who, resource, granted, days)
    _audit(draft, "Consent to application", "Assign", who, client, context, days)


def _audit(draft: Draft, activity: str, kind: str, who: Row, target: Row, new: dict[str, str], days: float) -> None:
    row = audit_row(activity, draft.day(days), user=who, target=target, new=new, kind=kind)
    draft.tables["directoryAudits"][row["id"]] = row
