"""Acting for others: parents by the registry, guardians by evidence, mandates given and ended, and never more than given."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.directory.public import PositionView
from terpadu.identity.enums import EvidenceKind, MandateEnd, MandateKind, MandateState
from terpadu.identity.errors import (
    DataNotConfirmed,
    FamilyUnavailable,
    MandateCodeRefused,
    MandateInvalid,
    MandateUnknown,
    SecondOfficerNeeded,
    TooManyTries,
)
from terpadu.identity.models import Account, Mandate, MandateUse
from terpadu.identity.public import acting_options
from terpadu.identity.rules.mandates import birthday, end_of_childhood, state_of
from terpadu.identity.selectors.mandates import guardianships_waiting, mandates_of, uses_of
from terpadu.identity.services import families as families_service
from terpadu.identity.services import mandates
from terpadu.identity.services.families import Ward
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import clock, outbox, timers
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent
from terpadu.messaging.public import inbox_for
from tests.identity.conftest import NIK, FakeFamilies, FakeRegistry
from tests.identity.people import (
    AHMAD_NIK,
    BUDI_NIK,
    CHILD_BORN,
    CHILD_NIK,
    DEWI_NIK,
    browser_of,
    child,
    officer,
    person,
)

pytestmark = pytest.mark.django_db

KIA = "dukcapil.kia.baru"


@pytest.fixture
def dewi(db: None) -> UUID:
    """A neighbour with one name."""
    return person(DEWI_NIK, "Dewi", date(1985, 1, 1), "P")


@pytest.fixture
def budi(operator: PositionView) -> Actor:
    """An officer at a counter."""
    return officer(person(BUDI_NIK, "Budi Santoso", date(1988, 5, 17)), operator)


@pytest.fixture
def mother(account: Account) -> Actor:
    """Siti acting for herself."""
    return Actor.person(account.person_id)


def templates_of(person_id: UUID) -> list[str]:
    while outbox.deliver_due():
        pass
    return [message.template for message in inbox_for(person_id)]


def in_days(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


# ---- Rules


@pytest.mark.parametrize(
    ("born", "married", "today", "end"),
    [
        (date(2009, 11, 24), False, date(2026, 11, 23), None),
        (date(2009, 11, 23), False, date(2026, 11, 23), MandateEnd.OF_AGE),
        (date(2008, 2, 29), False, date(2025, 2, 28), None),
        (date(2008, 2, 29), False, date(2025, 3, 1), MandateEnd.OF_AGE),
        (date(2011, 1, 1), True, date(2026, 11, 23), MandateEnd.MARRIED),
    ],
)
def test_end_of_childhood_at_17_or_marriage(
    born: date, married: bool, today: date, end: MandateEnd | None
) -> None:
    assert end_of_childhood(child(birth_on=born, is_married=married), age=17, today=today) == end


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2090, 1, 1)))
def test_birthday_is_in_the_year_and_never_before_the_day(born: date) -> None:
    found = birthday(born, age=17)

    assert found.year == born.year + 17
    assert (found.month, found.day) >= (born.month, born.day)


@given(st.booleans(), st.booleans(), st.booleans())
def test_state_of_an_ended_mandate_is_ended_whatever_else(started: bool, dated: bool, offer: bool) -> None:
    moment = clock.now()
    state = state_of(
        started_at=moment if started else None,
        valid_until=moment + timedelta(days=1) if dated else None,
        ended_at=moment,
        is_offer=offer,
        now=moment,
    )

    assert state is MandateState.ENDED


# ---- Parents


def test_parent_may_act_for_the_children_that_the_registry_names(
    mother: Actor, families: FakeFamilies
) -> None:
    assert mother.person_id
    families.members = (
        child(),
        child(nik="3671016005170002", name="Alya", birth_on=date(2009, 1, 1)),  # 17 already
        child(nik="3671010101100009", name="Bima", mother_nik=DEWI_NIK),  # somebody else's
        child(nik="3671010101110008", name="Kawin", birth_on=date(2011, 1, 1), is_married=True),
    )

    families_service.family_refresh(mother.person_id, by=mother)
    families_service.family_refresh(mother.person_id, by=mother)

    [found] = acting_options(mother.person_id)
    assert (found.subject_name, found.kind, found.services) == ("Raka Pratama", "parent", ("*",))
    assert found.valid_until
    assert found.valid_until.astimezone(clock.JAKARTA).date() == birthday(CHILD_BORN, age=17)


def test_parent_ends_at_17_by_itself_and_both_are_told(mother: Actor, families: FakeFamilies) -> None:
    assert mother.person_id
    families.members = (child(),)
    families_service.family_refresh(mother.person_id, by=mother)
    row = Mandate.objects.get()

    with clock.freeze(datetime(2039, 3, 4, 0, 1, tzinfo=clock.JAKARTA)):
        assert acting_options(mother.person_id) == []
        timers.fire_due()
        row.refresh_from_db()
        assert row.end == MandateEnd.OF_AGE
        assert row.subject_id
        assert "mandate_ended" in templates_of(row.subject_id)
        assert "mandate_ended" in templates_of(mother.person_id)


@pytest.mark.parametrize(
    ("after", "end"),
    [((child(is_married=True),), "married"), ((), "registry"), ((child(mother_nik=""),), "registry")],
)
def test_parent_ends_when_the_registry_says_so_at_the_next_use(
    mother: Actor, families: FakeFamilies, after: tuple[object, ...], end: str
) -> None:
    assert mother.person_id
    families.members = (child(),)
    families_service.family_refresh(mother.person_id, by=mother)
    row, client = Mandate.objects.get(), browser_of(NIK)
    families.members = after  # type: ignore[assignment]  # members in a tuple

    with clock.freeze(clock.now() + timedelta(days=2)):
        client = browser_of(NIK)
        response = client.post(f"/akun/wakil/{row.id}/mulai/")

    assert response.status_code == 404
    row.refresh_from_db()
    assert row.end == end


def test_registry_down_lets_a_known_parent_act_for_a_week_and_then_says_later(
    mother: Actor, families: FakeFamilies
) -> None:
    assert mother.person_id
    families.members = (child(),)
    families_service.family_refresh(mother.person_id, by=mother)
    families.is_down = True
    row = Mandate.objects.get()

    with pytest.raises(FamilyUnavailable):
        families_service.family_refresh(mother.person_id, by=mother)
    with clock.freeze(clock.now() + timedelta(days=3)):
        assert browser_of(NIK).post(f"/akun/wakil/{row.id}/mulai/").status_code == 302
    with clock.freeze(clock.now() + timedelta(days=8)):
        assert browser_of(NIK).post(f"/akun/wakil/{row.id}/mulai/").status_code == 503
    assert Mandate.objects.get().ended_at is None


def test_child_does_not_end_what_the_law_gives_a_parent(mother: Actor, families: FakeFamilies) -> None:
    assert mother.person_id
    families.members = (child(),)
    families_service.family_refresh(mother.person_id, by=mother)
    row = Mandate.objects.get()
    assert row.subject_id

    with pytest.raises(MandateUnknown):
        mandates.mandate_end(row.id, by=Actor.person(row.subject_id))
    mandates.mandate_end(row.id, by=mother)
    assert Mandate.objects.get().end == MandateEnd.RENOUNCED


# ---- Mandates


def offer(subject: UUID, *, name: str = "Dewi", services: list[str] | None = None, days: int = 30) -> str:
    _id, code = mandates.mandate_offer(
        subject, actor_name=name, services=services or [KIA], until=in_days(days), by=Actor.person(subject)
    )
    return code


@pytest.mark.usefixtures("services")
def test_mandate_given_taken_up_used_and_withdrawn(mother: Actor, dewi: UUID, visit: Visit) -> None:
    assert mother.person_id
    code = offer(mother.person_id)
    assert acting_options(dewi) == []

    mandate_id = mandates.mandate_accept(code.lower(), by=Actor.person(dewi), visit=visit)

    [found] = acting_options(dewi)
    assert (found.subject_name, found.actor_name, found.services) == ("Siti Rahmawati", "Dewi", (KIA,))
    acting = Actor.person(dewi).acting_for(mother.person_id, mandate_id=mandate_id, services=(KIA,))
    mandates.use_record(action="case_submitted", service_id=KIA, reference="KIA-1", by=acting)
    assert [(use.actor_name, use.subject_name) for use in uses_of(mother.person_id)] == [
        ("Dewi", "Siti Rahmawati")
    ]
    assert uses_of(dewi) == uses_of(mother.person_id)
    mandates.mandate_end(mandate_id, by=mother)
    assert acting_options(dewi) == []
    assert templates_of(mother.person_id)[:3] == ["mandate_ended", "acted_for_you", "mandate_for_you"]
    assert templates_of(dewi)[:2] == ["mandate_ended", "mandate_of_yours"]


@pytest.mark.usefixtures("services")
def test_mandate_code_works_once_for_the_named_person_in_time(
    mother: Actor, dewi: UUID, visit: Visit
) -> None:
    assert mother.person_id
    wrong_name = offer(mother.person_id, name="Dewi Lestari")
    right = offer(mother.person_id, name="DEWI")

    for code, who in ((wrong_name, dewi), (right, mother.person_id), ("ABCDE FGHJK", dewi), ("", dewi)):
        with pytest.raises(MandateCodeRefused):
            mandates.mandate_accept(code, by=Actor.person(who), visit=visit)
    with clock.freeze(in_days(4)), pytest.raises(MandateCodeRefused):
        mandates.mandate_accept(right, by=Actor.person(dewi), visit=visit)
    mandates.mandate_accept(right, by=Actor.person(dewi), visit=visit)
    with pytest.raises(MandateCodeRefused):
        mandates.mandate_accept(right, by=Actor.person(dewi), visit=visit)


@pytest.mark.usefixtures("services")
def test_mandate_codes_cannot_be_guessed_from_one_network(dewi: UUID, visit: Visit) -> None:
    for _ in range(10):
        with pytest.raises(MandateCodeRefused):
            mandates.mandate_accept("ABCDEFGHJK", by=Actor.person(dewi), visit=visit)
    with pytest.raises(TooManyTries):
        mandates.mandate_accept("ABCDEFGHJK", by=Actor.person(dewi), visit=visit)


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("services_asked", "days", "name"),
    [
        ([], 30, "Dewi"),
        (["unheard.of"], 30, "Dewi"),
        ([KIA, "*"], 30, "Dewi"),
        ([KIA], -1, "Dewi"),
        ([KIA], 400, "Dewi"),
        ([KIA], 30, "  "),
    ],
)
def test_mandate_that_makes_no_sense_is_refused(
    mother: Actor, services_asked: list[str], days: int, name: str
) -> None:
    assert mother.person_id
    with pytest.raises(MandateInvalid):
        mandates.mandate_offer(
            mother.person_id, actor_name=name, services=services_asked, until=in_days(days), by=mother
        )


@pytest.mark.usefixtures("services")
def test_representative_cannot_hand_a_mandate_on(mother: Actor, dewi: UUID, visit: Visit) -> None:
    assert mother.person_id
    mandate_id = mandates.mandate_accept(offer(mother.person_id), by=Actor.person(dewi), visit=visit)
    acting = Actor.person(dewi).acting_for(mother.person_id, mandate_id=mandate_id, services=(KIA,))
    other = offer(mother.person_id)

    with pytest.raises(MandateCodeRefused):
        mandates.mandate_accept(other, by=acting, visit=visit)
    client = browser_of(DEWI_NIK)
    client.post(f"/akun/wakil/{mandate_id}/mulai/")
    assert client.get("/akun/wakil/beri/").headers["Location"].startswith("/akun/wakil/diri-sendiri/")


@pytest.mark.usefixtures("services")
def test_mandate_ends_by_its_date(mother: Actor, dewi: UUID, visit: Visit) -> None:
    assert mother.person_id
    mandates.mandate_accept(offer(mother.person_id, days=2), by=Actor.person(dewi), visit=visit)

    with clock.freeze(in_days(3)):
        assert acting_options(dewi) == []
        timers.fire_due()
        assert mandates_of(dewi)[0].is_ended
        assert Mandate.objects.get().end == MandateEnd.EXPIRED


# ---- Help by an officer


@pytest.mark.usefixtures("services")
def test_officer_helps_with_the_code_that_the_citizen_made(
    mother: Actor, dewi: UUID, budi: Actor, visit: Visit
) -> None:
    assert mother.person_id
    assert budi.person_id
    _id, code = mandates.help_offer(mother.person_id, services=[KIA], by=mother)

    with pytest.raises(MandateCodeRefused):
        mandates.mandate_accept(code, by=Actor.person(dewi), visit=visit)  # no officer
    mandates.mandate_accept(code, by=budi, visit=visit)

    [found] = acting_options(budi.person_id)
    assert (found.kind, found.agency_code) == (MandateKind.ASSISTED, "disdukcapil.36.71")
    with clock.freeze(clock.now() + timedelta(minutes=121)):
        assert acting_options(budi.person_id) == []


# ---- Guardians


WARD = Ward(nik=CHILD_NIK, name="Raka Pratama", birth_on=CHILD_BORN)


def test_guardian_acts_after_an_officer_saw_the_decision(
    mother: Actor, budi: Actor, registry: FakeRegistry
) -> None:
    assert mother.person_id
    registry.persons[CHILD_NIK] = ("Raka Pratama", CHILD_BORN, True)
    mandate_id = families_service.guardianship_request(
        WARD, evidence=EvidenceKind.COURT_DECISION, number="12/Pdt.P/2026", by=mother
    )
    assert acting_options(mother.person_id) == []
    assert [view.actor_name for view in guardianships_waiting()] == ["Siti Rahmawati"]
    assert CHILD_NIK.encode() not in bytes(Mandate.objects.get().sealed)

    families_service.guardianship_confirm(mandate_id, until=None, by=budi)

    [found] = acting_options(mother.person_id)
    assert (found.kind, found.subject_name, found.evidence_number) == (
        "guardian",
        "Raka Pratama",
        "12/Pdt.P/2026",
    )
    assert found.valid_until
    assert found.valid_until.astimezone(clock.JAKARTA).date() == birthday(CHILD_BORN, age=17)
    assert Mandate.objects.get().sealed is None


def test_guardianship_is_refused_for_particulars_that_do_not_belong_together(
    mother: Actor, budi: Actor, registry: FakeRegistry
) -> None:
    mandate_id = families_service.guardianship_request(
        WARD, evidence=EvidenceKind.COURT_DECISION, number="12/Pdt.P/2026", by=mother
    )

    with pytest.raises(DataNotConfirmed):
        families_service.guardianship_confirm(mandate_id, until=None, by=budi)
    families_service.guardianship_refuse(mandate_id, by=budi)

    assert Mandate.objects.get().end == MandateEnd.REFUSED


def test_officer_does_not_confirm_their_own_guardianship(budi: Actor, registry: FakeRegistry) -> None:
    assert budi.person_id
    registry.persons[CHILD_NIK] = ("Raka Pratama", CHILD_BORN, True)
    mandate_id = families_service.guardianship_request(
        WARD, evidence=EvidenceKind.WILL, number="777", by=Actor.person(budi.person_id)
    )

    with pytest.raises(SecondOfficerNeeded):
        families_service.guardianship_confirm(mandate_id, until=None, by=budi)


def test_guardianship_of_an_adult_needs_an_end(mother: Actor, budi: Actor, registry: FakeRegistry) -> None:
    registry.persons[AHMAD_NIK] = ("Ahmad Fauzi", date(1990, 3, 2), True)
    ward = Ward(nik=AHMAD_NIK, name="Ahmad Fauzi", birth_on=date(1990, 3, 2))
    mandate_id = families_service.guardianship_request(
        ward, evidence=EvidenceKind.COURT_DECISION, number="9/Pdt.P/2026", by=mother
    )

    with pytest.raises(MandateInvalid):
        families_service.guardianship_confirm(mandate_id, until=None, by=budi)
    families_service.guardianship_confirm(mandate_id, until=clock.today() + timedelta(days=90), by=budi)

    assert Mandate.objects.get().started_at is not None


# ---- In the session


@pytest.mark.usefixtures("services")
def test_acting_shows_on_every_page_closes_own_pages_and_ends_with_the_mandate(
    mother: Actor, dewi: UUID, visit: Visit
) -> None:
    assert mother.person_id
    mandate_id = mandates.mandate_accept(offer(mother.person_id), by=Actor.person(dewi), visit=visit)
    client = browser_of(DEWI_NIK)
    stranger = browser_of(NIK)
    assert stranger.post(f"/akun/wakil/{mandate_id}/mulai/").status_code == 404  # the other side

    assert client.post(f"/akun/wakil/{mandate_id}/mulai/").status_code == 302

    for page in ("/", "/layanan/", "/permohonan/"):
        text = client.get(page).content.decode()
        assert re.search(r"Dewi.*<b>Siti Rahmawati</b>", text), page
    for page in ("/akun/", "/pesan/", "/dompet/", "/jejak/", "/petugas/"):
        assert client.get(page).headers["Location"].startswith("/akun/wakil/diri-sendiri/"), page
    mandates.mandate_end(mandate_id, by=mother)
    assert "<b>Siti Rahmawati</b>" not in client.get("/permohonan/").content.decode()
    assert client.get("/akun/").status_code == 200


@pytest.mark.usefixtures("services")
def test_acting_stops_on_the_persons_word(mother: Actor, dewi: UUID, visit: Visit) -> None:
    assert mother.person_id
    mandate_id = mandates.mandate_accept(offer(mother.person_id), by=Actor.person(dewi), visit=visit)
    client = browser_of(DEWI_NIK)
    client.post(f"/akun/wakil/{mandate_id}/mulai/")

    assert client.post("/akun/wakil/berhenti/", {"next": "/akun/"}).headers["Location"] == "/akun/"

    assert client.get("/akun/").status_code == 200
    assert AuditEvent.objects.filter(event="identity.acting_stopped").count() == 1


@pytest.mark.usefixtures("services")
def test_mandate_pages_give_and_take_up_without_javascript(mother: Actor, dewi: UUID) -> None:
    giver, taker = browser_of(NIK), browser_of(DEWI_NIK)
    last = clock.today() + timedelta(days=10)
    typed = {"actor_name": "dewi", "services": [KIA], "until_day": last.day, "until_month": last.month}
    page = giver.post("/akun/wakil/beri/", {**typed, "until_year": last.year}).content.decode()
    code = re.search(r"<b>([A-Z0-9]{5} [A-Z0-9]{5})</b>", page)
    assert code

    assert taker.post("/akun/wakil/terima/", {"code": code[1]}).status_code == 302

    assert "Siti Rahmawati" in taker.get("/akun/wakil/").content.decode()
    assert "Dewi" in giver.get("/akun/wakil/").content.decode()
    assert MandateUse.objects.count() == 0
