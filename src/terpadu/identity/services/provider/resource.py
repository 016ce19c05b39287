"""What every API of ours checks of an access token: form, audience, its key's proof, and that it was not taken back."""

from __future__ import annotations

from collections.abc import Mapping

from terpadu.identity.rules.provider.keys import SIGNING_ALGS
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.proofs import Target, read_proof, token_digest
from terpadu.identity.services.provider.guards import Once, once
from terpadu.identity.services.provider.tokens import AccessToken, access_token_read, is_access_token_alive
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.clock import now


class Refused(Exception):
    """The token or its proof is not good. error: of RFC 6750 or RFC 9449, "" when there was no token."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description

    @property
    def status(self) -> int:
        """The HTTP status that fits."""
        return 403 if self.error == "insufficient_scope" else 401

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        parts = [f'algs="{" ".join(SIGNING_ALGS)}"']
        if self.error:
            parts = [f'error="{self.error}"', f'error_description="{self.description}"', *parts]
        return f"DPoP {', '.join(parts)}"


def token_presented(headers: Mapping[str, str], *, target: Target) -> AccessToken:
    """Return the access token of a request to one of our own APIs. headers: names in small letters.

    Raises Refused. At most three queries.
    """
    scheme, _, text = headers.get("authorization", "").partition(" ")
    kind, text = scheme.lower(), text.strip()
    if kind not in ("dpop", "bearer") or not text:
        raise Refused("", "no token")
    token = access_token_read(text)
    if token is None or token.claims.get("aud") != issuer():
        raise Refused("invalid_token", "not a token for this endpoint")
    if (kind == "dpop") != bool(token.jkt):
        raise Refused(
            "invalid_token", "the token is bound to a key" if token.jkt else "the token is a bearer token"
        )
    if token.jkt:
        _check_proof(headers.get("dpop", ""), token, text, target=target)
    if not is_access_token_alive(token):
        raise Refused("invalid_token", "the token is no longer good")
    return token


def _check_proof(said: str, token: AccessToken, text: str, *, target: Target) -> None:
    proof = read_proof(said, target=target, now=now().timestamp())
    if isinstance(proof, str):
        raise Refused("invalid_dpop_proof", proof)
    if proof.jkt != token.jkt:
        raise Refused("invalid_token", "bound to another key")
    if proof.ath != token_digest(text):
        raise Refused("invalid_dpop_proof", "ath is not of this token")
    thing = Once("proof", proof.jkt, proof.jti, now() + LIFETIMES.proof + 2 * LIFETIMES.skew)
    if once([thing], client_id=str(token.claims["client_id"])).replayed:
        raise Refused("invalid_dpop_proof", "the proof was used before")
