"""Single logout: clients are told by the server, from the outbox, so that a client that is down is told later."""

from __future__ import annotations

from terpadu.identity.errors import FetchRefused
from terpadu.identity.events import LogoutDue, SessionEnded
from terpadu.identity.models import Authorization
from terpadu.identity.selectors.provider.clients import client_find
from terpadu.identity.services.provider.fetching import post
from terpadu.identity.services.provider.subjects import session_of, subject_of
from terpadu.identity.services.provider.tokens import logout_token_for
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit

ACCEPTED = frozenset({200, 204})


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


def logout_send(event: LogoutDue) -> None:
    """Tell one client. Raises FetchRefused when it does not take it: the outbox tries again, later and later."""
    client = client_find(event.client_id)
    if client is None or not client.backchannel_logout_uri:
        return
    token = logout_token_for(client=client, sub=event.sub, sid=event.sid)
    answer = post(client.backchannel_logout_uri, {"logout_token": token}, allowed=client.fetch_hosts)
    if answer.status not in ACCEPTED:
        raise FetchRefused(reason=f"status {answer.status}")
