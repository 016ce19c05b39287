"""Reads of the directory, as frozen views."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError

from terpadu.directory.errors import AgencyUnknown, NoCertificate, PositionUnknown, RegionUnknown
from terpadu.directory.models import Agency, Certificate, Position
from terpadu.directory.rules import may_have_position
from terpadu.kernel.clock import now
from terpadu_wire.keys import PrivateKey, load_private_key


@dataclass(frozen=True)
class AgencyView:
    """An agency. peer_id: its id on the exchange. region_code: "" for a national one. name_en: "" when it has none."""

    id: UUID
    code: str
    peer_id: str
    name: str
    short_name: str
    kind: str
    region_code: str
    name_en: str = ""


@dataclass(frozen=True)
class PositionView:
    """A position in an agency. kind: such as "operator_siak"; unit_name: "" when it stands in no unit."""

    id: UUID
    kind: str
    title: str
    agency: AgencyView
    unit_name: str

    @property
    def counts(self) -> bool:
        """Whether somebody may act in it: what operates the platform counts at its operator alone."""
        return may_have_position(self.kind, agency_code=self.agency.code)


@dataclass(frozen=True)
class RegionView:
    """A region of Indonesia by Kemendagri's code, such as "36.71.01", with its bare name ("Tangerang")."""

    code: str
    name: str


@dataclass(frozen=True)
class CertificateView:
    """An agency's certificate in force and where its files are; is_external: its key is not here.

    authority: who issued it, "" for the platform's own.

    thumbprint: `x5t#S256`. public_key_thumbprint: what contracts bind. spki: base64url of the public key's DER.
    """

    peer_id: str
    thumbprint: str
    public_key_thumbprint: str
    spki: str
    valid_from: datetime
    valid_to: datetime
    key_path: Path
    certificate_path: Path
    is_external: bool = False
    authority: str = ""


def agency_get(code: str) -> AgencyView:
    """Return the agency of a code. Raises AgencyUnknown. One query."""
    return _agency_of({"code": code})


def agency_by_peer(peer_id: str) -> AgencyView:
    """Return the agency of a peer id. Raises AgencyUnknown. One query."""
    return _agency_of({"peer_id": peer_id})


def agency_list(*, kind: str = "") -> list[AgencyView]:
    """Return all agencies, or those of one kind, by code. One query."""
    rows = Agency.objects.order_by("code")
    return [agency_view(row) for row in (rows.filter(kind=kind) if kind else rows)]


def position_get(position_id: UUID | str) -> PositionView:
    """Return a position by its identifier. Raises PositionUnknown, also for text that is no identifier. One query."""
    try:
        row = Position.objects.select_related("agency", "unit").get(pk=position_id)
    except (Position.DoesNotExist, ValidationError):
        raise PositionUnknown() from None
    return position_view(row)


def position_list(agency_code: str, *, kind: str = "") -> list[PositionView]:
    """Return the positions of an agency, by kind and title; empty for an unknown agency. One query."""
    rows = Position.objects.select_related("agency", "unit").filter(agency__code=agency_code)
    rows = rows.filter(kind=kind) if kind else rows
    return [position_view(row) for row in rows.order_by("kind", "title")]


def region_name(code: str) -> str:
    """Return the name of a region by Kemendagri's code ("36.71" is "Kota Tangerang"). Raises RegionUnknown."""
    from lokal import wilayah  # here, not above: it takes 0.4 s

    name = wilayah.wilayah_name(code)
    if not name:
        raise RegionUnknown(region=code)
    return str(name)


def region_children(code: str = "") -> list[RegionView]:
    """Return the regions directly below one, by code; the provinces when no code is given."""
    from lokal import wilayah  # here, not above: it takes 0.4 s

    return [RegionView(code=row.code, name=row.name) for row in wilayah.list_wilayah(code or None)]


def certificate_get(agency_code: str) -> CertificateView:
    """Return the certificate in force of the key that an agency signs with here. Raises NoCertificate. One query."""
    held_here = Certificate.objects.in_force(now()).filter(is_external=False)
    rows = held_here.newest_first().select_related("agency")
    row = rows.filter(agency__code=agency_code).first()
    if row is None:
        raise NoCertificate(agency=agency_code)
    return certificate_view(row)


def certificate_list() -> list[CertificateView]:
    """Return every certificate in force, by peer id, newest first. One query."""
    rows = (
        Certificate.objects.in_force(now()).select_related("agency").order_by("agency__peer_id", "-valid_to")
    )
    return [certificate_view(row) for row in rows]


def certificate_by_key(public_key_thumbprint: str) -> CertificateView | None:
    """Return the certificate in force of a public key, or None when the authority certified no such key. One query."""
    rows = Certificate.objects.in_force(now()).newest_first().select_related("agency")
    row = rows.filter(public_key_thumbprint=public_key_thumbprint).first()
    return certificate_view(row) if row else None


def certificates_at(public_key_thumbprints: Collection[str], *, at: datetime) -> list[str]:
    """Return the certificates (PEM) that held for some public keys at a moment, revoked later or not. One query."""
    rows = Certificate.objects.filter(
        public_key_thumbprint__in=public_key_thumbprints, valid_from__lte=at, valid_to__gt=at
    )
    newest = {row.public_key_thumbprint: row.pem for row in rows.order_by("valid_from")}
    return [newest[one] for one in sorted(newest)]


def agency_key(agency_code: str) -> PrivateKey:
    """Return the private key with which an agency signs. Raises NoCertificate."""
    return load_private_key(certificate_get(agency_code).key_path.read_bytes())


def authority_path() -> Path:
    """Return where the certificate of the platform's authority is (it may not have been made yet)."""
    return authority_dir() / "authority.pem"


def authority_dir() -> Path:
    """Return the directory of the authority's files."""
    return Path(settings.EXCHANGE_DIR) / "authority"


def peer_dir(peer_id: str) -> Path:
    """Return the directory of an agency's key and certificate."""
    return Path(settings.EXCHANGE_DIR) / "peers" / peer_id


def agency_view(row: Agency) -> AgencyView:
    """Return the view of a row."""
    return AgencyView(
        id=row.id,
        code=row.code,
        peer_id=row.peer_id,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        region_code=row.region_code,
        name_en=row.name_en,
    )


def position_view(row: Position) -> PositionView:
    """Return the view of a row that was read with its agency and unit."""
    unit_name = row.unit.name if row.unit else ""
    return PositionView(
        id=row.id, kind=row.kind, title=row.title, agency=agency_view(row.agency), unit_name=unit_name
    )


def certificate_view(row: Certificate) -> CertificateView:
    """Return the view of a row that was read with its agency."""
    directory = peer_dir(row.agency.peer_id)
    return CertificateView(
        peer_id=row.agency.peer_id,
        thumbprint=row.thumbprint,
        public_key_thumbprint=row.public_key_thumbprint,
        spki=row.spki,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        key_path=directory / "key.pem",
        certificate_path=directory / "cert.pem",
        is_external=row.is_external,
        authority=row.authority,
    )


def _agency_of(condition: dict[str, str]) -> AgencyView:
    row = Agency.objects.filter(**condition).first()
    if row is None:
        raise AgencyUnknown(**condition)
    return agency_view(row)
