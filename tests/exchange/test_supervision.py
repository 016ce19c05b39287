"""The supervisor's pages: whose they are, that a reason comes first, and that every look stays in a log."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from terpadu.directory.demo import DUKCAPIL, KECAMATAN, PDP, POLRI, PORTAL
from terpadu.directory.public import position_create, position_list
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.models import Grant, SupervisorLook
from terpadu.exchange.public import case_close, trail_for_person
from terpadu.exchange.services.records import trail_extend
from terpadu.exchange.services.supervision import look_at_person
from terpadu.exchange.web.supervision import SUPERVISOR
from terpadu.identity.public import assignment_create
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent
from tests.exchange.deliveries import records_of_exchange
from tests.exchange.test_disclosure import CLOSED, NEVER
from tests.exchange.test_pages import NIKS, officer, person, signed_in

BY = Actor.system("tests")
PAGE = "/pertukaran/pengawas/"
REASON = "Pengaduan nomor 12/2026 tentang pembacaan data keluarga"
pytestmark = pytest.mark.django_db


@pytest.fixture
def siti(country: Path) -> UUID:
    return person("siti")


@pytest.fixture
def supervisor(country: Path) -> Client:
    return officer("budi", PDP, lang="en")


def read(person_id: UUID, purpose: str) -> str:
    """Let an agency read a person's data; return the transaction."""
    records = records_of_exchange(person_id, purpose=purpose, evidence="LP-2026-0117")
    trail_extend(records.values())
    return records["out.request"].transaction_id


def looks() -> list[tuple[str, str, int]]:
    rows = SupervisorLook.objects.order_by("at", "id")
    return [(row.scope, row.reason, len(row.transactions)) for row in rows]


def test_overview_counts_hidden_readings_by_agency_class_and_law_and_names_nobody(
    siti: UUID, supervisor: Client
) -> None:
    transaction_id = read(siti, NEVER)
    read(siti, CLOSED)

    page = supervisor.get(PAGE).content.decode()

    assert "2 readings are not shown to their persons now" in page
    for word in ("Korlantas Polri", "Kemenkeu", "UU 27/2022 ps. 15 ayat (1) huruf b", "never shown"):
        assert word in page
    assert transaction_id not in page
    filtered = supervisor.get(PAGE, {"instansi": "kemenkeu", "kelas": "delayed"}).content.decode()
    assert "To audit who owes state revenue" in filtered
    assert "hit-and-run" not in filtered
    assert looks() == [("overview", "", 0)] * 2


def test_overview_tells_a_choice_that_fits_nothing_from_a_country_that_hides_nothing(
    supervisor: Client,
) -> None:
    page = supervisor.get(f"{PAGE}?instansi=tidak.ada").content.decode()

    assert "No reading is kept from its person now." in page
    assert "Nothing fits this choice" in page and f'href="{PAGE}">Show all' in page


def test_agreement_lists_readings_by_date_without_person_and_case(siti: UUID, supervisor: Client) -> None:
    transaction_id = read(siti, NEVER)
    iv = Grant.objects.get(purpose=NEVER).contract.iv

    page = supervisor.get(f"{PAGE}perjanjian/{iv}/").content.decode()

    assert f"?bacaan={transaction_id}" in page
    assert "LP-2026-0117" not in page
    assert looks() == [("agreement", "", 0)]


@pytest.mark.parametrize("begin", ["nik", "bacaan"])
def test_person_is_shown_after_a_reason_and_the_look_is_logged(
    siti: UUID, supervisor: Client, begin: str
) -> None:
    transaction_id = read(siti, NEVER)
    read(siti, CLOSED)
    read(siti, "kia.verifikasi")
    asked = {"nik": NIKS["siti"]} if begin == "nik" else {"bacaan": transaction_id}
    for reason in ("", "ingin tahu", f"Pengaduan dari orang bernomor {NIKS['siti']}"):
        refused = supervisor.post(f"{PAGE}orang/", asked | {"reason": reason}).content.decode()
        assert transaction_id not in refused.partition("<article")[2]
    assert looks() == []

    page = supervisor.post(f"{PAGE}orang/", asked | {"reason": f"  {REASON} "}).content.decode()

    assert "2 readings are not shown to this person now" in page
    assert "To inquire into a crime that is not public yet" in page
    assert "LP-2026-0117" in page
    assert "kia.verifikasi" not in page
    assert looks() == [("person", REASON, 2)]
    event = AuditEvent.objects.get(event="exchange.supervisor_looked")
    assert event.facts == {"scope": "person", "exchanges": 2}


def test_person_without_any_hidden_reading_is_a_look_too(siti: UUID, supervisor: Client) -> None:
    page = supervisor.post(f"{PAGE}orang/", {"nik": NIKS["siti"], "reason": REASON}).content.decode()
    assert "0 readings" in page
    assert looks() == [("person", REASON, 0)]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"nik": "12"}, "This is not a NIK"),
        ({"nik": NIKS["budi"]}, "These are readings about yourself"),
        ({"bacaan": "x"}, "This is not the number of a reading"),
    ],
)
def test_person_page_refuses_what_is_nobody_or_oneself(
    supervisor: Client, asked: dict[str, str], words: str
) -> None:
    answer = supervisor.post(f"{PAGE}orang/", asked | {"reason": REASON})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert list(answer.context["form"].errors) == ["nik" if "nik" in asked else "__all__"]
    assert looks() == []


def test_reading_that_is_shown_to_its_person_is_no_business_of_the_supervisor(
    siti: UUID, supervisor: Client
) -> None:
    shown = read(siti, "kia.verifikasi")
    assert supervisor.post(f"{PAGE}orang/", {"bacaan": shown, "reason": REASON}).status_code == 404
    assert looks() == []


def test_look_is_shown_to_the_person_once_the_reading_is(siti: UUID, supervisor: Client) -> None:
    read(siti, CLOSED)
    supervisor.post(f"{PAGE}orang/", {"nik": NIKS["siti"], "reason": REASON})
    assert trail_for_person(siti) == []

    case_close(POLRI, "LP-2026-0117", by=BY)

    [entry] = trail_for_person(siti)
    assert len(entry.looks) == 1
    page = signed_in(siti, lang="en").get("/jejak/").content.decode()
    assert "Seen by the data protection supervisor" in page
    assert REASON not in page


def test_log_is_read_by_supervisor_and_operator_and_changed_by_nobody(siti: UUID, supervisor: Client) -> None:
    supervisor.post(f"{PAGE}orang/", {"nik": NIKS["siti"], "reason": REASON})
    operator = officer("agus", PORTAL, kind=OPERATOR, lang="en")
    for client in (supervisor, operator):
        page = client.get(f"{PAGE}catatan/").content.decode()
        assert REASON in page
        assert NIKS["siti"] not in page
    for change in (
        lambda: SupervisorLook.objects.update(reason="something else entirely"),
        lambda: SupervisorLook.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_pages_are_the_supervisors_of_the_agency_that_the_law_names(siti: UUID) -> None:
    """Other agencies make positions of their own; one that is called alike opens nothing."""
    position_create(agency_code=KECAMATAN, kind=SUPERVISOR, title="Pengawas", by=BY)
    alike, operator = officer("agus", KECAMATAN, kind=SUPERVISOR), officer("budi", PORTAL, kind=OPERATOR)
    strangers = (signed_in(siti), alike, operator)
    for path in ("", "orang/", "catatan/", f"perjanjian/{uuid7()}/"):
        assert Client().get(f"{PAGE}{path}").status_code == 302
        for client in strangers:
            if (client, path) != (operator, "catatan/"):
                assert client.get(f"{PAGE}{path}").status_code in (403, 404), path
    assert alike.post(f"{PAGE}orang/", {"nik": NIKS["siti"], "reason": REASON}).status_code == 404
    assert looks() == []


def test_services_ask_for_the_supervisor_too(siti: UUID) -> None:
    clerk = position_list(DUKCAPIL)[0]
    agus = person("agus")
    assignment_create(person_id=agus, position_id=clerk.id, valid_from=today(), by=BY)
    for by in (BY, Actor.person(agus), Actor.officer(agus, agency=DUKCAPIL, position=str(clerk.id))):
        with pytest.raises(NotAllowed):
            look_at_person(NIKS["siti"], reason=REASON, by=by)
