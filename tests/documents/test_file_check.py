"""A file is ours and unchanged, or we say plainly what it is; no bytes break the check."""

from __future__ import annotations

import io
import logging
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

from terpadu.documents.adapters import inspection
from terpadu.documents.adapters.authority import TestAuthoritySigner
from terpadu.documents.adapters.signing import SigningJob
from terpadu.documents.adapters.typesetting import SignatureBox, typeset_stamp
from terpadu.documents.enums import Standing, Verdict
from terpadu.documents.models import Document
from terpadu.documents.public import document_bytes, document_revoke, file_check
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from tests.documents.conftest import MOTHER, OFFICE_HEAD, SYSTEM, Issue

pytestmark = pytest.mark.django_db
SLOW_FIXTURE = [HealthCheck.function_scoped_fixture]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def pdf(issue: Issue) -> bytes:
    return document_bytes(issue().id, by=Actor.person(MOTHER))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the file here, by the same function that the isolated process runs, to try thousands of files."""
    monkeypatch.setattr(inspection, "inspect_isolated", inspection.inspect_whatever)


def plain_pdf() -> bytes:
    return typeset_stamp({"name": "x", "signed_at": "y", "certificate": "z"})


def test_file_check_of_the_issued_file_is_unchanged(pdf: bytes, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        check = file_check(pdf)

    assert check.verdict is Verdict.UNCHANGED
    assert check.document is not None and check.document.status is Standing.VALID
    assert check.signature is not None and check.signature.signer_name == OFFICE_HEAD.name


def test_file_check_of_a_revoked_document_is_unchanged_and_says_revoked(pdf: bytes) -> None:
    document_revoke(Document.objects.get().id, reason="", by=SYSTEM)

    check = file_check(pdf)

    assert check.verdict is Verdict.UNCHANGED
    assert check.document is not None and check.document.status is Standing.REVOKED


@pytest.mark.usefixtures("in_process")
@settings(max_examples=150, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(data=st.data())
def test_file_check_any_changed_byte_is_changed(pdf: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(pdf) - 1))
    flip = data.draw(st.integers(1, 255))

    changed = pdf[:place] + bytes([pdf[place] ^ flip]) + pdf[place + 1 :]

    assert file_check(changed).verdict is Verdict.CHANGED


@pytest.mark.usefixtures("in_process")
def test_file_check_each_byte_of_signature_dictionary_header_and_trailer_is_changed(pdf: bytes) -> None:
    contents = pdf.rindex(b"/Contents <")
    start = pdf.rindex(b" obj", 0, contents)
    signature_end = pdf.index(b"endobj", contents)
    padding = pdf.rindex(b"00>", contents, signature_end)
    spans = [
        range(12),
        range(start, contents + 40),
        range(padding - 20, signature_end),
        range(len(pdf) - 40, len(pdf)),
    ]

    for place in [index for span in spans for index in span][::3]:
        changed = pdf[:place] + bytes([pdf[place] ^ 0x40]) + pdf[place + 1 :]
        assert file_check(changed).verdict is Verdict.CHANGED, place


@pytest.mark.usefixtures("in_process")
def test_file_check_changed_attachment_is_changed(pdf: bytes) -> None:
    reader = PdfFileReader(io.BytesIO(pdf))
    attached = reader.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"].encoded_data
    place = pdf.index(attached) + len(attached) // 2

    changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]

    assert file_check(changed).verdict is Verdict.CHANGED


@pytest.mark.usefixtures("in_process")
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(extra=st.binary(min_size=1, max_size=200))
def test_file_check_bytes_after_the_signature_are_changed(pdf: bytes, extra: bytes) -> None:
    assert file_check(pdf + extra).verdict is Verdict.CHANGED


@pytest.mark.usefixtures("in_process")
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(data=st.data())
def test_file_check_cut_anywhere_is_never_unchanged(pdf: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(pdf) - 1))

    assert file_check(pdf[:length]).verdict is not Verdict.UNCHANGED


def test_file_check_changed_in_its_own_process_is_changed(pdf: bytes) -> None:
    assert file_check(pdf[:-3] + b"\n\n\n").verdict is Verdict.CHANGED


def test_file_check_signed_by_another_authority_is_foreign(tmp_path: Path) -> None:
    stranger = TestAuthoritySigner(tmp_path / "stranger")
    box = SignatureBox(page=0, left=0, bottom=0, right=100, top=40)
    order = SigningJob(plain_pdf(), box, plain_pdf(), OFFICE_HEAD, "x", "X", "http://elsewhere/x", now())

    check = file_check(stranger.sign(order))

    assert check.verdict is Verdict.FOREIGN
    assert check.signature is not None and check.signature.signer_name == OFFICE_HEAD.name


def test_file_check_our_document_signed_anew_by_another_authority_is_changed(
    pdf: bytes, tmp_path: Path
) -> None:
    stranger = TestAuthoritySigner(tmp_path / "stranger")
    first = pdf[: pdf.index(b"%%EOF") + 6]
    box = SignatureBox(page=0, left=0, bottom=0, right=100, top=40)
    reference = Document.objects.get().token

    forged = stranger.sign(
        SigningJob(
            first, box, plain_pdf(), OFFICE_HEAD, "x", "X", f"http://localhost:8000/v/{reference}", now()
        )
    )

    assert file_check(forged).verdict is Verdict.CHANGED


def test_file_check_signed_by_us_but_never_issued_is_unregistered(pdf: bytes) -> None:
    Document.objects.update(sha256="0" * 64, token="a" * 22)  # as if the register came from an older backup

    assert file_check(pdf).verdict is Verdict.UNREGISTERED


def encrypted() -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain_pdf())))
    assert isinstance(writer, PdfFileWriter)
    writer.encrypt("secret", "secret")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def bomb() -> bytes:
    """A PDF whose object stream grows to 700 MB when unpacked."""
    squeezer = zlib.compressobj(1)
    block = bytes(1 << 20)
    packed = b"".join(squeezer.compress(block) for _ in range(700)) + squeezer.flush()
    head = (
        b"%%PDF-1.5\n1 0 obj\n<</Type/XRef/Size 2/W[1 8 8]/Root 1 0 R/Length %d/Filter/FlateDecode>>stream\n"
        % len(packed)
    )
    return head + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        pytest.param(lambda: b"", Verdict.UNREADABLE, id="empty"),
        pytest.param(lambda: b"hello", Verdict.UNREADABLE, id="text"),
        pytest.param(lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), Verdict.UNREADABLE, id="picture"),
        pytest.param(lambda: b"%PDF-1.7\n", Verdict.UNREADABLE, id="header only"),
        pytest.param(lambda: b"%PDF-1.7\n" + b"<<" * 100_000, Verdict.UNREADABLE, id="deep nesting"),
        pytest.param(lambda: plain_pdf()[:-200], Verdict.UNREADABLE, id="cut off"),
        pytest.param(plain_pdf, Verdict.UNSIGNED, id="unsigned"),
        pytest.param(encrypted, Verdict.ENCRYPTED, id="encrypted"),
        pytest.param(bomb, Verdict.UNREADABLE, id="bomb"),
    ],
)
def test_file_check_hostile_file_gets_a_verdict(content: Any, verdict: Verdict) -> None:
    assert file_check(content()).verdict is verdict


@pytest.mark.usefixtures("in_process")
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_file_check_any_bytes_get_a_verdict(content: bytes) -> None:
    assert file_check(content).document is None
