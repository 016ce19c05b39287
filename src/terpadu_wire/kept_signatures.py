"""Checks the message signatures that a record keeps, with the certificates of those who signed.

A record holds everything that both message signatures cover: names, digests, the token's SHA-256. Only a query string is
not kept, since it may name a person; the signature over such a request cannot be checked again, and nobody says it can.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID

from terpadu_wire.certificates import UNREADABLE
from terpadu_wire.errors import LogError, SignatureError
from terpadu_wire.keys import PublicKey, public_key_thumbprint
from terpadu_wire.records import Record
from terpadu_wire.signing import BEARER_DIGEST, kept_request_holds, kept_response_holds, signer_of


@dataclass(frozen=True, slots=True)
class Certified:
    """A public key with the peer that its certificate names, and the moments between which it holds (Unix seconds)."""

    peer_id: str
    key: PublicKey
    not_before: float
    not_after: float


@dataclass(frozen=True, slots=True)
class Signers:
    """Who signed the messages of a record: peer ids, "" where there is no signature, or none that can be checked."""

    request: str = ""
    response: str = ""


def read_certificates(
    pems: Iterable[str], *, authorities: Sequence[x509.Certificate]
) -> dict[str, Certified]:
    """Return the keys of certificates by thumbprint.

    Args:
        pems: certificates in PEM.
        authorities: one of them must have issued each; none at all believes what they say.

    Raises:
        LogError: ``log.certificate``; one is not readable, not of these authorities, or of a key that signs no messages.
    """
    found = {}
    for pem in pems:
        certified = _read(pem, authorities)
        found[public_key_thumbprint(certified.key)] = certified
    return found


def signers_of(record: Record, *, certified: Mapping[str, Certified]) -> Signers:
    """Return who signed the messages of a record, after checking the signatures anew.

    Raises:
        LogError: ``log.message_signature``; a signature does not hold, or is of another peer than the record says.
    """
    request = response = ""
    if record.request_signature and not record.target_uri.endswith("?"):
        request = _check(record, record.request_signature_input, record.consumer, certified, _request_holds)
    if record.response_signature:
        response = _check(
            record, record.response_signature_input, record.provider, certified, _response_holds
        )
    return Signers(request, response)


def _check(
    record: Record,
    signature_input: str,
    expected: str,
    certified: Mapping[str, Certified],
    holds_for: Callable[[Record, PublicKey], bool],
) -> str:
    signer = certified.get(signer_of(signature_input))
    if signer is None:
        return ""
    try:
        is_good = signer.peer_id == expected and holds_for(record, signer.key)
    except SignatureError:
        is_good = False
    if not is_good or not signer.not_before <= record.at / 1000 < signer.not_after:
        raise LogError("log.message_signature", f"the signature of {expected} does not hold")
    return signer.peer_id


def _request_holds(record: Record, key: PublicKey) -> bool:
    headers = {
        "content-digest": record.request_digest,
        "content-type": record.request_content_type,
        BEARER_DIGEST: record.token_sha256,
        "fsc-transaction-id": record.transaction_id,
        "terpadu-purpose": record.purpose,
        "terpadu-evidence": record.evidence,
        "terpadu-on-behalf-of": record.on_behalf_of,
        "terpadu-consent": record.consent,
        "signature": record.request_signature,
        "signature-input": record.request_signature_input,
    }
    return kept_request_holds(method=record.method, target_uri=record.target_uri, headers=headers, key=key)


def _response_holds(record: Record, key: PublicKey) -> bool:
    headers = {
        "content-digest": record.response_digest,
        "content-type": record.response_content_type,
        "fsc-transaction-id": record.transaction_id,
        "signature": record.response_signature,
        "signature-input": record.response_signature_input,
    }
    return kept_response_holds(
        status=record.status, headers=headers, request_signature=record.request_signature, key=key
    )


def _read(pem: str, authorities: Sequence[x509.Certificate]) -> Certified:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        names = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        key = certificate.public_key()
    except UNREADABLE as error:
        raise LogError("log.certificate", "a certificate cannot be read") from error
    if authorities and not any(_issued(certificate, one) for one in authorities):
        raise LogError("log.certificate", "a certificate is not of the authority")
    if not isinstance(key, Ed25519PublicKey) or len(names) != 1:
        raise LogError("log.certificate", "a certificate names no peer, or no key that signs messages")
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Certified(str(names[0].value), key, begin.timestamp(), end.timestamp())


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (TypeError, InvalidSignature, *UNREADABLE):
        return False
    return True
