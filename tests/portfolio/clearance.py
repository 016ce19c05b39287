"""The people of clearance, and one good request, for the tests of its services and pages."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from terpadu.directory.public import agency_create, position_create
from terpadu.exchange.public import interface_publish
from terpadu.identity.public import assignment_create
from terpadu.kernel import outbox, timers
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze
from terpadu.portfolio.enums import ChangeSource, DecisionKind, Desk, Opinion, RequestKind
from terpadu.portfolio.models import Application, ClearanceRequest
from terpadu.portfolio.policies import MANAGER
from terpadu.portfolio.services.applications import Gate, application_register
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_take
from terpadu.portfolio.services.clearance.documents import document_add
from terpadu.portfolio.services.clearance.drafts import DraftValues, draft_start
from terpadu.portfolio.services.clearance.reviews import review_give
from terpadu.portfolio.services.clearance.submission import request_accept, request_submit
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, make_person

PDF = b"%PDF-1.7\n1 0 obj\n"
START = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)  # a Monday, 10.00 in Jakarta
DESK_POSITIONS = {
    Desk.ARCHITECTURE: ("penelaah_arsitektur", "panrb"),
    Desk.TECHNICAL: ("penelaah_teknis", "komdigi"),
    Desk.PLANNING: ("penelaah_rencana", "bappenas"),
    Desk.BUDGET: ("penelaah_anggaran", "kemenkeu"),
    Desk.SECURITY: ("penelaah_keamanan", "bssn"),
}
REASON = "Fungsi yang diminta sudah dilayani oleh aplikasi yang ditunjuk, dengan data yang sama."


@dataclass(frozen=True)
class People:
    """Who takes part. desks: one reviewer for each desk of the national procedure."""

    proposer: Actor
    city: Actor
    secretariat: Actor
    decider: Actor
    appeal: Actor
    desks: dict[Desk, Actor]


def make_national_agencies() -> None:
    """Make the agencies whose offices judge requests of ministries."""
    for number, code in enumerate(("panrb", "komdigi", "bappenas", "kemenkeu", "bssn")):
        agency_create(
            code, peer_id=f"9800000{number}", name=code.upper(), short_name=code, kind="ministry", by=SYSTEM
        )


def make_people() -> People:
    """Make the offices of the national procedure and a proposer in the ministry and in the city."""
    make_national_agencies()
    nik = iter(f"36710157059100{number:02}" for number in range(1, 40))
    desks = {
        desk: make_person(next(nik), f"Penelaah {desk}", kind=kind, agency=agency)
        for desk, (kind, agency) in DESK_POSITIONS.items()
    }
    return People(
        proposer=make_person(next(nik), "Laras", kind=MANAGER, agency=MINISTRY),
        city=make_person(next(nik), "Yoga", kind=MANAGER, agency=CITY),
        secretariat=make_person(next(nik), "Sekar", kind="sekretariat_izin", agency="panrb"),
        decider=make_person(next(nik), "Surya", kind="pemutus_izin", agency="panrb"),
        appeal=make_person(next(nik), "Tari", kind="pemutus_banding_izin", agency="panrb"),
        desks=desks,
    )


def give_position(person: Actor, *, kind: str, agency: str) -> None:
    """Give somebody one more position."""
    position = position_create(agency_code=agency, kind=kind, title=kind, by=SYSTEM)
    assert person.person_id is not None
    assignment_create(
        person_id=person.person_id, position_id=position.id, valid_from=date(2024, 1, 1), by=SYSTEM
    )


def make_application(name: str = "SIMCUTI", *, agency: str = CITY, **values: object) -> Application:
    """Register an application in use."""
    said = {
        "name": name,
        "function": "Pengajuan dan persetujuan cuti pegawai secara daring",
        "state": "live",
        "rab_codes": ("RAB.09.06.01",),
        **values,
    }
    view = application_register(
        agency_code=agency,
        values=said,  # type: ignore[arg-type]  # tests write what they need
        gate=Gate(ChangeSource.PAGE),
        by=SYSTEM,
    )
    return Application.objects.get(pk=view.id)


NEW = DraftValues(
    kind=RequestKind.ESTABLISH,
    title="Sistem Antrean Uji Kendaraan",
    function="Pendaftaran dan antrean uji berkala kendaraan bermotor secara daring",
    need="Antrean di balai uji memakan waktu setengah hari bagi setiap pemilik kendaraan.",
    rab_codes=("RAB.02.03.01",),
    rupiah=400_000_000,
    fiscal_year=2027,
    interfaces_plan="Membaca data kendaraan lewat antarmuka Samsat di jalan tol data.",
)


def small(values: DraftValues = NEW) -> DraftValues:
    """Return the same request with a contract below the limit of the full path."""
    return replace(values, rupiah=40_000_000)


def draft(by: Actor, *, values: DraftValues = NEW, agency: str = MINISTRY) -> ClearanceRequest:
    """Begin a request with the documents that a large one needs."""
    row = draft_start(agency_code=agency, values=values, by=by)
    for kind in ("terms", "cost_benefit", "data_plan", "security_test"):
        document_add(row.id, kind=kind, name=f"{kind}.pdf", content=io.BytesIO(PDF), by=by)
    return row


def publish(agency: str, title: str, *, name: str = "antrean") -> str:
    """Publish an interface as an agency does; return its name on the exchange."""
    operation = {"operationId": "baca", "responses": {"200": {"description": "Antrean"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": {"/antrean": {"get": operation}},
    }
    content = json.dumps(document).encode()
    return interface_publish(agency, name=name, openapi=content, directory_code=CITY, by=SYSTEM).service


def work() -> None:
    """Let the worker do what is due."""
    while outbox.deliver_due() + timers.fire_due():
        pass


def at_desks(people: People, *, values: DraftValues = NEW) -> ClearanceRequest:
    """Take a request of the ministry to the desks."""
    row = draft(people.proposer, values=values)
    request_submit(row.id, by=people.proposer)
    if fresh(row).state == "submitted":
        request_accept(row.id, by=people.secretariat)
    work()
    return fresh(row)


def at_decision(people: People, *, values: DraftValues = NEW) -> ClearanceRequest:
    """Take a request of the ministry to the decider."""
    row = at_desks(people, values=values)
    for desk in list(row.reviews.values_list("desk", flat=True)):
        review_give(row.id, desk=Desk(desk), opinion=Opinion.SUPPORT, text="", by=people.desks[Desk(desk)])
    return fresh(row)


def decided(
    people: People, kind: DecisionKind, *, target: str = "", row: ClearanceRequest | None = None
) -> ClearanceRequest:
    """Decide a request of the ministry."""
    row = row or at_decision(people)
    expires = None if kind in (DecisionKind.REUSE, DecisionKind.REFUSE) else date(2027, 11, 30)
    values = DecisionValues(kind=kind, reason=REASON, target=target, why_not_reuse=REASON, expires_on=expires)
    decision_take(row.id, values=values, version=row.version, by=people.decider)
    return fresh(row)


def fresh(row: ClearanceRequest) -> ClearanceRequest:
    """Read a request again."""
    return ClearanceRequest.objects.select_related("agency", "subject", "record").get(pk=row.pk)


@contextmanager
def later(**time: float) -> Iterator[None]:
    """Hold the clock so much later than the start."""
    with freeze(START + timedelta(**time)):
        yield
