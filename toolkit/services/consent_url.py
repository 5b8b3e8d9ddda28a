"""Where an administrator consents for everyone, and waiting until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote, urlencode

from msgspec import Struct

from toolkit.domain.applications import ConsentAddress, ConsentPicture
from toolkit.errors import NotFound
from toolkit.ports import DirectoryReader
from toolkit.services.consent import show_consent
from toolkit.services.lookup import GUID, find_application, tenant_name
from toolkit.services.survey import Survey


class SeekConsent(Struct, frozen=True, kw_only=True):
    """Where to consent to `app`, whether to open that page, and whether to wait (`patience` in seconds)."""

    app: str
    redirect_uri: str | None = None
    wants: tuple[str, ...] = ()
    opens: bool = False
    waits: bool = False
    patience: float = 900.0


async def seek_consent(
    directory: DirectoryReader,
    ask: SeekConsent,
    *,
    login_host: str,
    browse: Callable[[str], bool],
    tell: Callable[[str], None],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> ConsentAddress:
    """The address, opened with `browse` and waited for as asked; `tell` is talked to meanwhile.

    Raises NotFound and Ambiguous for a name; an appId need not be known to the tenant yet.
    """
    survey = Survey()
    tenant = await tenant_name(directory)
    app_id, name = await _app_id(directory, ask.app)
    survey.read("application")
    url = admin_consent_url(login_host, tenant.id, app_id, redirect_uri=ask.redirect_uri)
    before = await _picture(directory, app_id, ask.wants) if ask.waits else None
    opened = browse(url) if ask.opens else None
    arrived = None
    if ask.waits:
        tell(f"waiting for an administrator to consent at {url}")
        arrived = await wait_for_consent(
            directory, app_id, ask.wants, before=before, patience=ask.patience, pause=pause
        )
    return ConsentAddress(
        url=url, app_id=app_id, name=name, opened=opened, arrived=arrived, tenant=tenant, coverage=survey.coverage
    )


async def _app_id(directory: DirectoryReader, asked: str) -> tuple[str, str | None]:
    try:
        app = await find_application(directory, asked)
    except NotFound:
        if GUID.fullmatch(asked):
            return asked.lower(), None
        raise
    return app.app_id, app.name


def admin_consent_url(login_host: str, tenant: str, app_id: str, *, redirect_uri: str | None = None) -> str:
    """Where an administrator consents for the whole tenant to all that the application is configured to ask for.

    https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
    """
    query = {"client_id": app_id, **({"redirect_uri": redirect_uri} if redirect_uri else {})}
    return f"https://{login_host}/{quote(tenant, safe='.-')}/adminconsent?{urlencode(query)}"


async def wait_for_consent(
    directory: DirectoryReader,
    app_id: str,
    wants: Sequence[str],
    *,
    before: ConsentPicture | None,
    patience: float,
    pause: Callable[[float], Awaitable[None]],
) -> bool:
    """Polls until the consent is there; False where patience ran out first.

    With a manifest or `wants`, "there" means that nothing is missing. Otherwise it means that a tenant-wide permission
    appeared that was not there `before`. `patience` is in seconds.
    """
    waited, delay = 0.0, 2.0
    had = _tenant_wide(before)
    while True:
        picture = await _picture(directory, app_id, wants)
        if picture and _is_there(picture, had):
            return True
        if waited + delay > patience:
            return False
        await pause(delay)
        waited, delay = waited + delay, min(delay * 1.5, 15.0)


async def _picture(directory: DirectoryReader, app_id: str, wants: Sequence[str]) -> ConsentPicture | None:
    try:
        return await show_consent(directory, app_id, wants)
    except NotFound:
        return None


def _tenant_wide(picture: ConsentPicture | None) -> frozenset[tuple[str, str, str]]:
    if picture is None:
        return frozenset()
    return frozenset(state.permission.key for state in picture.permissions if state.for_everyone)


def _is_there(picture: ConsentPicture, had: frozenset[tuple[str, str, str]]) -> bool:
    if not picture.coverage.complete:
        return False
    if picture.source != "unknown":
        return not picture.missing
    return bool(_tenant_wide(picture) - had)
