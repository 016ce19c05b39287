"""The contract of a signing authority, held by each implementation."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from terpadu.documents.adapters.authority import TestAuthoritySigner
from terpadu.documents.adapters.credentials import CredentialStore
from terpadu.documents.adapters.inspection import inspect
from terpadu.documents.adapters.signing import SigningAdapter, SigningJob
from terpadu.documents.adapters.typesetting import Sheet, typeset, typeset_stamp
from terpadu.documents.catalogue import kind_get
from terpadu.documents.errors import SigningFailed
from terpadu.documents.rules import SignerView
from tests.documents.conftest import OFFICE_HEAD

AT = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
REFERENCE = "http://localhost:8000/v/abcdefghijklmnopqrstuv"
SRC = Path(__file__).resolve().parents[2] / "src"
LONG_NAME = "Raden Ajeng Dewi Kusumaningtyas Purwokusumo Wirjodiningrat Hadikusumo Notonegoro"


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    facts = dict.fromkeys(kind_get("public_space_permit").facts, "x")
    document = {
        "title": "Izin",
        "number": "1",
        "agency": "Dinas",
        "signer": {"name": "Rina", "title": "Kepala", "nip": ""},
        "verify_url": REFERENCE,
        "issued_on": "21 November 2026",
        "valid_until": "",
        "sample_mark": "CONTOH",
        "place": "Tangerang",
        "facts": facts,
        "basis": "",
    }
    return typeset("public_space_permit/template.typ", document=document, attachment="{}", at=AT)


@pytest.fixture(params=[TestAuthoritySigner])
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> SigningAdapter:
    made: SigningAdapter = request.param(tmp_path)
    return made


def job(sheet: Sheet, *, signer: SignerView = OFFICE_HEAD, pdf: bytes | None = None) -> SigningJob:
    stamp = typeset_stamp({"name": signer.name, "signed_at": "21 November 2026", "certificate": "uji"})
    return SigningJob(
        pdf=sheet.pdf if pdf is None else pdf,
        box=sheet.box,
        stamp=stamp,
        signer=signer,
        agency_code="disdukcapil.36.71",
        agency_name="Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang",
        reference=REFERENCE,
        at=AT,
    )


def test_sign_adds_one_revision_that_validates_up_to_the_anchor(
    adapter: SigningAdapter, sheet: Sheet
) -> None:
    signed = adapter.sign(job(sheet))

    assert signed.startswith(sheet.pdf)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    anchor = translate_pyca_cryptography_cert_to_asn1(x509.load_der_x509_certificate(adapter.trust_anchor()))
    context = ValidationContext(trust_roots=[anchor], allow_fetching=False, moment=AT)
    status = validate_pdf_signature(signature, context, ts_validation_context=context)
    assert status.bottom_line
    assert status.timestamp_validity.timestamp == AT
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert status.signing_cert.subject.native["common_name"] == OFFICE_HEAD.name
    assert status.signing_cert.subject.native["title"] == OFFICE_HEAD.title


def test_sign_field_is_visible_where_the_sheet_has_room_and_named_for_screen_readers(
    adapter: SigningAdapter, sheet: Sheet
) -> None:
    reader = PdfFileReader(io.BytesIO(adapter.sign(job(sheet))))

    field = reader.root["/AcroForm"]["/Fields"][0]
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    assert (right - left, top - bottom) == (pytest.approx(204, abs=2), pytest.approx(48, abs=2))
    assert sheet.box.page == 0
    assert field["/AP"]["/N"]
    assert "Rina Wulandari" in field["/TU"]


def test_sign_signature_of_another_authority_is_not_ours(
    adapter: SigningAdapter, sheet: Sheet, tmp_path: Path
) -> None:
    other = TestAuthoritySigner(tmp_path / "other")

    (finding,) = inspect(adapter.sign(job(sheet)), trust_anchor=other.trust_anchor()).signatures

    assert not finding.is_ours
    assert not finding.is_sound


def test_sign_with_a_name_longer_than_certificates_allow_still_signs(
    adapter: SigningAdapter, sheet: Sheet
) -> None:
    signer = SignerView(name=LONG_NAME, title="Kepala Dinas")

    (finding,) = inspect(
        adapter.sign(job(sheet, signer=signer)), trust_anchor=adapter.trust_anchor()
    ).signatures

    assert finding.is_sound


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7 broken", b"not a pdf at all"])
def test_sign_something_that_is_no_pdf_fails_clearly(
    adapter: SigningAdapter, sheet: Sheet, pdf: bytes
) -> None:
    with pytest.raises(SigningFailed):
        adapter.sign(job(sheet, pdf=pdf))


def test_credentials_are_p256_private_and_made_once(tmp_path: Path) -> None:
    first, second = CredentialStore(tmp_path), CredentialStore(tmp_path)
    made = first.signer(OFFICE_HEAD, agency_code="a", agency_name="A", year=2026)

    assert isinstance(made.key.curve, ec.SECP256R1)
    again = second.signer(OFFICE_HEAD, agency_code="a", agency_name="A", year=2026)
    others = [
        first.signer(OFFICE_HEAD, agency_code="b", agency_name="A", year=2026),
        first.signer(OFFICE_HEAD, agency_code="a", agency_name="A", year=2027),
    ]
    assert made.to_pem() == again.to_pem()
    assert made.to_pem() not in [other.to_pem() for other in others]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*.pem"))
    assert {path.name for path in tmp_path.iterdir()} == {"root.pem", "signers"}


def test_credentials_made_by_racing_processes_are_the_same(tmp_path: Path) -> None:
    program = (
        "import sys, hashlib, pathlib;"
        "from terpadu.documents.adapters.credentials import CredentialStore;"
        "unit = CredentialStore(pathlib.Path(sys.argv[1])).stamping_unit();"
        "print(hashlib.sha256(unit.to_pem()).hexdigest())"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SRC) for _ in range(4)]

    answers = {racer.communicate(timeout=60)[0] for racer in racers}

    assert len(answers) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root.pem", "time-stamp.pem"]
