"""Purposes: drafted and submitted by who wants to read, approved or rejected by who is asked, held back by either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from pydantic import ValidationError

from terpadu.directory.public import agency_key
from terpadu.exchange.errors import PurposeClosed, PurposeInvalid, PurposeUnknown
from terpadu.exchange.events import PurposeMoved
from terpadu.exchange.models import ApprovalTerms, Interface, Peer, PeerAttribute, Purpose
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.disclosure import objection_to_disclosure
from terpadu.exchange.rules.purposes import Action, Side, move, passes_by_itself
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.exchange.selectors.purpose_forms import risk_questions
from terpadu.exchange.selectors.purposes import (
    PurposeView,
    attributes_of,
    declared_calls,
    purpose_get,
    standing_of_purpose,
    terms_of,
)
from terpadu.exchange.selectors.registry import interface_row, peer_row
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu_wire.disclosures import AT_ONCE, Disclosure
from terpadu_wire.properties import Text
from terpadu_wire.purposes import (
    LegalBasis,
    PurposeContent,
    RiskAnswer,
    purpose_digest,
    purpose_from_json,
    purpose_to_json,
    sign_purpose,
)


@dataclass(frozen=True)
class PurposeWords:
    """What an agency says of its purpose. services: names of the provider's interfaces. risk: answer by question.

    disclosure: when the persons see the exchanges that stand on it.
    """

    code: str
    provider: str
    services: Sequence[str]
    text: Text
    legal_basis: LegalBasis
    data_items: Sequence[str]
    retention: str
    risk: dict[str, str]
    expected_calls: int
    not_before: datetime
    not_after: datetime
    disclosure: Disclosure = AT_ONCE


@transaction.atomic
def purpose_draft(consumer: str, words: PurposeWords, *, by: Actor) -> PurposeView:
    """Write down a purpose of an agency; nobody else sees it before it is submitted.

    consumer: code of the agency in whose name data will be read. Raises PurposeInvalid, PeerUnknown, NotAllowed.
    """
    check_acts_for(consumer, by=by)
    row = Purpose(id=uuid7(), consumer=peer_row(consumer), provider=peer_row(words.provider))
    _write(row, words, is_new=True)
    audit.record("exchange.purpose_drafted", by=by, about_kind="purpose", about_id=row.id)
    return purpose_get(row.id)


@transaction.atomic
def purpose_change(purpose_id: UUID, words: PurposeWords, *, by: Actor) -> PurposeView:
    """Change a draft. Raises PurposeUnknown, PurposeClosed, PurposeInvalid, NotAllowed."""
    row = _locked(purpose_id)
    _side(row, "change", by=by)
    row.provider = peer_row(words.provider)
    _write(row, words, is_new=False)
    return purpose_get(row.id)


@transaction.atomic
def purpose_submit(purpose_id: UUID, *, by: Actor) -> PurposeView:
    """Sign a draft and ask the provider; approved at once when the consumer meets the provider's terms.

    Raises PurposeUnknown, PurposeClosed, PurposeInvalid when a question is not answered, NotAllowed.
    """
    row = _locked(purpose_id)
    _side(row, "submit", by=by)
    content = purpose_from_json(row.content)
    answered = {answer.question for answer in content.risk}
    missing = [question.code for question in risk_questions() if question.code not in answered]
    if missing:
        raise PurposeInvalid(reason="purpose.risk_missing", place=", ".join(missing))
    key = agency_key(row.consumer.agency.code)
    row.submitted_jws = sign_purpose("submit", content, key=key, at=int(now().timestamp()))
    _move(row, "submit", side="consumer", by=by)
    if _passes_by_itself(row, content):
        row.is_automatic = True
        _approve(row, by=Actor.system("exchange.manager"))
    return purpose_get(row.id)


@transaction.atomic
def purpose_approve(purpose_id: UUID, *, by: Actor) -> PurposeView:
    """Sign a purpose for the provider; from now on contracts may stand on it. Raises as `purpose_change`."""
    row = _locked(purpose_id)
    _side(row, "approve", by=by)
    _approve(row, by=by)
    return purpose_get(row.id)


@transaction.atomic
def purpose_move(purpose_id: UUID, action: Action, *, reason: str = "", by: Actor) -> PurposeView:
    """Reject, suspend, resume or archive a purpose. Calls that stand on it are refused within seconds.

    reason: why; needed to reject and to suspend.
    Raises PurposeUnknown, PurposeClosed, PurposeInvalid without a reason, NotAllowed.
    """
    if action in ("reject", "suspend") and not reason.strip():
        raise PurposeInvalid(reason="purpose.reason_missing")
    row = _locked(purpose_id)
    side = _side(row, action, by=by)
    row.reason = reason.strip()[:2000] if action in ("reject", "suspend") else ""
    _move(row, action, side=side, by=by)
    snapshot_publish()
    return purpose_get(row.id)


@transaction.atomic
def approval_terms_set(
    service: str, *, attributes: Sequence[Sequence[str]], per_consumer: int, in_total: int, by: Actor
) -> None:
    """Say on which terms an interface's purposes are approved by themselves; no attributes: never.

    service: "<peer id or agency code>/<name>". attributes: groups of codes, one of each must be held (AND of ORs).
    Raises InterfaceUnknown, NotAllowed.
    """
    interface: Interface = interface_row(service)
    check_acts_for(interface.peer.agency.code, by=by)
    members = {
        "attributes": [list(group) for group in attributes],
        "per_consumer": per_consumer,
        "in_total": in_total,
    }
    ApprovalTerms.objects.update_or_create(interface=interface, defaults=members)
    audit.record("exchange.terms_set", by=by, about_kind="interface", about_id=interface.id)


@transaction.atomic
def attribute_certify(agency_code: str, *, code: str, source: str, by: Actor) -> None:
    """Certify a fact about an agency; only the platform's own officers and the system may. Raises NotAllowed."""
    check_acts_for("portal", by=by)
    PeerAttribute.objects.update_or_create(
        peer=peer_row(agency_code), code=code, defaults={"source": source, "certified_at": now()}
    )
    facts = {"agency": agency_code, "attribute": code}
    audit.record(
        "exchange.attribute_certified", by=by, about_kind="agency", about_id=agency_code, facts=facts
    )


def _write(row: Purpose, words: PurposeWords, *, is_new: bool) -> None:
    content = _content_of(row, words)
    _check_disclosure(content)
    offered = set(Interface.objects.filter(peer=row.provider).values_list("name", flat=True))
    if not set(words.services) <= offered:
        raise PurposeInvalid(reason="service.unknown")
    row.content = purpose_to_json(content)
    row.digest, row.code = purpose_digest(content), content.code
    row.expected_calls, row.changed_at = content.expected_calls, now()
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError as error:
        raise PurposeInvalid(reason="purpose.duplicate") from error


def _content_of(row: Purpose, words: PurposeWords) -> PurposeContent:
    try:
        return PurposeContent(
            id=str(row.id),
            code=words.code,
            consumer=row.consumer.agency.peer_id,
            provider=row.provider.agency.peer_id,
            services=tuple(words.services),
            text=words.text,
            legal_basis=words.legal_basis,
            data_items=tuple(words.data_items),
            retention=words.retention,
            risk=tuple(RiskAnswer(code, answer) for code, answer in words.risk.items() if answer),
            expected_calls=words.expected_calls,
            not_before=int(words.not_before.timestamp()),
            not_after=int(words.not_after.timestamp()),
            disclosure=words.disclosure,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join([*(["risk"] if error.title == "RiskAnswer" else []), *map(str, first["loc"])])
        raise PurposeInvalid(reason="purpose.invalid", place=place) from error


def _check_disclosure(content: PurposeContent) -> None:
    objection = objection_to_disclosure(
        content.disclosure,
        disclosure_law().rules(),
        today=today(),
        is_by_consent=content.legal_basis.kind == "consent",
    )
    if objection:
        raise PurposeInvalid(reason=objection)


def _approve(row: Purpose, *, by: Actor) -> None:
    content = purpose_from_json(row.content)
    key = agency_key(row.provider.agency.code)
    row.approved_jws = sign_purpose("approve", content, key=key, at=int(now().timestamp()))
    _move(row, "approve", side="provider", by=by)
    snapshot_publish()


def _passes_by_itself(row: Purpose, content: PurposeContent) -> bool:
    """Tell whether nobody has to look at a purpose; what is kept from persons is always looked at."""
    if content.disclosure != AT_ONCE:
        return False
    held, calls = attributes_of(row.consumer), content.expected_calls
    declared = declared_calls(row.consumer, row.provider)
    terms = terms_of(row.provider, content.services)
    return all(passes_by_itself(one, held=held, calls=calls, declared=declared) for one in terms)


def _move(row: Purpose, action: Action, *, side: Side, by: Actor) -> None:
    standing = move(standing_of_purpose(row), action, side=side)
    if standing is None:
        raise PurposeClosed(state=row.state, action=action)
    row.state, row.suspended_by = standing.state, sorted(standing.suspended_by)
    row.changed_at = now()
    row.save()
    text = row.content["text"]
    emit(
        PurposeMoved(
            purpose_id=str(row.id),
            code=row.code,
            text_id=text["id"],
            text_en=text["en"],
            consumer=row.consumer.agency.code,
            provider=row.provider.agency.code,
            action=action,
            state=row.state,
            at=row.changed_at.isoformat(),
        )
    )
    facts = {"action": action, "state": row.state}
    audit.record("exchange.purpose_moved", by=by, about_kind="purpose", about_id=row.id, facts=facts)


def _side(row: Purpose, action: Action, *, by: Actor) -> Side:
    """Return for which side somebody acts. Raises NotAllowed for strangers, PurposeClosed when it is not their step."""
    standing = standing_of_purpose(row)
    sides: tuple[tuple[Side, Peer], ...] = (("consumer", row.consumer), ("provider", row.provider))
    own = [side for side, peer in sides if by.kind == "system" or by.agency == peer.agency.code]
    if not own:
        check_acts_for(row.consumer.agency.code, by=by)
    for side in own:
        if move(standing, action, side=side) is not None:
            return side
    raise PurposeClosed(state=row.state, action=action)


def _locked(purpose_id: UUID) -> Purpose:
    rows = Purpose.objects.select_for_update(of=("self",)).select_related(
        "consumer__agency", "provider__agency"
    )
    row = rows.filter(pk=purpose_id).first()
    if row is None:
        raise PurposeUnknown()
    return row
