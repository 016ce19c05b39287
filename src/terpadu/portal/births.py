"""A recorded birth, told to the parents who have an account: which services there are for their child."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from terpadu.casework.enums import LifeEvent
from terpadu.exchange.errors import ExchangeGarbled, NothingFound
from terpadu.exchange.events import EventReceived
from terpadu.exchange.public import ExchangeRequest, exchange_call
from terpadu.identity.public import person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.messaging.public import message_send

TYPE: Final = "id.demo.kelahiran.tercatat.v1"
SERVICE: Final = "akta-kelahiran"
OPERATION: Final = "aktaPeristiwa"
PURPOSE: Final = "keluarga.kelahiran"
CONSUMER: Final = "portal"
BY = Actor.system("portal.births")


class _Deed(BaseModel):
    """A birth deed, as far as the contract lets it through."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    nama_anak: str
    nik_ibu: str | None = None
    nik_ayah: str | None = None


def tell_parents(event: EventReceived) -> None:
    """Fetch whose birth an event is about, and leave a message for each parent who has an account, once.

    Raises ExchangeUnavailable and its kin when the register does not answer; then the worker tries again.
    """
    if event.type != TYPE:
        return
    try:
        deed = _fetch(event)
    except NothingFound:
        return
    for nik in dict.fromkeys(one for one in (deed.nik_ibu, deed.nik_ayah) if one):
        person_id = person_find_by_nik(nik)
        if person_id is not None:
            message_send(
                person_id=person_id,
                template="birth_recorded",
                context={"child": deed.nama_anak},
                dedup_key=f"birth:{event.event_id}",
                link=f"/layanan/?peristiwa={LifeEvent.BIRTH}",
            )


def _fetch(event: EventReceived) -> _Deed:
    request = ExchangeRequest(
        consumer_agency=CONSUMER,
        service=f"{event.peer_id}/{SERVICE}",
        operation=OPERATION,
        body={"peristiwa": event.event_id},
        subject_person_id=None,
        purpose=PURPOSE,
        evidence="",
        on_behalf_of="agency:event",
    )
    answer = exchange_call(request, by=BY)
    try:
        return _Deed.model_validate(answer.body)
    except ValidationError:
        # Without its cause: pydantic's text repeats what was answered.
        raise ExchangeGarbled(reason="exchange.garbled") from None
