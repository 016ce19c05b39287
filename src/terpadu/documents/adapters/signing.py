"""The contract of a signing authority, and which one this installation uses.

An adapter puts one PAdES signature on a PDF in the name of an officer. The platform has its own test authority; a
certified one (BSrE) is another implementation of the same contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from terpadu.documents.adapters.typesetting import SignatureBox
from terpadu.documents.rules import SignerView


@dataclass(frozen=True)
class SigningJob:
    """One PDF to sign.

    stamp: one-page PDF shown in the field. reference: public address of the document, kept in the signature.
    at: the moment of signing, aware.
    """

    pdf: bytes
    box: SignatureBox
    stamp: bytes
    signer: SignerView
    agency_code: str
    agency_name: str
    reference: str
    at: datetime


class SigningAdapter(Protocol):
    """What a signing authority does.

    sample_mark: loud words for every page while the authority is not a certified one, else "".
    certificate_words: short name of the certificate for the stamp.
    """

    sample_mark: str
    certificate_words: str

    def sign(self, job: SigningJob) -> bytes:
        """Return the signed PDF, the given bytes with one revision added. Raises SigningFailed."""
        ...

    def trust_anchor(self) -> bytes:
        """Return the certificate (DER) that all signatures of this authority lead to."""
        ...


@cache
def _test_authority(folder: Path) -> SigningAdapter:
    from terpadu.documents.adapters.authority import TestAuthoritySigner

    return TestAuthoritySigner(folder)


def signing_adapter() -> SigningAdapter:
    """Return the authority that signs for this installation."""
    return _test_authority(Path(settings.SECRETS_DIR) / "documents")
