"""Drafts: kept at each page, prefilled with provenance, usable when registers are out, and nobody else's business."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from terpadu.casework import public as casework
from terpadu.casework.definitions.compiled import OTHERWISE
from terpadu.casework.enums import AnswerStatus, PublicState
from terpadu.casework.errors import CaseMoved, NotComplete, NotEligible
from terpadu.casework.models import Attachment, Case, CaseAnswers
from terpadu.casework.services.uploads import LARGEST_BYTES, path_of
from terpadu.exchange.errors import ExchangeGarbled, ExchangeUnavailable, NothingFound, SubjectMismatch
from terpadu.kernel import clock, timers
from terpadu.kernel.errors import NotAllowed
from tests.casework.conftest import MONDAY, NEWBORN, Draft, FakeExchange, World, choice_of, person_of, save

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a small file"
JPG = b"\xff\xd8\xff\xe0 a small picture"


def pdf(name: str = "kk.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def start(world: World) -> UUID:
    return casework.case_start("dukcapil.kia.baru", applicant=person_of(world.siti), by=world.siti).case_id


def choose(case_id: UUID, name: str, world: World) -> casework.NextPage:
    page = casework.page_get(case_id, "anak", by=world.siti)
    return save(case_id, "anak", {"anak": choice_of(page, name)}, by=world.siti)


def test_draft_found_again_opens_where_it_stopped(world: World) -> None:
    case_id = start(world)
    choose(case_id, "RAKA PRATAMA", world)

    view = casework.case_get(case_id, by=world.siti)

    assert view.open_page == "penerimaan"
    assert casework.page_get(case_id, by=world.siti).page_id == "penerimaan"
    assert casework.page_get(case_id, "foto", by=world.siti).page_id == "penerimaan"
    assert [case.case_id for case in casework.case_list_for(person_of(world.siti))] == [case_id]


def test_child_list_offers_only_children_of_the_applicant(world: World) -> None:
    page = casework.page_get(start(world), by=world.siti)

    choices: Any = page.form.fields["anak"]
    assert [text for _, text in choices.choices] == [
        "ALYA RAHMA FAUZI",
        "RAKA PRATAMA",
        "Anak saya tidak ada di daftar",
    ]


def test_child_who_has_a_card_stops_with_the_reason(world: World) -> None:
    case_id = start(world)

    outcome = choose(case_id, "ALYA RAHMA FAUZI", world)

    assert outcome.kind == "stopped"
    assert "sudah memiliki KIA" in outcome.reason["id"]
    assert "already has" in outcome.reason["en"]


def test_registers_down_let_the_applicant_declare_and_ask_for_papers(
    world: World, toll_road: FakeExchange
) -> None:
    toll_road.faults["cariKeluarga"] = ExchangeUnavailable(reason="outway.slow")
    case_id = start(world)

    page = casework.page_get(case_id, by=world.siti)
    assert [outage.kind for outage in page.outages] == ["unavailable"]
    choices: Any = page.form.fields["anak"]
    assert [value for value, _ in choices.choices] == [OTHERWISE]
    assert save(case_id, "anak", {"anak": OTHERWISE}, by=world.siti).page_id == "anak_manual"
    manual = {
        "nik_anak": NEWBORN,
        "no_kk_anak": "3671011807160004",
        "kepala_keluarga_anak": "Ahmad",
        "alamat_anak": "Jl. A",
    }
    assert save(case_id, "anak_manual", manual, by=world.siti, kk_scan=pdf()).page_id == "penerimaan"
    page = casework.page_get(case_id, by=world.siti)
    assert page.facts == ()
    told = {
        "nama": "Bintang", "tempat_lahir": "Tangerang", "tgl_lahir_day": "30", "tgl_lahir_month": "9",
        "tgl_lahir_year": "2026", "jenis_kelamin": "male", "nomor_akta": "3671-LU-1", "cara": "digital",
    }  # fmt: skip
    assert save(case_id, "penerimaan", told, by=world.siti).page_id == "bukti"
    assert save(case_id, "bukti", {}, by=world.siti, akta_scan=pdf("akta.pdf")).kind == "check"

    view = casework.case_submit(case_id, by=world.siti, submit_key="k")

    assert view.state is PublicState.WAITING
    assert view.subject_name == "Bintang"
    statuses = {fact.field_id: fact.status for section in view.sections for fact in section.facts}
    assert statuses["nama"] is AnswerStatus.DECLARED
    assert NEWBORN not in str(CaseAnswers.objects.get(case_id=case_id).answers)


def test_declared_child_is_made_known_only_when_an_officer_approves(
    world: World, toll_road: FakeExchange
) -> None:
    test_registers_down_let_the_applicant_declare_and_ask_for_papers(world, toll_road)
    case = Case.objects.get()
    assert case.subject_person_id is None

    casework.case_act(case.id, "approve", by=world.budi)

    case.refresh_from_db()
    assert case.subject_person_id is not None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (ExchangeUnavailable(reason="outway.unreachable"), "unavailable"),
        (ExchangeGarbled(reason="answer.breaks_openapi"), "garbled"),
        (SubjectMismatch(operation="aktaKelahiran"), "mismatch"),
    ],
)
def test_birth_register_out_is_told_and_its_data_asked(
    world: World, toll_road: FakeExchange, fault: Exception, kind: str
) -> None:
    toll_road.faults["aktaKelahiran"] = fault
    case_id = start(world)
    choose(case_id, "RAKA PRATAMA", world)

    page = casework.page_get(case_id, by=world.siti)

    assert [(outage.source_id, outage.kind) for outage in page.outages] == [("lahir", kind)]
    assert page.outages[0].message
    assert "nama" not in page.form.fields, "the family card still knows the name"
    assert save(case_id, "penerimaan", {"cara": "digital"}, by=world.siti).page_id == "bukti"


def test_registers_answer_again_when_asked_to_retry(world: World, toll_road: FakeExchange) -> None:
    toll_road.faults["cariKeluarga"] = ExchangeUnavailable(reason="outway.slow")
    case_id = start(world)
    casework.page_get(case_id, by=world.siti)
    asked = len(toll_road.calls)
    casework.page_get(case_id, by=world.siti)
    assert len(toll_road.calls) == asked, "not asked again within a minute"
    del toll_road.faults["cariKeluarga"]

    page = casework.page_get(case_id, by=world.siti, retry=True)

    assert page.outages == ()


def test_register_without_the_birth_asks_for_the_deed(world: World, toll_road: FakeExchange) -> None:
    toll_road.faults["aktaKelahiran"] = NothingFound(reason="provider.not_found")
    case_id = start(world)
    choose(case_id, "RAKA PRATAMA", world)

    page = casework.page_get(case_id, by=world.siti)

    assert page.outages == ()
    assert save(case_id, "penerimaan", {"cara": "digital"}, by=world.siti).page_id == "bukti"


def test_register_answer_that_cannot_be_read_counts_as_garbled(world: World, toll_road: FakeExchange) -> None:
    toll_road.answers["cariKeluarga"] = {"data": {"anggota": [{"nik": "1", "nama_lengkap": "X"}]}}

    page = casework.page_get(start(world), by=world.siti)

    assert [outage.kind for outage in page.outages] == ["garbled"]


def test_disputed_fact_goes_to_the_officer_beside_the_registers(world: World) -> None:
    case_id = start(world)
    choose(case_id, "RAKA PRATAMA", world)
    page = casework.page_get(case_id, by=world.siti, disputing="nama")
    assert list(page.form.fields) == ["nama", "nama__note", "cara"]

    told = {"nama": "Raka Pratama Putra", "nama__note": "Lihat akta asli.", "cara": "digital"}
    casework.page_save(case_id, "penerimaan", told, by=world.siti, disputing="nama")

    view = casework.case_submit(case_id, by=world.siti, submit_key="k")
    fact = next(f for section in view.sections for f in section.facts if f.field_id == "nama")
    assert (fact.value, fact.registry_value, fact.note) == (
        "Raka Pratama Putra",
        "Raka Pratama",
        "Lihat akta asli.",
    )
    assert fact.changed


def test_another_child_chosen_forgets_what_was_disputed(world: World, toll_road: FakeExchange) -> None:
    case_id = start(world)
    choose(case_id, "RAKA PRATAMA", world)
    told = {"nama": "Raka Pratama Putra", "nama__note": "Lihat akta asli.", "cara": "digital"}
    casework.page_save(case_id, "penerimaan", told, by=world.siti, disputing="nama")

    choose(case_id, "ALYA RAHMA FAUZI", world)

    answers = CaseAnswers.objects.get(case_id=case_id)
    assert "nama" not in answers.answers
    assert answers.pages == ["anak"]
    assert answers.sources["lahir"]["values"]["nama"] == "Alya Rahma Fauzi"


def test_hidden_answers_are_shown_and_removed_when_sent(world: World, ready_draft: Draft) -> None:
    case_id = ready_draft()
    save(case_id, "penerimaan", {"cara": "kecamatan"}, by=world.siti)
    save(case_id, "tempat", {"tempat": "36.71.05"}, by=world.siti)
    save(case_id, "penerimaan", {"cara": "digital"}, by=world.siti)

    check = casework.check_get(case_id, by=world.siti)
    casework.case_submit(case_id, by=world.siti, submit_key="k")

    answers = CaseAnswers.objects.get(case_id=case_id)
    assert [(fact.field_id, fact.value) for fact in check.removed] == [("tempat", "Cipondoh")]
    assert "tempat" not in answers.answers
    assert answers.removed["tempat"]["value"] == "36.71.05"


def test_check_page_of_an_unfinished_draft_names_the_open_page(world: World) -> None:
    case_id = start(world)

    with pytest.raises(NotComplete) as caught:
        casework.check_get(case_id, by=world.siti)

    assert caught.value.page_id == "anak"


def test_sending_an_ineligible_draft_is_refused(world: World) -> None:
    case_id = start(world)
    choose(case_id, "ALYA RAHMA FAUZI", world)

    with pytest.raises(NotEligible) as caught:
        casework.case_submit(case_id, by=world.siti, submit_key="k")

    assert caught.value.rule_id == "belum_punya"


def test_sending_twice_makes_one_case(world: World, ready_draft: Draft) -> None:
    case_id = ready_draft()

    first = casework.case_submit(case_id, by=world.siti, submit_key="k")
    second = casework.case_submit(case_id, by=world.siti, submit_key="k")

    case = Case.objects.get()
    assert first.number == second.number
    assert case.tasks.count() == 1
    assert case.events.filter(kind="submitted").count() == 1


def test_foreign_draft_case_and_file_do_not_exist_for_others(world: World) -> None:
    case_id = _with_file(world)
    attachment = Attachment.objects.get()

    for attempt in (
        lambda: casework.page_get(case_id, by=world.wulan),
        lambda: casework.page_save(case_id, "anak", {}, by=world.wulan),
        lambda: casework.check_get(case_id, by=world.wulan),
        lambda: casework.case_submit(case_id, by=world.wulan, submit_key="k"),
        lambda: casework.case_get(case_id, by=world.wulan),
        lambda: casework.case_cancel(case_id, by=world.wulan),
        lambda: casework.attachment_open(attachment.id, by=world.wulan),
        lambda: casework.attachment_open(attachment.id, by=world.budi),
        lambda: casework.case_start("dukcapil.kia.baru", applicant=person_of(world.siti), by=world.wulan),
    ):
        with pytest.raises(NotAllowed) as caught:
            attempt()
        assert caught.value.http_status == 404


def _with_file(world: World, file: SimpleUploadedFile | None = None) -> UUID:
    """A draft on the page for a child whom no register knows, with a file."""
    case_id = start(world)
    casework.page_get(case_id, by=world.siti)
    save(case_id, "anak", {"anak": OTHERWISE}, by=world.siti)
    manual = {
        "nik_anak": NEWBORN,
        "no_kk_anak": "3671011807160004",
        "kepala_keluarga_anak": "A",
        "alamat_anak": "B",
    }
    outcome = save(case_id, "anak_manual", manual, by=world.siti, kk_scan=file or pdf())
    assert outcome.kind == "page", outcome.page and outcome.page.form.errors
    return case_id


def test_upload_is_kept_under_its_id_for_its_owner(world: World) -> None:
    _with_file(world, pdf("../../KK keluarga.pdf"))

    row = Attachment.objects.get()
    opened = casework.attachment_open(row.id, by=world.siti)

    assert opened.content == PDF
    assert row.file_name == "KK_keluarga.pdf"
    assert path_of(row.id).read_bytes() == PDF
    assert path_of(row.id).stat().st_mode & 0o077 == 0


REFUSED_UPLOADS = [
    (pdf("kk.pdf", b""), "kosong"),
    (pdf("kk.pdf", PDF.ljust(20 * 1024 * 1024, b" ")), "20 MB"),
    (pdf("kk.pdf", PDF.ljust(LARGEST_BYTES + 1, b" ")), "5 MB"),
    (pdf("kk.jpg"), "PDF"),
    (pdf("kk.pdf", b"MZ\x90\x00 a program"), "tidak dapat"),
    (pdf("kk.pdf", b"<html><script>alert(1)</script>"), "tidak dapat"),
    (pdf("kk", PDF), "PDF"),
]


@pytest.mark.parametrize(("file", "words"), REFUSED_UPLOADS, ids=[w for _, w in REFUSED_UPLOADS])
def test_upload_that_does_not_fit_is_refused_and_nothing_is_lost(
    world: World, file: SimpleUploadedFile, words: str
) -> None:
    case_id = start(world)
    casework.page_get(case_id, by=world.siti)
    save(case_id, "anak", {"anak": OTHERWISE}, by=world.siti)
    manual = {
        "nik_anak": NEWBORN,
        "no_kk_anak": "3671011807160004",
        "kepala_keluarga_anak": "A",
        "alamat_anak": "B",
    }

    outcome = save(case_id, "anak_manual", manual, by=world.siti, kk_scan=file)

    assert outcome.kind == "invalid"
    assert outcome.page is not None
    assert words in str(outcome.page.form.errors["kk_scan"])
    assert outcome.page.form.data["kepala_keluarga_anak"] == "A"
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize(
    "nik", ["367101", "3671012902010003", "9971011508950001", "abcdefghijklmnop", "3671011508950000"]
)
def test_malformed_nik_is_refused_with_what_to_do(world: World, nik: str) -> None:
    case_id = start(world)
    casework.page_get(case_id, by=world.siti)
    save(case_id, "anak", {"anak": OTHERWISE}, by=world.siti)

    outcome = save(case_id, "anak_manual", {"nik_anak": nik}, by=world.siti)

    assert outcome.page is not None
    assert "NIK" in str(outcome.page.form.errors["nik_anak"])
    assert nik not in str(outcome.page.form.errors)


def test_tampered_choice_is_refused(world: World) -> None:
    case_id = start(world)
    casework.page_get(case_id, by=world.siti)

    outcome = save(case_id, "anak", {"anak": str(world.wulan.person_id)}, by=world.siti)

    assert outcome.kind == "invalid"


def test_draft_untouched_for_sixty_days_lapses(world: World) -> None:
    case_id = start(world)

    with clock.freeze(MONDAY.replace(year=2027)):
        timers.fire_due()

    assert casework.case_get(case_id, by=world.siti).state is PublicState.LAPSED
    with pytest.raises(CaseMoved):
        casework.page_get(case_id, by=world.siti)


def test_case_cancelled_leaves_the_queue(world: World, sent_case: UUID) -> None:
    casework.case_cancel(sent_case, by=world.siti)

    assert casework.case_get(sent_case, by=world.siti).state is PublicState.CANCELLED
    with pytest.raises(CaseMoved):
        casework.case_act(sent_case, "approve", by=world.budi)
    with pytest.raises(CaseMoved):
        casework.case_cancel(sent_case, by=world.siti)


def test_child_not_listed_after_another_was_chosen_gets_none_of_its_data(world: World) -> None:
    case_id = start(world)
    choose(case_id, "RAKA PRATAMA", world)

    save(case_id, "anak", {"anak": OTHERWISE}, by=world.siti)
    manual = {
        "nik_anak": NEWBORN,
        "no_kk_anak": "3671011807160004",
        "kepala_keluarga_anak": "A",
        "alamat_anak": "B",
    }
    save(case_id, "anak_manual", manual, by=world.siti, kk_scan=pdf())

    page = casework.page_get(case_id, "penerimaan", by=world.siti)
    assert page.facts == ()
    assert "nama" in page.form.fields
    assert page.form.initial["nama"] is None
