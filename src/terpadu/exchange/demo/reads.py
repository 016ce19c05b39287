"""What is read of the ministries' systems, why, and on which article; each line is a contract.

Articles marked "(diasumsikan)" were not read in the law's own text.
"""

from __future__ import annotations

from terpadu.directory.demo import (
    BKN,
    DIKDASMEN,
    KECAMATAN,
    KELURAHAN,
    KEMENKES,
    KEMENKEU,
    KEMENSOS,
    POLRI,
    PORTAL,
)
from terpadu.exchange.demo.contracts import Right
from terpadu.exchange.demo.systems import BILLING, EMPLOYEES, HEALTH, LETTERS, LICENCES, PUPILS, SOCIAL_AID
from terpadu.exchange.demo.words import NIK
from terpadu_wire.properties import Purpose, Text

_PUBLIC_SERVICE = "UU 27/2022 ps. 20 ayat (2) huruf e (diasumsikan)"
_SHOWN_ONLY = "Tidak disimpan; hanya ditampilkan"
_ENTRY = "/entry/*/resource"


def _purpose(code: str, indonesian: str, english: str, basis: str, retention: str = _SHOWN_ONLY) -> Purpose:
    return Purpose(code, Text(indonesian, english), f"{basis}; {_PUBLIC_SERVICE}", retention)


SCHOOL = _purpose(
    "keluarga.sekolah",
    "Menampilkan sekolah anak kepada orang tuanya",
    "To show a child's school to the parents",
    "UU 20/2003 ps. 7 (diasumsikan)",
)
VACCINATION = _purpose(
    "keluarga.imunisasi",
    "Menampilkan imunisasi anak kepada orang tuanya",
    "To show a child's vaccinations to the parents",
    "Permenkes 24/2022 (diasumsikan)",
)
LICENCE_RENEWAL = _purpose(
    "sim.perpanjangan",
    "Memeriksa SIM yang akan diperpanjang",
    "To look at a driving licence that is to be renewed",
    "Perpol 5/2021 (diasumsikan)",
)
STATE_REVENUE = _purpose(
    "pnbp.tagihan",
    "Membuat dan menampilkan tagihan penerimaan negara",
    "To make and show bills of state revenue",
    "PMK 225/PMK.05/2020 (diasumsikan)",
)
CIVIL_SERVANT = _purpose(
    "asn.profil",
    "Menampilkan data kepegawaian kepada pegawainya",
    "To show a civil servant their own record",
    "UU 20/2023 (diasumsikan)",
)
POVERTY_LETTER = _purpose(
    "sktm.verifikasi",
    "Memeriksa permohonan surat keterangan tidak mampu",
    "To check an application for a letter of limited means",
    "Inpres 4/2025 (diasumsikan)",
    "5 tahun sesudah permohonan selesai (diasumsikan)",
)
AID_MATCHING = _purpose(
    "dtsen.pemadanan",
    "Memadankan daftar warga rentan kecamatan dengan DTSEN",
    "To match the kecamatan's list of vulnerable residents with the social-aid registry",
    "Inpres 4/2025 (diasumsikan)",
    "1 tahun sesudah pemadanan (diasumsikan)",
)
LETTER_CHECK = _purpose(
    "surat.verifikasi",
    "Memeriksa surat pengantar kelurahan",
    "To check a letter that the kelurahan wrote",
    "UU 23/2014 ps. 229 (diasumsikan)",
    "5 tahun sesudah permohonan selesai (diasumsikan)",
)

_PUPIL = {
    "/nik": NIK,
    "/nisn": Text("NISN", "National pupil number (NISN)"),
    "/nama": Text("Nama", "Name"),
    "/tahunAjaran": Text("Tahun ajaran", "School year"),
    "/tingkat": Text("Tingkat", "Grade"),
    "/satuanPendidikan": Text("Sekolah", "School"),
    "/pip/layak": Text("Layak PIP", "Eligible for school aid (PIP)"),
}
_IMMUNIZATION = {
    "/resourceType": Text("Jenis data", "Kind of data"),
    "/type": Text("Jenis data", "Kind of data"),
    "/total": Text("Jumlah imunisasi", "Number of vaccinations"),
    f"{_ENTRY}/resourceType": Text("Jenis data", "Kind of data"),
    f"{_ENTRY}/identifier": Text("NIK dan nomor IHS", "NIK and IHS number"),
    f"{_ENTRY}/vaccineCode": Text("Vaksin", "Vaccine"),
    f"{_ENTRY}/occurrenceDateTime": Text("Tanggal imunisasi", "Date of vaccination"),
    f"{_ENTRY}/protocolApplied": Text("Dosis ke", "Dose number"),
}
_LICENCE = {
    "/items/*/nik": NIK,
    "/items/*/golongan": Text("Golongan SIM", "Licence class"),
    "/items/*/nomor_sim": Text("Nomor SIM", "Licence number"),
    "/items/*/berlaku_sampai": Text("Masa berlaku SIM", "Validity of the licence"),
    "/items/*/satpas": Text("Penerbit SIM", "Issuing office"),
}
_BILL = {
    "/kodeBilling": Text("Kode billing", "Billing code"),
    "/nikWajibBayar": NIK,
    "/jumlah": Text("Jumlah", "Amount"),
    "/kedaluwarsa": Text("Batas waktu bayar", "Payable until"),
    "/status": Text("Status pembayaran", "State of payment"),
}
_BILLS = {
    "/nikWajibBayar": NIK,
    "/tagihan/*/kodeBilling": Text("Kode billing", "Billing code"),
    "/tagihan/*/jumlah": Text("Jumlah", "Amount"),
    "/tagihan/*/status": Text("Status pembayaran", "State of payment"),
    "/tagihan/*/ntpn": Text("NTPN", "Treasury receipt number (NTPN)"),
}
_EMPLOYEE = {
    "/nik": NIK,
    "/nip": Text("NIP", "Employee number (NIP)"),
    "/nama": Text("Nama", "Name"),
    "/golongan": Text("Golongan", "Grade"),
    "/pangkat": Text("Pangkat", "Rank"),
    "/jabatan": Text("Jabatan", "Position"),
    "/unitKerja": Text("Unit kerja", "Office"),
}
_AID = {
    "/nik": NIK,
    "/desil": Text("Desil kesejahteraan", "Welfare decile"),
    "/bantuan/*/kode": Text("Program bantuan", "Aid programme"),
    "/bantuan/*/status": Text("Status penyaluran", "State of payment"),
}
_AID_ENVELOPE = {
    "": Text(
        "Kepesertaan bantuan sosial: NIK, nama, keluarga, desil, program, dan penyaluran",
        "Social-aid record: NIK, name, family, decile, programmes and payments",
    )
}
"""An envelope passes whole, so its one label names all that stands in it."""
_LETTER = {
    "/items/*/nik": NIK,
    "/items/*/nomor_surat": Text("Nomor surat", "Letter number"),
    "/items/*/jenis_surat": Text("Jenis surat", "Kind of letter"),
    "/items/*/tanggal_surat": Text("Tanggal surat", "Date of letter"),
    "/as_of": Text("Keadaan data per", "Data as of"),
}

_NIK_OF_BUNDLE = f"{_ENTRY}/identifier/*/value"
_PAYER = "/nikWajibBayar"

READS: tuple[tuple[str, tuple[Right, ...]], ...] = (
    (PORTAL, (Right(PUPILS, "cariPesertaDidik", SCHOOL, _PUPIL, match="/nik", provider=DIKDASMEN),)),
    (
        PORTAL,
        (
            Right(
                HEALTH,
                "search_Immunization",
                VACCINATION,
                _IMMUNIZATION,
                match=_NIK_OF_BUNDLE,
                provider=KEMENKES,
            ),
        ),
    ),
    (
        PORTAL,
        (Right(LICENCES, "lookup_sim", LICENCE_RENEWAL, _LICENCE, match="/items/*/nik", provider=POLRI),),
    ),
    (
        PORTAL,
        (
            Right(
                BILLING,
                "buatTagihan",
                STATE_REVENUE,
                _BILL,
                match=_PAYER,
                identifier=_PAYER,
                provider=KEMENKEU,
            ),
            Right(
                BILLING,
                "cariTagihan",
                STATE_REVENUE,
                _BILLS,
                match=_PAYER,
                identifier=_PAYER,
                provider=KEMENKEU,
            ),
        ),
    ),
    (PORTAL, (Right(EMPLOYEES, "profilPegawai", CIVIL_SERVANT, _EMPLOYEE, match="/nik", provider=BKN),)),
    (
        KECAMATAN,
        (Right(SOCIAL_AID, "CekKepesertaan", POVERTY_LETTER, _AID, match="/nik", provider=KEMENSOS),),
    ),
    (
        KECAMATAN,
        (
            Right(
                SOCIAL_AID,
                "soap.CekKepesertaan",
                AID_MATCHING,
                _AID_ENVELOPE,
                match="/nik",
                provider=KEMENSOS,
                by_portal=False,
            ),
        ),
    ),
    (
        KECAMATAN,
        (
            Right(
                LETTERS,
                "lookup_surat",
                LETTER_CHECK,
                _LETTER,
                match="/items/*/nik",
                provider=KELURAHAN,
                by_portal=False,
            ),
        ),
    ),
)
"""One contract each, as `contracts.RIGHTS`; the kecamatan reads letters and social aid by itself, with programs made for
X-Road and for SOAP."""
