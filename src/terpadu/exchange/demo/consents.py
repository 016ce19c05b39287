"""A consent that the demo country's mother is asked for."""

from __future__ import annotations

from datetime import timedelta

from demo.population.personas import persona
from terpadu.directory.demo import KECAMATAN
from terpadu.directory.public import agency_get
from terpadu.exchange.public import consent_ask, consents_of_person, contract_list
from terpadu.identity.public import person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.contracts import DelegatedServiceConnectionGrant, grant_hash

LIFE = timedelta(days=365)


def ask_for_consent(*, by: Actor) -> None:
    """Ask Siti once for what the district office would read of her occupation."""
    siti = person_find_by_nik(persona("siti").nik)
    wanted = _grant_with_consent()
    if siti is None or wanted == "" or consents_of_person(siti):
        return
    consent_ask(siti, grant_hash=wanted, until=now() + LIFE, by=by)


def _grant_with_consent() -> str:
    reader = agency_get(KECAMATAN).peer_id
    for view in contract_list():
        for grant in view.content.connection_grants():
            is_readers = (
                isinstance(grant, DelegatedServiceConnectionGrant) and grant.delegator.peer_id == reader
            )
            if view.state == "valid" and is_readers and "consent" in (grant.properties or {}):
                return grant_hash(view.content, grant)
    return ""
