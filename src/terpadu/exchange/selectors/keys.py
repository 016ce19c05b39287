"""A peer's public keys for foreign peers as a JSON Web Key Set (RFC 7517), with certificate chains."""

from __future__ import annotations

import base64

from pydantic import JsonValue

from terpadu.exchange.models import ContractCertificate
from terpadu.kernel.clock import now
from terpadu_wire.certificates import chain_der
from terpadu_wire.jose import algorithms_of, imported
from terpadu_wire.keys import load_contract_key


def jwk_list(peer_id: str) -> list[JsonValue]:
    """Return the keys that a peer signs with toward foreign peers, newest first. One query.

    Its Ed25519 key is not among them: FSC's key sets know RSA and EC alone, and peers of the group read the snapshot.
    """
    rows = ContractCertificate.objects.filter(
        peer__agency__peer_id=peer_id, valid_from__lte=now(), valid_to__gt=now()
    )
    return [_certified(row) for row in rows.order_by("-valid_to")]


def _certified(row: ContractCertificate) -> JsonValue:
    chain: list[JsonValue] = [base64.b64encode(der).decode("ascii") for der in chain_der(row.chain)]
    return {**_jwk(row.spki), "kid": row.public_key_thumbprint, "x5t#S256": row.thumbprint, "x5c": chain}


def _jwk(spki: str) -> dict[str, JsonValue]:
    key = load_contract_key(spki)
    members = imported(key).as_dict(private=False)
    public: dict[str, JsonValue] = {name: str(value) for name, value in members.items() if name in _MEMBERS}
    return {**public, "use": "sig", "alg": algorithms_of(key)[0]}


_MEMBERS = ("kty", "crv", "x", "y", "n", "e")
