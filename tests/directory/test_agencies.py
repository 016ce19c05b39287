"""Agencies, positions and regions: what is kept, what is refused."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from terpadu.directory import demo
from terpadu.directory.errors import (
    AgencyInvalid,
    AgencyTaken,
    AgencyUnknown,
    PositionReserved,
    PositionUnknown,
    RegionUnknown,
)
from terpadu.directory.public import (
    AgencyView,
    agency_by_peer,
    agency_create,
    agency_get,
    agency_list,
    position_create,
    position_get,
    position_list,
    region_children,
    region_name,
)
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent

BY = Actor.system("tests")


def _agency(
    code: str = "dinkes.36.71", *, peer_id: str = "36710009", region_code: str = "36.71"
) -> AgencyView:
    return agency_create(
        code,
        peer_id=peer_id,
        name="Dinas Kesehatan Kota Tangerang",
        short_name="Dinkes",
        kind="regional_office",
        region_code=region_code,
        by=BY,
    )


@pytest.mark.django_db
def test_agency_create_is_found_by_code_and_peer_and_audited() -> None:
    made = _agency()

    assert agency_get("dinkes.36.71") == made == agency_by_peer("36710009")
    assert AuditEvent.objects.get(event="directory.agency_created").about_id == str(made.id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "peer_id", "region_code"),
    [
        ("Dinkes", "1", ""),
        ("dinkes..36", "1", ""),
        ("a" * 61, "1", ""),
        ("", "1", ""),
        ("dinkes", "", ""),
        ("dinkes", "x" * 21, ""),
        ("dinkes", "a/b", ""),
        ("dinkes", "1\n", ""),
        ("dinkes", "1", "99.99"),
    ],
)
def test_agency_create_malformed_is_refused(code: str, peer_id: str, region_code: str) -> None:
    with pytest.raises(AgencyInvalid):
        _agency(code, peer_id=peer_id, region_code=region_code)


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "peer_id"), [("dinkes.36.71", "36710010"), ("dinkes.36.72", "36710009")])
def test_agency_create_same_code_or_peer_is_refused(code: str, peer_id: str) -> None:
    _agency()

    with pytest.raises(AgencyTaken):
        _agency(code, peer_id=peer_id)
    assert len(agency_list()) == 1


@pytest.mark.django_db
def test_agency_get_unknown_is_refused() -> None:
    with pytest.raises(AgencyUnknown):
        agency_get("nobody")


@pytest.mark.django_db
def test_position_create_twice_is_one_position() -> None:
    _agency()

    first, again = (
        position_create(agency_code="dinkes.36.71", kind="perawat", title="Perawat", unit_name="Gizi", by=BY)
        for _ in range(2)
    )

    assert first == again
    assert position_get(first.id) == first
    assert position_list("dinkes.36.71") == [first]
    assert (first.unit_name, first.agency.code) == ("Gizi", "dinkes.36.71")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("agency_code", "kind", "is_let"),
    [
        ("portal", "operator_platform", True),
        ("portal", "operator_identitas", True),
        ("portal", "perawat", True),
        ("dinkes.36.71", "operator_platform", False),
        ("dinkes.36.71", "operator_identitas", False),
        ("nobody", "operator_platform", False),
        ("dinkes.36.71", "operator_siak", True),
    ],
)
def test_position_that_operates_the_platform_is_its_operators_alone(
    agency_code: str, kind: str, is_let: bool
) -> None:
    _agency()
    _agency("portal", peer_id="00000001", region_code="")

    if is_let:
        assert position_create(agency_code=agency_code, kind=kind, title=kind, by=BY).counts
    else:
        with pytest.raises(PositionReserved):
            position_create(agency_code=agency_code, kind=kind, title=kind, by=BY)
        assert position_list(agency_code) == []


@pytest.mark.django_db
@pytest.mark.parametrize("position_id", [uuid4(), "not-an-identifier", ""])
def test_position_get_unknown_is_refused(position_id: UUID | str) -> None:
    with pytest.raises(PositionUnknown):
        position_get(position_id)


def test_region_name_reads_every_level() -> None:
    assert [region_name(code) for code in ("36", "36.71", "36.71.01")] == [
        "Banten",
        "Kota Tangerang",
        "Tangerang",
    ]
    assert len(region_children("36.71")) == 13
    assert len(region_children()) == 38


def test_region_name_unknown_is_refused() -> None:
    with pytest.raises(RegionUnknown):
        region_name("99.99")


@pytest.mark.django_db
def test_demo_seed_twice_changes_nothing_the_second_time() -> None:
    demo.seed()
    before = (agency_list(), position_list(demo.DISDUKCAPIL), AuditEvent.objects.count())

    demo.seed()

    assert (agency_list(), position_list(demo.DISDUKCAPIL), AuditEvent.objects.count()) == before
    assert {position.kind for position in before[1]} == {"operator_siak", "verifikator", "kepala_dinas"}
