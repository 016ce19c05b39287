"""The demo country's clearance: offices with their people, requests in every state, and a plan for a few planted families.

Everything goes through the services that people use, at the days on which it is said to have happened.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings

from demo.applications import portfolio
from demo.population.personas import personas
from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_create, agency_list, position_create
from terpadu.identity.public import assignment_create, assignments_of, person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now, today
from terpadu.portfolio.enums import DecisionKind, Desk, Opinion, RequestKind, RequestState
from terpadu.portfolio.models import Application, ClearanceRequest, Plan
from terpadu.portfolio.rules.clearance.decisions import months_after
from terpadu.portfolio.services.clearance.appeals import appeal_file
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_take
from terpadu.portfolio.services.clearance.documents import document_add
from terpadu.portfolio.services.clearance.drafts import DraftValues, draft_start
from terpadu.portfolio.services.clearance.letters import letter_issue
from terpadu.portfolio.services.clearance.reviews import comment_add, review_give
from terpadu.portfolio.services.clearance.screening import report_make
from terpadu.portfolio.services.clearance.submission import (
    request_accept,
    request_return,
    request_submit,
    request_withdraw,
)
from terpadu.portfolio.services.rationalisation.assessments import assessment_give
from terpadu.portfolio.services.rationalisation.plans import (
    plan_add_family,
    plan_adopt,
    plan_arrange,
    plan_start,
)

BY = Actor.system("demo")
IN_OFFICE_SINCE = date(2024, 1, 2)
PROPOSING = "ministry.demo.002"
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
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WHY = "Aplikasi yang ditunjuk melayani fungsi lain dan datanya tidak mencakup kebutuhan kami."
REASON = "Fungsi yang diminta sudah dilayani aplikasi yang ditunjuk. Pakai atau hubungkan aplikasi itu lewat jalan tol data."
FINE = "Belum ada aplikasi yang melayani fungsi ini, dan rancangannya menghubungkan sistem yang ada lewat jalan tol data."


@dataclass(frozen=True)
class Story:
    """A request of the demo: what is asked for, and how far it has come. ago: days since it was sent in."""

    title: str
    function: str
    need: str
    to: str
    rupiah: int = 350_000_000
    ago: int = 20
    kind: RequestKind = RequestKind.ESTABLISH
    decision: DecisionKind | None = None


NEED = "Sekarang dikerjakan dengan lembar kerja dan pesan singkat; data tercecer dan laporan terlambat."
STORIES = (
    Story("Sistem Peminjaman Ruang Rapat", "Pemesanan ruang rapat dan peralatan antarunit kerja", NEED, "draft"),
    Story("Pemantauan Bantuan Benih", "Pencatatan penyaluran bantuan benih kepada kelompok tani", NEED, "submitted", ago=0),
    Story("Aplikasi Cuti Pegawai", "Pengajuan dan persetujuan cuti pegawai secara daring", NEED, "review", ago=1),
    Story("E-Surat Tugas", "Pembuatan dan persetujuan surat tugas perjalanan dinas", NEED, "review", ago=2),
    Story("Dasbor Stok Pangan Wilayah", "Menampilkan stok dan harga pangan pokok per wilayah dari sistem yang ada", NEED, "decision", ago=6),
    Story("Presensi Gawai Kementerian", "Presensi pegawai lewat gawai dengan lokasi", NEED, "decision", rupiah=60_000_000, ago=4),
    Story("Kanal Aduan Petani", "Penerimaan dan penyelesaian pengaduan masyarakat", NEED, "decided", decision=DecisionKind.REUSE),
    Story("Arsip Digital Direktorat", "Pengelolaan arsip dan naskah dinas elektronik", NEED, "decided", ago=26, decision=DecisionKind.REUSE),
    Story("Sertifikasi Benih Terhubung", "Permohonan sertifikasi benih dengan data dari laboratorium dan perizinan", NEED, "decided", ago=30, decision=DecisionKind.INTEGRATE),
    Story("Modul Laporan Penyuluh", "Pelaporan kegiatan penyuluh lapangan", NEED, "decided", ago=33, decision=DecisionKind.EXTEND),
    Story("Pelacakan Ternak Kurban Nasional", "Pelacakan asal dan pemeriksaan kesehatan hewan kurban antarprovinsi", NEED, "decided", ago=36, decision=DecisionKind.NEW),
    Story("Portal Data Alat Mesin Pertanian", "Pendataan alat dan mesin pertanian bantuan pemerintah", NEED, "appealed", ago=24, decision=DecisionKind.REUSE),
    Story("Aplikasi Kuis Ketahanan Pangan", "Kuis dan materi edukasi ketahanan pangan", NEED, "withdrawn", rupiah=45_000_000, ago=15),
    Story("Absensi Magang", "Presensi dan penilaian peserta magang", NEED, "returned", ago=5),
)  # fmt: skip


def seed() -> None:
    """Make offices, requests and plans that are not there yet."""
    made_offices()
    if not ClearanceRequest.objects.exists():
        for story in STORIES:
            made_request(story)
        made_regional_draft()
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


def made_request(story: Story) -> None:
    """Take one request as far as its story goes, on the days on which it happened."""
    proposer = _actor("laras")
    sent = now() - timedelta(days=story.ago)
    with freeze(sent):
        row = draft_start(agency_code=PROPOSING, values=_values(story), by=proposer)
        for kind in ("terms", "cost_benefit"):
            document_add(row.id, kind=kind, name=f"{kind}.pdf", content=io.BytesIO(PDF), by=proposer)
        if story.to == "draft":
            return
        request_submit(row.id, by=proposer)
    after: dict[str, Callable[[], object]] = {
        "returned": lambda: request_return(
            row.id, reason="Lampirkan rincian biaya operasi.", by=_actor("arif")
        ),
        "withdrawn": lambda: request_withdraw(row.id, reason="Anggaran dialihkan.", by=proposer),
    }
    with freeze(sent + timedelta(days=min(1, story.ago))):
        if story.to in after:
            after[story.to]()
        if story.to in ("submitted", *after):
            return
        _to_desks(row)
    _onwards(story, row)


def _onwards(story: Story, row: ClearanceRequest) -> None:
    if story.to == "review":
        _review(row, Desk.ARCHITECTURE)
        return
    with freeze(now() - timedelta(days=max(story.ago - 3, 1))):
        for desk in list(row.reviews.values_list("desk", flat=True)):
            _review(row, Desk(desk))
    if story.decision is None:
        return
    with freeze(now() - timedelta(days=max(story.ago - 6, 1))):
        decision = _decide(row, story.decision)
    letter_issue(decision)
    if story.to == "appealed":
        grounds = "Temuan itu mencatat alat berat milik daerah, bukan alat bantuan kelompok tani; datanya tidak beririsan."
        appeal_file(row.id, grounds=grounds, contested=tuple(_best(row)[:1]), by=_actor("laras"))


def _values(story: Story) -> DraftValues:
    return DraftValues(
        kind=story.kind,
        title=story.title,
        function=f"{story.function}.",
        need=story.need,
        rab_codes=("RAB.02.03",),
        user_groups=("ASN", "Masyarakat"),
        users_target=12_000,
        rupiah=story.rupiah,
        yearly_rupiah=story.rupiah // 5,
        fiscal_year=2027,
        funding="state",
        interfaces_plan="Membaca data pegawai dan wilayah lewat jalan tol data; membuka antarmuka status layanan.",
        why_not_existing=WHY,
    )


def _to_desks(row: ClearanceRequest) -> None:
    fresh = ClearanceRequest.objects.get(pk=row.pk)
    if fresh.state == RequestState.SUBMITTED:
        request_accept(row.id, by=_actor("arif"))
    report_make(row.id)


def _review(row: ClearanceRequest, desk: Desk) -> None:
    by = _actor("arif" if desk is Desk.ARCHITECTURE else "mega")
    texts = {
        Desk.ARCHITECTURE: (
            Opinion.OBJECT,
            "Fungsi ini sudah ada di beberapa aplikasi; lihat laporan tumpang tindih.",
        ),
        Desk.TECHNICAL: (Opinion.CONDITIONS, ""),
    }
    opinion, text = texts.get(desk, (Opinion.SUPPORT, ""))
    conditions = (
        "Terbitkan antarmuka di jalan tol data sebelum dipakai." if opinion is Opinion.CONDITIONS else ""
    )
    review_give(row.id, desk=desk, opinion=opinion, text=text, conditions=conditions, by=by)
    if desk is Desk.ARCHITECTURE:
        comment_add(row.id, text="Mohon bandingkan dengan kandidat teratas.", is_internal=True, by=by)


def _best(row: ClearanceRequest) -> list[str]:
    report = row.reports.get()
    found = [one["code"] for one in report.candidates]
    return found or list(Application.objects.alive().order_by("code").values_list("code", flat=True)[:1])


def _decide(row: ClearanceRequest, kind: DecisionKind) -> UUID:
    fresh = ClearanceRequest.objects.get(pk=row.pk)
    is_new = kind is DecisionKind.NEW
    values = DecisionValues(
        kind=kind,
        reason=FINE if is_new else REASON,
        target="" if is_new else _best(row)[0],
        why_not_reuse="Kandidat terkuat hanya melayani satu daerah dan tidak mencatat pemeriksaan kesehatan hewan.",
        conditions=""
        if kind is DecisionKind.REUSE
        else "Antarmuka terbit di jalan tol data sebelum dipakai umum.",
        expires_on=None if kind is DecisionKind.REUSE else months_after(today(), 12),
    )
    return decision_take(row.id, values=values, version=fresh.version, by=_actor("surya")).id


def made_regional_draft() -> None:
    """Let the manager of a city begin a small request, which goes another path."""
    story = replace(STORIES[0], title="Pemesanan Gedung Serbaguna Kota", rupiah=38_000_000)
    draft_start(agency_code="city.demo.001", values=_values(story), by=_actor("yoga"))


def made_plans() -> None:
    """Assess a few applications and make two plans: one adopted, one that is still being written."""
    families = _planted(6)
    for family in families[:3]:
        for at, row in enumerate(Application.objects.filter(code__in=family[1])):
            points = {
                "mandate": 3 - at % 3,
                "people": 2,
                "unique": at % 2,
                "maintained": 3 - at % 4 % 3,
                "stable": 2,
                "open": 1,
                "rights": 2,
            }
            assessment_give(row, answers=points, by=BY)
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


def _actor(key: str) -> Actor:
    person_id = person_find_by_nik(personas()[key].nik)
    if person_id is None:
        raise LookupError(f"{key} is not in the demo country")
    return Actor.person(person_id)
