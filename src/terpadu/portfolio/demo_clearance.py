"""The demo country's clearance offices with their people, and two plans for a few planted families."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db.models import Count

from demo.applications import portfolio
from demo.population.personas import personas
from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_create, agency_list, position_create
from terpadu.identity.public import assignment_create, assignments_of, person_find_by_nik
from terpadu.kernel.clock import today
from terpadu.portfolio import demo_requests
from terpadu.portfolio.demo_requests import BY, PROPOSING
from terpadu.portfolio.models import Application, ClearanceRequest, Plan
from terpadu.portfolio.services.rationalisation.assessments import assessment_give
from terpadu.portfolio.services.rationalisation.plans import (
    plan_add_family,
    plan_adopt,
    plan_arrange,
    plan_start,
)

MANAGED_CITY = "city.demo.001"
ASSESSED = 20
IN_OFFICE_SINCE = date(2024, 1, 2)
NATIONAL = (
    ("komdigi", "00000021", "Kementerian Komunikasi dan Digital", "Kemkomdigi"),
    ("bappenas", "00000022", "Kementerian Perencanaan Pembangunan Nasional/Bappenas", "Bappenas"),
    ("kemenkeu", "00000023", "Kementerian Keuangan", "Kemenkeu"),
    ("bssn", "00000024", "Badan Siber dan Sandi Negara", "BSSN"),
)
OFFICES = (
    ("laras", PROPOSING, "pengelola_aplikasi", "Pengelola Aplikasi"),
    ("arif", "panrb", "sekretariat_izin", "Sekretariat Izin Aplikasi"),
    ("arif", "panrb", "penelaah_arsitektur", "Penelaah Arsitektur"),
    ("mega", "komdigi", "penelaah_teknis", "Penelaah Teknis"),
    ("mega", "bappenas", "penelaah_rencana", "Penelaah Rencana"),
    ("mega", "kemenkeu", "penelaah_anggaran", "Penelaah Anggaran"),
    ("mega", "bssn", "penelaah_keamanan", "Penelaah Keamanan"),
    ("surya", "panrb", "pemutus_izin", "Ketua Tim Koordinasi SPBE Nasional"),
    ("tari", "panrb", "pemutus_banding_izin", "Pemutus Banding Izin Aplikasi"),
)


def seed() -> None:
    """Make offices, requests and plans that are not there yet."""
    made_offices()
    if not ClearanceRequest.objects.exists():
        demo_requests.made_requests()
    if not Plan.objects.exists():
        made_plans()


def made_offices() -> None:
    """Give the people of the story their positions, in agencies that are made when they are missing."""
    known = {one.code for one in agency_list()}
    for code, peer_id, name, short in NATIONAL:
        if code not in known:
            agency_create(code, peer_id=peer_id, name=name, short_name=short, kind=AgencyKind.MINISTRY, by=BY)
    for key, agency, kind, title in OFFICES:
        person_id = person_find_by_nik(personas()[key].nik)
        if person_id is None:
            continue
        held = {
            (one.position.kind, one.position.agency.code) for one in assignments_of(person_id, on=today())
        }
        if (kind, agency) not in held:
            position = position_create(agency_code=agency, kind=kind, title=title, by=BY)
            assignment_create(person_id=person_id, position_id=position.id, valid_from=IN_OFFICE_SINCE, by=BY)


def made_plans() -> None:
    """Make two plans of planted families: one adopted, one that is still being written. What is in them is assessed."""
    families = _planted(6)
    for _name, codes in families[:3]:
        assess(Application.objects.filter(code__in=codes))
    for agency in (PROPOSING, MANAGED_CITY, _largest_agency()):
        assess(Application.objects.alive().of_agency(agency).order_by("code")[:ASSESSED])
    first = plan_start(
        name="Konsolidasi tahap pertama",
        purpose="Menyatukan aplikasi yang sama di beberapa instansi ke satu aplikasi yang sudah dipakai luas.",
        starts_on=date(today().year + 1, 1, 1),
        wave_size=8,
        by=BY,
    )
    second = plan_start(
        name="Konsolidasi tahap kedua (rancangan)", starts_on=date(today().year + 2, 1, 1), by=BY
    )
    for at, (name, codes) in enumerate(families):
        plan = first if at < 3 else second
        plan_add_family(plan.id, key=f"contoh-{at + 1}", name=name, kind="product", codes=codes, by=BY)
    for plan in (first, second):
        plan_arrange(plan.id, by=BY)
    first.refresh_from_db()
    plan_adopt(
        first.id,
        basis="Keputusan Ketua Tim Koordinasi SPBE Nasional Nomor 7 Tahun 2026 (contoh)",
        version=first.version,
        by=BY,
    )


def assess(rows: Iterable[Application]) -> None:
    """Answer the short questionnaire for applications, each a little differently, so that they fall into all quadrants."""
    for at, row in enumerate(rows):
        points = {
            "mandate": 4 - at % 5,
            "people": (at * 3) % 5,
            "unique": at % 4,
            "maintained": 4 - (at * 2) % 5,
            "stable": (at * 3 + 1) % 5,
            "open": at % 3,
            "rights": 3 - at % 4,
        }
        assessment_give(row, answers=points, by=BY)


def _largest_agency() -> str:
    counted = Application.objects.alive().order_by().values("agency__code").annotate(count=Count("id"))
    return str(counted.order_by("-count", "agency__code").values_list("agency__code", flat=True)[0])


def _planted(count: int) -> list[tuple[str, list[str]]]:
    """Return so many planted families of one product, by name and codes of their living members."""
    country = portfolio(size=settings.DEMO_PORTFOLIO)
    by_product: dict[str, list[str]] = {}
    for one in country.applications:
        by_product.setdefault(country.truth[one.id].product, []).append(one.id)
    fitting = [ids for ids in by_product.values() if 5 <= len(ids) <= 9][: count * 3]
    found: list[tuple[str, list[str]]] = []
    for ids in fitting:
        rows = list(
            Application.objects.alive().filter(local_id__in=ids).order_by("code").values_list("code", "name")
        )
        if len(rows) >= 4 and len(found) < count:
            found.append((rows[0][1][:200], [code for code, _ in rows]))
    return found
