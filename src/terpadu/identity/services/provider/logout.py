"""Single logout: clients are told by the server, from the outbox, so that a client that is down is told later; those without
a back-channel are signed out by the browser, in frames of the last page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from terpadu.identity.errors import FetchRefused
from terpadu.identity.events import LogoutDue, SessionEnded
from terpadu.identity.models import Authorization
from terpadu.identity.selectors.provider.clients import ClientView, client_find, client_get
from terpadu.identity.selectors.provider.login_path import open_sign_in
from terpadu.identity.services.provider.fetching import post
from terpadu.identity.services.provider.subjects import session_of, subject_of
from terpadu.identity.services.provider.tokens import logout_token_for
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit

ACCEPTED = frozenset({200, 204})


@dataclass(frozen=True)
class Farewell:
    """A client that only a browser can sign out. address: its page that does, with `iss` and `sid`."""

    client: ClientView
    address: str


def farewells_of(session_key: str) -> list[Farewell]:
    """Return the clients of an open session that named a page for signing out (Front-Channel Logout 1.0). Ask before it ends."""
    sign_in_id = open_sign_in(session_key)
    rows = Authorization.objects.filter(sign_in_id=sign_in_id).exclude(client__frontchannel_logout_uri="")
    if sign_in_id is None:
        return []
    found = []
    for client_id in sorted(set(rows.values_list("client__client_id", flat=True))):
        client = client_get(client_id)
        joint = "&" if "?" in client.frontchannel_logout_uri else "?"
        query = urlencode({"iss": issuer(), "sid": session_of(sign_in_id, client=client)})
        found.append(Farewell(client, f"{client.frontchannel_logout_uri}{joint}{query}"))
    return found


def session_logout(event: SessionEnded) -> None:
    """End what a session had authorized, but for lasting access, and note which clients are to be told."""
    rows = Authorization.objects.filter(sign_in_id=event.sign_in_id)
    told: set[str] = set()
    for row in rows.select_related("client"):
        client = client_find(row.client.client_id)
        if client and client.backchannel_logout_uri and client.client_id not in told:
            told.add(client.client_id)
            sub = subject_of(row.person_id, client=client)
            emit(LogoutDue(client.client_id, sub, session_of(event.sign_in_id, client=client)))
    lasting = [row.pk for row in rows if "offline_access" in row.scope.split()]
    ending = rows.filter(revoked_at__isnull=True).exclude(pk__in=lasting)
    ending.update(revoked_at=now(), revoked_reason="signed out")


@transaction.atomic
def person_logout(person_id: UUID, *, reason: str, by: Actor) -> int:
    """End every authorization of a person that still runs, also those that outlive a sign-out or act for others.

    Clients are told of those whose session has ended before; open sessions tell of theirs when they end (`sessions_end`).
    Returns how many authorizations ended.
    """
    own = Q(person_id=person_id, actor_person__isnull=True) | Q(actor_person_id=person_id)
    rows = Authorization.objects.filter(own, revoked_at__isnull=True, ends_at__gt=now())
    orphans = rows.filter(Q(sign_in__isnull=True) | Q(sign_in__ended_at__isnull=False))
    told: set[LogoutDue] = set()
    for row in orphans.select_related("client"):
        client = client_find(row.client.client_id)
        if client and client.backchannel_logout_uri:
            sid = session_of(row.sign_in_id, client=client) if row.sign_in_id else ""
            told.add(LogoutDue(client.client_id, subject_of(row.person_id, client=client), sid))
    for event in told:
        emit(event)
    count = rows.update(revoked_at=now(), revoked_reason=reason[:20])
    facts: dict[str, audit.Fact] = {"reason": reason, "count": count}
    audit.record(
        "identity.authorizations_revoked", by=by, about_kind="person", about_id=person_id, facts=facts
    )
    return count


def logout_send(event: LogoutDue) -> None:
    """Tell one client. Raises FetchRefused when it does not take it: the outbox tries again, later and later."""
    client = client_find(event.client_id)
    if client is None or not client.backchannel_logout_uri:
        return
    token = logout_token_for(client=client, sub=event.sub, sid=event.sid)
    answer = post(client.backchannel_logout_uri, {"logout_token": token}, allowed=client.fetch_hosts)
    if answer.status not in ACCEPTED:
        raise FetchRefused(reason=f"status {answer.status}")
