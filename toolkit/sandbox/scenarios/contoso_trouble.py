"""What is wrong at Contoso: orphaned, stale and hostile things, and an application that was deleted."""

from toolkit.sandbox.scenarios.contoso_people import person
from toolkit.sandbox.scenarios.contoso_vendors import vendor, vendor_app, vendor_tenant
from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.ids import object_id
from toolkit.sandbox.scenarios.microsoft import EXCHANGE, GRAPH, resources

HOSTILE_NAME = "=cmd|'/C calc'!A1 [bold red]Verified[/] <img src=x onerror=alert(1)> \x1b[31mX\u202egnp.exe"
# The fourth letter after "SMArt" is the Cyrillic "Е".
LOOK_ALIKE_NAME = "SMArt\u0415mail"
HOSTILE = object_id("appId", "hostile name")
LOOK_ALIKE = object_id("appId", "look-alike of SMArtEmail")
DELETED = vendor_app("Wingtip Forms")
GONE_RESOURCE = object_id("servicePrincipal", "an API deleted long ago")
GONE_USER = object_id("user", "somebody who left")


def add_trouble(draft: Draft) -> None:
    """All of it."""
    _hostile(draft)
    _orphans(draft)
    _stale(draft)
    _deleted(draft)


def _hostile(draft: Draft) -> None:
    hostile = draft.principal(
        HOSTILE_NAME,
        HOSTILE,
        owner=vendor_tenant("hostile"),
        publisher="Microsoft Corporation\u200b",
        replies=["http://198.51.100.7/cb", "https://login.microsoftonline.com.example/cb"],
        notes='::error::look\n=HYPERLINK("https://example.invalid","click")',
        homepage="javascript:alert(1)",
    )
    draft.grant(hostile, draft.of(GRAPH), "Mail.ReadWrite Files.ReadWrite.All offline_access", person("mei"))
    look_alike = draft.principal(LOOK_ALIKE_NAME, LOOK_ALIKE, owner=vendor_tenant("look-alike"))
    draft.grant(look_alike, draft.of(EXCHANGE), "IMAP.AccessAsUser.All", person("omar"))
    draft.grant(look_alike, draft.of(GRAPH), "Mail.ReadWrite Mail.Send offline_access", person("omar"))


def _orphans(draft: Draft) -> None:
    planner = vendor(draft, "Graphic Design Planner", verified=False)
    draft.grant(planner, GONE_RESOURCE, "Plans.ReadWrite")
    draft.grant(planner, draft.of(GRAPH), "Calendars.Read", GONE_USER)
    draft.grant(planner, draft.of(GRAPH), "User.Read")
    draft.assign(GONE_USER, planner)


def _stale(draft: Draft) -> None:
    """Scopes that Microsoft Graph does not publish (any more), and ones the vendor's own API never had."""
    coho = vendor(draft, "Coho Winery Tasting", verified=False)
    draft.grant(coho, draft.of(GRAPH), "User.Read Tasting.Notes.Read")
    draft.grant(coho, draft.of(EXCHANGE), "EWS.AccessAsUser.All")
    vendor(draft, "Munson Pickles Portal", verified=False, enabled=False)


def _deleted(draft: Draft) -> None:
    principal = vendor(draft, "Wingtip Forms", verified=True)
    graph = draft.of(GRAPH)
    grants = [draft.grant(principal, graph, "User.Read Files.ReadWrite offline_access")]
    assignments = [
        draft.assign(principal, graph, resources()[GRAPH].role_id("User.Read.All")),
        draft.assign(person("finn"), principal),
    ]
    draft.delete(principal, grants, assignments, days=-9)
