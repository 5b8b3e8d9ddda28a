"""Consent as views."""

from __future__ import annotations

from toolkit.domain.applications import ConsentAddress, ConsentPicture, PermissionState
from toolkit.render.view import Block, Cell, Column, Fields, Note, Shown, Table, Tone, View
from toolkit.render.views.apps import for_whom
from toolkit.render.views.cells import on_off, risk_cell, tenant_line

VERDICT_TONES: dict[str, Tone] = {
    "granted": "good",
    "missing": "bad",
    "only some users": "warning",
    "more than requested": "warning",
    "not compared": "plain",
}

SOURCES = {
    "manifest": "the application's registration in this tenant",
    "named": "what --wants names",
    "manifest and named": "the registration in this tenant, and what --wants names",
    "unknown": "not readable: the registration is in the publisher's tenant (say it with --wants)",
}


def consent_view(picture: ConsentPicture) -> View:
    """The effective consent of one application, resource by resource."""
    app = picture.principal
    head = Fields(
        "Consent",
        (
            ("Application", Shown(app.name, "strong")),
            ("Object id", app.id),
            ("App id", app.app_id),
            ("Sign-in", on_off(app.account_enabled, "enabled", "disabled: nobody can sign in")),
            ("Requested", SOURCES[picture.source]),
        ),
    )
    columns = (
        Column("Resource", "resource"),
        Column("Permission", "permission"),
        Column("Kind", "kind"),
        Column("Granted for", "granted_for"),
        Column("Risk", "risk", priority=1),
        Column("Verdict", "verdict"),
    )
    rows = [_row(state) for state in picture.permissions]
    table = Table("Permissions", columns, rows, "no consent at all")
    blocks: tuple[Block, ...] = (head, table, *_notes(picture))
    return View("consent.show", 1, tenant_line(picture.tenant), picture, blocks, picture.coverage, primary=1)


def _row(state: PermissionState) -> tuple[Cell, ...]:
    granted: Cell = Shown("nobody", "bad")
    if state.kind == "application" and state.for_everyone:
        granted = "the application"
    elif state.for_everyone or state.users:
        granted = for_whom(state.for_everyone, state.users)
    verdict = Shown(state.verdict, VERDICT_TONES[state.verdict])
    return (state.resource, state.permission.value, state.kind, granted, risk_cell(state.risk), verdict)


def _notes(picture: ConsentPicture) -> tuple[Note, ...]:
    notes: list[Note] = []
    missing = len(picture.missing)
    some = sum(state.verdict == "only some users" for state in picture.permissions)
    more = sum(state.verdict == "more than requested" for state in picture.permissions)
    if missing:
        notes.append(Note("bad", f"{missing} requested permission(s) are not granted for everyone"))
    if some:
        notes.append(Note("warning", f"{some} permission(s) were granted by single users only"))
    if more:
        notes.append(Note("warning", f"{more} permission(s) are granted but not requested"))
    if not notes and picture.source != "unknown" and picture.coverage.complete:
        notes.append(Note("good", "everything requested is granted for everyone, and nothing more"))
    if picture.source == "unknown":
        notes.append(Note("unknown", "whether consent is complete cannot be told without knowing what is requested"))
    return tuple(notes)


def url_view(told: ConsentAddress) -> View:
    """Where to consent."""
    pairs: list[tuple[str, Cell]] = [
        ("Application", told.name or "not known to this tenant yet"),
        ("App id", told.app_id),
        ("Open as an administrator", told.url),
    ]
    if told.opened is not None:
        pairs.append(("Browser", Shown("opened", "good") if told.opened else Shown("could not be opened", "bad")))
    if told.arrived is not None:
        state = Shown("the consent is there", "good") if told.arrived else Shown("it did not arrive in time", "bad")
        pairs.append(("Consent", state))
    return View("consent.url", 1, tenant_line(told.tenant), told, (Fields(None, tuple(pairs)),), told.coverage)
