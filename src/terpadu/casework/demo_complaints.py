"""Two applications of the demo country that were rejected, and the complaints about them: one answered, one waiting."""

from __future__ import annotations

from base64 import b64decode
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from demo.population.personas import persona
from terpadu.casework.dossier import Dossier
from terpadu.casework.models import Complaint
from terpadu.casework.public import case_act, case_start, case_submit, complaint_make, page_get, page_save
from terpadu.casework.services.complaints import complaint_answer
from terpadu.casework.services.sources import outage_keep
from terpadu.exchange.errors import ExchangeUnavailable
from terpadu.identity.public import assignments_of, person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today

KIA = "dukcapil.kia.baru"
MOST_PAGES = 10
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
UNREADABLE = "Pindaian Kartu Keluarga tidak terbaca. Ajukan lagi dengan foto yang jelas."
FIRST = "Foto Kartu Keluarga saya jelas. Kenapa langsung ditolak, tidak diminta memperbaiki dulu?"
ANSWER = (
    "Anda benar: petugas seharusnya meminta perbaikan lebih dulu. Kami sudah mengingatkan tim; silakan ajukan"
    " lagi, permohonan Anda kami dahulukan."
)
SECOND = "Sudah saya ajukan lagi dengan foto baru, tetapi ditolak dengan alasan yang sama persis."


def complaints_seed() -> None:
    """Make both, once; needs identity's demo and the services first."""
    if Complaint.objects.exists() or person_find_by_nik(persona("hendra").nik) is None:
        return
    mother = _citizen("lestari")
    answered = complaint_make(_rejected("first", by=mother), text=FIRST, by=mother)
    complaint_answer(answered, text=ANSWER, by=_officer("hendra"))
    complaint_make(_rejected("second", by=mother), text=SECOND, by=mother)


def _rejected(key: str, *, by: Actor) -> UUID:
    """Let Lestari apply for Kirana while the registers are out, and an officer reject it; returns the case."""
    case_id = case_start(KIA, applicant=_person("lestari"), by=by).case_id
    _note_registers_out(case_id)
    page_id = page_get(case_id, by=by).page_id
    for _ in range(MOST_PAGES):
        following = page_save(case_id, page_id, _answers(), _files(), by=by)
        if following.kind != "page":
            break
        page_id = following.page_id
    case_submit(case_id, by=by, submit_key=f"demo-{key}")
    case_act(case_id, "reject", by=_officer("rina"), message=UNREADABLE)
    return case_id


def _note_registers_out(case_id: UUID) -> None:
    """Say of the applicant's registers what is true while the demo country is made: the gateways to them run later."""
    dossier = Dossier.open(case_id)
    for name, source in dossier.definition.sources.items():
        if source.about == "applicant":
            about = dossier.case.person_id
            outage_keep(dossier, name, about=about, kind="unavailable", code=ExchangeUnavailable.code)


def _answers() -> dict[str, str]:
    """Return what the mother types: the same for all pages, each takes its own."""
    found = persona("kirana")
    return {
        "anak": "_otherwise",
        "nik_anak": found.nik,
        "no_kk_anak": found.kk,
        "kepala_keluarga_anak": "Kepala keluarga",
        "alamat_anak": "Tangerang",
        "nama": found.name,
        "tempat_lahir": "Tangerang",
        **{f"tgl_lahir_{part}": str(getattr(found.birth_on, part)) for part in ("day", "month", "year")},
        "jenis_kelamin": "male" if found.sex == "L" else "female",
        "nomor_akta": found.birth_deed or "",
        "nama_ibu": "Ibu",
        "nama_ayah": "Ayah",
        "cara": "digital",
    }


def _files() -> MultiValueDict[str, SimpleUploadedFile]:
    scan = SimpleUploadedFile("kk.pdf", PDF, content_type="application/pdf")
    deed = SimpleUploadedFile("akta.pdf", PDF, content_type="application/pdf")
    photo = SimpleUploadedFile("foto.png", PNG, content_type="image/png")
    return MultiValueDict({"kk_scan": [scan], "akta_scan": [deed], "foto": [photo]})


def _person(key: str) -> UUID:
    found = person_find_by_nik(persona(key).nik)
    if found is None:
        raise LookupError(f"{key} is not there yet")
    return found


def _citizen(key: str) -> Actor:
    return Actor.person(_person(key))


def _officer(key: str) -> Actor:
    held = assignments_of(_person(key), on=today())[0].position
    return Actor.officer(_person(key), agency=held.agency.code, position=str(held.id))
