"""Agencies join the exchange; their systems' interfaces are published."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from pydantic import ValidationError

from terpadu.directory.public import (
    CertificateView,
    agency_get,
    certificate_accept,
    certificate_ensure,
    certificate_sign,
)
from terpadu.exchange.enums import GROUP_ID
from terpadu.exchange.errors import CertificateRefused, InterfaceInvalid, SystemUndescribed
from terpadu.exchange.events import InterfacePublished
from terpadu.exchange.models import Interface, InterfaceDocument, Peer
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.interfaces import (
    DocumentError,
    Operation,
    read_operations,
    title_of,
)
from terpadu.exchange.selectors.anchors import trust_anchors
from terpadu.exchange.selectors.registry import InterfaceView, interface_row, interface_view, peer_row
from terpadu.exchange.services.contracts import contract_accept, contract_propose
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu_wire.certificates import UNREADABLE, certified_peer
from terpadu_wire.contracts import (
    ContractContent,
    GrantItem,
    PeerRef,
    PublishedService,
    ServicePublicationGrant,
    Validity,
)
from terpadu_wire.errors import KeyFileError, WireError
from terpadu_wire.openapi import OpenApiChecker
from terpadu_wire.strict_json import parse_json
from terpadu_wire.systems import SystemAccess

PUBLICATION_LIFE = timedelta(days=3650)
_HOW_WRITTEN = {
    "base_url": "Give the base address as https://host/path, without a query",
    "token_url": "Give the address of the token endpoint as https://host/path",
    "header_name": "The name of a header has letters, digits and hyphens",
}
MAX_DOCUMENT = 1024 * 1024


@dataclass(frozen=True)
class SignIn:
    """How a gateway signs in to a system, beyond a fixed header. auth: basic, oauth2 or mtls, "" for what files imply.

    The files hold: `name:password` (basic_file), the client's secret (client_secret_file), PEM (client_certificate,
    client_key, and authority, a further root for the system's own certificate).
    """

    auth: str = ""
    basic_file: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    client_auth_method: str = ""
    scope: str = ""
    client_certificate: str = ""
    client_key: str = ""
    authority: str = ""


@transaction.atomic
def peer_join(agency_code: str, *, by: Actor) -> None:
    """Let an agency join: it gets a key, a certificate and a manager here. Joining twice is joining once.

    Raises AgencyUnknown, NotAllowed.
    """
    check_acts_for(agency_code, by=by)
    agency = agency_get(agency_code)
    certificate_ensure(agency_code, by=by)
    _, is_new = Peer.objects.get_or_create(agency_id=agency.id)
    if is_new:
        facts = {"agency": agency_code}
        audit.record("exchange.peer_joined", by=by, about_kind="agency", about_id=agency.id, facts=facts)
    snapshot_publish()


@transaction.atomic
def key_register(agency_code: str, request_pem: bytes, *, by: Actor) -> str:
    """Return a certificate in PEM for a key that the agency's own gateway keeps; other gateways believe it from now on.

    request_pem: certificate request (PKCS#10) with an Ed25519 key. The agency joins, if it has not yet.
    Raises RequestInvalid, AgencyUnknown, NotAllowed.
    """
    peer_join(agency_code, by=by)
    pem = certificate_sign(agency_code, request_pem, by=by)
    snapshot_publish()
    return pem


@transaction.atomic
def certificate_register(agency_code: str, pem: bytes, *, by: Actor) -> CertificateView:
    """Take an agency's certificate of another authority for its gateway's key; other gateways believe it from now on.

    pem: the certificate, of an Ed25519 key and naming the agency's peer id as serialNumber, issued by a trust anchor.
    The agency joins, if it has not yet; renewing is its own authority's. Raises CertificateRefused, RequestInvalid,
    AgencyUnknown, NotAllowed.
    """
    check_acts_for(agency_code, by=by)
    try:
        chain = [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem)]
        certified = certified_peer(chain[:1], anchors=trust_anchors(), now=now())
    except UNREADABLE as error:
        raise CertificateRefused(reason="certificate.unreadable") from error
    except KeyFileError as error:
        raise CertificateRefused(reason=error.code) from error
    if certified.peer_id != agency_get(agency_code).peer_id:
        raise CertificateRefused(reason="certificate.other_agency")
    peer_join(agency_code, by=by)
    issuer = x509.load_der_x509_certificate(chain[0]).issuer.rfc4514_string()
    view = certificate_accept(agency_code, certified.chain, authority=issuer, by=by)
    snapshot_publish()
    return view


@transaction.atomic
def interface_publish(
    agency_code: str, *, name: str, openapi: bytes, directory_code: str, by: Actor
) -> InterfaceView:
    """Publish an interface of an agency's system, or a new version of it, in the directory.

    name: how calls name it, such as "kependudukan". openapi: an OpenAPI 3.0 or 3.1 document in JSON, at most 1 MB; kept byte by
    byte. directory_code: the agency that keeps the directory; both sign the publication contract.
    Raises InterfaceInvalid, PeerUnknown, NotAllowed.
    """
    check_acts_for(agency_code, by=by)
    peer = peer_row(agency_code)
    title, operations = _read(openapi)
    digest = hashlib.sha256(openapi).hexdigest()
    known = Interface.objects.filter(peer=peer, name=name).first()
    if known is not None and known.openapi_sha256 == digest:
        return interface_view(interface_row(f"{peer.agency.peer_id}/{name}"))
    members = {
        "title": title or name,
        "openapi": openapi.decode(),
        "openapi_sha256": digest,
        "operations": [asdict(operation) for operation in operations],
        "published_at": now(),
    }
    row, _ = Interface.objects.update_or_create(peer=peer, name=name, defaults=members)
    InterfaceDocument.objects.get_or_create(sha256=digest, defaults={"openapi": openapi.decode()})
    facts = {"agency": agency_code, "name": name, "sha256": digest}
    audit.record("exchange.interface_published", by=by, about_kind="interface", about_id=row.id, facts=facts)
    emit(InterfacePublished(peer.agency.peer_id, f"{peer.agency.peer_id}/{name}", row.title))
    _announce(row, peer, directory=peer_row(directory_code), by=by)
    return interface_view(interface_row(f"{peer.agency.peer_id}/{name}"))


@transaction.atomic
def interface_connect(
    service: str,
    *,
    base_url: str,
    header_name: str = "",
    credential_path: Path | None = None,
    sign_in: SignIn | None = None,
    by: Actor,
) -> None:
    """Say where an interface's system stands and how its gateway signs in to it.

    service: "<peer id or agency code>/<name>". header_name, credential_path: header whose value is in that file.
    sign_in: another way to sign in. Takes effect when the agency's gateway is provisioned.
    Raises InterfaceUnknown, SystemUndescribed, NotAllowed.
    """
    row = interface_row(service)
    check_acts_for(row.peer.agency.code, by=by)
    row.base_url, row.header_name = base_url, header_name
    row.credential_path = str(credential_path) if credential_path else ""
    row.sign_in = {name: value for name, value in asdict(sign_in or SignIn()).items() if value}
    _check_access(row)
    row.save(update_fields=["base_url", "header_name", "credential_path", "sign_in"])
    audit.record("exchange.interface_connected", by=by, about_kind="interface", about_id=row.id)


def _check_access(row: Interface) -> None:
    """Refuse what the gateway could not read, and for which it would refuse the systems of all its agencies."""
    members = {
        "base_url": row.base_url,
        "header_name": row.header_name,
        "header_value_file": row.credential_path,
        **row.sign_in,
    }
    if not row.base_url:
        return  # no gateway is told of it
    try:
        SystemAccess.model_validate({name: value for name, value in members.items() if value})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = str(first["loc"][0]) if first["loc"] else ""
        detail = _HOW_WRITTEN.get(place, f"{place} {first['msg']}".strip())
        raise SystemUndescribed(reason="system.access", detail=f"{detail}.") from error


def _read(openapi: bytes) -> tuple[str, list[Operation]]:
    if len(openapi) > MAX_DOCUMENT:
        raise InterfaceInvalid(reason="interface.too_large")
    try:
        document = parse_json(openapi)
        operations = read_operations(document)
        OpenApiChecker(document)
    except WireError as error:
        raise InterfaceInvalid(reason=error.code) from error
    except DocumentError as error:
        raise InterfaceInvalid(reason=str(error)) from error
    return title_of(document), operations


def _announce(row: Interface, peer: Peer, *, directory: Peer, by: Actor) -> None:
    content = _publication(peer.agency.peer_id, row, directory_peer=directory.agency.peer_id)
    view = contract_propose(content, by=by)
    contract_accept(view.content_hash, agency_code=peer.agency.code, by=by)
    if directory != peer:
        # The directory takes every interface that was readable; nobody has to approve a listing.
        keeper = Actor.system("exchange.directory")
        contract_accept(view.content_hash, agency_code=directory.agency.code, by=keeper)


def _publication(peer_id: str, row: Interface, *, directory_peer: str) -> ContractContent:
    moment = now()
    grant = ServicePublicationGrant(
        directory=PeerRef(peer_id=directory_peer),
        service=PublishedService(peer_id=peer_id, name=row.name),
        properties={"openapi_sha256": row.openapi_sha256},
    )
    validity = Validity(
        not_before=int(moment.timestamp()), not_after=int((moment + PUBLICATION_LIFE).timestamp())
    )
    return ContractContent(
        iv=str(uuid7()),
        group_id=GROUP_ID,
        validity=validity,
        grants=(GrantItem(data=grant),),
        created_at=int(moment.timestamp()),
    )
