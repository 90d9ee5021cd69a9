"""TLS on loopback, with certificates made for the test."""

from __future__ import annotations

import datetime
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


def certificate(folder: Path, *, host: str = "127.0.0.1", expired: bool = False) -> Path:
    """A self-signed certificate with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edenai_nb tests")])
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


@contextmanager
def serving(pem: Path | None, date: str = "") -> Iterator[str]:
    """An https:// address that answers every request with a catalogue of one model; without TLS if there is no PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if pem:
        context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context if pem else None, date))
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}/v3"
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext | None, date: str) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with suppress(OSError), client, context.wrap_socket(client, server_side=True) if context else client as line:
            line.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nDate: {date}\r\nContent-Length: {len(BODY)}\r\n\r\n"
            line.sendall(head.encode() + BODY)
