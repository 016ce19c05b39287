"""The end of an account. The person stays: cases, documents and the law need them, and a new account is the same `sub`."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction

from terpadu.identity.enums import MandateEnd
from terpadu.identity.models import Account, CounterTicket, Mandate, SignIn
from terpadu.identity.services.mandates import mandate_close
from terpadu.identity.services.relying_parties import relying_parties_close
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor


@transaction.atomic
def account_delete(person_id: UUID, *, by: Actor) -> None:
    """Delete a person's account: sessions, ways to sign in, history, mandates they hold or gave. Without one it does nothing."""
    account = Account.objects.select_for_update().filter(person_id=person_id).first()
    if account is None:
        return
    relying_parties_close(person_id, by=by)
    for row in Mandate.objects.select_for_update().of(person_id).filter(ended_at__isnull=True):
        end = MandateEnd.WITHDRAWN if row.subject_id == person_id else MandateEnd.RENOUNCED
        mandate_close(row, end=end, by=by)
    keys = (
        SignIn.objects.filter(account=account).exclude(session_key="").values_list("session_key", flat=True)
    )
    Session.objects.filter(session_key__in=list(keys)).delete()
    SignIn.objects.filter(account=account).delete()
    Authenticator.objects.filter(user_id=account.pk).delete()
    CounterTicket.objects.filter(person_id=person_id).delete()
    audit.record("identity.account_deleted", by=by, about_kind="account", about_id=account.id)
    account.delete()
