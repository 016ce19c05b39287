"""Notices that follow from events of the exchange: officers and persons find them in their inbox at once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from terpadu.directory.public import AgencyView, agency_by_peer, agency_get, position_list
from terpadu.exchange.events import (
    ConsentAsked,
    ContractProposed,
    InterfaceBroken,
    OrphansFound,
    PurposeMoved,
)
from terpadu.exchange.public import agreement_purpose, contract_get
from terpadu.identity.public import holders_of
from terpadu.kernel.clock import today
from terpadu.messaging.services import message_send

RESPONSIBLE = frozenset(
    ("pengelola_data", "pengelola_pertukaran", "kepala_dinas", "camat", "operator_platform")
)
"""Kinds of positions that answer for an agency on the exchange; without any of them, all its officers are told."""
OPERATOR = "portal"
"""Code of the agency that operates the exchange."""
ANSWERS = frozenset(("approve", "reject", "suspend"))


def tell_of_purpose(event: PurposeMoved) -> None:
    """Tell the provider's officers that a purpose waits for them, and the consumer's what became of theirs."""
    purpose = {"id": event.text_id, "en": event.text_en}
    link = f"/pertukaran/tujuan/{event.purpose_id}/"
    if event.state == "waiting":
        words = {"agency": _name(agency_get(event.consumer)), "purpose": purpose}
        _tell(event.provider, "purpose_waiting", words, key=f"purpose:{event.purpose_id}:waiting", link=link)
    elif event.action in ANSWERS:
        template = "purpose_active" if event.state == "active" else "purpose_held_back"
        words = {"agency": _name(agency_get(event.provider)), "purpose": purpose}
        key = f"purpose:{event.purpose_id}:{event.action}:{event.at}"
        _tell(event.consumer, template, words, key=key, link=link)


def tell_of_agreement(event: ContractProposed) -> None:
    """Tell the officers of each agency whose signature an agreement to read data still waits for."""
    view = contract_get(event.content_hash)
    purpose = agreement_purpose(view)
    if view.state != "proposed" or purpose is None or not view.signatures.accept:
        return
    link = f"/pertukaran/perjanjian/{view.content.iv}/"
    words = {
        "agency": _name(agency_by_peer(next(iter(view.signatures.accept)))),
        "purpose": {"id": purpose.id, "en": purpose.en},
    }
    for peer_id in set(view.signers) - set(view.signatures.accept):
        _tell(
            agency_by_peer(peer_id).code,
            "agreement_waiting",
            words,
            key=f"agreement:{view.content.iv}",
            link=link,
        )


def tell_of_break(event: InterfaceBroken) -> None:
    """Tell a provider's officers of a place at which their interface breaks its document for the first time."""
    words = {
        "interface": event.service,
        "operation": event.operation,
        "place": event.place,
    }
    key = f"break:{event.service}:{event.operation}:{event.place}"
    code = agency_by_peer(event.provider).code
    _tell(code, "interface_broken", words, key=key, link="/pertukaran/pelanggaran/")


def tell_of_orphans(event: OrphansFound) -> None:
    """Tell the officers of both sides, and the exchange's operator, that records of exchanges are missing or contradict."""
    key = f"orphans:{event.at.isoformat()}"
    for peer_id, count in event.counts.items():
        code = agency_by_peer(peer_id).code
        if code != OPERATOR:
            link = "/pertukaran/rekonsiliasi/"
            _tell(code, "orphans_found", {"count": count}, key=f"{key}:{peer_id}", link=link)
    _tell(OPERATOR, "orphans_found", {"count": event.total}, key=key, link="/pertukaran/peta/")


def tell_of_consent(event: ConsentAsked) -> None:
    """Tell a person that they are asked for their consent."""
    message_send(
        person_id=UUID(event.person_id),
        template="consent_asked",
        context={"agency": _name(agency_by_peer(event.consumer))},
        dedup_key=f"consent:{event.consent_id}",
        link="/persetujuan-data/",
    )


def _tell(agency_code: str, template: str, words: Mapping[str, object], *, key: str, link: str) -> None:
    for person_id in _officers(agency_code):
        message_send(person_id=person_id, template=template, context=words, dedup_key=key[:150], link=link)


def _officers(agency_code: str) -> list[UUID]:
    kinds = list(dict.fromkeys(position.kind for position in position_list(agency_code)))
    chosen = [kind for kind in kinds if kind in RESPONSIBLE]
    found = [holder for kind in chosen for holder in holders_of(kind, agency_code, on=today())]
    everybody = [holder for kind in kinds for holder in holders_of(kind, agency_code, on=today())]
    return list(dict.fromkeys(found or everybody))


def _name(agency: AgencyView) -> dict[str, str]:
    return {"id": agency.name, "en": agency.name_en or agency.name}
