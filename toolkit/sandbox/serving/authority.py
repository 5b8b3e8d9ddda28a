"""A certification authority of the sandbox's own, and the certificate its server shows.

The authority is kept, so that a client told to trust it once need not be told again. It can vouch for the hosts of
the sandbox and for no other: its name constraints (RFC 5280 section 4.2.1.10) say so to every client.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.sandbox.serving.hosts import LOCAL_ADDRESSES, LOCAL_NAMES, MICROSOFT_HOSTS

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LIFETIME = timedelta(days=365)
RENEWED_WITHIN = timedelta(days=7)
_CLOCKS_DIFFER_BY = timedelta(hours=1)
_NAME = "entrakit sandbox (this machine only)"
_LOCK_SECONDS = 30


@dataclass(frozen=True)
class Authority:
    """The authority's certificate, its key, and the file that clients are told to trust."""

    file: Path
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey


def authority_in(folder: Path, now: datetime) -> Authority:
    """The authority kept in `folder` as `ca.pem` and `ca.key`; made anew when there is no sound one for a week more."""
    from filelock import FileLock

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, key_file = folder / "ca.pem", folder / "ca.key"
    with FileLock(folder / "ca.lock", timeout=_LOCK_SECONDS):
        kept = _kept(file, key_file)
        if kept is not None and _is_good(kept, now):
            _close_to_others(key_file)
            return kept
        made = _make(file, now)
        # The key first: a certificate without its key is never found good, and is replaced by the next start.
        _write(key_file, _key_text(made.key))
        _write(file, _certificate_text(made.certificate))
        return made


def server_context(authority: Authority, folder: Path, now: datetime) -> ssl.SSLContext:
    """A TLS context that shows a certificate for every host of the sandbox, issued by `authority`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # A client that leaves without a word is no error: a request tells its own length.
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    certificate, key = _leaf(authority, now)
    # Python loads a certificate from a file only.
    with _short_lived(folder, _certificate_text(certificate) + _key_text(key)) as file:
        context.load_cert_chain(file)
    return context


def _kept(file: Path, key_file: Path) -> Authority | None:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return Authority(file, certificate, key)


def _is_good(kept: Authority, now: datetime) -> bool:
    """Is it valid now and a while longer, and does it cover the hosts that are served today?"""
    from cryptography import x509

    certificate = kept.certificate
    try:
        covers = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    in_time = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEWED_WITHIN
    return in_time and covers == x509.NameConstraints(_permitted(), None)


def _make(file: Path, now: datetime) -> Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(_NAME)
    builder = (
        _builder(name, name, key, now, now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(file, _signed(builder, key), key)


def _leaf(authority: Authority, now: datetime) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in (*LOCAL_NAMES, *sorted(MICROSOFT_HOSTS))]
    names += [x509.IPAddress(ip_address(address)) for address in LOCAL_ADDRESSES]
    issuer = authority.key.public_key()
    builder = (
        _builder(_name("localhost"), authority.certificate.subject, key, now, authority.certificate.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    )
    return _signed(builder, authority.key), key


def _permitted() -> Sequence[x509.GeneralName]:
    from cryptography import x509

    hosts: Iterable[str] = (*LOCAL_NAMES, *sorted(MICROSOFT_HOSTS))
    addresses = [x509.IPAddress(ip_network(address)) for address in LOCAL_ADDRESSES]
    return [*(x509.DNSName(host) for host in hosts), *addresses]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER_BY)
        .not_valid_after(until)
    )


def _signed(builder: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes

    return builder.sign(key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate_text(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_text(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(file: Path, text: bytes) -> None:
    """Put `text` into `file`, whole or not at all, readable by its owner alone."""
    with _short_lived(file.parent, text) as new:
        new.replace(file)


def _close_to_others(key_file: Path) -> None:
    if os.name == "posix" and key_file.stat().st_mode & 0o077:
        key_file.chmod(0o600)


@contextmanager
def _short_lived(folder: Path, text: bytes) -> Generator[Path]:
    descriptor, name = tempfile.mkstemp(prefix="served-", suffix=".pem", dir=folder)  # mode 0600
    file = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(text)
        yield file
    finally:
        with suppress(OSError):
            file.unlink()
