"""The demo country's requests for clearance: one in every state, on every path, of every kind.

Everything goes through the services that people use, at the days on which it is said to have happened.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from demo.population.personas import personas
from terpadu.exchange.public import interface_list
from terpadu.identity.public import person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now, today
from terpadu.kernel.models import Delivery
from terpadu.portfolio.enums import DecisionKind, Desk, Opinion, RequestKind, RequestState
from terpadu.portfolio.models import Application, ClearanceRequest
from terpadu.portfolio.rules.clearance.decisions import POSITIVE, months_after
from terpadu.portfolio.services.clearance.appeals import appeal_dismiss, appeal_file, appeal_uphold
from terpadu.portfolio.services.clearance.deadlines import approval_expired
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_take
from terpadu.portfolio.services.clearance.delivery import delivery_check
from terpadu.portfolio.services.clearance.documents import document_add
from terpadu.portfolio.services.clearance.drafts import DraftValues, draft_start
from terpadu.portfolio.services.clearance.reviews import (
    comment_add,
    review_delegate,
    review_give,
    review_take,
)
from terpadu.portfolio.services.clearance.screening import report_make
from terpadu.portfolio.services.clearance.submission import (
    request_accept,
    request_return,
    request_submit,
    request_withdraw,
)
from terpadu.portfolio.services.gates import application_enrich_from_exchange

PROPOSING = "ministry.demo.002"
BY = Actor.system("demo")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WHY = "Aplikasi yang ditunjuk melayani fungsi lain dan datanya tidak mencakup kebutuhan kami."
REASON = "Fungsi yang diminta sudah dilayani aplikasi yang ditunjuk. Pakai atau hubungkan aplikasi itu lewat jalan tol data."
FINE = "Belum ada aplikasi yang melayani fungsi ini, dan rancangannya menghubungkan sistem yang ada lewat jalan tol data."
AGREED = "Langkah ini sesuai dengan rencana, dan tidak ada layanan lain yang dirugikan."
GROUNDS = (
    "Temuan itu mencatat alat berat milik daerah, bukan alat bantuan kelompok tani; datanya tidak beririsan."
)
NEED = "Sekarang dikerjakan dengan lembar kerja dan pesan singkat; data tercecer dan laporan terlambat."
D, K = DecisionKind, RequestKind
DOCUMENTS = {
    K.ESTABLISH: ("terms", "cost_benefit"),
    K.MODIFY: ("terms",),
    K.TAKE_INTO_USE: ("security_test",),
    K.END: ("data_plan",),
}


@dataclass(frozen=True)
class Story:
    """A request of the demo: what is asked for, and how far it has come. ago: days since it was sent in.

    rab: its business process; small contracts have one of their own, since those for the same process count together.
    """

    title: str
    function: str
    to: str
    rupiah: int = 350_000_000
    ago: int = 20
    kind: RequestKind = K.ESTABLISH
    decision: DecisionKind | None = None
    rab: str = "RAB.02.03"


STORIES = (
    Story("Sistem Peminjaman Ruang Rapat", "Pemesanan ruang rapat dan peralatan antarunit kerja", "draft"),
    Story("Pemantauan Bantuan Benih", "Pencatatan penyaluran bantuan benih kepada kelompok tani", "submitted", ago=0),
    Story("Reservasi Laboratorium Benih", "Pemesanan waktu uji dan penyerahan sampel di laboratorium", "screening", ago=1),
    Story("Aplikasi Cuti Pegawai", "Pengajuan dan persetujuan cuti pegawai secara daring", "review", ago=1),
    Story("E-Surat Tugas", "Pembuatan dan persetujuan surat tugas perjalanan dinas", "taken", ago=2),
    Story("Survei Kepuasan Penyuluhan", "Pengumpulan jawaban survei dan penyajian hasilnya", "delegated", rupiah=38_000_000, ago=1, rab="RAB.09.05.01"),
    Story("Formulir Lomba Inovasi", "Pendaftaran dan penilaian peserta lomba", "decision", rupiah=5_000_000, ago=1, rab="RAB.09.04.01"),
    Story("Dasbor Stok Pangan Wilayah", "Menampilkan stok dan harga pangan pokok per wilayah dari sistem yang ada", "decision", ago=6),
    Story("Presensi Gawai Kementerian", "Presensi pegawai lewat gawai dengan lokasi", "decision", rupiah=60_000_000, ago=4, rab="RAB.09.06.01"),
    Story("Kanal Aduan Petani", "Penerimaan dan penyelesaian pengaduan masyarakat", "decided", decision=D.REUSE),
    Story("Arsip Digital Direktorat", "Pengelolaan arsip dan naskah dinas elektronik", "decided", ago=26, decision=D.REUSE),
    Story("Sertifikasi Benih Terhubung", "Permohonan sertifikasi benih dengan data dari laboratorium dan perizinan", "decided", ago=30, decision=D.INTEGRATE),
    Story("Modul Laporan Penyuluh", "Pelaporan kegiatan penyuluh lapangan", "decided", ago=33, decision=D.EXTEND),
    Story("Pelacakan Ternak Kurban Nasional", "Pelacakan asal dan pemeriksaan kesehatan hewan kurban antarprovinsi", "decided", ago=36, decision=D.NEW),
    Story("Perluasan layanan pengguna", "Menambah layanan pada aplikasi yang sudah dipakai", "decided", ago=21, kind=K.MODIFY, decision=D.AGREE),
    Story("Pemakaian verifikasi penduduk", "Memakai pemeriksaan data penduduk di kantor penyuluhan", "delivered", rupiah=40_000_000, ago=28, kind=K.TAKE_INTO_USE, decision=D.AGREE),
    Story("Pengakhiran aplikasi lama", "Mengakhiri aplikasi yang fungsinya sudah pindah", "delivered", ago=40, kind=K.END, decision=D.AGREE),
    Story("Portal Data Alat Mesin Pertanian", "Pendataan alat dan mesin pertanian bantuan pemerintah", "appealed", ago=24, decision=D.REUSE),
    Story("Bursa Benih Antardaerah", "Pertemuan penawaran dan permintaan benih antardaerah", "upheld", ago=34, decision=D.REUSE),
    Story("Galeri Foto Panen", "Penyimpanan dan pencarian foto kegiatan panen", "dismissed", ago=38, decision=D.REFUSE),
    Story("Peta Kios Pupuk", "Peta kios pupuk bersubsidi dengan stok harian", "lapsed", ago=75, decision=D.NEW),
    Story("Aplikasi Kuis Ketahanan Pangan", "Kuis dan materi edukasi ketahanan pangan", "withdrawn", rupiah=45_000_000, ago=15),
    Story("Absensi Magang", "Presensi dan penilaian peserta magang", "returned", ago=5),
)  # fmt: skip
"""to: the state it reaches, or what was done to it there ("taken", "delegated": at a desk; "upheld", "dismissed": appeals)."""


def made_requests() -> None:
    """Make all requests of the demo."""
    for story in STORIES:
        made_request(story)
    made_regional_draft()


def made_request(story: Story) -> None:
    """Take one request as far as its story goes, on the days on which it happened."""
    proposer = actor_of("laras")
    sent = now() - timedelta(days=story.ago)
    with freeze(sent):
        row = draft_start(agency_code=PROPOSING, values=_values(story), by=proposer)
        for kind in DOCUMENTS[story.kind]:
            document_add(row.id, kind=kind, name=f"{kind}.pdf", content=io.BytesIO(PDF), by=proposer)
        if story.to == "draft":
            return
        request_submit(row.id, by=proposer)
    with freeze(sent + timedelta(days=min(1, story.ago))):
        if story.to == "submitted" or _stopped(story, row):
            return
        _to_desks(row)
    _at_desks(story, row)
    if story.decision:
        _decided(story, row)


def _stopped(story: Story, row: ClearanceRequest) -> bool:
    """Do what keeps a request from the desks; tell whether that was it."""
    stops: dict[str, Callable[[], object]] = {
        "returned": lambda: request_return(
            row.id, reason="Lampirkan rincian biaya operasi.", by=actor_of("arif")
        ),
        "withdrawn": lambda: request_withdraw(row.id, reason="Anggaran dialihkan.", by=actor_of("laras")),
        "screening": lambda: _waits_for_its_report(row),
    }
    if story.to in stops:
        stops[story.to]()
    return story.to in stops


def _waits_for_its_report(row: ClearanceRequest) -> None:
    """Leave a request where the overlap engine has not answered: its report is tried again in a month, as after failures."""
    request_accept(row.id, by=actor_of("arif"))
    waiting = Delivery.objects.filter(
        subscriber="portfolio.clearance_report", event__payload__request_id=str(row.id)
    )
    waiting.update(due_at=now() + timedelta(days=30))


def _to_desks(row: ClearanceRequest) -> None:
    fresh = ClearanceRequest.objects.get(pk=row.pk)
    if fresh.state == RequestState.SUBMITTED:
        request_accept(row.id, by=actor_of("arif"))
    report_make(row.id)


def _at_desks(story: Story, row: ClearanceRequest) -> None:
    """Let the desks do what the story says: one takes it, hands it over or says something, or all give their opinions."""
    if story.to == "review":
        _review(row, Desk.ARCHITECTURE)
    elif story.to == "taken":
        review_take(row.id, desk=Desk.TECHNICAL, by=actor_of("mega"))
    elif story.to == "delegated":
        to = actor_of("tari").person_id
        assert to is not None  # noqa: S101 - everybody of the story is in the demo country
        review_delegate(row.id, desk=Desk.ARCHITECTURE, to=to, by=actor_of("arif"))
    else:
        with freeze(now() - timedelta(days=max(story.ago - 3, 1))):
            for desk in list(row.reviews.values_list("desk", flat=True)):
                _review(row, Desk(desk))


def _review(row: ClearanceRequest, desk: Desk) -> None:
    by = actor_of("arif" if desk is Desk.ARCHITECTURE else "mega")
    opinion, text, conditions = Opinion.SUPPORT, "", ""
    if desk is Desk.ARCHITECTURE and row.kind == K.ESTABLISH:
        opinion = Opinion.OBJECT
        text = "Fungsi ini sudah ada di beberapa aplikasi; lihat laporan tumpang tindih."
    elif desk is Desk.TECHNICAL:
        opinion, conditions = Opinion.CONDITIONS, "Terbitkan antarmuka di jalan tol data sebelum dipakai."
    review_give(row.id, desk=desk, opinion=opinion, text=text, conditions=conditions, by=by)
    if desk is Desk.ARCHITECTURE:
        comment_add(row.id, text="Mohon bandingkan dengan kandidat teratas.", is_internal=True, by=by)


def _decided(story: Story, row: ClearanceRequest) -> None:
    """Decide a request and let happen what follows; its letter is issued by the worker, as always."""
    with freeze(now() - timedelta(days=max(story.ago - 6, 1))):
        _decide(row, story)
    after: dict[str, Callable[[], object]] = {
        "appealed": lambda: _appeal(row),
        "upheld": lambda: _uphold(row),
        "dismissed": lambda: _dismiss(row),
        "lapsed": lambda: approval_expired(row.id),
        "delivered": lambda: delivery_check(row.id, by=BY),
    }
    if story.to in after:
        after[story.to]()


def _decide(row: ClearanceRequest, story: Story) -> None:
    assert story.decision is not None  # noqa: S101 - asked for by the caller
    kind, fresh = story.decision, ClearanceRequest.objects.get(pk=row.pk)
    reasons = {D.NEW: FINE, D.AGREE: AGREED}
    is_short = story.to == "lapsed"
    values = DecisionValues(
        kind=kind,
        reason=reasons.get(kind, REASON),
        target=_best(row)[0] if kind in (D.REUSE, D.INTEGRATE, D.EXTEND) else "",
        why_not_reuse="Kandidat terkuat hanya melayani satu daerah dan datanya tidak sama."
        if kind is D.NEW
        else "",
        conditions="Antarmuka terbit di jalan tol data sebelum dipakai umum." if kind in POSITIVE else "",
        expires_on=months_after(today(), 1 if is_short else 12) if kind in POSITIVE else None,
    )
    decision_take(row.id, values=values, version=fresh.version, by=actor_of("surya"))


def _appeal(row: ClearanceRequest, *, days_ago: int = 2) -> None:
    with freeze(now() - timedelta(days=days_ago)):
        appeal_file(row.id, grounds=GROUNDS, contested=tuple(_named(row)[:1]), by=actor_of("laras"))


def _uphold(row: ClearanceRequest) -> None:
    _appeal(row, days_ago=12)
    values = DecisionValues(
        kind=D.INTEGRATE,
        reason="Data keduanya berbeda; hubungkan keduanya lewat jalan tol data.",
        target=_best(row)[0],
        expires_on=months_after(today(), 12),
    )
    appeal_uphold(row.id, values=values, by=actor_of("tari"))


def _dismiss(row: ClearanceRequest) -> None:
    _appeal(row, days_ago=14)
    reason = (
        "Fungsi yang diminta tetap sama dengan aplikasi yang sudah ada; alasan banding tidak mengubahnya."
    )
    appeal_dismiss(row.id, reason=reason, by=actor_of("tari"))


def _named(row: ClearanceRequest) -> list[str]:
    return [one["code"] for one in row.reports.get().candidates]


def _best(row: ClearanceRequest) -> list[str]:
    alive = Application.objects.alive().order_by("code")
    named = list(alive.filter(code__in=_named(row)).values_list("code", flat=True))
    return named or list(alive.values_list("code", flat=True)[:1])


def _values(story: Story) -> DraftValues:
    return DraftValues(
        kind=story.kind,
        title=story.title,
        function=f"{story.function}.",
        need=NEED,
        rab_codes=(story.rab,),
        user_groups=("ASN", "Masyarakat"),
        users_target=12_000,
        rupiah=story.rupiah,
        yearly_rupiah=story.rupiah // 5,
        fiscal_year=2027,
        funding="state",
        interfaces_plan="Membaca data pegawai dan wilayah lewat jalan tol data; membuka antarmuka status layanan.",
        why_not_existing=WHY,
        ends_on=today() + timedelta(days=10) if story.kind is K.END else None,
        subject=_subject(story.kind),
    )


def _subject(kind: RequestKind) -> str:
    """Return the application that a request is about: one that offers an interface to take it into use, else one's own."""
    if kind is K.ESTABLISH:
        return ""
    offered = interface_list()
    if kind is K.TAKE_INTO_USE and offered:
        peer_id = offered[0].service.partition("/")[0]
        return application_enrich_from_exchange(
            peer_id=peer_id, service=offered[0].service, title=offered[0].title, by=BY
        ).code
    free = Application.objects.alive().of_agency(PROPOSING).filter(interfaces=[], dependents=[])
    return free.order_by("code" if kind is K.END else "-code").values_list("code", flat=True)[0]


def made_regional_draft() -> None:
    """Let the manager of a city begin a small request, which goes another path."""
    story = replace(STORIES[0], title="Pemesanan Gedung Serbaguna Kota", rupiah=38_000_000)
    draft_start(agency_code="city.demo.001", values=_values(story), by=actor_of("yoga"))


def actor_of(key: str) -> Actor:
    """Return somebody of the demo country. Raises LookupError."""
    person_id = person_find_by_nik(personas()[key].nik)
    if person_id is None:
        raise LookupError(f"{key} is not in the demo country")
    return Actor.person(person_id)
