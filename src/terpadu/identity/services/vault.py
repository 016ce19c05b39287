"""How allauth's sign-in methods are kept: their secrets sealed, their site name ours."""

from __future__ import annotations

from base64 import b64decode, b64encode

from allauth.mfa.adapter import DefaultMFAAdapter

from terpadu.kernel.crypto import seal, unseal

CONTEXT = "identity.mfa"


class SealedAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seal what allauth would store in clear: TOTP secrets and the seed of the recovery codes."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for storing."""
        return b64encode(seal(text.encode(), context=CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a stored secret."""
        return unseal(b64decode(encrypted_text), context=CONTEXT).decode()
