"""Discovery documents: which hosts exist, where the endpoints are, which keys sign."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from toolkit.sandbox.http import Reply, json_reply
from toolkit.sandbox.identity.errors import missing_parameter, unknown_instance
from toolkit.sandbox.identity.realm import ALIASES, CLOUDS, KNOWN_HOSTS, LOOPBACK, require_tenant
from toolkit.sandbox.routing import Call
from toolkit.sandbox.tokens import signing_key

_CACHED = {"Cache-Control": "max-age=86400, private"}


def instances(call: Call) -> Reply:
    """The clouds' login hosts; the sandbox's own loopback host counts as one, any unknown host is refused."""
    asked = call.request.query.get("authorization_endpoint")
    if not asked:
        raise missing_parameter("authorization_endpoint")
    endpoint = urlsplit(asked)
    host = endpoint.netloc.lower()
    local = (endpoint.hostname or "") in LOOPBACK
    if not local and host not in KNOWN_HOSTS:
        raise unknown_instance()
    metadata = [_instance(names) for names in ALIASES]
    if local:
        metadata.append(_instance((host,)))
    tenant = endpoint.path.strip("/").partition("/")[0] or "common"
    document = {
        "tenant_discovery_endpoint": f"https://{endpoint.netloc}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": call.request.query.get("api-version", "1.1"),
        "metadata": metadata,
    }
    return json_reply(document, 200, _CACHED)


def openid_configuration(call: Call, tenant: str) -> Reply:
    """The endpoints of the tenant, on the host and port that were asked."""
    exact = require_tenant(call, tenant, "invalid_tenant")
    name = call.tenant.id if exact else tenant.lower()
    return json_reply(_configuration(call, name, call.tenant.id if exact else "{tenantid}"), 200, _CACHED)


def _configuration(call: Call, name: str, issuer: str) -> dict[str, Any]:
    base = call.request.base
    here = f"{base}/{name}"
    instance, old_graph, graph = CLOUDS.get(call.request.hostname, CLOUDS["login.microsoftonline.com"])
    if call.request.hostname in LOOPBACK:
        graph = call.request.host
    return {
        "token_endpoint": f"{here}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{here}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/{issuer}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"https://{graph}/oidc/userinfo",
        "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{here}/oauth2/v2.0/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{here}/oauth2/v2.0/logout",
        "claims_supported": _CLAIMS,
        "kerberos_endpoint": f"{here}/kerberos",
        "tenant_region_scope": "EU" if issuer != "{tenantid}" else None,
        "cloud_instance_name": instance,
        "cloud_graph_host_name": old_graph,
        "msgraph_host": graph,
        "rbac_url": "https://pas.windows.net",
    }


def keys(call: Call, tenant: str) -> Reply:
    """The public half of the signing key, as a JSON Web Key Set."""
    require_tenant(call, tenant, "invalid_tenant")
    key = signing_key(call.tenant)
    public = {
        "kty": key["kty"],
        "use": "sig",
        "kid": key["kid"],
        "x5t": key["kid"],
        "n": key["n"],
        "e": key["e"],
        "x5c": key["x5c"],
        "issuer": f"{call.request.base}/{call.tenant.id}/v2.0",
    }
    return json_reply({"keys": [public]}, 200, _CACHED)


def _instance(names: tuple[str, ...]) -> dict[str, Any]:
    cache = "login.windows.net" if "login.windows.net" in names else names[0]
    return {"preferred_network": names[0], "preferred_cache": cache, "aliases": list(names)}


_CLAIMS = [
    "sub",
    "iss",
    "cloud_instance_name",
    "cloud_instance_host_name",
    "cloud_graph_host_name",
    "msgraph_host",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "nonce",
    "preferred_username",
    "name",
    "tid",
    "ver",
    "at_hash",
    "c_hash",
    "email",
]
