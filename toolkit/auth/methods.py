"""Ways to sign in to a real tenant, each through azure-identity."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.auth.credential import Acquire, Token
from toolkit.auth.failures import translated
from toolkit.errors import BadUsage
from toolkit.settings import CLOUDS, RealTenant

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

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

ShowCode = Callable[[str, str], None]
"""Shows a person where to go (a URL) and which code to type there."""

Transport = Any
"""An azure.core HttpTransport, for tests and the sandbox; None is the network."""


def sign_in(
    tenant: RealTenant, env: Mapping[str, str], show_code: ShowCode, transport: Transport | None = None
) -> Acquire:
    """How tokens for this tenant are got; nothing is imported or sent before the first is needed.

    Raises BadUsage, at once, where the chosen method lacks a setting.
    """
    make = {
        "client-secret": _client_secret,
        "certificate": _certificate,
        "device-code": _device_code,
        "default": _default_chain,
    }[tenant.method](tenant, env, show_code)
    options = _options(tenant, env, transport)
    made: list[TokenCredential] = []
    # The libraries' own warnings would repeat every failure on stderr; it is told once, by us.
    for library in ("azure", "msal"):
        logging.getLogger(library).addHandler(logging.NullHandler())

    def acquire(scopes: tuple[str, ...], claims: str | None) -> Token:
        try:
            if not made:
                made.append(make(options))
            asked = _incremental(tenant, scopes)
            token = made[0].get_token(*asked, claims=claims, enable_cae=True)
        except Exception as failure:
            raise translated(failure, tenant) from failure
        return Token(token.token, token.expires_on)

    return acquire


def _options(tenant: RealTenant, env: Mapping[str, str], transport: Transport | None) -> dict[str, Any]:
    options: dict[str, Any] = {"authority": tenant.authority or tenant.cloud.login_host}
    known = {cloud.login_host for cloud in CLOUDS.values()} | {"login.windows.net", "login.chinacloudapi.cn"}
    if tenant.authority and urlsplit(tenant.authority).netloc not in known:
        # Otherwise the libraries would first ask Microsoft whether it knows this host.
        options["disable_instance_discovery"] = True
    if transport is not None:
        options["transport"] = transport
    elif bundle := env.get("REQUESTS_CA_BUNDLE") or env.get("SSL_CERT_FILE") or env.get("CURL_CA_BUNDLE"):
        options["connection_verify"] = bundle
    return options


def _incremental(tenant: RealTenant, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """A person signing in by Microsoft's own client is asked for what reading needs; else for all that is consented."""
    if tenant.method == "device-code" and tenant.client_id is None:
        root = scopes[0].rpartition("/")[0]
        return tuple(f"{root}/{scope}" for scope in READING_SCOPES)
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
        if "transport" in options:
            from azure.identity import ClientSecretCredential

            return ClientSecretCredential(tenant.tenant, client_id, secret, **options)
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

    def make(options: dict[str, Any]) -> TokenCredential:
        from azure.identity import CertificateCredential

        password = env.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
        return CertificateCredential(tenant.tenant, client_id, path, password=password, **options)

    return make


def _device_code(tenant: RealTenant, env: Mapping[str, str], show_code: ShowCode) -> Callable[[dict[str, Any]], Any]:
    def make(options: dict[str, Any]) -> TokenCredential:
        from azure.identity import DeviceCodeCredential

        return DeviceCodeCredential(
            tenant.client_id or GRAPH_COMMAND_LINE_TOOLS,
            tenant_id=tenant.tenant,
            prompt_callback=lambda url, code, _expires: show_code(url, code),
            **options,
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
            **options,
        )

    return make


def _tenants_of_chain(tenant: RealTenant) -> dict[str, Any]:
    return {"workload_identity_tenant_id": tenant.tenant, "interactive_browser_tenant_id": tenant.tenant}
