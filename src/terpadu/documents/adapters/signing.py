"""The contract of a signing authority.

An adapter puts one PAdES signature on a PDF in the name of an officer. The platform has its own test authority; a
certified one (BSrE) is another implementation of the same contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
