"""Cases that end: what was read for them and kept back until then is shown to the person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from terpadu.directory.public import agency_get
from terpadu.exchange.errors.disclosure import ClosingInvalid
from terpadu.exchange.models import ClosedCase, TrailRow
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.selectors.closings import rows_waiting
from terpadu.exchange.services.disclosures import disclosures_set
from terpadu.exchange.services.records import trail_lock
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now


@transaction.atomic
def case_close(agency_code: str, reference: str, *, closed_at: datetime | None = None, by: Actor) -> int:
    """Note that a case has ended, once and for good; return how many exchanges the person sees because of it.

    agency_code: in whose name data were read. reference: as the calls named the case. closed_at: None for now.
    A case that is closed already stays closed since then. Raises ClosingInvalid, AgencyUnknown, NotAllowed.
    """
    check_acts_for(agency_code, by=by)
    moment = closed_at or now()
    if not 0 < len(reference.strip()) <= 200 or moment > now():
        raise ClosingInvalid()
    reader = agency_get(agency_code).peer_id
    row, is_new = ClosedCase.objects.get_or_create(
        reader=reader, reference=reference.strip(), defaults={"closed_at": moment}
    )
    if not is_new:
        return 0
    trail_lock()
    rows = list(rows_waiting(reader).filter(evidence=row.reference))
    disclosures_set(rows)
    TrailRow.objects.bulk_update(rows, ["disclosed_from"], batch_size=500)
    facts = {"exchanges": len(rows)}
    audit.record("exchange.case_closed", by=by, about_kind="closed_case", about_id=row.id, facts=facts)
    return len(rows)
