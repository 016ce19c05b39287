"""Drafts: begun, written by several hands, checked for what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from terpadu.directory.public import agency_get
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import Part, RequestKind, RequestState
from terpadu.portfolio.errors import ChangedMeanwhile, RequestIncomplete, StepRefused
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, ClearanceRequest, Cost
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.rules.clearance.drafts import DraftFacts, text_faults
from terpadu.portfolio.rules.clearance.procedure import Path, counted_value
from terpadu.portfolio.selectors.clearance.parts import positions_of, procedure_of, proposes
from terpadu.portfolio.selectors.dependencies import dependents_of
from terpadu.portfolio.services.clearance.flow import request_for

WRITABLE = frozenset({RequestState.DRAFT, RequestState.RETURNED})


@dataclass(frozen=True)
class DraftValues:
    """What a proposer writes. subject: code of the application it is about, "" for a new one. Amounts in rupiah."""

    kind: RequestKind
    title: str
    function: str = ""
    need: str = ""
    rab_codes: tuple[str, ...] = ()
    ral_codes: tuple[str, ...] = ()
    rad_codes: tuple[str, ...] = ()
    user_groups: tuple[str, ...] = ()
    users_target: int | None = None
    rupiah: int | None = None
    yearly_rupiah: int | None = None
    fiscal_year: int | None = None
    funding: str = ""
    interfaces_plan: str = ""
    why_not_existing: str = ""
    ends_on: date | None = None
    subject: str = ""


@transaction.atomic
def draft_start(*, agency_code: str, values: DraftValues, by: Actor) -> ClearanceRequest:
    """Begin a request for an agency. Raises NotAllowed, AgencyUnknown, RequestIncomplete for what cannot be stored."""
    if not proposes(positions_of(by), agency_code) or by.person_id is None:
        raise NotAllowed()
    row = ClearanceRequest(agency_id=agency_get(agency_code).id, created_by=by.person_id)
    _fill(row, values)
    row.save(force_insert=True)
    audit.record("portfolio.clearance_begun", by=by, about_kind="clearance", about_id=row.id)
    return ClearanceRequest.objects.select_related("agency", "subject").get(pk=row.id)


@transaction.atomic
def draft_save(request_id: UUID, *, values: DraftValues, version: int, by: Actor) -> ClearanceRequest:
    """Write a draft, or a request that was returned.

    version: that was shown. Raises RequestUnknown, NotAllowed, StepRefused, ChangedMeanwhile, RequestIncomplete.
    """
    row = request_for(request_id, part=Part.PROPOSER, by=by)
    if row.state not in WRITABLE:
        raise StepRefused(state=row.state, action="save")
    if row.version != version:
        raise ChangedMeanwhile(version=row.version)
    _fill(row, values)
    row.version += 1
    row.save()
    audit.record("portfolio.clearance_written", by=by, about_kind="clearance", about_id=row.id)
    return row


def _fill(row: ClearanceRequest, values: DraftValues) -> None:
    faults = text_faults(facts_of_values(values)) + _code_faults(values)
    subject = Application.objects.filter(code=values.subject).first() if values.subject else None
    if values.subject and subject is None:
        faults.append(Fault("subject_unknown", column="subject", values={"given": values.subject[:20]}))
    if not values.title.strip():
        faults.append(Fault("text_short", column="title"))
    if faults:
        raise RequestIncomplete(faults=faults)
    for name in DraftValues.__dataclass_fields__:
        value = getattr(values, name)
        if name != "subject":
            setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.subject = subject


def _code_faults(values: DraftValues) -> list[Fault]:
    known = reference_architecture().codes
    wanted = {"rab_codes": values.rab_codes, "ral_codes": values.ral_codes, "rad_codes": values.rad_codes}
    return [
        Fault("code_unknown", column=name, values={"given": code[:20], "prefix": name[:3].upper()})
        for name, codes in wanted.items()
        for code in codes
        if code not in known or not code.startswith(name[:3].upper())
    ]


def facts_of_values(values: DraftValues, *, documents: Collection[str] = ()) -> DraftFacts:
    """Return what is written as its rules see it."""
    return DraftFacts(
        kind=values.kind,
        title=values.title,
        function=values.function,
        need=values.need,
        rab_codes=values.rab_codes,
        rupiah=values.rupiah,
        fiscal_year=values.fiscal_year,
        subject=values.subject,
        interfaces_plan=values.interfaces_plan,
        why_not_existing=values.why_not_existing,
        documents=frozenset(documents),
    )


def facts_of(row: ClearanceRequest) -> DraftFacts:
    """Return a stored request as its rules see it. One query."""
    documents = row.documents.filter(removed_at__isnull=True).values_list("kind", flat=True)
    return facts_of_values(values_of(row), documents=set(documents))


def values_of(row: ClearanceRequest) -> DraftValues:
    """Return what is written in a stored request."""
    stored: Mapping[str, object] = {
        name: getattr(row, name)
        for name in DraftValues.__dataclass_fields__
        if name not in ("subject", "kind")
    }
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    subject = row.subject.code if row.subject else ""
    return DraftValues(kind=RequestKind(row.kind), subject=subject, **plain)  # type: ignore[arg-type]  # by field name


def path_of(row: ClearanceRequest) -> Path:
    """Return the path a request takes: the stored one, for a draft the one that its size asks for."""
    procedure = procedure_of(row)
    if row.path:
        return procedure.path(row.path)
    touches = bool(row.subject and row.kind == RequestKind.END and dependents_of(row.subject))
    kind, rupiah = RequestKind(row.kind), value_counted(row)
    return regulation().path_for(procedure, kind=kind, rupiah=rupiah, touches_others=touches)


def value_counted(row: ClearanceRequest) -> int:
    """Return the value by which the path is chosen.

    An end has no contract: the application's recurring cost of its latest known year stands in. Contracts of one agency for
    the same application, or the same business process, in one year count together, so that splitting saves no step.
    """
    if row.kind == RequestKind.END and row.subject:
        costs = Cost.objects.filter(application=row.subject).exclude(kind="build").order_by("-year")
        latest = costs.values_list("year", flat=True).first() or 0
        return costs.filter(year=latest).aggregate(sum=Sum("rupiah"))["sum"] or 0
    return counted_value(row.rupiah or 0, _siblings(row))


def _siblings(row: ClearanceRequest) -> list[int]:
    if row.fiscal_year is None or not (row.subject_id or row.rab_codes):
        return []
    rows = ClearanceRequest.objects.filter(agency=row.agency_id, fiscal_year=row.fiscal_year, kind=row.kind)
    rows = rows.exclude(pk=row.pk).exclude(state__in=["draft", "withdrawn", "refused", "lapsed"])
    rows = (
        rows.filter(subject=row.subject_id)
        if row.subject_id
        else rows.filter(rab_codes__overlap=row.rab_codes)
    )
    return [rupiah or 0 for rupiah in rows.values_list("rupiah", flat=True)]
