"""A peer's public keys as a JSON Web Key Set (RFC 7517), with certificate chains for foreign peers."""

from __future__ import annotations

import base64

from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import JsonValue

from terpadu.directory.public import certificate_list
from terpadu.exchange.models import ContractCertificate
from terpadu.kernel.clock import now
from terpadu_wire.certificates import chain_der
from terpadu_wire.jose import algorithms_of, imported
from terpadu_wire.keys import load_contract_key


def jwk_list(peer_id: str) -> list[JsonValue]:
    """Return the keys that a peer signs with: those of our group first, then those for foreign peers. Two queries."""
    ours = {one.public_key_thumbprint: one.spki for one in certificate_list() if one.peer_id == peer_id}
    found: list[JsonValue] = [{**_jwk(spki), "kid": thumbprint} for thumbprint, spki in ours.items()]
    rows = ContractCertificate.objects.filter(
        peer__agency__peer_id=peer_id, valid_from__lte=now(), valid_to__gt=now()
    )
    return found + [_certified(row) for row in rows.order_by("-valid_to")]


def _certified(row: ContractCertificate) -> JsonValue:
    chain: list[JsonValue] = [base64.b64encode(der).decode("ascii") for der in chain_der(row.chain)]
    key = _jwk(row.spki)
    return {**key, "kid": row.public_key_thumbprint, "x5t#S256": row.thumbprint, "x5c": chain}


def _jwk(spki: str) -> dict[str, JsonValue]:
    key = load_contract_key(spki)
    algorithm = algorithms_of(key)[0]
    members = _public(imported(key))
    return {**members, "use": "sig"} | ({} if algorithm == "Ed25519" else {"alg": algorithm})


def _public(key: OKPKey | ECKey | RSAKey) -> dict[str, JsonValue]:
    return {name: str(value) for name, value in key.as_dict(private=False).items() if name in _MEMBERS}


_MEMBERS = ("kty", "crv", "x", "y", "n", "e")
