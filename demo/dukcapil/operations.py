"""What the registry answers, apart from HTTP: one function for each operation."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from demo.dukcapil.storage import WIB, Row, Storage, day_of

ADULT_AGE = 17
_NAME = re.compile(r"[^A-Z]+")


def _real_day(text: str) -> str:
    day_of(text)
    return text


Nik = Annotated[str, Field(pattern=r"^[0-9]{16}$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}-[0-9]{4}$"), AfterValidator(_real_day)]


class Asked(BaseModel):
    """Body of every request; fields that the document does not name are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nik: Nik


class CheckAsked(Asked):
    """Body of verifikasiPenduduk."""

    nama_lengkap: Annotated[str, Field(min_length=1, max_length=100)]
    tanggal_lahir: Day


class KiaAsked(Asked):
    """Body of catatKia."""

    nomor_kia: Annotated[str, Field(pattern=r"^[A-Z0-9./-]{6,40}$")]
    berlaku_hingga: Day


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in the registry's habit: HTTP status, its own status code, message and content."""

    http: int
    status: str
    pesan: str
    data: Row | None = None


NOT_FOUND = Reply(404, "14", "NIK TIDAK DITEMUKAN")
DEAD = Reply(422, "15", "PENDUDUK SUDAH MENINGGAL")


def check_person(storage: Storage, asked: CheckAsked) -> Reply:
    """Compare name and birth date with the register (verifikasiPenduduk)."""
    person = storage.person(asked.nik)
    if person is None:
        empty = dict.fromkeys(("nama_lengkap", "tanggal_lahir", "jenis_kelamin", "status_hidup"))
        return Reply(200, NOT_FOUND.status, NOT_FOUND.pesan, {"nik": asked.nik, "ditemukan": False, **empty})
    data = {
        "nik": person["nik"],
        "ditemukan": True,
        "nama_lengkap": _verdict(_plain(asked.nama_lengkap) == _plain(person["nama_lengkap"])),
        "tanggal_lahir": _verdict(asked.tanggal_lahir == person["tanggal_lahir"]),
        "jenis_kelamin": person["jenis_kelamin"],
        "status_hidup": person["status_hidup"],
    }
    return Reply(200, "00", "SUKSES", data)


def find_family(storage: Storage, asked: Asked) -> Reply:
    """Return the family card of a living person with all its living members (cariKeluarga)."""
    person = storage.person(asked.nik)
    if person is None:
        return NOT_FOUND
    if person["status_hidup"] != "HIDUP":
        return DEAD
    card = storage.card(person["no_kk"])
    if card is None:
        return Reply(500, "99", "DATA KELUARGA TIDAK LENGKAP")
    members = storage.members(person["no_kk"])
    head = next((row for row in members if row["shdk"] == "KEPALA KELUARGA"), members[0])
    data = {
        "nik": person["nik"],
        **card,
        "nama_kepala_keluarga": head["nama_lengkap"],
        "jumlah_anggota": len(members),
        "anggota": [_member(row, today=_today()) for row in members],
    }
    return Reply(200, "00", "SUKSES", data)


def record_kia(storage: Storage, asked: KiaAsked) -> Reply:
    """Record an issued child identity card (catatKia); the same card twice is recorded once."""
    person, valid_until = storage.person(asked.nik), day_of(asked.berlaku_hingga)
    if person is None:
        return NOT_FOUND
    refusal = _kia_refusal(person, valid_until)
    if refusal is not None:
        return refusal
    data = {"nik": asked.nik, "nomor_kia": asked.nomor_kia, "berlaku_hingga": asked.berlaku_hingga}
    known = storage.kia(asked.nomor_kia)
    if known is None:
        storage.record_kia(asked.nomor_kia, nik=asked.nik, valid_until=valid_until, at=datetime.now(WIB))
        return Reply(200, "00", "KIA TERCATAT", {**data, "tercatat": True})
    if (known["nik"], known["berlaku_hingga"]) != (asked.nik, asked.berlaku_hingga):
        return Reply(409, "21", "NOMOR KIA SUDAH DIPAKAI")
    return Reply(200, "00", "KIA SUDAH TERCATAT SEBELUMNYA", {**data, "tercatat": True})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the interface: its operationId, path, body and answer."""

    name: str
    path: str
    body: type[Asked]
    answer: Callable[[Storage, Any], Reply]


OPERATIONS = (
    Operation("verifikasiPenduduk", "/v1/penduduk/verifikasi", CheckAsked, check_person),
    Operation("cariKeluarga", "/v1/keluarga/cari", Asked, find_family),
    Operation("catatKia", "/v1/kia/catat", KiaAsked, record_kia),
)
WRITES = frozenset({"catatKia"})


def _kia_refusal(person: Row, valid_until: date) -> Reply | None:
    if person["status_hidup"] != "HIDUP":
        return DEAD
    born = day_of(person["tanggal_lahir"])
    today = _today()
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months >= ADULT_AGE * 12 or person["status_kawin"] != "BELUM KAWIN":
        return Reply(422, "22", "PENDUDUK BUKAN ANAK DI BAWAH 17 TAHUN")
    if not today <= valid_until < today + timedelta(days=ADULT_AGE * 366):
        return Reply(422, "23", "MASA BERLAKU KIA TIDAK SESUAI")
    return None


def _member(row: Row, *, today: date) -> Row:
    hidden = {"no_kk", "status_hidup", "tanggal_meninggal"}
    active = row["kia_berlaku_hingga"] is not None and day_of(row["kia_berlaku_hingga"]) >= today
    return {name: value for name, value in row.items() if name not in hidden} | {"kia_aktif": active}


def _verdict(same: bool) -> str:
    return "Sesuai" if same else "Tidak Sesuai"


def _plain(name: str) -> str:
    return _NAME.sub(" ", name.upper()).strip()


def _today() -> date:
    return datetime.now(WIB).date()
