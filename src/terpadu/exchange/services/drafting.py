"""What a contract is made of: one grant for each right, and the frame around them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import JsonValue

from terpadu.directory.public import agency_get, certificate_get
from terpadu.exchange.enums import GROUP_ID
from terpadu.exchange.selectors.registry import InterfaceView
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu_wire.contracts import (
    ConnectedService,
    ConnectionGrant,
    ContractContent,
    DelegatedServiceConnectionGrant,
    GrantItem,
    Outway,
    PeerRef,
    ServiceConnectionGrant,
    Validity,
)


def connection_grant(
    caller: str, *, reader: str, interface: InterfaceView, properties: dict[str, JsonValue]
) -> ConnectionGrant:
    """Return the right to call an interface.

    caller: code of the agency whose gateway calls. reader: code of the one in whose name, the same or another.
    Raises AgencyUnknown, and CertificateUnknown when the caller has not joined.
    """
    certificate = certificate_get(caller)
    outway = Outway(peer_id=certificate.peer_id, public_key_thumbprint=certificate.public_key_thumbprint)
    service = ConnectedService(peer_id=interface.peer_id, name=interface.name)
    if reader == caller:
        return ServiceConnectionGrant(outway=outway, service=service, properties=properties)
    delegator = PeerRef(peer_id=agency_get(reader).peer_id)
    return DelegatedServiceConnectionGrant(
        outway=outway, service=service, delegator=delegator, properties=properties
    )


def content_of(
    grants: Iterable[ConnectionGrant], *, not_before: datetime, not_after: datetime
) -> ContractContent:
    """Return the content of a new contract, ready to be proposed."""
    return ContractContent(
        iv=str(uuid7()),
        group_id=GROUP_ID,
        validity=Validity(not_before=int(not_before.timestamp()), not_after=int(not_after.timestamp())),
        grants=tuple(GrantItem(data=grant) for grant in grants),
        created_at=int(now().timestamp()),
    )
