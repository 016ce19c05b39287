"""Before a round runs: it is opened, gets its agencies and people, and starts; everybody appointed is told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_create, position_create
from terpadu.identity.public import assignment_create
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.maturity.enums import MeasurementKind, Role
from terpadu.maturity.errors import LastOfTeam, NoAgencies, RoleTaken, WrongState
from terpadu.maturity.models import Appointment, Locus, Round
from terpadu.maturity.policies import LEADING_POSITION
from terpadu.maturity.rules.agency_lists import GROUPS, KINDS, AgencyRow, read_agencies, write_agencies
from terpadu.maturity.services.agency_lists import agencies_in, agencies_take_over
from terpadu.maturity.services.appointments import appointment_create, appointment_end, assessors_distribute
from terpadu.maturity.services.rounds import round_open, round_start
from terpadu.messaging.public import inbox_for
from tests.actors import client_of
from tests.identity.people import BUDI_NIK, RINA_NIK
from tests.identity.people import person as account
from tests.maturity.conftest import DUE, SYSTEM, Scene, deliver, person_id
from tests.maturity.test_work_pages import at, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("actor_from_header")]
HEAD = "kode,nama,kelompok,jenis,wilayah\n"
RINA = {"nik": RINA_NIK, "name": "Rina Wijaya"}


@pytest.fixture
def lead() -> Actor:
    """Who holds the position that opens rounds."""
    agency = agency_create(
        "panrb",
        peer_id="00000009",
        name="Kementerian PANRB",
        short_name="PANRB",
        kind=AgencyKind.MINISTRY,
        region_code="",
        by=SYSTEM,
    )
    position = position_create(agency_code=agency.code, kind=LEADING_POSITION, title="Tim", by=SYSTEM)
    found = account(BUDI_NIK, "Yusuf Hidayat", date(1988, 5, 17))
    assignment_create(person_id=found, position_id=position.id, valid_from=date(2024, 1, 2), by=SYSTEM)
    return Actor.person(found)


@pytest.fixture
def rina(db: None) -> UUID:
    return account(RINA_NIK, "Rina Wijaya", date(1995, 9, 3), "P")


@pytest.fixture
def prepared(lead: Actor) -> Round:
    """A round in preparation without agencies."""
    return round_open(
        2026, name="Evaluasi 2026", instrument_code="permenpanrb-8-2026", self_due_at=DUE, by=lead
    )


def opening(**changes: str) -> dict[str, str]:
    said = {
        "name": "Evaluasi Pemdi 2026",
        "year": "2026",
        "instrument": "permenpanrb-8-2026",
        "kind": "monitoring",
        "agencies_of": "",
    }
    return {**said, "self_due_on_day": "30", "self_due_on_month": "9", "self_due_on_year": "2026", **changes}


def test_round_is_opened_with_the_agencies_of_an_earlier_one(scene: Scene, lead: Actor) -> None:
    answer = client_of(lead).post(
        "/maturitas/putaran/baru/", opening(agencies_of=str(scene.round.id)), follow=True
    )

    made = Round.objects.get(year=2026)
    assert "The round is in preparation." in text_of(answer)
    assert (made.state, made.self_due_at.isoformat()) == ("preparation", "2026-09-30T16:59:00+00:00")
    assert made.loci.get().agency_name == "Kota Contoh"
    assert made.loci.get().kind == "monitoring"
    assert made.appointments.get().person_id == lead.person_id
    assert "Start the self-assessment" in text_of(answer)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"year": "2021"}, "not in force in that year"),
        ({"year": "2025", "instrument": "permenpanrb-59-2020"}, "already"),
        ({"year": "dua"}, "Enter a whole number."),
        ({"name": ""}, "This field is required."),
        ({"self_due_on_day": "31"}, "Enter a valid date."),
        ({"instrument": "x"}, "Select a valid choice."),
        ({"agencies_of": "x"}, "Select a valid choice."),
    ],
    ids=["year-of-another-instrument", "twice", "no-year", "no-name", "no-day", "no-instrument", "no-round"],
)
def test_round_that_cannot_be_opened_says_why_and_keeps_what_was_typed(
    scene: Scene, lead: Actor, changes: dict[str, str], words: str
) -> None:
    answer = client_of(lead).post("/maturitas/putaran/baru/", opening(**changes))

    assert answer.status_code in (409, 422), answer.content
    assert words in text_of(answer)
    assert 'value="2026"' in text_of(answer)
    assert Round.objects.count() == 1


def test_round_is_opened_by_nobody_else(scene: Scene) -> None:
    for actor in (scene.coordinator, scene.stranger):
        assert client_of(actor).get("/maturitas/putaran/baru/").status_code == 404
    with pytest.raises(NotAllowed):
        round_open(
            2026, name="x", instrument_code="permenpanrb-8-2026", self_due_at=DUE, by=scene.coordinator
        )
    assert "Open a round" in text_of(client_of(scene.national).get("/maturitas/"))
    assert "Open a round" not in text_of(client_of(scene.coordinator).get("/maturitas/"))


AGENCIES = st.builds(
    AgencyRow,
    code=st.from_regex(r"[a-z][a-z0-9.-]{1,20}", fullmatch=True),
    name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40),
    group=st.sampled_from(sorted(GROUPS.values())),
    kind=st.sampled_from(sorted(KINDS.values())),
    region_code=st.sampled_from(["", "36", "36.71"]),
)


@settings(max_examples=25)
@given(st.lists(AGENCIES, max_size=5, unique_by=lambda row: row.code))
def test_list_written_and_read_again_is_the_same(rows: list[AgencyRow]) -> None:
    assert read_agencies(write_agencies(rows)) == (rows, [])


@given(st.text(max_size=300))
def test_list_of_any_text_never_fails(text: str) -> None:
    rows, faults = read_agencies(text)

    assert not rows or not faults
    assert read_agencies(HEAD + text) is not None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("kode,nama\n", "agencies_columns", 1),
        (HEAD + "Kota Contoh,Kota Contoh,kota,evaluasi,\n", "agencies_code", 2),
        (HEAD + "kota.1,,kota,evaluasi,\n", "agencies_name", 2),
        (HEAD + "kota.1,Kota,desa,evaluasi,\n", "agencies_group", 2),
        (HEAD + "kota.1,Kota,kota,,\n", "agencies_kind", 2),
        (HEAD + "kota.1,Kota,kota,evaluasi,Banten\n", "agencies_region", 2),
        (HEAD + "kota.1,Kota,kota,evaluasi,\nkota.1,Kota,kota,evaluasi,\n", "agencies_double", 3),
        (HEAD + "kota.1,Kota,kota,evaluasi,\n" * 2001, "agencies_many", 0),
    ],
    ids=["columns", "code", "name", "group", "kind", "region", "twice", "too-many"],
)
def test_list_with_a_bad_row_names_it(text: str, code: str, line: int) -> None:
    faults = read_agencies(text)[1]

    assert [(fault.code, fault.line) for fault in faults] == [(code, line)]


def test_list_page_saves_all_rows_or_none(lead: Actor, prepared: Round) -> None:
    page, browser = f"/maturitas/putaran/{prepared.id}/", client_of(lead)
    good = "kota.1;Kota Satu;Kota;Evaluasi;36.71\nprov.1;Provinsi Satu;Provinsi;Pemantauan;36\n"
    head = HEAD.replace(",", ";")
    for text in (head + good + "kota.1;Kota;kota;evaluasi;\n", "\0", ""):
        answer = browser.post(page + "instansi/", {"file": SimpleUploadedFile("a.csv", text.encode())})
        assert answer.status_code == 422
        assert not Locus.objects.exists()
    for _ in range(2):
        answer = browser.post(
            page + "instansi/", {"file": SimpleUploadedFile("a.csv", (head + good).encode())}, follow=True
        )
    out = browser.get(page + "instansi.csv").content.decode("utf-8-sig")

    assert "2 agencies are in the list." in text_of(answer)
    assert out.splitlines()[1:] == [
        "kota.1,Kota Satu,kota,evaluasi,36.71",
        "prov.1,Provinsi Satu,provinsi,pemantauan,36",
    ]


def test_round_without_agencies_does_not_start_and_a_started_one_takes_no_list(
    lead: Actor, prepared: Round, scene: Scene
) -> None:
    page, browser = f"/maturitas/putaran/{prepared.id}/", client_of(lead)
    assert "This round has no agencies yet." in text_of(browser.post(page + "mulai/", follow=True))
    with pytest.raises(NoAgencies):
        round_start(prepared, by=lead)
    agencies_take_over(prepared, source=scene.round, kind=MeasurementKind.EVALUATION, by=lead)

    assert "Start the self-assessment of 2026?" in text_of(browser.get(page + "mulai/"))
    assert "The self-assessment runs." in text_of(browser.post(page + "mulai/", follow=True))
    with pytest.raises(WrongState):
        agencies_in(prepared, content=HEAD.encode(), by=lead)
    assert "its list of agencies is closed" in text_of(browser.get(page + "instansi/"))


def test_coordinator_appoints_a_respondent_who_is_told_and_sees_the_work(scene: Scene, rina: UUID) -> None:
    page = at(scene, "orang/")
    said = {**RINA, "role": "respondent", "unit": "Dinas Kominfo"}

    answer = client_of(scene.coordinator).post(page, said, follow=True)
    deliver()

    assert "Appointed." in text_of(answer)
    assert "Rina Wijaya" in text_of(answer)
    with translation.override("id"):
        assert [one.body for one in inbox_for(rina)] == [
            "Anda ditunjuk sebagai responden untuk Kota Contoh. Pekerjaan Anda ada di lembar kerja."
        ]
    assert "Kota Contoh" in text_of(client_of(Actor.person(rina)).get("/maturitas/"))
    row = Appointment.objects.get(person_id=rina)
    client_of(scene.coordinator).post(f"/maturitas/penunjukan/{row.id}/akhiri/")
    assert client_of(Actor.person(rina)).get(at(scene, "")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nik": BUDI_NIK}, "There is no account with this NIK and name."),
        ({"nik": "123"}, "There is no account with this NIK and name."),
        ({"name": "Rini Wijaya"}, "There is no account with this NIK and name."),
        ({"unit": " "}, "Write the unit of the respondent."),
        ({"role": "entry_operator"}, "Somebody is appointed to this role already."),
        ({"role": "coordinator"}, "Select a valid choice."),
    ],
    ids=["unknown", "malformed", "other-name", "no-unit", "second-entry-operator", "not-theirs-to-give"],
)
def test_appointment_that_cannot_be_made_says_why(
    scene: Scene, rina: UUID, changes: dict[str, str], words: str
) -> None:
    said = {**RINA, "role": "respondent", "unit": "Dinas Kominfo", **changes}

    answer = client_of(scene.coordinator).post(at(scene, "orang/"), said)

    assert answer.status_code in (409, 422)
    assert words in text_of(answer)
    assert not Appointment.objects.filter(person_id=rina).exists()


def test_national_team_appoints_an_assessor_from_elsewhere_only(scene: Scene, rina: UUID) -> None:
    agency_create(
        scene.locus.agency_code,
        peer_id="99010001",
        name="Dinas Kota Contoh",
        short_name="Dinas",
        kind=AgencyKind.REGIONAL_OFFICE,
        region_code="",
        by=SYSTEM,
    )
    page, browser = f"/maturitas/putaran/{scene.round.id}/orang/", client_of(scene.national)
    said = {**RINA, "role": "assessor", "agency": "kota contoh", "home": scene.locus.agency_code}

    own = browser.post(page, said)
    nowhere = browser.post(page, {**said, "agency": "Kota Tiada", "home": ""})
    good = browser.post(page, {**said, "home": ""}, follow=True)

    assert own.status_code == 409
    assert "No agency of this round has exactly this name." in text_of(nowhere)
    assert "Rina Wijaya" in text_of(good)
    assert client_of(scene.coordinator).get(page).status_code == 404
    with pytest.raises(RoleTaken):
        appointment_create(
            scene.round, role=Role.ASSESSOR, person_id=rina, agency_code="", locus=scene.locus, by=SYSTEM
        )


def test_last_of_the_national_team_cannot_go(scene: Scene) -> None:
    row = Appointment.objects.get(role=Role.NATIONAL_TEAM)

    answer = client_of(scene.national).post(f"/maturitas/penunjukan/{row.id}/akhiri/", follow=True)

    assert "This is the last person of the national team." in text_of(answer)
    with pytest.raises(LastOfTeam):
        appointment_end(row, by=SYSTEM)
    assert client_of(scene.coordinator).post(f"/maturitas/penunjukan/{row.id}/akhiri/").status_code == 404


def test_assessors_are_told_once_of_the_agencies_they_were_handed(scene: Scene) -> None:
    for number in (2, 3):
        Locus.objects.create(
            round=scene.round,
            agency_code=f"kota.99.0{number}",
            agency_name=f"Kota {number}",
            group="city",
            kind="evaluation",
        )
    pool = {person_id(scene.assessor): "univ.1", person_id(scene.second): "univ.2"}

    assessors_distribute(scene.round, assessors=pool, by=scene.national)
    deliver()

    told = [one.body for one in inbox_for(person_id(scene.second)) if one.template.endswith("handed")]
    assert told == [
        "Anda menerima 2 instansi untuk dinilai. Penilaian dokumen dimulai begitu instansi mengirim."
    ]
