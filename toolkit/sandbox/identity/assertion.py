"""Signed client assertions: certificate credentials of applications.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import Certificate, load_der_x509_certificate, load_pem_x509_certificate

from toolkit.sandbox.identity.errors import bad_assertion
from toolkit.sandbox.tokens import b64url, from_b64url


def read_assertion(assertion: str, registered: Iterable[str]) -> dict[str, Any]:
    """The claims of an assertion signed with one of the registered certificates (base64); raises 700027."""
    try:
        header_text, payload_text, signature_text = assertion.split(".")
        header = msgspec.json.decode(from_b64url(header_text), type=dict[str, Any])
        claims = msgspec.json.decode(from_b64url(payload_text), type=dict[str, Any])
        signature = from_b64url(signature_text)
    except ValueError:
        raise bad_assertion("Client assertion is malformed.", 50027) from None
    certificate = _named(header, [_certificate(text) for text in registered])
    if certificate is None:
        raise bad_assertion("Client assertion failed signature validation: the certificate is not registered.")
    if not _is_signed_by(certificate, header, f"{header_text}.{payload_text}".encode("ascii"), signature):
        raise bad_assertion("Client assertion contains an invalid signature.")
    return claims


def _certificate(text: str) -> Certificate:
    raw = base64.b64decode(text)
    return load_pem_x509_certificate(raw) if raw.startswith(b"-----") else load_der_x509_certificate(raw)


def _named(header: dict[str, Any], certificates: list[Certificate]) -> Certificate | None:
    # MSAL leaves the padding on.
    wanted = {str(header.get(name, "")).rstrip("=") for name in ("x5t", "x5t#S256", "kid")}
    return next((found for found in certificates if wanted & _thumbprints(found)), None)


def _thumbprints(certificate: Certificate) -> set[str]:
    sha1 = certificate.fingerprint(hashes.SHA1())
    sha256 = certificate.fingerprint(hashes.SHA256())
    return {b64url(sha1), b64url(sha256), sha1.hex().upper()}


def _is_signed_by(certificate: Certificate, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
    key = certificate.public_key()
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
    paddings = {"RS256": padding.PKCS1v15(), "PS256": pss}
    chosen = paddings.get(str(header.get("alg")))
    if chosen is None or not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(signature, signed, chosen, hashes.SHA256())
    except InvalidSignature:
        return False
    return True
