"""Data rights of UU 27/2022: the copy, requests with their clock, and the end of an account that leaves the person."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.directory.public import PositionView
from terpadu.identity.enums import DataRequestState, DataRight
from terpadu.identity.errors import AnswerMissing, DataRequestUnknown
from terpadu.identity.models import Account, DataRequest, Mandate, Person, SignIn
from terpadu.identity.public import person_ensure, restrictions_of
from terpadu.identity.rules.rights import due_at
from terpadu.identity.selectors.reference import assurance_limits, rights_law
from terpadu.identity.selectors.rights import data_requests_of, data_requests_open
from terpadu.identity.services import mandates, registration, rights
from terpadu.identity.services.sign_in import Visit
from terpadu.identity.web.readable import readable
from terpadu.kernel import clock, outbox, timers
from terpadu.kernel.actors import Actor
from terpadu.messaging.public import inbox_for
from tests.identity.conftest import NIK, PASSWORD, SETUP, FakeRegistry
from tests.identity.people import BUDI_NIK, DEWI_NIK, browser_of, officer, person

pytestmark = pytest.mark.django_db

WORDS = "Nama saya salah ejaan di register."


@pytest.fixture
def budi(operator: PositionView) -> Actor:
    """An officer of the population office that owns the particulars."""
    return officer(person(BUDI_NIK, "Budi Santoso", date(1988, 5, 17)), operator)


def ask(person_id: UUID, right: DataRight = DataRight.CORRECTION, section: str = "particulars") -> UUID:
    return rights.data_request_make(
        person_id, right=right, section=section, words=WORDS, by=Actor.person(person_id)
    )


def test_reference_data_name_their_source() -> None:
    law = rights_law()

    assert law.law == "UU 27/2022"
    assert set(law.rights) == {right.value for right in DataRight}
    assert all(right.hours == 72 and right.articles for right in law.rights.values())
    assert all(kept.basis for kept in law.kept_after_deletion)
    assert 0 < assurance_limits().face.threshold < 1


@given(st.datetimes(), st.integers(min_value=0, max_value=1000))
def test_due_at_counts_calendar_hours(made: object, hours: int) -> None:
    moment = clock.now()
    assert due_at(moment, hours=hours) - moment == timedelta(hours=hours)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=20,
    )
)
def test_readable_takes_any_json(value: object) -> None:
    assert all(isinstance(place, str) and text for place, text in readable(value))


def test_access_copy_has_every_domains_part_and_is_noted(account: Account) -> None:
    copy = rights.access_copy(account.person_id, by=Actor.person(account.person_id))

    keys = {section["key"] for section in copy["sections"]}
    assert keys >= {
        "particulars",
        "account",
        "representation",
        "cases",
        "documents",
        "messages",
        "trail",
        "civil_service",
    }
    assert json.loads(json.dumps(copy, default=str))["format"] == "terpadu.data-copy/1"
    particulars = next(section for section in copy["sections"] if section["key"] == "particulars")
    assert particulars["data"]["nik"] == NIK
    assert all(section["purpose"]["id"] and section["owner"] for section in copy["sections"])
    assert DataRequest.objects.get().state == DataRequestState.DONE


def test_access_copy_names_a_part_that_does_not_answer(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(person_id: UUID) -> object:
        raise DataRequestUnknown()

    section = rights.data_sections()[0]
    changed = type(section)(section.key, section.title, section.owner, section.purpose, broken)
    monkeypatch.setitem(rights._sections, section.key, changed)

    copy = rights.access_copy(account.person_id, by=Actor.person(account.person_id))

    assert copy["sections"][0]["unavailable"] == "identity.data_request_unknown"


def test_correction_goes_to_the_owner_of_the_data_with_a_clock_of_three_days(
    account: Account, budi: Actor
) -> None:
    request_id = ask(account.person_id)

    [seen] = data_requests_open("disdukcapil.36.71")
    assert (seen.id, seen.words, seen.person_name) == (request_id, WORDS, "Siti Rahmawati")
    assert seen.due_at - seen.made_at == timedelta(hours=72)
    assert WORDS.encode() not in bytes(DataRequest.objects.get().sealed)
    rights.data_request_decide(request_id, is_granted=True, answer="Sudah diperbaiki di SIAK.", by=budi)
    [done] = data_requests_of(account.person_id)
    assert (done.state, done.answer) == ("done", "Sudah diperbaiki di SIAK.")
    while outbox.deliver_due():
        pass
    told = [message.template for message in inbox_for(account.person_id)]
    assert told == ["data_request_ended", "data_request_made"]


def test_request_that_nobody_answers_becomes_late_and_the_person_is_told(account: Account) -> None:
    ask(account.person_id)

    with clock.freeze(clock.now() + timedelta(hours=73)):
        timers.fire_due()
        assert data_requests_open("dukcapil")[0].is_late
        while outbox.deliver_due():
            pass
        assert "data_request_late" in [m.template for m in inbox_for(account.person_id)]
    assert DataRequest.objects.get().state == DataRequestState.OPEN


def test_answers_come_from_the_owners_officers_with_reasons(account: Account, budi: Actor) -> None:
    request_id = ask(account.person_id)
    assert budi.person_id
    stranger = Actor.officer(budi.person_id, agency="kecamatan.36.71.01", position=budi.position)

    with pytest.raises(AnswerMissing):
        rights.data_request_decide(request_id, is_granted=True, answer="ok", by=budi)
    for by in (stranger, Actor.person(budi.person_id)):
        with pytest.raises(DataRequestUnknown):
            rights.data_request_decide(request_id, is_granted=True, answer="Sudah diperbaiki.", by=by)
    with pytest.raises(DataRequestUnknown):
        rights.data_request_cancel(request_id, by=Actor.person(budi.person_id))
    with pytest.raises(DataRequestUnknown):
        ask(account.person_id, section="nothing")


def test_restriction_holds_from_the_grant_until_it_is_lifted(account: Account, budi: Actor) -> None:
    request_id = ask(account.person_id, DataRight.RESTRICTION)
    assert restrictions_of(account.person_id) == frozenset()

    rights.data_request_decide(request_id, is_granted=True, answer="Dibatasi sesuai permintaan.", by=budi)
    assert restrictions_of(account.person_id) == {"particulars"}
    rights.data_request_cancel(request_id, by=Actor.person(account.person_id))

    assert restrictions_of(account.person_id) == frozenset()


def test_deletion_happens_after_three_days_and_leaves_the_person(
    account: Account, registry: FakeRegistry, visit: Visit, services: object
) -> None:
    client, person_id = browser_of(NIK), account.person_id
    mandates.mandate_offer(
        person_id,
        actor_name="Dewi",
        services=["*"],
        until=clock.now() + timedelta(days=5),
        by=Actor.person(person_id),
    )
    client.post("/akun/hak-data/hapus-akun/")
    assert Account.objects.filter(person_id=person_id).exists()

    with clock.freeze(clock.now() + timedelta(hours=73)):
        timers.fire_due()
        assert not Account.objects.filter(person_id=person_id).exists()
        assert SignIn.objects.count() == 0
        assert Mandate.objects.get().ended_at is not None
        assert client.get("/akun/").status_code == 302
        draft = registration.registration_begin(
            NIK, name="siti rahmawati", birth_on=date(1992, 6, 14), visit=visit
        )
        registration.registration_set_password(draft, password=PASSWORD)
        again = registration.registration_finish(draft)
    assert again.person_id == person_id
    assert Person.objects.filter(nik_hash=Person.objects.get(pk=person_id).nik_hash).count() == 1


def test_deletion_taken_back_in_time_changes_nothing(account: Account) -> None:
    person_id = account.person_id
    request_id = rights.data_request_make(
        person_id, right=DataRight.DELETION, section="", words="", by=Actor.person(person_id)
    )
    rights.data_request_cancel(request_id, by=Actor.person(person_id))

    with clock.freeze(clock.now() + timedelta(hours=73)):
        timers.fire_due()

    assert Account.objects.filter(person_id=person_id).exists()


def test_rights_pages_from_the_copy_to_the_officers_answer(account: Account, budi: Actor) -> None:
    siti, desk = browser_of(NIK), browser_of(BUDI_NIK)
    copy = siti.post("/akun/hak-data/salinan.json")
    assert copy.headers["Content-Type"].startswith("application/json")
    assert json.loads(copy.content)["person_id"] == str(account.person_id)
    assert "Siti Rahmawati" in siti.post("/akun/hak-data/salinan/").content.decode()
    assert siti.get("/akun/hak-data/perbaikan/").status_code == 200
    siti.post("/akun/hak-data/perbaikan/", {"section": "particulars", "words": WORDS})
    row = DataRequest.objects.get(right=DataRight.CORRECTION)

    assert f"/petugas/hak-data/{row.id}/" in desk.get("/petugas/hak-data/").content.decode()
    page = f"/petugas/hak-data/{row.id}/"
    assert WORDS in desk.get(page).content.decode()
    desk.post(page, {"verdict": "refuse", "answer": "Nama sesuai akta; lihat ps. 30."})

    assert "Nama sesuai akta" in siti.get("/akun/hak-data/").content.decode()


def test_copy_needs_a_fresh_proof_and_is_never_a_mere_link(account: Account) -> None:
    client = browser_of(NIK)
    assert client.get("/akun/hak-data/salinan.json").status_code == 405
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        assert client.post("/akun/hak-data/salinan.json").headers["Location"].startswith("/masuk/ulang/")
        sent = client.post(
            "/akun/hak-data/salinan.json", headers={"Referer": "http://testserver/akun/hak-data/"}
        )
        assert sent.headers["Location"] == "/masuk/ulang/?next=%2Fakun%2Fhak-data%2F"
        sent = client.post("/akun/hak-data/salinan.json", headers={"Referer": "https://jahat.example/akun/"})
        assert sent.headers["Location"] == "/masuk/ulang/?next=%2Fakun%2Fhak-data%2Fsalinan.json"
    person_ensure(nik=DEWI_NIK, name="Dewi", birth_on=date(1985, 1, 1), sex="P", by=SETUP)
    assert DataRequest.objects.count() == 0
