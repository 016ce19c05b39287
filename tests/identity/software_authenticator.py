"""A passkey device in software: makes credentials and signs challenges as a phone would, and lies when told to."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40
ORIGIN = "http://localhost:8000"
PARTY = "localhost"

Json = dict[str, Any]


class SoftwareAuthenticator:
    """One device with one key. origin: what its browser claims. is_verified: whether the user gave PIN or finger."""

    def __init__(self, *, origin: str = ORIGIN, party: str = PARTY, is_verified: bool = True) -> None:
        self.origin, self.party, self.is_verified = origin, party, is_verified
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.user_handle = ""
        self.counter = 0

    def create(self, options: Json) -> Json:
        """Answer `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._data(with_key=True)})
        response = {
            "clientDataJSON": websafe_encode(self._client("webauthn.create", asked["challenge"])),
            "attestationObject": websafe_encode(attestation),
        }
        return self._answer(response)

    def get(self, options: Json) -> Json:
        """Answer `navigator.credentials.get`."""
        self.counter += 1
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(with_key=False)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(response)

    def _answer(self, response: Json) -> Json:
        identifier = websafe_encode(self.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }

    def _client(self, kind: str, challenge: str) -> bytes:
        websafe_decode(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, *, with_key: bool) -> bytes:
        flags = (
            USER_PRESENT | (USER_VERIFIED if self.is_verified else 0) | (HAS_CREDENTIAL if with_key else 0)
        )
        head = hashlib.sha256(self.party.encode()).digest() + struct.pack(">BI", flags, self.counter)
        return head + (self._key_data() if with_key else b"")

    def _key_data(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        key = cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + key
