"""The gateway renews its own certificates: asked for with the agency's key, checked, written, and shown from then on.

``POST {control_url}/exchange/certificates``, signed like every request (purpose, evidence and token empty), no body. The answer
is the certificate of the key that signed, in PEM; a new one when the old one is near its end. The key never changes, so
contracts, which bind it, stay valid. Calls out show the new certificate at once; the listener shows it from the next
start, and a gateway whose listener would soon show one that has ended finishes its calls and ends, to be started anew.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.clients import AnswerTooLargeError, Clients, fetch
from terpadu_gateway.identities import Identity
from terpadu_wire.digest import content_digest
from terpadu_wire.signing import REQUEST_HEADERS
from terpadu_wire.transactions import new_transaction_id

log = structlog.get_logger()
RENEW_BEFORE = 30 * 86_400.0
"""Seconds before the end of a certificate from which a new one is asked for."""
RESTART_BEFORE = 3 * 86_400.0
"""Seconds before the end of the listener's certificate at which the gateway ends to be started with the new one."""
_TIMEOUT = timedelta(seconds=20)


class ListenerOutdatedError(Exception):
    """Say that the listener shows a certificate that ends soon while a new one is there."""


class Renewal:
    """Keeps the certificates of a gateway fresh.

    Args:
        control_url: the control plane's address.
        certificates: where each agency's certificate is, by its id.
        identities: the agencies, by id.
        authority_pem: the authority that must have issued a certificate.
        clients: take each new certificate into use; its control client asks for it.
        clock: gives Unix seconds.
    """

    def __init__(
        self,
        control_url: str,
        *,
        certificates: dict[str, Path],
        identities: dict[str, Identity],
        authority_pem: bytes,
        clients: Clients,
        clock: Callable[[], float],
    ) -> None:
        self._url = f"{control_url.rstrip('/')}/exchange/certificates"
        self._certificates = certificates
        self._identities = dict(identities)
        self._authority = x509.load_pem_x509_certificate(authority_pem)
        self._clients = clients
        self._clock = clock
        self._listener_ends = min(map(_end, identities.values()), default=0.0)

    @property
    def seconds_left(self) -> float:
        """Seconds until the first certificate ends."""
        return min(map(_end, self._identities.values()), default=0.0) - self._clock()

    async def keep(self, *, every: float) -> None:
        """Renew for ever what is near its end; look again every so many seconds.

        Raises:
            ListenerOutdatedError: the listener's certificate ends soon, and a newer one is there.
        """
        while True:
            for peer_id, identity in list(self._identities.items()):
                if _end(identity) - self._clock() < RENEW_BEFORE:
                    await self.renew(peer_id)
            newest = min(map(_end, self._identities.values()), default=0.0)
            if self._listener_ends - self._clock() < RESTART_BEFORE and newest > self._listener_ends:
                raise ListenerOutdatedError
            await asyncio.sleep(every)

    async def renew(self, peer_id: str) -> bool:
        """Ask for a new certificate of an agency and use it; say whether there was one."""
        identity = self._identities[peer_id]
        try:
            pem = await self._ask(self._clients.control, identity)
            self._check(identity, pem)
            await asyncio.to_thread(_write, self._certificates[peer_id], pem)
        except (PyreqwestError, AnswerTooLargeError, OSError, _RefusedError) as error:
            log.warning("certificate.not_renewed", peer=peer_id, reason=str(error) or type(error).__name__)
            return False
        self._identities[peer_id] = replace(identity, certificate_pem=pem)
        self._clients.show(self._identities[peer_id])
        log.info("certificate.renewed", peer=peer_id)
        return True

    async def _ask(self, client: Client, identity: Identity) -> bytes:
        now = self._clock()
        headers = dict.fromkeys(REQUEST_HEADERS, "") | {
            "content-digest": content_digest(b""),
            "fsc-transaction-id": new_transaction_id(now=now),
        }
        signature = identity.signer.sign_request(
            method="POST", target_uri=self._url, headers=headers, now=now
        )
        request = client.post(self._url).headers(headers | signature.headers()).body_bytes(b"")
        status, _, body = await fetch(request.timeout(_TIMEOUT))
        if status != 200:
            raise _RefusedError(f"status {status}")
        return body

    def _check(self, identity: Identity, pem: bytes) -> None:
        try:
            certificate = x509.load_pem_x509_certificate(pem)
            certificate.verify_directly_issued_by(self._authority)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise _RefusedError("not a certificate of the authority") from error
        if certificate.public_key() != identity.signer.key.public_key():
            raise _RefusedError("a certificate of another key")
        old = x509.load_pem_x509_certificate(identity.certificate_pem)
        if certificate.subject != old.subject:
            raise _RefusedError("a certificate of another name")
        if certificate.not_valid_after_utc <= old.not_valid_after_utc:
            raise _RefusedError("no newer certificate")


class _RefusedError(Exception):
    """Say that there is no usable new certificate."""


def _end(identity: Identity) -> float:
    return x509.load_pem_x509_certificate(identity.certificate_pem).not_valid_after_utc.timestamp()


def _write(path: Path, pem: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
