"""Anyone can verify a document: by its code, by its file, in both languages, without a login."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from terpadu.documents.public import DocumentView, document_bytes, document_revoke
from terpadu.documents.web import views
from terpadu.documents.web.forms import MAX_BYTES
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from tests.documents.conftest import FACTS, MOTHER, NIK, SYSTEM, Issue

pytestmark = pytest.mark.django_db


def client_in(language: str) -> Client:
    client = Client()
    client.cookies["language"] = language
    return client


def upload(client: Client, content: bytes, name: str = "dokumen.pdf") -> Any:
    return client.post("/v/", {"file": SimpleUploadedFile(name, content, "application/pdf")})


@pytest.mark.parametrize(
    ("language", "headline", "until"),
    [
        ("id", "Dokumen ini asli dan berlaku", "11 Mei 2028"),
        ("en", "This document is genuine and valid", "11 May 2028"),
    ],
)
def test_verify_shows_issuer_number_status_and_a_masked_name(
    issue: Issue, language: str, headline: str, until: str
) -> None:
    made = issue()

    page = client_in(language).get(f"/v/{made.token}")

    text = page.content.decode()
    for shown in (headline, until, made.number, made.agency_name, "Rina Wulandari", "B•••• M••••••• P••••"):
        assert shown in text
    for hidden in (NIK, "Bagas", "Mahendra", FACTS["address"], FACTS["family_card_number"]):
        assert hidden not in text
    assert f'<html lang="{language}">' in text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]


def test_verify_costs_few_queries_however_many_documents_there_are(
    issue: Issue, django_assert_max_num_queries: Any
) -> None:
    made = [issue(number=str(n), idempotency_key=f"k{n}") for n in range(3)]

    with django_assert_max_num_queries(2):  # the document, and the count of checks
        Client().get(f"/v/{made[0].token}")


@pytest.mark.parametrize(
    ("language", "headline"), [("id", "Dicabut: jangan diandalkan"), ("en", "Revoked: do not rely on it")]
)
def test_verify_revoked_says_so_first(issue: Issue, language: str, headline: str) -> None:
    made = issue()
    document_revoke(made.id, reason="rahasia", by=SYSTEM)

    text = client_in(language).get(f"/v/{made.token}").content.decode()

    assert f"<h1>{headline}</h1>" in text
    assert "rahasia" not in text


def test_verify_expired_and_replaced_are_genuine_but_not_in_force(issue: Issue) -> None:
    old = issue()
    issue(number="2", idempotency_key="k2", replaces=old.id)
    new = issue(number="3", idempotency_key="k3")

    with clock.freeze(datetime(2028, 5, 12, tzinfo=UTC)):
        replaced, expired = (client_in("en").get(f"/v/{d.token}").content.decode() for d in (old, new))

    assert "<h1>Genuine, but replaced by a newer one</h1>" in replaced
    assert "<h1>Genuine, but no longer valid</h1>" in expired


@pytest.mark.parametrize("token", ["a" * 22, "x", "a" * 500, "%00", "<script>", "..", "' or 1=1 --"])
def test_verify_unknown_code_gets_a_clear_page(token: str) -> None:
    page = client_in("en").get(f"/v/{token}")

    assert page.status_code == 404
    assert "<h1>We know of no such document</h1>" in page.content.decode()
    assert "<script>" not in page.content.decode()


def test_verify_too_often_from_one_address_is_slowed_down(
    issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issue()
    monkeypatch.setattr(views, "LOOKUPS_A_MINUTE", 3)
    client = client_in("en")

    answers = [client.get(f"/v/{made.token}").status_code for _ in range(5)]
    other = client.get(f"/v/{made.token}", REMOTE_ADDR="10.0.0.9").status_code

    assert answers == [200, 200, 200, 429, 429]
    assert other == 200


def pdf_of(made: DocumentView) -> bytes:
    return document_bytes(made.id, by=Actor.person(MOTHER))


@pytest.mark.parametrize(
    ("language", "headline"), [("id", "Asli dan tidak berubah"), ("en", "Genuine and unchanged")]
)
def test_check_file_issued_file_is_genuine(issue: Issue, language: str, headline: str) -> None:
    made = issue()

    page = upload(client_in(language), pdf_of(made))

    text = page.content.decode()
    assert page.status_code == 200
    assert f"<h1>{headline}</h1>" in text
    assert made.number in text
    assert NIK not in text


@pytest.mark.parametrize(
    ("language", "headline"),
    [("id", "Diubah setelah ditandatangani"), ("en", "Changed after it was signed")],
)
def test_check_file_changed_byte_is_said_plainly_with_what_was_really_issued(
    issue: Issue, language: str, headline: str
) -> None:
    made = issue()
    pdf = bytearray(pdf_of(made))
    pdf[len(pdf) // 2] ^= 1

    text = upload(client_in(language), bytes(pdf)).content.decode()

    assert f"<h1>{headline}</h1>" in text
    assert made.number in text


@pytest.mark.parametrize(
    ("content", "name", "status", "headline"),
    [
        (b"", "kosong.pdf", 422, "The file is empty (0 bytes)"),
        (b"hello", "surat.pdf", 200, "This is not a PDF we can read"),
        (b"MZ\x90\x00", "../../etc/passwd", 200, "This is not a PDF we can read"),
        (b"%PDF-1.7 <script>alert(1)</script>", "x.pdf", 200, "This is not a PDF we can read"),
    ],
)
def test_check_file_bad_upload_gets_a_clear_answer(
    content: bytes, name: str, status: int, headline: str
) -> None:
    page = upload(client_in("en"), content, name)

    assert page.status_code == status
    assert headline in page.content.decode()
    assert "<script>" not in page.content.decode()


def test_check_file_without_a_file_asks_for_one() -> None:
    page = client_in("en").post("/v/", {})

    assert page.status_code == 422
    assert "Choose a file first." in page.content.decode()


def test_check_file_too_large_is_refused_before_it_is_read() -> None:
    class Unread:
        """A body that must not be touched."""

        def read(self, *_size: int) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    page = client_in("en").generic(
        "POST",
        "/v/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(20 * MAX_BYTES),
        **{"wsgi.input": Unread()},
    )

    assert page.status_code == 413
    assert "larger than 10 MB" in page.content.decode()


def test_check_file_just_above_the_limit_is_refused() -> None:
    page = upload(client_in("en"), b"%PDF" + bytes(MAX_BYTES))

    assert page.status_code == 422
    assert "larger than 10 MB" in page.content.decode()


def test_check_file_too_often_from_one_address_is_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "FILES_A_MINUTE", 1)
    client = client_in("en")

    assert [client.post("/v/", {}).status_code for _ in range(3)] == [422, 429, 429]


def test_check_file_when_no_process_can_be_started_says_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "run", full)

    page = upload(client_in("en"), b"%PDF")

    assert page.status_code == 503
    assert "We cannot check files at the moment." in page.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_check_file_other_methods_are_refused(method: str) -> None:
    assert getattr(Client(), method)("/v/").status_code == 405


def test_pages_fit_the_budget_and_load_nothing_from_elsewhere(issue: Issue) -> None:
    made = issue()
    with translation.override("id"):
        pages = [Client().get(address).content for address in ("/v/", f"/v/{made.token}")]

    assert all(len(page) < 30_000 for page in pages)
    assert all(b'src="http' not in page and b"style=" not in page for page in pages)
