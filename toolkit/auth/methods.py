"""Ways to sign in to a real tenant, each through azure-identity."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.auth.credential import Acquire, Token, claims_of
from toolkit.auth.failures import translated
from toolkit.errors import BadUsage, SignInFailed
from toolkit.settings import CLOUDS, RealTenant

if TYPE_CHECKING:
    import requests
    from azure.core.credentials import TokenCredential

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GRAPH_COMMAND_LINE_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
"""Microsoft's own public client, known in every tenant; signs a person in where no application was registered."""

READING_SCOPES = (
    "Application.Read.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "RoleAssignmentSchedule.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
)

WRITING_SCOPES = (
    "Application.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
)
"""Asked for on top by commands that change something, and only by those."""

ShowCode = Callable[[str, str], None]
"""Shows a person where to go (a URL) and which code to type there."""

OpenSession = Callable[[], "requests.Session"]
"""Opens the way to the sign-in service: `session.trusting`, or `door.session_over` a function."""


def sign_in(
    tenant: RealTenant,
    env: Mapping[str, str],
    show_code: ShowCode,
    open_session: OpenSession,
    *,
    changing: bool = False,
    light: bool = True,
) -> Acquire:
    """How tokens for this tenant are got; nothing is imported or sent before the first is needed.

    With `light` a client secret goes by way of msal alone, which loads faster than azure-identity on top of it.

    Raises BadUsage, at once, where the chosen method lacks a setting.
    """
    make = {
        "client-secret": _client_secret,
        "certificate": _certificate,
        "device-code": _device_code,
        "default": _default_chain,
    }[tenant.method](tenant, env, show_code)
    made: list[TokenCredential] = []
    # The libraries' own warnings would repeat every failure on stderr; it is told once, by us.
    for library in ("azure", "msal"):
        logging.getLogger(library).addHandler(logging.NullHandler())

    def acquire(scopes: tuple[str, ...], claims: str | None) -> Token:
        try:
            if not made:
                made.append(make(_options(tenant, open_session(), light=light)))
            asked = _incremental(tenant, scopes, changing=changing)
            # The chain's members are signed in to a tenant of their own unless they are told which.
            named = {"tenant_id": tenant.tenant} if tenant.method == "default" else {}
            token = made[0].get_token(*asked, claims=claims, enable_cae=True, **named)
            _check_tenant(token.token, tenant)
        except Exception as failure:
            raise translated(failure, tenant) from failure
        return Token(token.token, token.expires_on)

    return acquire


def _check_tenant(token: str, tenant: RealTenant) -> None:
    """Raises SignInFailed for the token of another tenant: some of the chain's members know only one."""
    signed_in_to = claims_of(token).get("tid")
    if GUID.fullmatch(tenant.tenant) and signed_in_to and str(signed_in_to).lower() != tenant.tenant.lower():
        raise SignInFailed(
            f"cannot sign in to tenant {tenant.tenant}",
            f"What this machine is signed in with belongs to tenant {signed_in_to}.",
            hint="sign in to the tenant that is meant, or name the other one",
            commands=(f"az login --tenant {tenant.tenant}",),
        )


def _options(tenant: RealTenant, session: requests.Session, *, light: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "authority": tenant.authority or tenant.cloud.login_host,
        "session": session,
        "light": light,
    }
    known = {cloud.login_host for cloud in CLOUDS.values()} | {"login.windows.net", "login.chinacloudapi.cn"}
    if tenant.authority and urlsplit(tenant.authority).netloc not in known:
        # Otherwise the libraries would first ask Microsoft whether it knows this host.
        options["disable_instance_discovery"] = True
    return options


def _of_azure(options: dict[str, Any]) -> dict[str, Any]:
    """The options as azure-identity's credentials take them."""
    from azure.core.pipeline.transport import RequestsTransport

    rest = {name: value for name, value in options.items() if name not in ("session", "light")}
    return {**rest, "transport": RequestsTransport(session=options["session"], session_owner=False)}


def _incremental(tenant: RealTenant, scopes: tuple[str, ...], *, changing: bool) -> tuple[str, ...]:
    """A person who signs in by Microsoft's own client is asked for what the command needs, others for all consented."""
    if tenant.method == "device-code" and tenant.client_id is None:
        root = scopes[0].rpartition("/")[0]
        wanted = (*READING_SCOPES, *WRITING_SCOPES) if changing else READING_SCOPES
        return tuple(f"{root}/{scope}" for scope in wanted)
    return scopes


def _client_id(tenant: RealTenant) -> str:
    if tenant.client_id:
        return tenant.client_id
    raise BadUsage(
        f"cannot sign in with {tenant.method}: no client id is set",
        hint="set AZURE_CLIENT_ID, or give --client-id, the application (client) id of your app registration",
    )


def _client_secret(tenant: RealTenant, env: Mapping[str, str], _: ShowCode) -> Callable[[dict[str, Any]], Any]:
    client_id = _client_id(tenant)
    secret = env.get("AZURE_CLIENT_SECRET") or env.get("CLIENT_SECRET")
    if not secret:
        raise BadUsage("cannot sign in with client-secret: no secret is set", hint="set AZURE_CLIENT_SECRET")

    def make(options: dict[str, Any]) -> TokenCredential:
        if not options["light"]:
            from azure.identity import ClientSecretCredential

            return ClientSecretCredential(tenant.tenant, client_id, secret, **_of_azure(options))
        from toolkit.auth.confidential import ConfidentialClient

        return ConfidentialClient(tenant.tenant, client_id, secret, options)

    return make


def _certificate(tenant: RealTenant, env: Mapping[str, str], _: ShowCode) -> Callable[[dict[str, Any]], Any]:
    client_id = _client_id(tenant)
    path = env.get("AZURE_CLIENT_CERTIFICATE_PATH")
    if not path:
        raise BadUsage(
            "cannot sign in with certificate: no certificate is set",
            hint="set AZURE_CLIENT_CERTIFICATE_PATH to a PEM or PKCS#12 file "
            "(and AZURE_CLIENT_CERTIFICATE_PASSWORD if it has one)",
        )
    if not Path(path).is_file():
        raise BadUsage(
            "cannot sign in with certificate: its file is not there",
            f"AZURE_CLIENT_CERTIFICATE_PATH names {path}.",
            hint="name the PEM or PKCS#12 file that holds the certificate and its private key",
        )

    def make(options: dict[str, Any]) -> TokenCredential:
        from azure.identity import CertificateCredential

        password = env.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
        return CertificateCredential(tenant.tenant, client_id, path, password=password, **_of_azure(options))

    return make


def _device_code(tenant: RealTenant, env: Mapping[str, str], show_code: ShowCode) -> Callable[[dict[str, Any]], Any]:
    def make(options: dict[str, Any]) -> TokenCredential:
        from azure.identity import DeviceCodeCredential

        return DeviceCodeCredential(
            tenant.client_id or GRAPH_COMMAND_LINE_TOOLS,
            tenant_id=tenant.tenant,
            prompt_callback=lambda url, code, _expires: show_code(url, code),
            **_of_azure(options),
        )

    return make


def _default_chain(tenant: RealTenant, env: Mapping[str, str], _: ShowCode) -> Callable[[dict[str, Any]], Any]:
    def make(options: dict[str, Any]) -> TokenCredential:
        from azure.identity import DefaultAzureCredential

        # These members would open a window or take another person's session without being asked.
        return DefaultAzureCredential(
            exclude_interactive_browser_credential=True,
            exclude_shared_token_cache_credential=True,
            additionally_allowed_tenants=[tenant.tenant],
            **_tenants_of_chain(tenant),
            **_of_azure(options),
        )

    return make


def _tenants_of_chain(tenant: RealTenant) -> dict[str, Any]:
    return {"workload_identity_tenant_id": tenant.tenant, "interactive_browser_tenant_id": tenant.tenant}
