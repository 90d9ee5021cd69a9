"""TLS on loopback, with certificates made for the test."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
BODY = b'{"object":"list","data":[{"id":"over/tls"}]}'


def certificate(
    folder: Path, *, host: str = "127.0.0.1", expired: bool = False, owner: str = "edenai_nb tests"
) -> Path:
    """A self-signed certificate with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 9 * DAY)
        .not_valid_after(now - DAY if expired else now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}-{expired}.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return path


def folder_of(pem: Path, folder: Path) -> Path:
    """A folder as SSL_CERT_DIR wants it: the certificate under the hash of its subject (X509_NAME_hash)."""
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    rdn = certificate.subject.rdns[0].get_attributes_for_oid(NameOID.COMMON_NAME)[0]
    value = str(rdn.value).lower().encode()
    pair = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(value)]) + value
    canonical = bytes([0x31, len(pair) + 2, 0x30, len(pair)]) + pair
    name = int.from_bytes(hashlib.sha1(canonical).digest()[:4], "little")
    folder.mkdir()
    (folder / f"{name:08x}.0").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder


@contextmanager
def serving(pem: Path | None, date: str = "", keeps: bool = False) -> Iterator[str]:
    """An https:// address that answers every request with a catalogue of one model; without TLS if there is no PEM.

    `keeps`: connections are kept for further requests.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if pem:
        context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context if pem else None, date, keeps))
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}/v3"
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext | None, date: str, keeps: bool) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(client, context, date, keeps), daemon=True).start()


def _talk(client: socket.socket, context: ssl.SSLContext | None, date: str, keeps: bool) -> None:
    kept = "keep-alive" if keeps else "close"
    head = f"HTTP/1.1 200 OK\r\nConnection: {kept}\r\nDate: {date}\r\nContent-Length: {len(BODY)}\r\n\r\n"
    with suppress(OSError), client, context.wrap_socket(client, server_side=True) if context else client as line:
        while line.recv(65536):
            line.sendall(head.encode() + BODY)
            if not keeps:
                return
