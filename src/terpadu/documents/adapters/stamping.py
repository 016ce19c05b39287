"""A time-stamping unit inside this process (RFC 3161): the test authority's own clock, no network."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import DummyTimeStamper

from terpadu.documents.adapters.credentials import Credential


class LocalTimeStamper(DummyTimeStamper):
    """pyHanko's in-process time stamper, which knows only RSA, with an elliptic-curve key that is loaded once."""

    def __init__(self, unit: Credential, *, at: datetime) -> None:
        certificate = translate_pyca_cryptography_cert_to_asn1(unit.certificate)
        super().__init__(certificate, None, fixed_dt=at)  # the parent's own key stays unused
        self._key = unit.key

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, Any]:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(tst_info_data)
        values = {
            "content_type": "tst_info",
            "signing_certificate_v2": as_signing_certificate_v2(self.tsa_cert),
            "message_digest": digest.finalize(),
        }
        attributes = cms.CMSAttributes([{"type": name, "values": [value]} for name, value in values.items()])
        return self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())), attributes

    def _build_signed_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        data: dict[str, Any] = super()._build_signed_data(*args, **options)
        data["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha256_ecdsa"}
        return data
