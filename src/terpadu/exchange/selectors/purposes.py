"""Purposes as views, and in the form that goes into a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.enums import PurposeState
from terpadu.exchange.errors import PurposeUnknown
from terpadu.exchange.models import Contract, Grant, Interface, Peer, PeerAttribute, Purpose
from terpadu.exchange.rules.purposes import STATES, Action, Declared, Side, Standing, Terms, actions_of
from terpadu.kernel.clock import now
from terpadu_wire.purposes import PurposeContent, purpose_from_json
from terpadu_wire.snapshot import SnapshotPurpose


@dataclass(frozen=True)
class PurposeView:
    """A purpose and where it stands. contracts: content hashes of the contracts in force that name it."""

    id: UUID
    consumer: AgencyView
    provider: AgencyView
    content: PurposeContent
    digest: str
    state: str
    standing: Standing
    reason: str
    is_automatic: bool
    changed_at: datetime
    submitted_jws: str
    approved_jws: str

    @property
    def state_label(self) -> str:
        """The state in the language in force."""
        return str(PurposeState(self.state).label)

    def side_of(self, agency_code: str) -> Side | None:
        """Return which side an agency is, None when it is neither. Who is both acts as the consumer first."""
        if agency_code == self.consumer.code:
            return "consumer"
        return "provider" if agency_code == self.provider.code else None

    def actions_for(self, agency_code: str) -> tuple[Action, ...]:
        """Return what an agency may do with the purpose now."""
        sides: tuple[Side, ...] = ("consumer", "provider")
        codes = {"consumer": self.consumer.code, "provider": self.provider.code}
        found = [
            action
            for side in sides
            if codes[side] == agency_code
            for action in actions_of(self.standing, side=side)
        ]
        return tuple(dict.fromkeys(found))


def purpose_get(purpose_id: UUID) -> PurposeView:
    """Return a purpose. Raises PurposeUnknown. Two queries."""
    row = Purpose.objects.select_related("consumer__agency", "provider__agency").filter(pk=purpose_id).first()
    if row is None:
        raise PurposeUnknown()
    return next(iter(purpose_views([row])))


def purpose_list(agency_code: str, *, state: str = "") -> list[PurposeView]:
    """Return the purposes of an agency on either side, the latest change first. Drafts of others are not shown."""
    is_own, is_asked = Q(consumer__agency__code=agency_code), Q(provider__agency__code=agency_code)
    rows = Purpose.objects.filter(is_own | (is_asked & ~Q(state=PurposeState.DRAFT)))
    rows = rows.filter(state=state) if state else rows
    return purpose_views(
        rows.select_related("consumer__agency", "provider__agency").order_by("-changed_at", "-id")
    )


def purpose_waiting_count(agency_code: str) -> int:
    """Return how many purposes wait for an agency's answer. One query."""
    waiting = Purpose.objects.filter(state=PurposeState.WAITING)
    return waiting.filter(provider__agency__code=agency_code).count()


def purpose_views(rows: Iterable[Purpose]) -> list[PurposeView]:
    """Return the views of purposes, in their order. One query for all together."""
    agencies = {agency.peer_id: agency for agency in agency_list()}
    return [_view(row, agencies) for row in rows]


def standing_of_purpose(row: Purpose) -> Standing:
    """Return what decides what may be done with a purpose."""
    sides: list[Side] = [side for side in ("consumer", "provider") if side in row.suspended_by]
    state = next(one for one in STATES if one == row.state)
    return Standing(state, frozenset(sides))


def snapshot_purposes() -> tuple[SnapshotPurpose, ...]:
    """Return the purposes that contracts in force or to come name, in the form of a snapshot. Two queries."""
    concluded = Contract.objects.concluded_or_revoked().filter(not_after__gt=now())
    named = set(
        Grant.objects.filter(contract__in=concluded).values_list("properties__purpose__id", flat=True)
    ) - {None, ""}
    rows = Purpose.objects.filter(pk__in=named).order_by("id")
    return tuple(
        SnapshotPurpose(
            str(row.id),
            row.digest,
            standing_of_purpose(row).state,
            row.content["not_before"],
            row.content["not_after"],
        )
        for row in rows
    )


def contracts_naming(purpose_id: UUID) -> list[str]:
    """Return the content hashes of the concluded contracts that name a purpose, newest first. One query."""
    grants = Grant.objects.filter(
        properties__purpose__id=str(purpose_id), contract__in=Contract.objects.in_force(now())
    )
    return list(
        dict.fromkeys(
            grants.order_by("-contract__proposed_at").values_list("contract__content_hash", flat=True)
        )
    )


def attributes_of(peer: Peer) -> frozenset[str]:
    """Return the certified attributes of an agency: those of the directory, and those that the operator certified.

    From the directory come its kind ("jenis:ministry") and its region with all above it ("wilayah:36", "wilayah:36.71").
    """
    agency = peer.agency
    found = {f"jenis:{agency.kind}"}
    parts = agency.region_code.split(".") if agency.region_code else []
    found |= {f"wilayah:{'.'.join(parts[: end + 1])}" for end in range(len(parts))}
    return frozenset(found | set(PeerAttribute.objects.filter(peer=peer).values_list("code", flat=True)))


def terms_of(provider: Peer, services: Iterable[str]) -> list[Terms]:
    """Return the terms of a provider's interfaces, one for each; those without any pass nothing by themselves."""
    rows = {
        row.name: row
        for row in Interface.objects.filter(peer=provider, name__in=list(services)).select_related(
            "approval_terms"
        )
    }
    return [_terms(rows.get(name)) for name in services]


def declared_calls(consumer: Peer, provider: Peer) -> Declared:
    """Return the calls a day that active purposes expect of a provider: the consumer's, and all. Two queries."""
    active = Purpose.objects.filter(provider=provider, state=PurposeState.ACTIVE)
    own = active.filter(consumer=consumer).aggregate(total=Sum("expected_calls"))["total"]
    return Declared(own or 0, active.aggregate(total=Sum("expected_calls"))["total"] or 0)


def _terms(interface: Interface | None) -> Terms:
    found = getattr(interface, "approval_terms", None)
    if found is None:
        return Terms()
    groups = tuple(tuple(str(code) for code in group) for group in found.attributes)
    return Terms(groups, found.per_consumer, found.in_total)


def _view(row: Purpose, agencies: dict[str, AgencyView]) -> PurposeView:
    return PurposeView(
        id=row.id,
        consumer=agencies[row.consumer.agency.peer_id],
        provider=agencies[row.provider.agency.peer_id],
        content=purpose_from_json(row.content),
        digest=row.digest,
        state=row.state,
        standing=standing_of_purpose(row),
        reason=row.reason,
        is_automatic=row.is_automatic,
        changed_at=row.changed_at,
        submitted_jws=row.submitted_jws,
        approved_jws=row.approved_jws,
    )
