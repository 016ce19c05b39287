"""The population check that identity asks for, over the toll road (registered in `apps`)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, ValidationError

from terpadu.exchange.errors import NothingFound
from terpadu.exchange.services.calls import ExchangeRequest, exchange_call
from terpadu.identity.errors import PopulationUnavailable
from terpadu.identity.public import PopulationAnswer
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError

CONSUMER = "portal"
SERVICE = "dukcapil/kependudukan"
OPERATION = "verifikasiPenduduk"
PURPOSE = "identitas.pendaftaran"
MATCHES = "Sesuai"
_SEXES = {"LAKI-LAKI": "L", "PEREMPUAN": "P"}


class _Verification(BaseModel):
    """What the registry says, as far as the contract lets it through."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    ditemukan: bool
    nama_lengkap: str | None = None
    tanggal_lahir: str | None = None
    jenis_kelamin: str | None = None
    status_hidup: str | None = None


class _Envelope(BaseModel):
    """The registry's way to wrap an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    data: _Verification


def population_check(nik: str, name: str, birth_on: date, *, by: Actor) -> PopulationAnswer:
    """Ask the population registry whether NIK, name and date of birth belong together.

    Raises PopulationUnavailable when there is no usable answer, whatever the reason.
    """
    body = {"nik": nik, "nama_lengkap": name, "tanggal_lahir": f"{birth_on:%d-%m-%Y}"}
    request = ExchangeRequest(
        consumer_agency=CONSUMER,
        service=SERVICE,
        operation=OPERATION,
        body={**body},
        subject_person_id=None,
        purpose=PURPOSE,
        evidence="",
        on_behalf_of="person:self",
    )
    try:
        answer = exchange_call(request, by=by)
        found = _Envelope.model_validate(answer.body).data
    except NothingFound:
        return PopulationAnswer(found=False, alive=False, name_matches=False, birth_matches=False, sex="")
    except DomainError as error:
        raise PopulationUnavailable(reason=error.code) from error
    except ValidationError:
        # Without its cause: pydantic's text repeats what was answered.
        raise PopulationUnavailable(reason="exchange.garbled") from None
    return PopulationAnswer(
        found=found.ditemukan,
        alive=found.status_hidup == "HIDUP",
        name_matches=found.nama_lengkap == MATCHES,
        birth_matches=found.tanggal_lahir == MATCHES,
        sex=_SEXES.get(found.jenis_kelamin or "", ""),
    )
