"""A browser's way to an agency's login and back, once: bound to that browser, to that login, and to a few minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from django.db import transaction

from terpadu.identity.enums import LoginPurpose, LoginStage
from terpadu.identity.errors.officers import LoginExpired, LoginUnknown
from terpadu.identity.models import AgencyLogin, LoginAttempt
from terpadu.identity.services.provider.secrets import digest_of, new_handle
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import keyed_hash, seal, unseal

LIFE = timedelta(minutes=10)
PREFIX = "/masuk/instansi"


@dataclass(frozen=True)
class Secrets:
    """What only we know of a way: `nonce` and PKCE verifier (OpenID Connect), and the page to go on to."""

    nonce: str
    verifier: str
    next_page: str


@dataclass(frozen=True)
class Begun:
    """A way that begins. state: goes with the browser. handle: stays in the browser's session."""

    login: AgencyLogin
    state: str
    handle: str
    secrets: Secrets
    must_be_fresh: bool


@dataclass(frozen=True)
class Arrived:
    """Who came back. next_page: where to go on."""

    login_id: UUID
    agency_code: str
    purpose: str
    person_id: UUID | None
    subject_hash: str
    acr: str
    next_page: str


def attempt_begin(
    login_id: UUID, *, purpose: LoginPurpose, next_page: str, person_id: UUID | None = None
) -> Begun:
    """Begin a way to a login that is open. person_id: who links. Raises LoginUnknown."""
    row = AgencyLogin.objects.select_related("agency").filter(pk=login_id, stage=LoginStage.ACTIVE).first()
    if row is None:
        raise LoginUnknown()
    state, handle = f"_{new_handle()}", new_handle()
    secrets = Secrets(nonce=new_handle(), verifier=new_handle(), next_page=next_page)
    attempt = LoginAttempt(
        login=row,
        purpose=purpose,
        person_id=person_id,
        state_digest=digest_of(state),
        browser_digest=digest_of(handle),
        expires_at=now() + LIFE,
    )
    attempt.sealed = seal(orjson.dumps(vars(secrets)), context=_context(attempt))
    attempt.save(force_insert=True)
    return Begun(row, state, handle, secrets, must_be_fresh=purpose == LoginPurpose.LINK)


def _context(attempt: LoginAttempt) -> str:
    return f"identity.login_attempt:{attempt.id}"


@dataclass(frozen=True)
class Waiting:
    """A way that is being answered now, for the first and only time."""

    id: UUID
    login: AgencyLogin
    secrets: Secrets
    must_be_fresh: bool


@transaction.atomic
def attempt_answer(login_id: UUID, *, state: str, handle: str | None) -> Waiting:
    """Take the one answer to a way; a second one finds nothing. handle: of the browser, None where it cannot be known yet.

    Raises LoginExpired for an unknown, used or late one, and one of another browser or another login.
    """
    rows = LoginAttempt.objects.select_for_update(of=("self",)).select_related("login__agency")
    row = rows.filter(state_digest=digest_of(state), login_id=login_id, answered_at__isnull=True).first()
    is_here = row is not None and (handle is None or row.browser_digest == digest_of(handle))
    if row is None or not is_here or row.expires_at <= now() or row.login.stage != LoginStage.ACTIVE:
        raise LoginExpired()
    LoginAttempt.objects.filter(pk=row.pk).update(answered_at=now())
    return Waiting(row.id, row.login, _opened(row), must_be_fresh=row.purpose == LoginPurpose.LINK)


def _opened(row: LoginAttempt) -> Secrets:
    return Secrets(**orjson.loads(unseal(bytes(row.sealed), context=_context(row))))


def attempt_note(attempt_id: UUID, *, subject: str, acr: str) -> None:
    """Note who came back. subject: issuer and subject; only its keyed hash is kept."""
    hashed = keyed_hash(subject, context="identity.officer_subject")
    LoginAttempt.objects.filter(pk=attempt_id).update(subject_hash=hashed, acr=acr)


@transaction.atomic
def attempt_take(handle: str) -> Arrived:
    """Take, once, who came back to this browser. Raises LoginExpired."""
    rows = LoginAttempt.objects.select_for_update(of=("self",)).select_related("login__agency")
    row = rows.filter(browser_digest=digest_of(handle), used_at__isnull=True).exclude(subject_hash="").first()
    if row is None or row.expires_at <= now() or row.login.stage != LoginStage.ACTIVE:
        raise LoginExpired()
    LoginAttempt.objects.filter(pk=row.pk).update(used_at=now())
    return Arrived(
        login_id=row.login_id,
        agency_code=row.login.agency.code,
        purpose=row.purpose,
        person_id=row.person_id,
        subject_hash=row.subject_hash,
        acr=row.acr,
        next_page=_opened(row).next_page,
    )


def attempts_purge() -> int:
    """Delete ways that are over; returns how many."""
    return LoginAttempt.objects.filter(expires_at__lt=now() - LIFE).delete()[0]


def address_of(login_id: UUID, page: str) -> str:
    """Return one of a login's addresses with us: "balik" (redirect URI), "saml" (answers), "saml/metadata" (entity id)."""
    return f"{issuer()}{PREFIX}/{login_id}/{page}"
