"""What the person asked for before the command: which tenant, how to sign in, which output. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from msgspec import Struct, ValidationError, convert

from toolkit.errors import BadUsage

CloudName = Literal["global", "usgov", "usgovdod", "china"]
Method = Literal["client-secret", "certificate", "device-code", "default"]
METHODS: tuple[str, ...] = get_args(Method)
TENANT = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")


class Cloud(Struct, frozen=True):
    """A national cloud's sign-in host, Graph host and portal.

    https://learn.microsoft.com/graph/deployments
    """

    name: CloudName
    login_host: str
    graph_host: str
    portal: str

    @property
    def scope(self) -> str:
        """The scope that asks for everything consented on this cloud's Microsoft Graph."""
        return f"https://{self.graph_host}/.default"


CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud("global", "login.microsoftonline.com", "graph.microsoft.com", "https://entra.microsoft.com"),
        Cloud("usgov", "login.microsoftonline.us", "graph.microsoft.us", "https://entra.microsoft.us"),
        Cloud("usgovdod", "login.microsoftonline.us", "dod-graph.microsoft.us", "https://entra.microsoft.us"),
        Cloud(
            "china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn", "https://portal.azure.cn"
        ),
    )
}


class SandboxTenant(Struct, frozen=True):
    """The embedded tenant; `user` signs in, or the scenario's administrator where None.

    With `sign_in` an application signs in instead, as it would to a real tenant.
    """

    user: str | None = None
    sign_in: Method | None = None
    client_id: str | None = None


class RealTenant(Struct, frozen=True, kw_only=True):
    """A tenant of the Microsoft cloud and how to sign in to it; secrets stay in `environment` until they are used."""

    tenant: str
    cloud: Cloud
    method: Method
    client_id: str | None = None
    authority: str | None = None
    graph_endpoint: str | None = None


class Choice(Struct, frozen=True, kw_only=True):
    """The options that every command knows, as typed; None where not given."""

    sandbox: bool = False
    tenant: str | None = None
    profile: str | None = None
    cloud: str | None = None
    sign_in: str | None = None
    client_id: str | None = None
    graph_endpoint: str | None = None
    output: str | None = None
    query: str | None = None


def _given(*values: str | None) -> str | None:
    return next((value.strip() for value in values if value and value.strip()), None)


def choose_tenant(
    choice: Choice, env: Mapping[str, str], profiles: Mapping[str, Mapping[str, str]]
) -> SandboxTenant | RealTenant | None:
    """The tenant that was named, by option, environment or profile, in this order; None where none was.

    --profile outranks the environment, and what names a tenant for other tools (AZURE_TENANT_ID) comes last.
    Raises BadUsage for a contradiction, an unknown profile, cloud or sign-in method.
    """
    typed = _given(choice.tenant)
    if choice.sandbox and (typed or choice.profile):
        raise BadUsage("--sandbox and a real tenant cannot be combined", hint="give one of them")
    if choice.sandbox:
        return _sandbox(choice, env)
    from_env = _given(env.get("ENTRAKIT_TENANT"))
    named = typed or (None if choice.profile else from_env)
    profile = _profile(choice.profile or (None if named else _given(env.get("ENTRAKIT_PROFILE"))), profiles)
    named = _given(named, profile.get("tenant"), from_env)
    if named == "sandbox":
        return _sandbox(choice, env)
    tenant = _given(named, env.get("AZURE_TENANT_ID"), env.get("TENANT_ID"))
    return _real(tenant, choice, env, profile) if tenant else None


def _sandbox(choice: Choice, env: Mapping[str, str]) -> SandboxTenant:
    """Credentials in the environment are meant for a real tenant; only --sign-in makes them the sandbox's."""
    if choice.sign_in is None or choice.sign_in == "device-code":
        return SandboxTenant(_given(env.get("ENTRAKIT_SANDBOX_USER")))
    client_id = _given(choice.client_id, env.get("AZURE_CLIENT_ID"), env.get("CLIENT_ID"))
    return SandboxTenant(sign_in=cast("Method", choice.sign_in), client_id=client_id)


def _profile(name: str | None, profiles: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    if name is None:
        return {}
    if name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise BadUsage(f"there is no profile named {name}", f"Profiles in the configuration file: {known}.")
    return profiles[name]


def _real(tenant: str, choice: Choice, env: Mapping[str, str], profile: Mapping[str, str]) -> RealTenant:
    if not TENANT.fullmatch(tenant):
        raise BadUsage(f"{tenant} is neither a tenant id nor a domain", hint="write it like contoso.onmicrosoft.com")
    cloud = _given(choice.cloud, profile.get("cloud"), env.get("ENTRAKIT_CLOUD")) or "global"
    if cloud not in CLOUDS:
        raise BadUsage(f"unknown cloud {cloud}", f"Known clouds: {', '.join(CLOUDS)}.")
    client_id = _given(choice.client_id, profile.get("client_id"), env.get("AZURE_CLIENT_ID"), env.get("CLIENT_ID"))
    method = _given(choice.sign_in, profile.get("sign_in"), env.get("ENTRAKIT_SIGN_IN")) or _method_of(env)
    if method not in METHODS:
        raise BadUsage(f"unknown sign-in method {method}", f"Known methods: {', '.join(METHODS)}.")
    return RealTenant(
        tenant=tenant,
        cloud=CLOUDS[cloud],
        method=cast("Method", method),
        client_id=client_id,
        authority=_authority(_given(profile.get("authority"), env.get("AZURE_AUTHORITY_HOST"))),
        graph_endpoint=_endpoint(
            _given(choice.graph_endpoint, profile.get("graph_endpoint"), env.get("ENTRAKIT_GRAPH_ENDPOINT"))
        ),
    )


def _method_of(env: Mapping[str, str]) -> Method:
    if _given(env.get("AZURE_CLIENT_SECRET"), env.get("CLIENT_SECRET")):
        return "client-secret"
    if _given(env.get("AZURE_CLIENT_CERTIFICATE_PATH")):
        return "certificate"
    return "default"


def _authority(text: str | None) -> str | None:
    if text is None:
        return None
    url = text if "://" in text else f"https://{text}"
    scheme, host = _parts(url)
    if not host:
        raise BadUsage(f"the sign-in host {text} is not a host", hint="give AZURE_AUTHORITY_HOST as https://host")
    if scheme != "https":
        raise BadUsage(
            f"the sign-in host {text} is not https",
            "Microsoft's sign-in libraries send credentials over TLS only.",
            hint="give AZURE_AUTHORITY_HOST as https://…",
        )
    return url.rstrip("/")


def _endpoint(text: str | None) -> str | None:
    if text is None:
        return None
    scheme, host = _parts(text)
    if scheme not in {"https", "http"} or not host:
        raise BadUsage(f"the Graph endpoint {text} is not a URL", hint="write it as https://host/v1.0")
    if scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise BadUsage(
            f"the Graph endpoint {text} is not https",
            "An access token would cross the network in the clear.",
            hint="use https, or a server on this machine",
        )
    url = urlsplit(text)
    path = url.path.rstrip("/") or "/v1.0"
    return f"{scheme}://{url.netloc}{path}"


def _parts(text: str) -> tuple[str, str]:
    """Scheme and host name of a URL; empty where it is none, and where it carries a name and password."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return "", ""
    return url.scheme, "" if "@" in url.netloc else url.hostname or ""


def load_profiles(path: Path) -> dict[str, dict[str, str]]:
    """The `[profile.NAME]` tables of the configuration file; empty where there is no file.

    Raises BadUsage where the file cannot be read or is not valid TOML.
    """
    if not path.is_file():
        return {}
    import tomllib

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = convert(document.get("profile", {}), dict[str, dict[str, object]])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError, OSError) as broken:
        raise BadUsage(
            f"cannot read the configuration file {path}", f"{broken}.", hint="a profile is a table: [profile.NAME]"
        ) from broken
    return {name: {key: str(value) for key, value in table.items()} for name, table in tables.items()}
