"""A look into a PDF: is it whole, who signed it, was it changed since.

Files from outside are looked at in a process of its own with bounded memory and time, because a PDF can be made to
exhaust either. That process reads the file from its standard input and writes its finding to its standard output.
"""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import resource
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from terpadu.documents.errors import CheckUnavailable
from terpadu.documents.rules import UNREADABLE, Inspection, SignatureFinding

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
WALL_SECONDS = 15
MOST_SIGNATURES = 20
AT_ONCE = 2
SRC = Path(__file__).resolve().parents[3]
_places = threading.BoundedSemaphore(AT_ONCE)


def inspect(pdf: bytes, *, trust_anchor: bytes) -> Inspection:
    """Look into a PDF that came from ourselves; trust_anchor: DER certificate of our authority.

    Raises whatever the PDF library raises for a broken file: use `inspect_isolated` for anything from outside.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader  # here, not above: pyHanko takes 0.3 s

    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    if reader.encrypted:
        return Inspection(is_readable=True, is_encrypted=True, signatures=())
    if not int(reader.root["/Pages"]["/Count"]):
        return UNREADABLE
    signatures = list(reader.embedded_regular_signatures)[:MOST_SIGNATURES]
    findings = tuple(_finding(signature, trust_anchor=trust_anchor) for signature in signatures)
    return Inspection(is_readable=True, is_encrypted=False, signatures=findings)


def _finding(signature: Any, *, trust_anchor: bytes) -> SignatureFinding:
    if not _is_issued_by(signature.signer_cert, anchor=trust_anchor):
        name = signature.signer_cert.subject.native.get("common_name", "")
        return SignatureFinding(False, False, False, str(name)[:120], "")
    return _finding_of_ours(signature, trust_anchor=trust_anchor)


def _finding_of_ours(signature: Any, *, trust_anchor: bytes) -> SignatureFinding:
    """Validate at the moment of the time stamp, so that a certificate's end does not end its signatures."""
    from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    moment = _stamped_at(signature)
    root = translate_pyca_cryptography_cert_to_asn1(x509.load_der_x509_certificate(trust_anchor))
    context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=moment)
    status = validate_pdf_signature(
        signature, signer_validation_context=context, ts_validation_context=context
    )
    stamp = status.timestamp_validity
    is_stamped = stamp is not None and stamp.valid and stamp.trusted
    return SignatureFinding(
        is_ours=True,
        is_sound=bool(status.intact and status.valid and status.trusted and is_stamped),
        covers_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        signer_name=str(status.signing_cert.subject.native.get("common_name", "")),
        signed_at=moment.isoformat() if moment else "",
    )


def _stamped_at(signature: Any) -> datetime | None:
    for attribute in signature.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            stamp = attribute["values"][0]["content"]["encap_content_info"]["content"].parsed
            moment: datetime = stamp["gen_time"].native
            return moment
    return None


def _is_issued_by(certificate: Any, *, anchor: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(
            x509.load_der_x509_certificate(anchor)
        )
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def inspect_isolated(pdf: bytes, *, trust_anchor: bytes) -> Inspection:
    """Look into a file from outside, in a process of its own; whatever breaks that process makes it UNREADABLE.

    At most two at once in this process; others wait their turn. Raises CheckUnavailable when none can be started.
    """
    command = [sys.executable, "-m", "terpadu.documents.adapters.inspection", trust_anchor.hex()]
    try:
        with _places:
            done = subprocess.run(  # noqa: S603 - our own module; the file goes by standard input
                command, input=pdf, capture_output=True, timeout=WALL_SECONDS, check=True, cwd=SRC
            )
        return _read(json.loads(done.stdout))
    except OSError as error:
        raise CheckUnavailable(reason=type(error).__name__) from error
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return UNREADABLE


def _read(answer: dict[str, Any]) -> Inspection:
    findings = tuple(SignatureFinding(**finding) for finding in answer.pop("signatures"))
    return Inspection(**answer, signatures=findings)


def inspect_whatever(content: bytes, *, trust_anchor: bytes) -> Inspection:
    """Look into any bytes; whatever breaks the PDF library makes them UNREADABLE."""
    try:
        return inspect(content, trust_anchor=trust_anchor)
    except Exception:  # noqa: BLE001 - the edge of a process: a hostile file may break the library in any way
        return UNREADABLE


def main() -> None:
    """Inspect standard input for `inspect_isolated`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    logging.disable()
    finding = inspect_whatever(sys.stdin.buffer.read(), trust_anchor=bytes.fromhex(sys.argv[1]))
    sys.stdout.write(json.dumps(dataclasses.asdict(finding)))


if __name__ == "__main__":
    main()
