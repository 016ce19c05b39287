"""Users of an agency's directory: created, replaced, patched, deleted; every change is on record, and positions follow.

An entry never makes or changes a person. Its NIK is told once: an entry cannot be moved to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from scim2_models import (
    InvalidValueException,
    MutabilityException,
    NotFoundException,
    PatchOp,
    PreconditionFailedException,
    UniquenessException,
)

from terpadu.directory.public import agency_get
from terpadu.identity.models import ScimUser
from terpadu.identity.rules.accounts import find_nik_fault
from terpadu.identity.rules.scim import Officer, OfficerFacts, User, facts_of, is_tagged
from terpadu.identity.selectors.accounts import hash_nik
from terpadu.identity.services.scim.resources import user_resources
from terpadu.identity.services.scim.sync import positions_sync
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today

Resource = User[Officer]
PLAIN = (
    "user_name",
    "external_id",
    "formatted_name",
    "given_name",
    "family_name",
    "display_name",
    "is_active",
    "first_day",
    "last_day",
)


@transaction.atomic
def user_create(user: Resource, *, by: Actor) -> Resource:
    """Add an entry to the directory of an agency (`by.agency`). Raises SCIM's uniqueness and invalidValue."""
    facts = facts_of(user)
    row = ScimUser(agency_id=agency_get(by.agency).id, **_columns(facts), nik_hash=_nik_hash(facts, ""))
    _store(lambda: row.save(force_insert=True))
    return _done(row.id, "identity.scim_user_created", by=by)


@transaction.atomic
def user_replace(user_id: str, user: Resource, *, if_match: str, by: Actor) -> Resource:
    """Replace an entry (RFC 7644, 3.5.1). if_match: the header, "" for none. Raises SCIM's errors."""
    row = _lock(user_id, if_match=if_match, by=by)
    [present] = user_resources([row])
    user.replace(present)
    return _change(row, facts_of(user), by=by)


@transaction.atomic
def user_patch(user_id: str, patch: PatchOp[Resource], *, if_match: str, by: Actor) -> Resource:
    """Change parts of an entry (RFC 7644, 3.5.2). if_match: as above. Raises SCIM's errors."""
    row = _lock(user_id, if_match=if_match, by=by)
    [present] = user_resources([row])
    patch.patch(present)
    return _change(row, facts_of(present), by=by)


@transaction.atomic
def user_delete(user_id: str, *, if_match: str, by: Actor) -> None:
    """Take an entry out of the directory: its positions end today, the person stays as they are. Raises SCIM's errors."""
    row = _lock(user_id, if_match=if_match, by=by)
    ScimUser.objects.filter(pk=row.pk).update(deleted_at=now(), is_active=False, version=F("version") + 1)
    positions_sync(row.id, by=by)
    audit.record("identity.scim_user_deleted", by=by, about_kind="scim_user", about_id=row.id)


def _change(row: ScimUser, facts: OfficerFacts, *, by: Actor) -> Resource:
    columns = {**_columns(facts), "nik_hash": _nik_hash(facts, row.nik_hash)}
    changed = [name for name, value in columns.items() if value != getattr(row, name)]
    if not changed:
        return user_resources([row])[0]
    columns |= {"version": F("version") + 1, "updated_at": now()}
    _store(lambda: ScimUser.objects.filter(pk=row.pk).update(**columns))
    return _done(row.id, "identity.scim_user_changed", by=by, changed=changed)


def _done(user_id: UUID, event: str, *, by: Actor, changed: list[str] | None = None) -> Resource:
    audit.record(
        event, by=by, about_kind="scim_user", about_id=user_id, facts={"fields": ",".join(changed or [])}
    )
    positions_sync(user_id, by=by)
    return user_resources([ScimUser.objects.get(pk=user_id)])[0]


def _columns(facts: OfficerFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in PLAIN}


def _nik_hash(facts: OfficerFacts, known: str) -> str:
    """Return the hash of the NIK; one that is known stays. Raises SCIM's invalidValue and mutability."""
    if not facts.nik:
        return known
    fault = find_nik_fault(facts.nik, today=today())
    if fault:
        raise InvalidValueException(detail=f"nik is none: {fault.value}")
    told = hash_nik(facts.nik)
    if known and told != known:
        raise MutabilityException(detail="nik was told before: delete the user and create another")
    return told


def _store(write: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        raise UniquenessException(
            detail="userName, externalId or nik is that of another user of this agency"
        ) from None


def _lock(user_id: str, *, if_match: str, by: Actor) -> ScimUser:
    row = user_rows(by.agency).select_for_update(of=("self",)).filter(pk=_uuid(user_id)).first()
    if row is None:
        raise NotFoundException(detail="no such user")
    if if_match and not is_tagged(if_match, row.version):
        raise PreconditionFailedException(detail="the user has another version now")
    return row


def user_rows(agency_code: str) -> QuerySet[ScimUser]:
    """Return the entries that an agency's directory has now."""
    return ScimUser.objects.filter(agency__code=agency_code, deleted_at__isnull=True)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundException(detail="no such user") from None
