"""Which tenant and which cloud a request speaks to."""

from __future__ import annotations

from toolkit.sandbox.identity.errors import unknown_tenant
from toolkit.sandbox.routing import Call

SHARED = frozenset({"common", "organizations"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# Login host → (cloud instance name, Azure AD Graph host, Microsoft Graph host).
CLOUDS = {
    "login.microsoftonline.com": ("microsoftonline.com", "graph.windows.net", "graph.microsoft.com"),
    "login.microsoftonline.us": ("microsoftonline.us", "graph.windows.net", "graph.microsoft.us"),
    "login.partner.microsoftonline.cn": (
        "partner.microsoftonline.cn",
        "graph.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
    ),
}
ALIASES = (
    ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
    ("login.partner.microsoftonline.cn", "login.chinacloudapi.cn"),
    ("login.microsoftonline.de",),
    ("login.microsoftonline.us", "login.usgovcloudapi.net"),
    ("login-us.microsoftonline.com",),
)
KNOWN_HOSTS = frozenset(host for names in ALIASES for host in names)


def require_tenant(call: Call, name: str, error: str = "invalid_request") -> bool:
    """True when `name` is this very tenant, False for `common` and `organizations`; raises for any other."""
    folded = name.casefold()
    if folded in SHARED:
        return False
    domains = (domain["name"] for domain in call.tenant.organization["verifiedDomains"])
    if folded == call.tenant.id or folded in {domain.casefold() for domain in domains}:
        return True
    raise unknown_tenant(name, error)
