"""The agencies of the demo country and the positions in them. All are made up, though such offices exist."""

from __future__ import annotations

from dataclasses import dataclass

from terpadu.directory.enums import IDENTITY_OPERATOR, PLATFORM, PLATFORM_OPERATOR, AgencyKind
from terpadu.directory.public import agency_create, agency_list, position_create
from terpadu.kernel.actors import Actor

PORTAL = PLATFORM
DUKCAPIL = "dukcapil"
PANRB = "panrb"
DISDUKCAPIL = "disdukcapil.36.71"
KECAMATAN = "kecamatan.36.71.01"
PUPR = "pupr.36.71"
DIKDASMEN = "dikdasmen"
POLRI = "polri"
KEMENSOS = "kemensos"
KEMENKES = "kemenkes"
KEMENKEU = "kemenkeu"
BKN = "bkn"
BPJS = "bpjs"
KELURAHAN = "kelurahan.36.71.01.1007"
SATPOL_PP = "satpolpp.36.71"
PDP = "pdp"


@dataclass(frozen=True)
class DemoAgency:
    """An agency of the demo country. positions: (kind, title, unit) of each."""

    code: str
    peer_id: str
    name: str
    name_en: str
    short_name: str
    kind: AgencyKind
    region_code: str
    positions: tuple[tuple[str, str, str], ...] = ()


AGENCIES = (
    DemoAgency(
        PORTAL,
        "00000001",
        "Terpadu, Portal Pelayanan Publik Nasional",
        "Terpadu, the national public service portal",
        "Terpadu",
        AgencyKind.PLATFORM,
        "",
        (
            (PLATFORM_OPERATOR, "Operator Platform", ""),
            (IDENTITY_OPERATOR, "Operator Identitas", ""),
        ),
    ),
    DemoAgency(
        DUKCAPIL,
        "00000002",
        "Direktorat Jenderal Kependudukan dan Pencatatan Sipil, Kementerian Dalam Negeri",
        "Directorate General of Population and Civil Registration, Ministry of Home Affairs",
        "Ditjen Dukcapil",
        AgencyKind.MINISTRY,
        "",
        (("pengelola_data", "Pengelola Data Kependudukan", ""),),
    ),
    DemoAgency(
        PANRB,
        "00000003",
        "Kementerian Pendayagunaan Aparatur Negara dan Reformasi Birokrasi",
        "Ministry of Administrative and Bureaucratic Reform",
        "Kementerian PANRB",
        AgencyKind.MINISTRY,
        "",
        (("tim_nasional_evaluasi", "Anggota Tim Nasional Evaluasi Pemerintah Digital", ""),),
    ),
    DemoAgency(
        DISDUKCAPIL,
        "36710001",
        "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang",
        "Population and Civil Registration Office of Tangerang City",
        "Disdukcapil Kota Tangerang",
        AgencyKind.REGIONAL_OFFICE,
        "36.71",
        (
            ("operator_siak", "Operator SIAK", "Bidang Pelayanan Pendaftaran Penduduk"),
            ("verifikator", "Verifikator Berkas", "Bidang Pelayanan Pendaftaran Penduduk"),
            ("kepala_dinas", "Kepala Dinas Kependudukan dan Pencatatan Sipil", ""),
        ),
    ),
    DemoAgency(
        KECAMATAN,
        "36710101",
        "Kecamatan Tangerang, Kota Tangerang",
        "Tangerang District, Tangerang City",
        "Kecamatan Tangerang",
        AgencyKind.DISTRICT,
        "36.71.01",
        (
            ("petugas_kecamatan", "Petugas Pelayanan Kecamatan", "Seksi Pelayanan Umum"),
            ("camat", "Camat Tangerang", ""),
        ),
    ),
    DemoAgency(
        PUPR,
        "36710002",
        "Dinas Pekerjaan Umum dan Penataan Ruang Kota Tangerang",
        "Public Works and Spatial Planning Office of Tangerang City",
        "Dinas PUPR Kota Tangerang",
        AgencyKind.REGIONAL_OFFICE,
        "36.71",
        (
            ("verifikator", "Verifikator Perizinan", "Bidang Tata Ruang"),
            ("kepala_dinas", "Kepala Dinas Pekerjaan Umum dan Penataan Ruang", ""),
        ),
    ),
    DemoAgency(
        SATPOL_PP,
        "36710003",
        "Satuan Polisi Pamong Praja Kota Tangerang",
        "Municipal Police of Tangerang City",
        "Satpol PP Kota Tangerang",
        AgencyKind.REGIONAL_OFFICE,
        "36.71",
        (("pengawas_ruang_publik", "Pengawas Ruang Publik", "Bidang Ketertiban Umum"),),
    ),
    DemoAgency(
        DIKDASMEN,
        "00000011",
        "Kementerian Pendidikan Dasar dan Menengah",
        "Ministry of Primary and Secondary Education",
        "Kemendikdasmen",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        POLRI,
        "00000012",
        "Korps Lalu Lintas, Kepolisian Negara Republik Indonesia",
        "Traffic Corps, Indonesian National Police",
        "Korlantas Polri",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        KEMENSOS,
        "00000013",
        "Kementerian Sosial",
        "Ministry of Social Affairs",
        "Kemensos",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        KEMENKES,
        "00000014",
        "Kementerian Kesehatan",
        "Ministry of Health",
        "Kemenkes",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        KEMENKEU,
        "00000015",
        "Kementerian Keuangan",
        "Ministry of Finance",
        "Kemenkeu",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        BKN,
        "00000016",
        "Badan Kepegawaian Negara",
        "National Civil Service Agency",
        "BKN",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        BPJS,
        "00000017",
        "Badan Penyelenggara Jaminan Sosial Kesehatan",
        "Social Security Agency for Health",
        "BPJS Kesehatan",
        AgencyKind.MINISTRY,
        "",
    ),
    DemoAgency(
        KELURAHAN,
        "36710107",
        "Kelurahan Sukaasih, Kota Tangerang",
        "Sukaasih Village, Tangerang City",
        "Kelurahan Sukaasih",
        AgencyKind.VILLAGE,
        "36.71.01.1007",
    ),
)
OBSERVERS = (
    DemoAgency(
        PDP,
        "00000020",
        "Lembaga Pelindungan Data Pribadi",
        "Personal Data Protection Authority",
        "Lembaga PDP",
        AgencyKind.MINISTRY,
        "",
        (("pengawas_pdp", "Pengawas Pelindungan Data Pribadi", ""),),
    ),
)
"""Agencies that look after the exchange and do not take part in it. UU 27/2022 art. 58 names one; it is made up here."""


def seed() -> None:
    """Add the agencies and positions that are not there yet."""
    by = Actor.system("demo")
    known = {agency.code for agency in agency_list()}
    for entry in (*AGENCIES, *OBSERVERS):
        if entry.code not in known:
            _add(entry, by=by)
        for kind, title, unit_name in entry.positions:
            position_create(agency_code=entry.code, kind=kind, title=title, unit_name=unit_name, by=by)


def _add(entry: DemoAgency, *, by: Actor) -> None:
    agency_create(
        entry.code,
        peer_id=entry.peer_id,
        name=entry.name,
        name_en=entry.name_en,
        short_name=entry.short_name,
        kind=entry.kind,
        region_code=entry.region_code,
        by=by,
    )
