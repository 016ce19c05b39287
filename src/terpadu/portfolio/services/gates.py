"""Registration as a by-product: what other gates see of an application makes its record, or adds what it lacks."""

from __future__ import annotations

from django.db import transaction

from terpadu.directory.public import agency_by_peer
from terpadu.kernel.actors import Actor
from terpadu.portfolio.enums import ChangeSource, LifeState
from terpadu.portfolio.models import Application
from terpadu.portfolio.rules.cells import plain
from terpadu.portfolio.rules.fields import Value
from terpadu.portfolio.selectors.applications import (
    ApplicationView,
    application_find_by_interface,
    application_get,
)
from terpadu.portfolio.services.applications import Gate, application_register, application_update


@transaction.atomic
def application_enrich_from_exchange(
    *, peer_id: str, service: str, title: str, address: str = "", by: Actor
) -> ApplicationView:
    """Take over that a system offers an interface: onto the record that offers it or has its name, else a new one.

    service: "<peer id>/<name>". title: of the interface's description. Raises AgencyUnknown.
    """
    known = application_find_by_interface(service)
    if known:
        return known
    agency = agency_by_peer(peer_id)
    gate = Gate(ChangeSource.EXCHANGE, service)
    found = _by_name(agency.code, title)
    if found is None:
        values = _live(title, interfaces=(service,), url=address)
        return application_register(agency_code=agency.code, values=values, gate=gate, by=by)
    interfaces = (*_texts(found, "interfaces"), service)
    return application_update(found.id, values={"interfaces": interfaces}, gate=gate, by=by)


@transaction.atomic
def application_enrich_from_client(
    *, agency_code: str, client_id: str, name: str, address: str = "", by: Actor
) -> ApplicationView:
    """Take over that an application signs people in with us: onto the record of that client or name, else a new one.

    client_id: at the identity provider. name: as the client calls itself. Raises AgencyUnknown.
    """
    row = Application.objects.filter(clients__contains=[client_id]).first()
    if row:
        return application_get(row.id)
    gate = Gate(ChangeSource.CLIENT, client_id)
    found = _by_name(agency_code, name)
    if found is None:
        values = _live(name, clients=(client_id,), url=address)
        return application_register(agency_code=agency_code, values=values, gate=gate, by=by)
    return application_update(
        found.id, values={"clients": (*_texts(found, "clients"), client_id)}, gate=gate, by=by
    )


def _by_name(agency_code: str, name: str) -> ApplicationView | None:
    """Return the agency's only application of that name, compared without case and signs."""
    rows = Application.objects.of_agency(agency_code).values_list("id", "name")
    same = [key for key, known in rows if plain(known) == plain(name)]
    return application_get(same[0]) if len(same) == 1 else None


def _live(name: str, **values: Value) -> dict[str, Value]:
    return {"name": name[:200], "state": LifeState.LIVE.value, **values}


def _texts(view: ApplicationView, field: str) -> tuple[str, ...]:
    value = view.values[field]
    return value if isinstance(value, tuple) else ()
