"""The family check that identity asks for, over the toll road (registered in `apps`)."""

from __future__ import annotations

from datetime import datetime
from string import capwords
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from terpadu.exchange.errors import NothingFound
from terpadu.exchange.services.calls import ExchangeRequest, exchange_call
from terpadu.exchange.services.population import CONSUMER, SERVICE
from terpadu.identity.errors import FamilyUnavailable
from terpadu.identity.public import FamilyMember, nik_reveal
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError

OPERATION = "cariKeluarga"
PURPOSE = "identitas.perwakilan"
_SEXES = {"LAKI-LAKI": "L", "PEREMPUAN": "P"}
_UNMARRIED = "BELUM KAWIN"


class _Member(BaseModel):
    """One member of a family card, as far as the contract lets it through."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    nik: str
    nama_lengkap: str
    tanggal_lahir: str
    jenis_kelamin: str
    status_kawin: str | None = None
    nik_ibu: str | None = None
    nik_ayah: str | None = None
    nik_wali: str | None = None


class _Card(BaseModel):
    """The family card."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    anggota: tuple[_Member, ...] = ()


class _Envelope(BaseModel):
    """The registry's way to wrap an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    data: _Card


def family_check(person_id: UUID, *, by: Actor) -> tuple[FamilyMember, ...]:
    """Ask the registry who stands on a person's family card, with their parents and guardian.

    Raises FamilyUnavailable when there is no usable answer, whatever the reason; () when there is no card.
    """
    request = ExchangeRequest(
        consumer_agency=CONSUMER,
        service=SERVICE,
        operation=OPERATION,
        body={"nik": nik_reveal(person_id, reason="identity.family", by=by)},
        subject_person_id=person_id,
        purpose=PURPOSE,
        evidence="",
        on_behalf_of="person:self",
    )
    try:
        answer = exchange_call(request, by=by)
        card = _Envelope.model_validate(answer.body).data
        return tuple(_member(member) for member in card.anggota)
    except NothingFound:
        return ()
    except DomainError as error:
        raise FamilyUnavailable(reason=error.code) from error
    except (ValidationError, ValueError, KeyError):
        # Without its cause: pydantic's text repeats what was answered.
        raise FamilyUnavailable(reason="exchange.garbled") from None


def _member(member: _Member) -> FamilyMember:
    return FamilyMember(
        nik=member.nik,
        name=capwords(member.nama_lengkap),
        birth_on=datetime.strptime(member.tanggal_lahir, "%d-%m-%Y").date(),
        sex=_SEXES[member.jenis_kelamin],
        is_married=member.status_kawin not in (None, _UNMARRIED),
        mother_nik=member.nik_ibu or "",
        father_nik=member.nik_ayah or "",
        guardian_nik=member.nik_wali or "",
    )
