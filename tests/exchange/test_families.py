"""The family registry as identity asks for it: its words read, its outages and nonsense never taken for an answer."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from terpadu.directory.public import AgencyView
from terpadu.exchange.errors import ExchangeRefused, ExchangeUnavailable, NothingFound
from terpadu.exchange.public import ExchangeAnswer, ExchangeRequest
from terpadu.exchange.services import families
from terpadu.identity.errors import FamilyUnavailable
from terpadu.identity.public import person_ensure
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
NIK, CHILD = "3671015406920003", "3671010403220001"
RAKA: dict[str, Any] = {
    "nik": CHILD,
    "nama_lengkap": "RAKA PRATAMA",
    "tanggal_lahir": "04-03-2022",
    "jenis_kelamin": "LAKI-LAKI",
    "status_kawin": "BELUM KAWIN",
    "nik_ibu": NIK,
    "nik_ayah": None,
}


@pytest.fixture
def siti(db: None) -> UUID:
    """The mother."""
    return person_ensure(nik=NIK, name="Siti Rahmawati", birth_on=date(1992, 6, 14), sex="P", by=BY)


def tell(monkeypatch: pytest.MonkeyPatch, answer: object) -> list[ExchangeRequest]:
    """Let the toll road answer, or raise; return the questions."""
    asked: list[ExchangeRequest] = []

    def call(request: ExchangeRequest, *, by: Actor) -> ExchangeAnswer:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        provider = AgencyView(uuid7(), "dukcapil", "1", "Dukcapil", "Dukcapil", "ministry", "")
        return ExchangeAnswer(
            body=answer,
            transaction_id=uuid7(),
            read_at=clock.now(),
            provider=provider,
            operation="cariKeluarga",
        )

    monkeypatch.setattr(families, "exchange_call", call)
    return asked


def test_family_check_reads_the_registrys_words(siti: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tell(
        monkeypatch, {"data": {"anggota": [RAKA, {**RAKA, "nik": "1", "status_kawin": "CERAI HIDUP"}]}}
    )

    raka, other = families.family_check(siti, by=BY)

    assert (raka.name, raka.birth_on, raka.sex, raka.mother_nik) == (
        "Raka Pratama",
        date(2022, 3, 4),
        "L",
        NIK,
    )
    assert (raka.is_married, other.is_married) == (False, True)
    assert (asked[0].purpose, asked[0].subject_person_id) == ("identitas.perwakilan", siti)


def test_family_check_without_a_card_is_empty(siti: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, NothingFound(reason="none"))

    assert families.family_check(siti, by=BY) == ()


@pytest.mark.parametrize(
    "answer",
    [
        ExchangeUnavailable(reason="down"),
        ExchangeRefused(reason="no"),
        {"data": "?"},
        {"data": {"anggota": [{**RAKA, "tanggal_lahir": "2022-03-04"}]}},
        {"data": {"anggota": [{**RAKA, "jenis_kelamin": "?"}]}},
        {},
    ],
)
def test_family_check_outage_and_nonsense_are_try_later(
    siti: UUID, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    tell(monkeypatch, answer)

    with pytest.raises(FamilyUnavailable) as raised:
        families.family_check(siti, by=BY)
    assert CHILD not in str(raised.value) + str(raised.value.facts)
