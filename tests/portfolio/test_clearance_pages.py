"""Pages of clearance as a program asks for them: bad input is refused clearly, nothing confidential leaves, nothing is lost."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from terpadu.config.maturity_facts import clearance_decisions
from terpadu.maturity.public import FactSubject
from terpadu.portfolio.enums import DecisionKind
from terpadu.portfolio.models import ClearanceRequest
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.services.clearance.submission import request_submit
from terpadu.portfolio.services.overlap_engine_desk import EngineDesk
from terpadu.portfolio.services.overlap_reports import overlap_run
from terpadu.portfolio.services.rationalisation.plans import plan_start
from tests.portfolio.clearance import NEW, People, decided, draft, make_application, make_people, work
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, Country, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(country: Country, actor_from_header: None) -> People:
    """Make everybody who takes part."""
    return make_people()


FORM = {"agency": MINISTRY, "kind": "establish", "title": "Antrean"}


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("rupiah", "banyak", "Write an amount such as"),
        ("fiscal_year", "1900", "Write a year from 2020 to 2040."),
        ("rab_codes", "RAB.99", "RAB.99 is not a RAB code"),
        ("ral_codes", "RAB.01", "RAB.01 is not a RAL code"),
        ("subject", "APL-999999", "The inventory has no application"),
        ("title", "   ", "required"),
        ("function", "x" * 4001, "4001 letters are too many; 4000 fit."),
        ("agency", CITY, "Select a valid choice"),
        ("kind", "demolish", "Select a valid choice"),
    ],
)
def test_form_refuses_bad_input_and_keeps_what_was_typed(
    people: People, field: str, text: str, said: str
) -> None:
    answer = client_of(people.proposer).post(
        "/portofolio/izin/baru/", {**FORM, "need": "Kebutuhan lama", field: text}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page or field == "title"
    assert "Kebutuhan lama" in page
    assert not ClearanceRequest.objects.exists()


def test_document_of_the_wrong_kind_is_refused_in_words(people: People) -> None:
    row = draft(people.proposer)
    before = row.documents.count()

    file = SimpleUploadedFile("kak.pdf", b"MZ\x90 not a document")
    answer = client_of(people.proposer).post(
        f"/portofolio/izin/{row.id}/dokumen/", {"kind": "other", "file": file}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Only PDF, JPG and PNG can be taken." in page and '<option value="other" selected>' in page
    assert row.documents.count() == before


@pytest.mark.parametrize("text", ["x" * 8001, "Bagus\0", ""])
def test_comment_that_cannot_be_taken_stays_in_its_box(people: People, text: str) -> None:
    row = request_submit(draft(people.proposer).id, by=people.proposer)
    path = f"/portofolio/izin/{row.id}/komentar/"

    answer = client_of(people.proposer).post(path, {"text": text})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_text"' in page and text in page and "is_internal" not in page
    assert client_of(people.proposer).get(path).status_code == 302
    assert client_of(None).post(path, {"text": text}).status_code == 302
    assert not row.comments.exists()


def test_strangers_learn_nothing_of_a_request(people: People, country: Country) -> None:
    row = draft(people.proposer)
    document = row.documents.first()
    assert document is not None

    for actor in (country.stranger, people.city, people.decider):
        for path in ("", "ubah/", "kirim/", "putus/", "banding/", "meja/architecture/"):
            assert client_of(actor).get(f"/portofolio/izin/{row.id}/{path}").status_code == 404
        assert client_of(actor).get(f"/portofolio/izin/dokumen/{document.id}/").status_code == 404
    assert client_of(None).get(f"/portofolio/izin/{row.id}/").status_code == 302


def test_register_shows_decisions_without_what_is_confidential(people: People) -> None:
    existing = make_application()
    decided(people, DecisionKind.REUSE, target=existing.code)

    page = client_of(None).get("/portofolio/izin/?q=antrean").content.decode()
    lines = b"".join(client_of(None).get("/portofolio/izin/register.csv").streaming_content).decode(
        "utf-8-sig"
    )  # type: ignore[attr-defined]  # a streaming answer

    rows = list(csv.DictReader(io.StringIO(lines)))
    assert NEW.title in page
    assert [(row["decision"], row["target"]) for row in rows] == [("reuse", existing.code)]
    assert NEW.need not in page + lines
    assert "400.000.000" not in page + lines


def test_decision_links_to_the_page_that_verifies_its_letter(people: People) -> None:
    row = decided(people, DecisionKind.NEW)
    work()

    page = client_of(None).get(f"/portofolio/izin/putusan/{row.number}/").content.decode()

    [address] = re.findall(r'href="(/v/[^"]+)"', page)
    assert f"{row.number}/K" in client_of(None).get(address).content.decode()


def test_draft_plan_is_not_for_everyone(people: People, country: Country) -> None:
    plan = plan_start(name="Rahasia", starts_on=date(2027, 1, 1), by=SYSTEM)

    assert client_of(None).get(f"/portofolio/penataan/rencana/{plan.id}/").status_code == 404
    assert client_of(people.proposer).get("/portofolio/penataan/rencana/baru/").status_code == 404
    assert client_of(country.national).get(f"/portofolio/penataan/rencana/{plan.id}/").status_code == 200


def test_maturity_fact_counts_decided_requests(people: People) -> None:
    decided(people, DecisionKind.NEW)
    draft(people.proposer)

    fact = clearance_decisions(FactSubject(MINISTRY, ""), date(2100, 1, 1))

    assert fact is not None
    assert (fact.key, fact.number) == ("clearance.decisions", 1)
    assert clearance_decisions(FactSubject("tidak.ada", ""), date(2100, 1, 1)) is None


def test_engine_desk_answers_from_a_frozen_report_and_by_letters_before(people: People) -> None:
    texts = (
        "SIMCUTI",
        "Antrean Uji Kendaraan",
        "Arsip Naskah Dinas",
        "Retribusi Parkir",
        "Perpustakaan Daring",
    )
    for name in texts:
        make_application(name, function=f"{name} secara daring untuk pegawai")
    make_application(
        "SIMCUTI Provinsi", function="Pengajuan dan persetujuan cuti pegawai secara daring", agency=MINISTRY
    )
    proposal = OverlapRecord(
        id="proposal", name="SIMCUTI", function="Pengajuan dan persetujuan cuti pegawai secara daring"
    )
    desk = EngineDesk()
    assert desk.look(proposal, most=5).engine == "pg_trgm"

    desk.make(overlap_run(by=SYSTEM).id)
    found = desk.look(proposal, most=5)

    assert found.engine == "terpadu-overlap"
    assert {"engine", "model", "vocabulary", "records_sha256"} <= set(found.versions)
    assert found.candidates[0].name.startswith("SIMCUTI")
