"""Agencies, units and positions."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from terpadu.directory.enums import AgencyKind
from terpadu.directory.errors import AgencyInvalid, AgencyTaken, AgencyUnknown, PositionReserved
from terpadu.directory.models import Agency, Position, Unit
from terpadu.directory.rules import is_agency_code, is_peer_id, may_have_position
from terpadu.directory.selectors import AgencyView, PositionView, agency_view, position_view
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor


@transaction.atomic
def agency_create(
    code: str,
    *,
    peer_id: str,
    name: str,
    short_name: str,
    kind: str,
    region_code: str = "",
    name_en: str = "",
    by: Actor,
) -> AgencyView:
    """Add an agency.

    code: stable and readable, such as "disdukcapil.36.71". peer_id: its id on the exchange, at most 20 characters.
    kind: one of AgencyKind. region_code: Kemendagri's code, "" for a national agency.
    Raises AgencyInvalid or AgencyTaken.
    """
    _check(code, peer_id=peer_id, name=name, kind=kind, region_code=region_code)
    row = Agency(
        code=code,
        peer_id=peer_id,
        name=name,
        name_en=name_en,
        short_name=short_name,
        kind=kind,
        region_code=region_code,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AgencyTaken(agency=code) from error
    audit.record(
        "directory.agency_created", by=by, about_kind="agency", about_id=row.id, facts={"code": code}
    )
    return agency_view(row)


@transaction.atomic
def position_create(
    *, agency_code: str, kind: str, title: str, unit_name: str = "", by: Actor
) -> PositionView:
    """Add a position to an agency, and the unit it stands in when that is new; the same position twice is one.

    kind: what rules and services ask for, such as "operator_siak". title: what people read.
    Raises AgencyUnknown, and PositionReserved for what the platform's operator alone may have.
    """
    if not may_have_position(kind, agency_code=agency_code):
        raise PositionReserved(agency=agency_code, kind=kind)
    agency = Agency.objects.filter(code=agency_code).first()
    if agency is None:
        raise AgencyUnknown(code=agency_code)
    unit = Unit.objects.get_or_create(agency=agency, name=unit_name)[0] if unit_name else None
    row, is_new = Position.objects.get_or_create(agency=agency, unit=unit, kind=kind, title=title)
    if is_new:
        facts = {"agency": agency_code, "kind": kind}
        audit.record("directory.position_created", by=by, about_kind="position", about_id=row.id, facts=facts)
    return position_view(row)


def _check(code: str, *, peer_id: str, name: str, kind: str, region_code: str) -> None:
    from lokal import wilayah  # here, not above: it takes 0.4 s

    well_formed = is_agency_code(code) and is_peer_id(peer_id) and bool(name.strip()) and kind in AgencyKind
    if not well_formed or (region_code and not wilayah.wilayah_name(region_code)):
        raise AgencyInvalid(agency=code[:60])
