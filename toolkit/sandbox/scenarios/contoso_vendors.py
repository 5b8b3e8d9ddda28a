"""Applications of other companies: the ordinary ones, consented by administrators, by users or by both."""

from collections.abc import Sequence

from toolkit.sandbox.scenarios.contoso_people import person
from toolkit.sandbox.scenarios.draft import GALLERY_TAG, Draft
from toolkit.sandbox.scenarios.ids import object_id
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH, MANAGEMENT, SHAREPOINT, resources

FABRIKAM_OLD = object_id("appId", "Fabrikam Sync (old)")
FABRIKAM_NEW = object_id("appId", "Fabrikam Sync (new)")

# Name, publisher verified, delegated scopes on Microsoft Graph for everyone, application permissions there.
_VENDORS: tuple[tuple[str, bool, str, Sequence[str]], ...] = (
    ("Adatum Expenses", True, "User.Read openid profile email", ()),
    ("Northwind CRM Connector", True, "Contacts.ReadWrite Calendars.ReadWrite offline_access", ()),
    ("Tailspin Signatures", True, "User.Read.All", ("Mail.ReadWrite", "User.Read.All")),
    ("Woodgrove Scheduling", True, "Calendars.ReadWrite.Shared offline_access User.Read", ()),
    ("Proseware Whiteboard", True, "User.Read Files.ReadWrite", ()),
    ("Wingtip Surveys", False, "openid profile User.ReadBasic.All", ()),
    ("Fourth Coffee Rewards", False, "openid email", ()),
    ("Humongous Insurance Claims", True, "User.Read", ()),
    ("Alpine Ski House Booking", False, "User.Read Mail.Read offline_access", ()),
    ("Margie's Travel", False, "User.Read Calendars.Read", ()),
    ("Trey Research Insights", True, "Reports.Read.All", ("Reports.Read.All", "User.Read.All")),
    ("VanArsdel Provisioning", True, "", ("User.ReadWrite.All", "Group.ReadWrite.All")),
    ("Relecloud Threat Feed", True, "", ("SecurityEvents.Read.All", "AuditLog.Read.All")),
    ("City Power & Light", False, "openid profile", ()),
    ("Wide World Importers", True, "Files.Read.All Sites.Read.All offline_access", ()),
    ("Consolidated Messenger", False, "Mail.Send Mail.ReadWrite offline_access", ()),
    ("Bellows College Learning", True, "User.Read GroupMember.Read.All", ()),
)


def vendor_app(name: str) -> str:
    """The appId of an application of another company."""
    return object_id("appId", name)


def vendor_tenant(name: str) -> str:
    """The tenant that owns an application of another company."""
    return object_id("vendorTenant", name)


def add_vendors(draft: Draft) -> None:
    """All ordinary applications of other companies."""
    graph = draft.of(GRAPH)
    for name, verified, scopes, roles in _VENDORS:
        principal = vendor(draft, name, verified=verified)
        if scopes:
            draft.grant(principal, graph, scopes)
        for role in roles:
            draft.assign(principal, graph, resources()[GRAPH].role_id(role), days=-150)
    _both_named_fabrikam_sync(draft)
    _elsewhere(draft)
    _consented_by_users(draft)


def vendor(draft: Draft, name: str, *, verified: bool, app_id: str | None = None, enabled: bool = True) -> str:
    """A service principal of another company's application; answers its object id."""
    company = name.split()[0]
    return draft.principal(
        name,
        app_id or vendor_app(name),
        owner=vendor_tenant(company),
        enabled=enabled,
        verified=f"{company} Ltd" if verified else None,
        tags=[GALLERY_TAG],
        replies=[f"https://{vendor_tenant(company)[:8]}.example/signin"],
    )


def _both_named_fabrikam_sync(draft: Draft) -> None:
    graph = draft.of(GRAPH)
    old = vendor(draft, "Fabrikam Sync", verified=False, app_id=FABRIKAM_OLD)
    new = vendor(draft, "Fabrikam Sync", verified=True, app_id=FABRIKAM_NEW)
    draft.grant(old, graph, "Files.ReadWrite.All offline_access")
    draft.grant(new, graph, "Files.Read offline_access")


def _elsewhere(draft: Draft) -> None:
    litware = vendor(draft, "Litware Migration", verified=True)
    draft.grant(litware, draft.of(SHAREPOINT), "AllSites.FullControl")
    draft.grant(litware, draft.of(EXCHANGE), "EWS.AccessAsUser.All")
    draft.assign(litware, draft.of(SHAREPOINT), resources()[SHAREPOINT].role_id("Sites.FullControl.All"))
    phone = vendor(draft, "Phone Company Cost Report", verified=True)
    draft.grant(phone, draft.of(MANAGEMENT), "user_impersonation", person("finn"))
    saml = draft.principal(
        "Lucerne Publishing (SAML)",
        vendor_app("Lucerne Publishing (SAML)"),
        owner=draft.tenant.id,
        template="8adf8e6e-67b2-4cf2-a259-e3dc5476c621",
        tags=["WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1", GALLERY_TAG],
    )
    draft.tables["servicePrincipals"][saml]["preferredSingleSignOnMode"] = "saml"
    draft.assign(person("mei"), saml)


def _consented_by_users(draft: Draft) -> None:
    graph = draft.of(GRAPH)
    northwind = draft.of(vendor_app("Northwind CRM Connector"))
    draft.grant(northwind, graph, "Mail.Read offline_access", person("o.brien"))
    draft.grant(northwind, graph, "Mail.ReadWrite Mail.Send offline_access", person("zoë"))
    surveys = draft.of(vendor_app("Wingtip Surveys"))
    draft.grant(surveys, graph, "User.Read Contacts.Read", person("mei"))
    graph_explorer = draft.of("de8bc8b5-d9f9-48b1-a8ad-b748da725064")
    draft.grant(graph_explorer, graph, "openid profile User.Read offline_access", person("anna"))
    command_line = draft.of("14d82eec-204b-4c2f-b7e8-296a70dab67e")
    draft.grant(command_line, graph, "User.Read.All Application.Read.All Directory.Read.All openid profile")
    draft.grant(command_line, graph, "RoleManagement.ReadWrite.Directory", person("evan"))
