"""The world of casework tests: agencies, a family, officers, published services, and a stand-in for the toll road."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils.datastructures import MultiValueDict
from pytest_django import DjangoDbBlocker

from terpadu.casework import public as casework
from terpadu.directory import demo as agencies
from terpadu.directory import public as directory
from terpadu.exchange.public import ExchangeAnswer, ExchangeRequest
from terpadu.identity import public as identity
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7
from tests import seeds

BY = Actor.system("test")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.JAKARTA)

SITI, RAKA, ALYA, WULAN = "3671015406920003", "3671010403220001", "3671016005170002", "3671096306000001"
NEWBORN = "3671103009260001"
BUDI, RINA, HENDRA, AGUS = "3671061705880001", "3671114309950001", "3374012802720001", "3671020608850001"


@dataclass
class FakeExchange:
    """Stands where the toll road is: answers by operation, or raises what is set as its fault."""

    answers: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    calls: list[ExchangeRequest] = field(default_factory=list)

    def __call__(self, request: ExchangeRequest, *, by: Actor, timeout_s: float = 5) -> ExchangeAnswer:
        self.calls.append(request)
        if request.operation in self.faults:
            raise self.faults[request.operation]
        answer = self.answers[request.operation]
        return ExchangeAnswer(
            body=answer(request) if callable(answer) else answer,
            transaction_id=uuid7(),
            read_at=clock.now(),
            provider=directory.agency_get("dukcapil"),
            operation=request.operation,
        )


def member(nik: str, name: str, born: str, sex: str, **more: Any) -> dict[str, Any]:
    """A row of the registry's family card."""
    row = {
        "nik": nik,
        "nama_lengkap": name,
        "tempat_lahir": "TANGERANG",
        "tanggal_lahir": born,
        "jenis_kelamin": "LAKI-LAKI" if sex == "L" else "PEREMPUAN",
        "status_kawin": "BELUM KAWIN",
        "no_akta_lahir": None,
        "kia_aktif": False,
        "nik_ibu": None,
        "nik_ayah": None,
        "nik_wali": None,
        "nama_ibu": None,
        "nama_ayah": None,
    }
    return {**row, **more}


def family_answer(request: ExchangeRequest) -> Any:
    """What the registry says of Siti's family."""
    children = [
        member(
            ALYA,
            "ALYA RAHMA FAUZI",
            "20-05-2017",
            "P",
            nik_ibu=SITI,
            kia_aktif=True,
            nama_ibu="SITI RAHMAWATI",
        ),
        member(RAKA, "RAKA PRATAMA", "04-03-2022", "L", nik_ibu=SITI, no_akta_lahir="3671-LU-11032022-0015"),
    ]
    mother = member(SITI, "SITI RAHMAWATI", "14-06-1992", "P", status_kawin="KAWIN")
    return {
        "status": "00",
        "data": {
            "nik": request.body["nik"],
            "no_kk": "3671011807160004",
            "nama_kepala_keluarga": "AHMAD FAUZI",
            "alamat": "JL. KENANGA NO. 12",
            "kelurahan": "SUKASARI",
            "kecamatan": "TANGERANG",
            "anggota": [mother, *children],
        },
    }


def deed_answer(request: ExchangeRequest) -> Any:
    """What the birth register says of a child of Siti."""
    is_raka = request.body["nik_anak"] == RAKA
    return {
        "nik_anak": request.body["nik_anak"],
        "nomor_akta": "3671-LU-11032022-0015" if is_raka else "3671-LU-29052017-0007",
        "nama_anak": "Raka Pratama" if is_raka else "Alya Rahma Fauzi",
        "jenis_kelamin": "laki-laki" if is_raka else "perempuan",
        "tempat_lahir": "Tangerang",
        "tanggal_lahir": "2022-03-04" if is_raka else "2017-05-20",
        "nama_ibu": "Siti Rahmawati",
        "nama_ayah": "Ahmad Fauzi",
    }


def card_recorded(request: ExchangeRequest) -> Any:
    """What the registry says to catatKia."""
    return {"status": "00", "data": {**request.body, "tercatat": True}}


@pytest.fixture
def toll_road(monkeypatch: pytest.MonkeyPatch) -> FakeExchange:
    """The toll road with a registry that knows Siti's family."""
    fake = FakeExchange(
        answers={
            "cariKeluarga": family_answer,
            "aktaKelahiran": deed_answer,
            "catatKia": card_recorded,
            "verifikasiPenduduk": {"data": {"ditemukan": True, "status_hidup": "HIDUP"}},
        }
    )
    monkeypatch.setattr("terpadu.exchange.public.exchange_call", fake)
    return fake


@dataclass(frozen=True)
class World:
    """People of the tests as actors."""

    siti: Actor
    wulan: Actor
    budi: Actor
    rina: Actor
    hendra: Actor
    agus: Actor


@pytest.fixture
def at_nine() -> Iterator[None]:
    """A Monday morning at nine, 23 November 2026."""
    with clock.freeze(MONDAY):
        yield


@pytest.fixture(scope="module")
def peopled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Agencies, people, officers in their positions and all services, made once for a module around its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.freeze(MONDAY):
            made = seeds.seeded("family and officers", people)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def world(peopled: World, db: None, at_nine: None, toll_road: FakeExchange) -> World:
    """The people of the tests among their agencies and services, on a Monday at nine."""
    return peopled


@pytest.fixture
def fresh_world(db: None, at_nine: None, toll_road: FakeExchange) -> World:
    """The same, made for one test: for those that need transactions of their own."""
    with transaction.atomic():
        return seeds.seeded("family and officers", people)


def people() -> World:
    """Make the agencies, publish all services, and make a family, another citizen, and officers in their positions."""
    agencies.seed()
    for path in casework.definition_paths():
        casework.definition_publish(path, by=BY)
    return World(
        siti=citizen(SITI, "Siti Rahmawati", date(1992, 6, 14), "P"),
        wulan=citizen(WULAN, "Wulan Sari", date(2000, 6, 23), "P"),
        budi=officer(BUDI, "Budi Santoso", "operator_siak"),
        rina=officer(RINA, "Rina Wijaya", "operator_siak"),
        hendra=officer(HENDRA, "Hendra Gunawan", "kepala_dinas"),
        agus=officer(AGUS, "Agus Salim", "petugas_kecamatan", agency="kecamatan.36.71.01"),
    )


def citizen(nik: str, name: str, born: date, sex: str) -> Actor:
    """A person who acts for themselves."""
    return Actor.person(identity.person_ensure(nik=nik, name=name, birth_on=born, sex=sex, by=BY))


def officer(nik: str, name: str, kind: str, *, agency: str = "disdukcapil.36.71") -> Actor:
    """A civil servant in a position of an agency since 2020."""
    person_id = identity.person_ensure(nik=nik, name=name, birth_on=date(1985, 1, 1), sex="L", by=BY)
    position = directory.position_list(agency, kind=kind)[0]
    identity.assignment_create(
        person_id=person_id, position_id=position.id, valid_from=date(2020, 1, 1), by=BY
    )
    return Actor.officer(person_id, agency=agency, position=str(position.id))


def save(case_id: UUID, page_id: str, data: dict[str, Any], *, by: Actor, **files: Any) -> casework.NextPage:
    """Save a page as a browser would."""
    sent = MultiValueDict({name: [file] for name, file in files.items()})
    return casework.page_save(case_id, page_id, data, sent, by=by)


Draft = Callable[[], UUID]


@pytest.fixture
def ready_draft(world: World) -> Draft:
    """Make drafts of Siti's for Raka's card with everything answered."""

    def make() -> UUID:
        case = casework.case_start("dukcapil.kia.baru", applicant=person_of(world.siti), by=world.siti)
        page = casework.page_get(case.case_id, by=world.siti)
        save(case.case_id, "anak", {"anak": choice_of(page, "RAKA PRATAMA")}, by=world.siti)
        casework.page_get(case.case_id, by=world.siti)
        outcome = save(case.case_id, "penerimaan", {"cara": "digital"}, by=world.siti)
        assert outcome.kind == "check"
        return case.case_id

    return make


@pytest.fixture
def sent_case(ready_draft: Draft, world: World) -> UUID:
    """A case of Siti's for Raka's card that was sent on Monday at nine."""
    case_id = ready_draft()
    casework.case_submit(case_id, by=world.siti, submit_key="k1")
    return case_id


def choice_of(page: casework.PageView, label: str) -> str:
    """The value of the option with a label in a page's only choice."""
    choices: Any = next(iter(page.form.fields.values()))
    return next(str(value) for value, text in choices.choices if text == label)


def person_of(actor: Actor) -> UUID:
    """The person behind an actor."""
    assert actor.person_id is not None
    return actor.person_id
