"""The contracts of the demo country: who may read what of whom, why, and on which article.

Data minimisation (UU 27/2022 art. 16): a field that no step of the service needs is not in `data_items`, so the
provider's gateway drops it. Articles marked "(diasumsikan)" were not read in the law's own text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, PORTAL, PUPR
from terpadu.exchange.demo import words
from terpadu.exchange.demo.purposes import purpose_reference
from terpadu.exchange.public import interface_get
from terpadu.exchange.services.drafting import connection_grant, content_of
from terpadu.kernel.clock import now
from terpadu_wire.contracts import ConnectionGrant, ContractContent
from terpadu_wire.disclosures import AT_ONCE, Disclosure
from terpadu_wire.properties import (
    ConsentRule,
    EvidenceRule,
    FieldRules,
    OpenApiRule,
    Operation,
    Properties,
    Purpose,
    Quota,
    Subject,
    Text,
    properties_to_json,
)

POPULATION = "kependudukan"
BIRTH_RECORDS = "akta-kelahiran"
CONTRACT_LIFE = timedelta(days=730)
CASE_REFERENCE = r"(DRAF-[0-9A-Za-z-]{4,40}|[A-Z]{2,6}-[0-9A-Za-z-]{4,40})"
"""A case number, or the reference of a draft that has no number yet."""

_PUBLIC_SERVICE = "UU 24/2013 ps. 58 ayat (4) huruf a; UU 27/2022 ps. 20 ayat (2) huruf e"
_FIVE_YEARS = "5 tahun sesudah permohonan selesai (diasumsikan)"

REGISTRATION = Purpose(
    code="identitas.pendaftaran",
    text=Text(
        "Memastikan bahwa orang yang mendaftar memang orang itu",
        "To make sure that the person who registers is that person",
    ),
    legal_basis=f"{_PUBLIC_SERVICE}; Permendagri 102/2019 (diasumsikan)",
    retention="Tidak disimpan; hanya hasil pencocokan",
)
REPRESENTATION = Purpose(
    code="identitas.perwakilan",
    text=Text(
        "Memastikan siapa ayah, ibu, atau wali seorang anak yang diwakili",
        "To make sure who is the father, mother or guardian of a child that is acted for",
    ),
    legal_basis=f"{_PUBLIC_SERVICE}; UU 1/1974 ps. 47 (diasumsikan)",
    retention="Hubungan saja, sampai anak berusia 17 tahun atau kawin",
)
CHILD_CARD_CHECK = Purpose(
    code="kia.verifikasi",
    text=Text(
        "Memeriksa permohonan Kartu Identitas Anak tanpa meminta data yang sudah ada",
        "To check an application for a child identity card without asking for what is known",
    ),
    legal_basis=f"{_PUBLIC_SERVICE}; Permendagri 2/2016 ps. 3 (diasumsikan)",
    retention=_FIVE_YEARS,
)
CHILD_CARD_RECORD = Purpose(
    code="kia.pencatatan",
    text=Text(
        "Mencatat Kartu Identitas Anak yang terbit di register kependudukan",
        "To record an issued child identity card in the population register",
    ),
    legal_basis=f"{_PUBLIC_SERVICE}; Permendagri 2/2016 ps. 13 (diasumsikan)",
    retention=_FIVE_YEARS,
)
FAMILY_CARD_CHANGE = Purpose(
    code="kk.perubahan",
    text=Text("Mengubah Kartu Keluarga karena kelahiran", "To change a family card after a birth"),
    legal_basis=f"{_PUBLIC_SERVICE}; Perpres 96/2018 ps. 12 (diasumsikan)",
    retention=_FIVE_YEARS,
)
DOMICILE_LETTER = Purpose(
    code="domisili.surat",
    text=Text("Menerbitkan surat keterangan domisili", "To issue a letter of domicile"),
    legal_basis=f"{_PUBLIC_SERVICE} (diasumsikan)",
    retention=_FIVE_YEARS,
)
PUBLIC_SPACE_PERMIT = Purpose(
    code="ruangpublik.izin",
    text=Text(
        "Memastikan identitas pemohon izin penggunaan ruang publik",
        "To make sure of the identity of an applicant for a public-space permit",
    ),
    legal_basis=f"{_PUBLIC_SERVICE} (diasumsikan)",
    retention=_FIVE_YEARS,
)
ADVERTISING_PERMIT = Purpose(
    code="reklame.izin",
    text=Text(
        "Memastikan identitas pemohon izin reklame",
        "To make sure of the identity of an applicant for an advertising permit",
    ),
    legal_basis=f"{_PUBLIC_SERVICE} (diasumsikan)",
    retention=_FIVE_YEARS,
)
"""Waits for the provider's answer in the demo country; its agreement waits with it."""
BUSINESS_LETTER = Purpose(
    code="usaha.surat",
    text=Text(
        "Mengisi surat keterangan usaha dengan alamat yang Anda setujui untuk dibaca",
        "To fill in a letter about a business with the address that you agree to have read",
    ),
    legal_basis="UU 27/2022 ps. 20 ayat (2) huruf a",
    retention="Sampai persetujuan ditarik, paling lama 1 tahun (diasumsikan)",
)


@dataclass(frozen=True)
class Right:
    """One operation that a purpose opens. identifier: where the request names the person. match: where the answer must.

    by_portal: whether the portal calls, on behalf of the agency; otherwise the agency calls by itself.
    disclosure: when the person sees it.
    """

    service: str
    operation: str
    purpose: Purpose
    data_items: Mapping[str, Text]
    match: str
    identifier: str = "/nik"
    provider: str = DUKCAPIL
    by_portal: bool = True
    needs_consent: bool = False
    disclosure: Disclosure = AT_ONCE


def _family(purpose: Purpose, *items: Mapping[str, Text]) -> Right:
    chosen = {pointer: text for part in items for pointer, text in part.items()}
    return Right(POPULATION, "cariKeluarga", purpose, chosen, match=f"{words.MEMBER}/nik")


def _birth(purpose: Purpose, *items: Mapping[str, Text]) -> Right:
    chosen = {pointer: text for part in items for pointer, text in part.items()}
    return Right(BIRTH_RECORDS, "aktaKelahiran", purpose, chosen, match="/nik_anak", identifier="/nik_anak")


def _verification(purpose: Purpose) -> Right:
    return Right(POPULATION, "verifikasiPenduduk", purpose, words.VERIFICATION, match="/data/nik")


RIGHTS: tuple[tuple[str, tuple[Right, ...]], ...] = (
    (PORTAL, (_verification(REGISTRATION),)),
    (
        DISDUKCAPIL,
        (
            _family(
                CHILD_CARD_CHECK,
                words.FAMILY_CARD,
                words.ADDRESS,
                words.MEMBERS,
                words.PARENTAGE,
                words.CHILD_CARD,
            ),
            _birth(CHILD_CARD_CHECK, words.BIRTH_DEED),
            Right(POPULATION, "catatKia", CHILD_CARD_RECORD, words.CARD_RECORDED, match="/data/nik"),
        ),
    ),
    (DISDUKCAPIL, (_family(FAMILY_CARD_CHANGE, words.FAMILY_CARD, words.ADDRESS),)),
    (KECAMATAN, (_family(DOMICILE_LETTER, words.ADDRESS),)),
    (PUPR, (_verification(PUBLIC_SPACE_PERMIT),)),
    (
        KECAMATAN,
        (
            Right(
                POPULATION,
                "cariKeluarga",
                BUSINESS_LETTER,
                words.FAMILY_CARD | words.ADDRESS,
                match=f"{words.MEMBER}/nik",
                needs_consent=True,
            ),
        ),
    ),
    (PORTAL, (_family(REPRESENTATION, words.FAMILY_CARD, words.MEMBERS, words.PARENTAGE, words.MARRIAGE),)),
)
"""One contract each: the agency in whose name data are read, and what it may have read at the population registry."""


def contract_contents(more: Iterable[tuple[str, tuple[Right, ...]]] = ()) -> list[ContractContent]:
    """Return the contents of all contracts, ready to be proposed; peers and interfaces must be there.

    more: contracts beside those of this module.
    """
    return [_content(agency_code, rights) for agency_code, rights in (*RIGHTS, *more)]


def waiting_content() -> ContractContent:
    """Return the content of the agreement that stands on the purpose that waits, ready to be proposed."""
    return _content(PUPR, (_verification(ADVERTISING_PERMIT),))


def _content(agency_code: str, rights: tuple[Right, ...]) -> ContractContent:
    grants = [_grant(agency_code, right) for right in rights]
    return content_of(grants, not_before=now(), not_after=now() + CONTRACT_LIFE)


def _grant(agency_code: str, right: Right) -> ConnectionGrant:
    """Return the grant by which the portal may call on behalf of the agency, or the portal or the agency for itself."""
    caller = PORTAL if right.by_portal else agency_code
    interface = interface_get(f"{right.provider}/{right.service}")
    properties = properties_to_json(_properties(agency_code, right))
    return connection_grant(caller, reader=agency_code, interface=interface, properties=properties)


def _properties(agency_code: str, right: Right) -> Properties:
    interface = interface_get(f"{right.provider}/{right.service}")
    operation = interface.operation(right.operation)
    needs_case = agency_code != PORTAL
    rule = Operation(
        id=operation.id,
        method=operation.method,
        path=operation.path,
        fields=FieldRules(allow=tuple(right.data_items)),
        data_items=dict(right.data_items),
        soap=operation.soap,
    )
    purpose_id, digest = purpose_reference(agency_code, right.purpose.code)
    return Properties(
        purpose=replace(right.purpose, id=purpose_id, digest=digest),
        operations=(rule,),
        openapi_sha256=interface.openapi_sha256,
        subject=Subject(where="request", pointer=right.identifier, match_pointer=right.match),
        evidence=EvidenceRule(required=needs_case, pattern=CASE_REFERENCE if needs_case else None),
        disclosure=right.disclosure,
        quota=Quota(rps=200, per_day=500_000),
        consent=ConsentRule(required=right.needs_consent),
        openapi=OpenApiRule("sample", percent=20),
    )
