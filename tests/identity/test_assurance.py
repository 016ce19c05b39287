"""Proofing apart from authentication: levels, counters, the face match, step-up, and sessions that grow old."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from terpadu.directory.public import PositionView
from terpadu.identity.adapters.fake_faces import FakeFaceMatcher
from terpadu.identity.enums import AuthenticationLevel, EvidenceKind, ProofingLevel, ProofingMethod
from terpadu.identity.errors import (
    FaceNotMatched,
    FaceUnavailable,
    FaceUnusable,
    SecondOfficerNeeded,
    TicketRefused,
    TooManyTries,
)
from terpadu.identity.events import PersonProofed
from terpadu.identity.models import Account, Proofing, SignIn
from terpadu.identity.public import proofing_of
from terpadu.identity.rules.assurance import Requirement, authentication_from, is_authentication_enough
from terpadu.identity.rules.codes import choices_for, tidy_code
from terpadu.identity.services import faces, proofing, registration
from terpadu.identity.services.faces import FaceAnswer
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import OutboxEvent
from tests.identity.conftest import NIK, PASSWORD, SETUP, FakeRegistry, app_code
from tests.identity.face_contract import check_face_contract
from tests.identity.people import BUDI_NIK, browser_of, officer, person
from tests.identity.test_sign_in import add_app

pytestmark = pytest.mark.django_db

PICTURE = b"\xff\xd8\xff" + bytes(4000)
LOA1, LOA2, LOA3 = AuthenticationLevel.LOA1, AuthenticationLevel.LOA2, AuthenticationLevel.LOA3


@pytest.fixture
def budi(operator: PositionView) -> Actor:
    """An officer at a counter."""
    return officer(person(BUDI_NIK, "Budi Santoso", date(1988, 5, 17)), operator)


class ScriptedFaces:
    """A face match that answers as told."""

    name = "scripted"

    def __init__(self, *answers: FaceAnswer | Exception) -> None:
        self.answers = list(answers)

    def compare(self, nik: str, image: bytes) -> FaceAnswer:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


# ---- Rules


@pytest.mark.parametrize(
    ("records", "level"),
    [
        ([], LOA1),
        ([("password", "")], LOA1),
        ([("password", ""), ("totp", "")], LOA2),
        ([("recovery_code", "")], LOA2),
        ([("passkey", "")], LOA3),
        ([("passkey", ""), ("password", "")], LOA3),
        ([("recovery", "")], LOA1),
        ([("demo", "")], LOA1),
        ([("cross_device", "loa1")], LOA1),
        ([("cross_device", "loa2")], LOA2),
        ([("cross_device", "loa3")], LOA2),  # a relayed code is never worth a passkey used on the spot
        ([("cross_device", "forged")], LOA1),
        ([("unheard of", "")], LOA1),
    ],
)
def test_authentication_from_strongest_proof_counts(
    records: Sequence[tuple[str, str]], level: AuthenticationLevel
) -> None:
    entries = [{"method": method, "at": 100 + n, "level": told} for n, (method, told) in enumerate(records)]

    assert authentication_from(entries).level is level


@pytest.mark.parametrize(
    ("wanted", "max_age", "enough"),
    [
        (LOA1, None, True),
        (LOA2, None, True),
        (LOA3, None, False),
        (LOA2, 60, False),
        (LOA2, 600, True),
        (LOA1, 60, True),
    ],
)
def test_is_authentication_enough_for_level_and_age(
    wanted: AuthenticationLevel, max_age: int | None, enough: bool
) -> None:
    records = [{"method": "totp", "at": 1000}, {"method": "password", "at": 1190}]

    found = is_authentication_enough(records, wanted=Requirement(wanted, max_age_s=max_age), now_s=1200)

    assert found is enough


def test_choices_for_always_holds_the_number_once() -> None:
    for number in range(10, 100):
        choices = choices_for(number, seed=number * 7)
        assert number in choices
        assert len(set(choices)) == 3
        assert all(10 <= choice <= 99 for choice in choices)


@pytest.mark.parametrize(("typed", "code"), [("ab cd-23", "ABCD23"), ("ABCD0", ""), ("", ""), ("é", "")])
def test_tidy_code_takes_spaces_and_refuses_marks_that_no_code_has(typed: str, code: str) -> None:
    assert tidy_code(typed) == code


# ---- Proofing


def test_proofing_of_a_stranger_is_declared_and_of_a_registered_person_matched(
    siti: UUID, registry: FakeRegistry, visit: Visit
) -> None:
    assert proofing_of(siti).level is ProofingLevel.DECLARED

    draft = registration.registration_begin(
        NIK, name="siti rahmawati", birth_on=date(1992, 6, 14), visit=visit
    )
    registration.registration_set_password(draft, password=PASSWORD)
    registration.registration_finish(draft)

    assert proofing_of(siti).level is ProofingLevel.MATCHED
    assert proofing_of(siti).method == ProofingMethod.REGISTRY


def test_counter_confirms_once_by_the_code_on_the_phone(account: Account, budi: Actor) -> None:
    code = proofing.ticket_open(account.person_id)

    assert (
        proofing.proofing_confirm(code.lower(), evidence=EvidenceKind.IDENTITY_CARD, by=budi)
        == account.person_id
    )

    found = proofing_of(account.person_id)
    assert (found.level, found.evidence, found.agency_code) == ("confirmed", "ktp_el", "disdukcapil.36.71")
    assert OutboxEvent.objects.filter(name=PersonProofed.name).count() == 1
    with pytest.raises(TicketRefused):
        proofing.proofing_confirm(code, evidence=EvidenceKind.IDENTITY_CARD, by=budi)


def test_counter_code_is_kept_nowhere_in_clear_and_a_new_one_ends_the_old(
    account: Account, budi: Actor
) -> None:
    first, second = (proofing.ticket_open(account.person_id) for _ in range(2))

    with pytest.raises(TicketRefused):
        proofing.ticket_person(first, by=budi)
    assert proofing.ticket_person(second, by=budi) == account.person_id
    with clock.freeze(clock.now() + timedelta(minutes=11)), pytest.raises(TicketRefused):
        proofing.ticket_person(second, by=budi)


def test_officer_cannot_confirm_themselves(budi: Actor) -> None:
    assert budi.person_id
    code = proofing.ticket_open(budi.person_id)

    with pytest.raises(SecondOfficerNeeded):
        proofing.proofing_confirm(code, evidence=EvidenceKind.IDENTITY_CARD, by=budi)


def test_officer_who_guesses_codes_is_stopped(budi: Actor) -> None:
    for _ in range(20):
        with pytest.raises(TicketRefused):
            proofing.ticket_person("2345 6789", by=budi)
    with pytest.raises(TooManyTries):
        proofing.ticket_person("2345 6789", by=budi)


# ---- Face match


def test_fake_face_matcher_keeps_the_contract() -> None:
    check_face_contract(FakeFaceMatcher(), nik=NIK, picture=PICTURE, no_face=b"\xff\xd8\xff")


def use(monkeypatch: pytest.MonkeyPatch, *answers: FaceAnswer | Exception) -> None:
    monkeypatch.setattr(faces, "_registered", [ScriptedFaces(*answers)])


def test_face_match_keeps_score_and_decision_and_no_picture(
    siti: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FaceAnswer(True, True, 0.91))

    proofing.face_check(siti, image=PICTURE, by=SETUP)

    row = Proofing.objects.get()
    assert (row.score, row.threshold, row.is_passed, row.checked_by) == (0.91, 0.75, True, "scripted")
    assert proofing_of(siti).level is ProofingLevel.CONFIRMED
    assert not [
        field for field in Proofing._meta.get_fields() if "image" in field.name or "picture" in field.name
    ]


@pytest.mark.parametrize(
    "answer", [FaceAnswer(True, True, 0.74), FaceAnswer(False, True, 0.99), FaceAnswer(True, False, 0.99)]
)
def test_face_match_too_low_or_not_alive_confirms_nobody(
    siti: UUID, monkeypatch: pytest.MonkeyPatch, answer: FaceAnswer
) -> None:
    use(monkeypatch, answer)

    with pytest.raises(FaceNotMatched):
        proofing.face_check(siti, image=PICTURE, by=SETUP)

    assert proofing_of(siti).level is ProofingLevel.DECLARED
    assert not Proofing.objects.get().is_passed


def test_face_match_out_is_try_later_and_never_no_match(siti: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, *(FaceUnavailable(reason="down") for _ in range(6)))

    for _ in range(5):
        with pytest.raises(FaceUnavailable):
            proofing.face_check(siti, image=PICTURE, by=SETUP)

    assert Proofing.objects.count() == 0


def test_face_match_fourth_try_within_an_hour_is_stopped(siti: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, *(FaceAnswer(True, True, 0.1) for _ in range(4)))
    for _ in range(3):
        with pytest.raises(FaceNotMatched):
            proofing.face_check(siti, image=PICTURE, by=SETUP)

    with pytest.raises(TooManyTries):
        proofing.face_check(siti, image=PICTURE, by=SETUP)


@pytest.mark.parametrize("image", [b"", b"GIF89a" + bytes(5000), b"\xff\xd8\xff" + bytes(1_048_576)])
def test_face_match_of_no_picture_asks_nobody(
    siti: UUID, monkeypatch: pytest.MonkeyPatch, image: bytes
) -> None:
    use(monkeypatch)

    with pytest.raises(FaceUnusable):
        proofing.face_check(siti, image=image, by=SETUP)


# ---- Pages


def test_counter_page_confirms_the_person_whose_phone_shows_the_code(account: Account, budi: Actor) -> None:
    phone, desk = browser_of(NIK), browser_of(BUDI_NIK)
    shown = phone.post("/akun/bukti-diri/").content.decode()
    code = re.search(r'<b class="num">([A-Z0-9 ]{9})</b>', shown)
    assert code

    asked = desk.post("/petugas/loket/", {"code": code[1]})
    page = desk.get(asked.headers["Location"]).content.decode()
    assert "Siti Rahmawati" in page
    assert NIK not in page
    refused = desk.post(asked.headers["Location"], {"evidence": "ktp_el"})
    assert refused.status_code == 200
    desk.post(asked.headers["Location"], {"evidence": "ktp_el", "is_same": "on"})

    assert proofing_of(account.person_id).level is ProofingLevel.CONFIRMED


def test_counter_is_for_officers_of_counters_only(account: Account, head: PositionView) -> None:
    assert browser_of(NIK).get("/petugas/loket/").status_code == 403
    officer(account.person_id, head)
    assert browser_of(NIK).get("/petugas/loket/").status_code == 403


def test_face_page_without_matcher_offers_the_counter(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faces, "_registered", [])
    picture = SimpleUploadedFile("aku.jpg", PICTURE, "image/jpeg")

    response = browser_of(NIK).post("/akun/bukti-diri/wajah/", {"picture": picture})

    assert response.status_code == 503
    assert "/akun/bukti-diri/" in response.content.decode()


@pytest.fixture
def strict(settings: Settings) -> None:
    """Add the pages that need a stronger sign-in."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.identity.pages_urls"


@pytest.mark.usefixtures("strict")
def test_step_up_asks_for_the_code_only_and_keeps_the_form(account: Account) -> None:
    secret = add_app(account)
    client = Client()
    client.post("/masuk/", {"nik": NIK, "password": PASSWORD})
    client.post("/masuk/kode/", {"code": app_code(secret)})
    assert client.get("/uji/kuat/").content == b"loa2 "
    downgrade = client.session
    downgrade["identity.methods"] = [{"method": "password", "at": 1}]
    downgrade.save()

    sent = client.post("/uji/kuat/", {"jawaban": "dua kata & tanda", "pilihan": ["a", "b"]})
    assert sent.headers["Location"] == "/masuk/tingkat/"
    asked = client.get("/masuk/tingkat/").content.decode()
    assert 'name="code"' in asked
    assert 'name="password"' not in asked
    before = client.session.session_key
    with clock.freeze(clock.now() + timedelta(seconds=31)):
        client.post("/masuk/tingkat/", {"code": app_code(secret)})
        page = client.get("/masuk/tingkat/").content.decode()
    assert client.session.session_key != before
    assert 'action="/uji/kuat/"' in page
    assert page.count('name="pilihan"') == 2
    assert 'value="dua kata &amp; tanda"' in page
    assert b"dua kata" in client.post("/uji/kuat/", {"jawaban": "dua kata"}).content


@pytest.mark.usefixtures("strict")
def test_step_up_without_second_lock_leads_to_adding_one_and_back(account: Account) -> None:
    client = browser_of(NIK)
    client.get("/uji/kuat/")
    page = client.get("/masuk/tingkat/").content.decode()
    assert "/akun/aplikasi/" in page
    setup = client.get("/akun/aplikasi/").content.decode()
    secret = re.search(r'<b class="num">([A-Z2-7 ]{30,})</b>', setup)
    assert secret

    client.post("/akun/aplikasi/", {"code": app_code(secret[1].replace(" ", ""))})

    assert "/masuk/tingkat/" in client.get("/akun/kode-pemulihan/").content.decode()
    assert client.get("/masuk/tingkat/").headers["Location"] == "/uji/kuat/"
    assert client.get("/uji/kuat/").content == b"loa2 "


@pytest.mark.usefixtures("strict")
def test_step_up_for_proofing_shows_the_ways(account: Account, budi: Actor) -> None:
    client = browser_of(NIK)
    assert client.get("/uji/pasti/").headers["Location"] == "/masuk/tingkat/"
    assert "/akun/bukti-diri/" in client.get("/masuk/tingkat/").content.decode()

    proofing.proofing_confirm(
        proofing.ticket_open(account.person_id), evidence=EvidenceKind.IDENTITY_CARD, by=budi
    )

    assert client.get("/masuk/tingkat/").headers["Location"] == "/uji/pasti/"
    assert client.get("/uji/pasti/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_step_up_to_a_passkey_never_takes_a_code(account: Account) -> None:
    secret = add_app(account)
    client = Client()
    client.post("/masuk/", {"nik": NIK, "password": PASSWORD})
    client.post("/masuk/kode/", {"code": app_code(secret)})
    client.get("/uji/terkuat/")

    page = client.get("/masuk/tingkat/").content.decode()

    assert 'name="code"' not in page
    assert "/akun/passkey/" in page


def test_session_after_an_hour_of_rest_asks_again_and_keeps_the_form(account: Account) -> None:
    client = browser_of(NIK)
    with clock.freeze(clock.now() + timedelta(minutes=61)):
        assert client.get("/akun/").headers["Location"] == "/masuk/ulang/?next=%2Fakun%2F"
        sent = client.post("/akun/sesi/keluar/", {"session": ""})
        assert sent.headers["Location"] == "/masuk/ulang/?next=%2Fmasuk%2Ftingkat%2F"
        client.post("/masuk/ulang/", {"password": PASSWORD, "next": "/masuk/tingkat/"})
        page = client.get("/masuk/tingkat/").content.decode()

        assert 'action="/akun/sesi/keluar/"' in page
        assert client.get("/akun/").status_code == 200


def test_session_in_use_does_not_ask(account: Account) -> None:
    client, begun = browser_of(NIK), clock.now()
    for minutes in (50, 100, 150):
        with clock.freeze(begun + timedelta(minutes=minutes)):
            assert client.get("/akun/").status_code == 200


def test_session_ends_after_a_day_whatever_happens(account: Account) -> None:
    client, begun = browser_of(NIK), clock.now()
    with clock.freeze(begun + timedelta(hours=23, minutes=55)):
        client.post("/masuk/ulang/", {"password": PASSWORD})
        assert client.get("/akun/").status_code == 200
    with clock.freeze(begun + timedelta(hours=24, minutes=1)):
        assert client.get("/akun/").headers["Location"].startswith("/masuk/?next=")
        assert not SignIn.objects.filter(ended_at__isnull=True).exists()
