"""JSON Web Tokens of the sandbox tenant: signed when issued, checked when shown.

Signing and checking are a few lines of integer arithmetic (RSASSA-PKCS1-v1_5, RFC 8017 section 8.2), so that neither
costs the import of a cryptography library. That is good enough for a key which protects nothing.
Claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

if TYPE_CHECKING:
    from toolkit.sandbox.tenant import Tenant

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
GRAPH_HOSTS = frozenset(
    {
        "graph.microsoft.com",
        "graph.microsoft.us",
        "dod-graph.microsoft.us",
        "microsoftgraph.chinacloudapi.cn",
        "localhost",
        "127.0.0.1",
        "::1",
    }
)
LEEWAY_SECONDS = 300
# The ASN.1 that names SHA-256 inside a PKCS#1 v1.5 signature (RFC 8017 section 9.2, note 1).
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class BadToken(Exception):
    """A bearer token that Graph would refuse, with Graph's error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


Claims = Mapping[str, Any]
"""What a token says: `oid` (who), `appid` (through which application), `scp` or `roles` (with which permissions)."""


def issue(tenant: "Tenant", claims: Mapping[str, Any], now: datetime) -> str:
    """A signed access token with `claims`; issuer, tenant and lifetime are filled in where absent."""
    moment = int(now.timestamp())
    lifetime = int(tenant.settings.get("tokenLifetime", 3600))
    standard = {
        "iss": f"https://sts.windows.net/{tenant.id}/",
        "iat": moment,
        "nbf": moment,
        "exp": moment + lifetime,
        "tid": tenant.id,
        "ver": "1.0",
        "uti": unique_id(),
    }
    return sign(tenant, {**standard, **claims})


def sign(tenant: "Tenant", payload: Mapping[str, Any]) -> str:
    """`payload` as a compact RS256 token under the tenant's signing key."""
    key = signing_key(tenant)
    header = {"typ": "JWT", "alg": "RS256", "x5t": key["kid"], "kid": key["kid"]}
    signed = f"{b64url(msgspec.json.encode(header))}.{b64url(msgspec.json.encode(payload))}"
    private = _private_numbers(key["n"], key["d"], key["p"], key["q"])
    return f"{signed}.{b64url(_signature(signed.encode('ascii'), private))}"


def verify(tenant: "Tenant", token: str, now: datetime) -> Claims:
    """The claims of an access token for Microsoft Graph; raises BadToken with the reason Graph would give."""
    claims = read(tenant, token)
    moment = now.timestamp()
    if claims["exp"] <= moment:
        raise _refused("Lifetime validation failed, the token is expired.")
    if claims["nbf"] > moment + LEEWAY_SECONDS:
        raise _refused("Lifetime validation failed, the token is not yet valid.")
    if not is_graph_audience(claims["aud"]):
        raise _refused("Access token validation failure. Invalid audience.")
    if claims["tid"] != tenant.id:
        raise _refused("Access token validation failure. Invalid tenant.")
    return claims


def read(tenant: "Tenant", token: str) -> Claims:
    """The claims of any token this tenant signed, expired or not; raises BadToken where the tenant did not sign it."""
    try:
        return msgspec.json.decode(_signed_payload(tenant, token), type=dict[str, Any])
    except msgspec.DecodeError:
        raise _refused("IDX14100: JWT is not well formed.") from None


def is_graph_audience(audience: str) -> bool:
    """Is this `aud` Microsoft Graph, by its application id or by the address of one of its clouds or the sandbox?"""
    return audience == GRAPH_APP_ID or urlsplit(audience).hostname in GRAPH_HOSTS


def signing_key(tenant: "Tenant") -> dict[str, Any]:
    """The JSON Web Key, private numbers included, that the tenant signs with."""
    return next(iter(tenant.tables["signingKeys"].values()))


def unique_id() -> str:
    """A 22 character id as in `uti`."""
    return b64url(os.urandom(16))


def b64url(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The bytes behind unpadded base64; raises ValueError where the text is none."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _refused(message: str) -> BadToken:
    return BadToken("InvalidAuthenticationToken", message)


def _signed_payload(tenant: "Tenant", token: str) -> bytes:
    if not token:
        raise _refused("Access token is empty.")
    signed, _, signature = token.rpartition(".")
    if "." not in signed:
        raise _refused("IDX14100: JWT is not well formed, there are no dots (.).")
    key = signing_key(tenant)
    try:
        genuine = _is_genuine(signed.encode("ascii"), from_b64url(signature), key)
        payload = from_b64url(signed.partition(".")[2])
    except (binascii.Error, ValueError):
        raise _refused("IDX14100: JWT is not well formed.") from None
    if not genuine:
        raise _refused("Access token validation failure. Invalid signature.")
    return payload


def _number(text: str) -> int:
    return int.from_bytes(from_b64url(text), "big")


@lru_cache(maxsize=8)
def _private_numbers(n: str, d: str, p: str, q: str) -> tuple[int, int, int, int, int]:
    first, second, exponent = _number(p), _number(q), _number(d)
    return first, second, exponent % (first - 1), exponent % (second - 1), (_number(n).bit_length() + 7) // 8


def _padded_digest(message: bytes, size: int) -> int:
    tail = b"\x00" + _SHA256_INFO + hashlib.sha256(message).digest()
    return int.from_bytes(b"\x00\x01" + b"\xff" * (size - len(tail) - 2) + tail, "big")


def _signature(message: bytes, private: tuple[int, int, int, int, int]) -> bytes:
    p, q, dp, dq, size = private
    digest = _padded_digest(message, size)
    at_p, at_q = pow(digest, dp, p), pow(digest, dq, q)
    return (at_q + q * ((at_p - at_q) * pow(q, -1, p) % p)).to_bytes(size, "big")


def _is_genuine(message: bytes, signature: bytes, key: Mapping[str, Any]) -> bool:
    modulus = _number(key["n"])
    size = (modulus.bit_length() + 7) // 8
    if len(signature) != size:
        return False
    return pow(int.from_bytes(signature, "big"), _number(key["e"]), modulus) == _padded_digest(message, size)
