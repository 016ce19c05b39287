"""Who calls the control plane: proven by the message signature, with the key that the authority certified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from terpadu.directory.public import CertificateView, certificate_by_key
from terpadu.exchange.enums import GROUP_ID
from terpadu.exchange.errors import CallerUnknown
from terpadu.exchange.models import ContractCertificate, Peer
from terpadu.exchange.selectors.foreign import foreign_ids
from terpadu.identity.public import Once, take_once
from terpadu.kernel.clock import now
from terpadu_wire.certificates import CertifiedPeer
from terpadu_wire.errors import TokenError, WireError
from terpadu_wire.keys import ContractKey, PublicKey, jwk_thumbprint, load_contract_key, load_public_key
from terpadu_wire.signing import CLOCK_SKEW, MAX_LIFE, verify_request
from terpadu_wire.tokens import TokenClaims, token_key_id, verify_foreign_token

_SIGNATURE_HOLDS = timedelta(seconds=MAX_LIFE + 2 * CLOCK_SKEW + 1)


@dataclass(frozen=True)
class Caller:
    """A peer that signed a request, and the key it signed with.

    certified: what its certificate says, for a foreign peer that signs no messages; its `jkt` is "".
    """

    peer_id: str
    key_thumbprint: str
    jkt: str
    certificate_thumbprint: str
    certified: CertifiedPeer | None = None


def caller_of_certificate(certified: CertifiedPeer) -> Caller:
    """Return the foreign peer that a certificate names. Raises CallerUnknown for the id of a peer that is hosted here."""
    peer_id = certified.peer_id
    if Peer.objects.filter(agency__peer_id=peer_id).exists() and not foreign_ids([peer_id]):
        raise CallerUnknown(reason="certificate.hosted_peer")
    return Caller(peer_id, certified.key_thumbprint, "", certified.thumbprint, certified)


def caller_identify(
    *, method: str, url: str, headers: Mapping[str, str], body: bytes, once: bool = False
) -> Caller:
    """Return the peer that signed a request to the control plane.

    url: the address as we know ourselves, never out of the Host header. headers: by lower-case name.
    once: whether the same signed request may not come a second time.
    Raises CallerUnknown with the code of the wire profile, such as "signature.unknown_key" or "signature.replayed".
    """
    found: dict[str, CertificateView] = {}

    def find_key(thumbprint: str) -> PublicKey | None:
        certificate = certificate_by_key(thumbprint)
        if certificate is None or not Peer.objects.filter(agency__peer_id=certificate.peer_id).exists():
            return None
        found[thumbprint] = certificate
        return load_public_key(certificate.spki)

    try:
        proof = verify_request(
            method=method,
            target_uri=url,
            headers=headers,
            body=body,
            find_key=find_key,
            now=now().timestamp(),
        )
    except WireError as error:
        raise CallerUnknown(reason=error.code) from error
    if once and not _is_first(proof.keyid, proof.nonce):
        raise CallerUnknown(reason="signature.replayed")
    certificate = found[proof.keyid]
    jkt = jwk_thumbprint(load_public_key(certificate.spki))
    return Caller(certificate.peer_id, proof.keyid, jkt, certificate.thumbprint)


def token_read(authorization: str) -> TokenClaims:
    """Return what the token says that an inway passes on with a call; that inway has checked whose hand it is in.

    authorization: value of its Fsc-Authorization.
    Raises CallerUnknown with the code of the wire profile, such as "token.expired".
    """
    text = authorization.removeprefix("Bearer ")
    try:
        issuer, key = _issuer(token_key_id(text))
        return verify_foreign_token(text, keys=[key], group_id=GROUP_ID, issuer=issuer, now=now().timestamp())
    except TokenError as error:
        raise CallerUnknown(reason=error.code) from error


def _issuer(thumbprint: str) -> tuple[str, ContractKey]:
    """Return the peer that has a key, and the key: the one for our group, or the one for foreign peers."""
    certificate = certificate_by_key(thumbprint)
    if certificate is not None:
        return certificate.peer_id, load_public_key(certificate.spki)
    row = (
        ContractCertificate.objects.filter(public_key_thumbprint=thumbprint)
        .select_related("peer__agency")
        .first()
    )
    if row is None or foreign_ids([row.peer.agency.peer_id]):
        raise TokenError("token.invalid", "the token is not signed by a key of a peer of ours")
    return row.peer.agency.peer_id, load_contract_key(row.spki)


def _is_first(keyid: str, nonce: str) -> bool:
    """Remember a nonce for as long as its signature can hold, across all processes."""
    return take_once(Once("exchange.nonce", keyid, nonce, now() + _SIGNATURE_HOLDS))
