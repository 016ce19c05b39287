"""The platform's own test authority: real PAdES signatures with certificates that nobody outside trusts.

Level PAdES B-T: baseline signature with a time stamp. The time-stamping unit is the authority's own, so the time is
only as trustworthy as this installation. No network is used.
"""

from __future__ import annotations

import io
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from pyhanko.keys.internal import (
    translate_pyca_cryptography_cert_to_asn1,
    translate_pyca_cryptography_key_to_asn1,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, LayoutError, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from terpadu.documents.adapters.credentials import Credential, CredentialStore
from terpadu.documents.adapters.signing import SigningJob
from terpadu.documents.adapters.stamping import LocalTimeStamper
from terpadu.documents.errors import SigningFailed
from terpadu.documents.rules import SignerView

FIELD = "Signature"
SIGNATURE_HEX_DIGITS = (
    2 * 6144
)  # room for the signature, about 3 kB; without it pyHanko signs twice to measure
REMEMBERED_SIGNERS = 256


class TestAuthoritySigner:
    """Sign with the platform's test authority, whose keys lie below one directory."""

    __test__ = False  # its name begins with Test, and it is no test
    sample_mark = "DOKUMEN CONTOH – ditandatangani dengan sertifikat uji, bukan dokumen resmi"
    certificate_words = "sertifikat uji"

    def __init__(self, folder: Path) -> None:
        self._store = CredentialStore(folder)
        self._signers = lru_cache(REMEMBERED_SIGNERS)(self._load_signer)

    def trust_anchor(self) -> bytes:
        """Return the root certificate (DER)."""
        return self._store.root().certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, job: SigningJob) -> bytes:
        """Return the signed PDF, the given bytes with one revision added. Raises SigningFailed."""
        try:
            with tempfile.NamedTemporaryFile(suffix=".pdf") as stamp:
                stamp.write(job.stamp)
                stamp.flush()
                return self._sign(job, stamp_file=stamp.name)
        except (SigningError, PdfError, LayoutError, OSError, ValueError) as error:
            raise SigningFailed(reason=type(error).__name__) from error

    def _sign(self, job: SigningJob, *, stamp_file: str) -> bytes:
        style = StaticStampStyle.from_pdf_file(stamp_file, border_width=0, background_layout=_filling())
        signer = self._signers(job.signer, job.agency_code, job.agency_name, job.at.year)
        box = job.box
        field = SigFieldSpec(
            FIELD,
            on_page=box.page,
            box=(round(box.left), round(box.bottom), round(box.right), round(box.top)),
            readable_field_name=f"Tanda tangan elektronik {job.signer.name}, {job.signer.title}",
        )
        pdf_signer = PdfSigner(
            _metadata(job),
            signer=signer,
            timestamper=self._stamper(job),
            stamp_style=style,
            new_field_spec=field,
        )
        output = io.BytesIO()
        writer = IncrementalPdfFileWriter(io.BytesIO(job.pdf))
        pdf_signer.sign_pdf(writer, output=output, bytes_reserved=SIGNATURE_HEX_DIGITS)
        return output.getvalue()

    def _stamper(self, job: SigningJob) -> Any:
        return LocalTimeStamper(self._store.stamping_unit(), at=job.at)

    def _load_signer(self, signer: SignerView, agency_code: str, agency_name: str, year: int) -> Any:
        credential = self._store.signer(signer, agency_code=agency_code, agency_name=agency_name, year=year)
        certificate, key = _as_asn1(credential)
        return SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=self._registry())

    def _registry(self) -> Any:
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        registry.register(_as_asn1(self._store.root())[0])
        return registry


def _filling() -> Any:
    middle = AxisAlignment.ALIGN_MID
    return SimpleBoxLayoutRule(x_align=middle, y_align=middle, margins=Margins(0, 0, 0, 0))


def _metadata(job: SigningJob) -> Any:
    """Describe the signature; the document's address stands in it twice, so that no single changed byte hides it."""
    return PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=job.signer.name,
        location=job.agency_name,
        reason=f"Penerbitan dokumen; keaslian: {job.reference}",
        contact_info=job.reference,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )


def _as_asn1(credential: Credential) -> tuple[Any, Any]:
    certificate = translate_pyca_cryptography_cert_to_asn1(credential.certificate)
    return certificate, translate_pyca_cryptography_key_to_asn1(credential.key)
