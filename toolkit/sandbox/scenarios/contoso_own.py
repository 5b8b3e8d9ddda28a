"""Applications Contoso registered itself: line of business, and entrakit's own two clients."""

from toolkit.sandbox.scenarios.contoso_people import DORA, person, team
from toolkit.sandbox.scenarios.draft import GALLERY_TAG, Draft
from toolkit.sandbox.scenarios.ids import object_id
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH, KEY_VAULT, SHAREPOINT, resources
from toolkit.sandbox.scenarios.shapes import app_role, permission_scope

TOOL = "e0e0e0e0-0000-4000-8000-00000e117a51"
PIPELINE = "e0e0e0e0-0000-4000-8000-0000c1c1c1c1"
PIPELINE_SECRET = "sandbox-secret"
EXPIRED_SECRET = "sandbox-expired-secret"

TOOL_SCOPES = (
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "RoleAssignmentSchedule.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "AuditLog.Read.All",
    "GroupMember.Read.All",
    "Policy.Read.All",
    "User.Read",
)
PIPELINE_ROLES = (
    "Application.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "RoleAssignmentSchedule.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "AuditLog.Read.All",
)
BACKUP_ROLES = (
    "Application.Read.All",
    "AuditLog.Read.All",
    "Calendars.Read",
    "Channel.ReadBasic.All",
    "ChannelMessage.Read.All",
    "Chat.Read.All",
    "Contacts.Read",
    "Device.Read.All",
    "Directory.Read.All",
    "Domain.Read.All",
    "Files.Read.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "Mail.Read",
    "MailboxSettings.Read",
    "Notes.Read.All",
    "Organization.Read.All",
    "OrgContact.Read.All",
    "Policy.Read.All",
    "Reports.Read.All",
    "RoleManagement.Read.Directory",
    "Sites.Read.All",
    "Tasks.Read.All",
    "TeamMember.Read.All",
    "User.Read.All",
)


def own_app(name: str) -> str:
    """The appId of an application Contoso registered."""
    return object_id("appId", name)


HR_PORTAL = own_app("HR Portal")
SCANNER_API = own_app("Warehouse Scanner API")
ORDER_ROUTER = own_app("Order Router")
LEGACY_AUTOMATION = own_app("Legacy Automation")
BACKUP = own_app("Backup Orchestrator")
KIOSK = own_app("Retired Kiosk")


def add_own_applications(draft: Draft) -> None:
    """All applications whose home is this tenant."""
    add_entrakit(draft)
    _portal(draft)
    _api_and_client(draft)
    _daemons(draft)
    _others(draft)
    _managed_identities(draft)


def add_entrakit(draft: Draft) -> None:
    """The public client and the app-only client that entrakit itself signs in with."""
    wants = {GRAPH: (TOOL_SCOPES, ())}
    replies = ("http://localhost", "https://login.microsoftonline.com/common/oauth2/nativeclient")
    draft.application("entrakit (sandbox)", TOOL, wants=wants, public=True, replies=replies)
    draft.consent(draft.of(TOOL), wants)
    wants = {GRAPH: ((), PIPELINE_ROLES)}
    draft.application("entrakit pipeline", PIPELINE, wants=wants, owners=[person("lou")])
    draft.consent(draft.of(PIPELINE), wants)
    draft.secret(PIPELINE, "pipeline", PIPELINE_SECRET, days=300)
    draft.secret(PIPELINE, "pipeline before", EXPIRED_SECRET, days=-40)


def _portal(draft: Draft) -> None:
    wants = {GRAPH: (("User.Read", "People.Read", "offline_access"), ())}
    roles = [app_role(HR_PORTAL, "HR.Reader", "User"), app_role(HR_PORTAL, "HR.Manager", "User")]
    portal = draft.application(
        "HR Portal",
        HR_PORTAL,
        wants=wants,
        owners=[person("lou")],
        replies=["https://hr.contoso.example/signin-oidc"],
        names=["api://hr.contoso.example"],
        roles=roles,
        scopes=[permission_scope(HR_PORTAL, "access_as_user")],
        assignment_required=True,
        homepage="https://hr.contoso.example",
    )
    draft.secret(HR_PORTAL, "portal 2", "hr-portal-second-secret", days=12)
    draft.consent(portal, wants)
    draft.assign(team("Human Resources"), portal, roles[0]["id"])
    draft.assign(person("finn"), portal, roles[1]["id"])
    draft.assign(person("admin"), portal, roles[1]["id"])


def _api_and_client(draft: Draft) -> None:
    roles = [app_role(SCANNER_API, "Scans.Write", "Application")]
    api = draft.application(
        "Warehouse Scanner API",
        SCANNER_API,
        owners=[person("arne")],
        names=["api://scanner.contoso.example"],
        roles=roles,
        scopes=[permission_scope(SCANNER_API, "Scans.Read")],
    )
    router = draft.application("Order Router", ORDER_ROUTER, owners=[person("arne"), person("lou")])
    draft.secret(ORDER_ROUTER, "router", "order-router-secret", days=150)
    draft.assign(router, api, roles[0]["id"])
    # The API took this role out of its manifest later; Graph keeps the assignment.
    draft.assign(router, api, app_role(SCANNER_API, "Scans.Purge", "Application")["id"])
    draft.grant(router, api, "Scans.Read")


def _daemon(draft: Draft, name: str, resource: str, roles: tuple[str, ...], owner: str | None = None) -> str:
    wants = {resource: ((), roles)}
    owners = [person(owner)] if owner else []
    daemon = draft.application(name, own_app(name), wants=wants, owners=owners)
    draft.consent(daemon, wants)
    return own_app(name)


def _daemons(draft: Draft) -> None:
    draft.secret(_daemon(draft, "Payroll Sync", GRAPH, ("User.Read.All", "Group.Read.All"), "finn"),
                 "payroll", "payroll-sync-secret", days=-25)  # fmt: skip
    draft.secret(_daemon(draft, "Reporting Warehouse", GRAPH, ("Reports.Read.All",), "anna"),
                 "never rotate", "reporting-warehouse-secret", days=3285, since=-365)  # fmt: skip
    draft.secret(_daemon(draft, "Backup Orchestrator", GRAPH, BACKUP_ROLES, "gustav"),
                 "backup", "backup-orchestrator-secret", days=200)  # fmt: skip
    powers = ("Directory.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All")
    draft.secret(_daemon(draft, "Legacy Automation", GRAPH, powers),
                 "2019", "legacy-automation-secret", days=900, since=-2000)  # fmt: skip
    draft.certificate(_daemon(draft, "Mail Archiver", EXCHANGE, ("full_access_as_app",), "lou"), "archiver", days=20)
    draft.certificate(_daemon(draft, "SharePoint Migrator", SHAREPOINT, ("Sites.FullControl.All",)), "spo", days=-3)
    draft.secret(_daemon(draft, "Ticket Bot", GRAPH, ("Mail.Send", "Mail.Read"), DORA),
                 "bot", "ticket-bot-secret", days=60)  # fmt: skip
    draft.secret(own_app("Ticket Bot"), "bot spare", "ticket-bot-spare-secret", days=61)


def _others(draft: Draft) -> None:
    user_read = {GRAPH: (("User.Read",), ())}
    spa = draft.application("Intranet", own_app("Intranet"), wants=user_read, owners=[person("mei")])
    draft.consent(spa, user_read)
    kiosk = draft.application("Retired Kiosk", KIOSK, wants=user_read, enabled=False)
    draft.grant(kiosk, draft.of(GRAPH), "User.Read Sites.Read.All")
    vault = {KEY_VAULT: (("user_impersonation",), ())}
    name = "R&D 100% 'Łódź' #1"
    odd = draft.application(name, own_app(name), wants=vault, owners=[person("zoë")])
    draft.consent(odd, vault)
    cafe = draft.application("Café Müller – Bestellung", own_app("Café Müller"), wants=user_read)
    draft.grant(cafe, draft.of(GRAPH), "User.Read  mail.read  Files.Read.All ")
    draft.assign(person("mei"), cafe)


def _managed_identities(draft: Draft) -> None:
    path = "/subscriptions/5ab50000-0000-4000-8000-000000000001/resourcegroups/rg-reports/providers"
    for name, resource in (
        ("func-reports", f"{path}/Microsoft.Web/sites/func-reports"),
        ("id-deploy", f"{path}/Microsoft.ManagedIdentity/userAssignedIdentities/id-deploy"),
    ):
        explicit = "userAssigned" in resource
        identity = draft.principal(
            name,
            own_app(name),
            owner=None,
            kind="ManagedIdentity",
            tags=(),
            alternative_names=[f"isExplicit={explicit}", resource],
        )
        role = "Mail.Send" if name == "func-reports" else "Application.ReadWrite.OwnedBy"
        draft.assign(identity, draft.of(GRAPH), resources()[GRAPH].role_id(role))
    draft.principal("Classic Web Add-in", own_app("Classic Web Add-in"), owner=None, kind="Legacy", tags=[GALLERY_TAG])
