"""Reads of the door that check who looks: cases, attachments."""

from __future__ import annotations

from uuid import UUID

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.models import Attachment
from terpadu.casework.read_models import AttachmentFile, CaseView
from terpadu.casework.selectors.cases import cases_of
from terpadu.casework.services.facts import attachment_view
from terpadu.casework.services.uploads import path_of
from terpadu.casework.services.views import case_view
from terpadu.directory import public as directory
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotFound


def case_list_for(person_id: UUID) -> list[CaseView]:
    """Return a person's cases without timeline and answers, the latest touched first. Two queries, one per new version."""
    names = {agency.code: agency.name for agency in directory.agency_list()}
    owner = Actor.person(person_id)
    return [case_view(Dossier(row, row.answers), by=owner, names=names) for row in cases_of(person_id)]


def case_get(case_id: UUID, *, by: Actor) -> CaseView:
    """Return a case with its timeline, answers and documents. Raises NotFound; NotAllowed for anybody else's."""
    dossier = Dossier.open(case_id)
    policies.check_reader(dossier.case, by=by)
    return case_view(dossier, by=by, full=True)


def attachment_open(attachment_id: UUID, *, by: Actor) -> AttachmentFile:
    """Return an uploaded file for the applicant or an officer of the agency; an officer's look is on record.

    Raises NotFound, also for one that was taken back, and NotAllowed.
    """
    row = Attachment.objects.select_related("case").filter(pk=attachment_id, removed_at=None).first()
    if row is None:
        raise NotFound()
    policies.check_reader(row.case, by=by)
    path = path_of(row.id)
    if not path.is_file():
        raise NotFound(attachment=str(row.id))
    if by.kind == "officer":
        facts = {"field": row.field_id}
        audit.record(
            "casework.attachment_opened", by=by, about_kind="case", about_id=row.case_id, facts=facts
        )
    return AttachmentFile(attachment=attachment_view(row, {}), content=path.read_bytes())
