"""Devices that wait for a person: found by the code on their screen, allowed or refused once."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.identity.enums import DeviceState
from terpadu.identity.errors import DeviceCodeWrong, TooManyTries
from terpadu.identity.models import DeviceGrant
from terpadu.identity.rules.provider.assurance import Demand
from terpadu.identity.rules.provider.requests import Ask
from terpadu.identity.selectors.provider.clients import ClientView, client_find
from terpadu.identity.services import tries
from terpadu.identity.services.provider.authorizations import Agreed, Standing, authorization_make
from terpadu.identity.services.provider.endpoints import user_code_digest
from terpadu.kernel.clock import now, today


def device_find(typed: str, *, network: str, person_id: UUID) -> tuple[DeviceGrant, ClientView, Ask]:
    """Return the waiting device of a typed code with its client and what it asks.

    Raises TooManyTries (ten wrong codes in a quarter of an hour for a person or a network), DeviceCodeWrong.
    """
    allowed = tries.try_take(tries.USER_CODE, str(person_id)) and tries.try_take(
        tries.USER_CODE_NETWORK, network
    )
    if not allowed:
        raise TooManyTries(limit="user_code")
    rows = DeviceGrant.objects.filter(state=DeviceState.WAITING, expires_at__gt=now())
    row = rows.select_related("client").filter(user_digest=user_code_digest(typed)).first()
    client = client_find(row.client.client_id) if row else None
    if row is None or client is None or not client.is_usable(today()):
        raise DeviceCodeWrong()
    tries.try_forgive(tries.USER_CODE, str(person_id))
    tries.try_give_back(tries.USER_CODE_NETWORK, network)
    return row, client, _ask(row)


def _ask(row: DeviceGrant) -> Ask:
    """Return what a device asks, in the form of a request: it has no redirect and no challenge."""
    known = row.parameters
    return Ask(
        scope=tuple(known["scope"].split()),
        redirect_uri="",
        state="",
        nonce=known.get("nonce", ""),
        code_challenge="",
        prompts=frozenset(),
        demand=Demand(acr_values=tuple(known.get("acr_values", "").split())),
        languages=tuple(known.get("ui_locales", "").split()),
        dpop_jkt=row.jkt,
    )


@transaction.atomic
def device_allow(
    row: DeviceGrant, ask: Ask, *, client: ClientView, standing: Standing, consent: Agreed
) -> None:
    """Let a device act for the person. Raises DeviceCodeWrong when it was answered already."""
    given, _ = authorization_make(
        ask, client_pk=client.id, standing=standing, consent=consent, in_id_token=()
    )
    given.code_used_at, given.code_expires_at = now(), None
    given.save()
    _answer(row, DeviceState.GRANTED, authorization_id=given.pk)


@transaction.atomic
def device_refuse(row: DeviceGrant) -> None:
    """Refuse a device. Raises DeviceCodeWrong when it was answered already."""
    _answer(row, DeviceState.DENIED)


def _answer(row: DeviceGrant, state: DeviceState, **changes: object) -> None:
    rows = DeviceGrant.objects.filter(pk=row.pk, state=DeviceState.WAITING)
    if not rows.update(state=state, **changes):
        raise DeviceCodeWrong()
