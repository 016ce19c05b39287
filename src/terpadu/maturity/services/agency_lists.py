"""The agencies of a round in preparation: read from a list, taken over from another round, written out again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.maturity.enums import MeasurementKind, RoundState
from terpadu.maturity.errors import TableInvalid, WrongState
from terpadu.maturity.faults import Fault
from terpadu.maturity.models import Locus, Round
from terpadu.maturity.policies import check_national_team
from terpadu.maturity.rules.agency_lists import AgencyRow, read_agencies, write_agencies

LARGEST_BYTES = 1_000_000


def agencies_out(measured: Round, *, by: Actor) -> str:
    """Write the agencies of a round as CSV. Raises NotAllowed."""
    check_national_team(by, measured=measured)
    return write_agencies(_row(locus) for locus in measured.loci.order_by("agency_code"))


def agencies_in(measured: Round, *, content: bytes, by: Actor) -> int:
    """Add every agency of a list, or mend the one that is there, all or none; return how many rows it has.

    content: CSV in UTF-8. Raises TableInvalid naming each row, WrongState once the round runs, NotAllowed.
    """
    rows, faults = _read(content)
    if faults:
        raise TableInvalid(faults=faults)
    return _save(measured, rows, source="list", by=by)


def agencies_take_over(measured: Round, *, source: Round, kind: MeasurementKind, by: Actor) -> int:
    """Add the agencies of another round with the name and group that they had there; return how many.

    kind: of measurement, for all of them. Raises WrongState once the round runs, NotAllowed.
    """
    rows = [
        AgencyRow(one.agency_code, one.agency_name, one.group, kind, one.region_code)
        for one in source.loci.order_by("agency_code")
    ]
    return _save(measured, rows, source=str(source.id), by=by)


def _read(content: bytes) -> tuple[list[AgencyRow], list[Fault]]:
    if len(content) > LARGEST_BYTES:
        megabytes = {"megabytes": str(LARGEST_BYTES // 1_000_000)}
        return [], [Fault(code="sheet_too_large", values=megabytes)]
    try:
        return read_agencies(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return [], [Fault(code="table_unreadable")]


@transaction.atomic
def _save(measured: Round, rows: Sequence[AgencyRow], *, source: str, by: Actor) -> int:
    check_national_team(by, measured=measured)
    locked = Round.objects.select_for_update().get(pk=measured.pk)
    if locked.state != RoundState.PREPARATION:
        raise WrongState(round_state=locked.state)
    loci = [
        Locus(
            round=locked,
            agency_code=row.code,
            agency_name=row.name,
            group=row.group,
            kind=row.kind,
            region_code=row.region_code,
        )
        for row in rows
    ]
    Locus.objects.bulk_create(
        loci,
        update_conflicts=True,
        unique_fields=["round", "agency_code"],
        update_fields=["agency_name", "group", "kind", "region_code"],
    )
    facts: dict[str, audit.Fact] = {"count": len(rows), "source": source}
    audit.record("maturity.agencies_added", by=by, about_kind="round", about_id=measured.id, facts=facts)
    return len(rows)


def _row(locus: Locus) -> AgencyRow:
    return AgencyRow(locus.agency_code, locus.agency_name, locus.group, locus.kind, locus.region_code)
