"""Gateways: what each one must know to act for its agencies, written to files that it reads at its start."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from django.conf import settings
from django.db import transaction

from terpadu.directory.public import authority_path, certificate_ensure, private_file_write
from terpadu.exchange.errors import GatewayInvalid, GatewayPollInvalid, GatewayUnknown
from terpadu.exchange.models import Application, Gateway, Interface, Peer
from terpadu.exchange.rules.toml import toml_lines
from terpadu.exchange.selectors.anchors import anchors_pem
from terpadu.exchange.selectors.places import application_key_path, control_url, gateway_dir, group_key_path
from terpadu.exchange.selectors.registry import peer_row
from terpadu.exchange.services.identities import fsc_identity
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import secret_key
from terpadu_wire.snapshot_wire import LONGEST_POLL

_KEY_BYTES = 32


@dataclass(frozen=True)
class GatewayPlan:
    """What a gateway is to do.

    agencies: codes of the agencies it acts for; the first one's key also signs its deliveries and names its listener.
    outway_listen: "host:port" where applications call out, "" for none.
    applications: (agency code, application name) of those that may.
    inway_listen: "host:port" where other gateways call in, "" for none. inway_url: address by which they find it.
    fsc_listen: "host:port" where foreign peers call in, "" for none. fsc_url: address by which they find it.
    private_networks: networks with private addresses in which its systems may stand, such as "10.20.0.0/16"; what the
        operator does not name here the gateway does not call.
    health_listen: "host:port" for health alone, "" for none.
    snapshot_poll_s, shipping_poll_s: seconds between two looks for a new snapshot, and for records to deliver.
    """

    name: str
    agencies: Sequence[str]
    outway_listen: str = ""
    applications: Sequence[tuple[str, str]] = ()
    inway_listen: str = ""
    inway_url: str = ""
    fsc_listen: str = ""
    fsc_url: str = ""
    private_networks: Sequence[str] = ()
    health_listen: str = ""
    snapshot_poll_s: float = 2.0
    shipping_poll_s: float = 1.0


@dataclass
class _Toml:
    """A TOML text in the making."""

    lines: list[str] = field(default_factory=list)

    def table(self, heading: str, **members: str | float | Path | list[str]) -> None:
        """Add a table, leaving out empty members."""
        if heading:
            self.lines += ["", heading]
        self.lines += toml_lines({name: value for name, value in members.items() if value not in ("", [])})


@transaction.atomic
def gateway_provision(plan: GatewayPlan, *, by: Actor) -> Path:
    """Write a gateway's configuration and keys, and let the snapshot name its inway; return the TOML file.

    May be called again at any time; a running gateway takes new agencies, applications and systems from the file within
    seconds, everything else at its next start. Certificates near their end are renewed here.
    Raises PeerUnknown, GatewayInvalid, GatewayPollInvalid.
    """
    _check(plan)
    peers = [peer_row(code) for code in plan.agencies]
    Gateway.objects.update_or_create(
        name=plan.name,
        defaults={
            "peer_ids": [peer.agency.peer_id for peer in peers],
            "plan": asdict(plan),
            "provisioned_at": now(),
        },
    )
    if plan.inway_listen:
        Peer.objects.filter(pk__in=[peer.pk for peer in peers]).update(
            inway_url=plan.inway_url, fsc_url=plan.fsc_url
        )
    snapshot_publish()
    toml = _Toml()
    _write_head(toml, plan)
    _write_peers(toml, peers, by=by)
    _write_outway(toml, plan)
    _write_inway(toml, plan, peers)
    _write_fsc(toml, plan, peers)
    path = gateway_dir(plan.name) / "gateway.toml"
    private_file_write(path, "\n".join([*toml.lines, ""]).encode())
    audit.record("exchange.gateway_provisioned", by=by, about_kind="gateway", about_id=plan.name)
    return path


def _check(plan: GatewayPlan) -> None:
    if not plan.agencies or not (plan.outway_listen or plan.inway_listen):
        raise GatewayInvalid(gateway=plan.name)
    if not (0 < plan.snapshot_poll_s <= LONGEST_POLL and 0 < plan.shipping_poll_s < math.inf):
        raise GatewayPollInvalid(gateway=plan.name)


def gateway_plan(name: str) -> GatewayPlan:
    """Return what a gateway was last provisioned with. Raises GatewayUnknown. One query."""
    row = Gateway.objects.filter(name=name).first()
    if row is None or not row.plan:
        raise GatewayUnknown(gateway=name)
    return GatewayPlan(**row.plan)


def gateway_of(agency_code: str, *, inway: bool) -> GatewayPlan | None:
    """Return the gateway through which an agency is called (inway) or calls out, None when there is none. One query."""
    for row in Gateway.objects.exclude(plan={}).order_by("name"):
        plan = GatewayPlan(**row.plan)
        if agency_code in plan.agencies and (plan.inway_listen if inway else plan.outway_listen):
            return plan
    return None


def gateway_host(name: str, agency_code: str, *, application: str = "", by: Actor) -> Path:
    """Let a gateway act for one more agency, and take calls of one more application of it; return its TOML file.

    Raises GatewayUnknown, PeerUnknown, GatewayPollInvalid.
    """
    plan = gateway_plan(name)
    agencies = dict.fromkeys([*plan.agencies, agency_code])
    applications = [(code, name) for code, name in plan.applications]
    if application:
        applications = list(dict.fromkeys([*applications, (agency_code, application)]))
    plan = replace(plan, agencies=tuple(agencies), applications=tuple(applications))
    return gateway_provision(plan, by=by)


def application_ensure(agency_code: str, *, name: str) -> Application:
    """Return an application of an agency, making its key file at first use. Raises PeerUnknown."""
    peer = peer_row(agency_code)
    path = application_key_path(agency_code, name)
    if not path.exists():
        private_file_write(path, secrets.token_urlsafe(_KEY_BYTES).encode())
    digest = hashlib.sha256(path.read_bytes().strip()).hexdigest()
    row, _ = Application.objects.update_or_create(peer=peer, name=name, defaults={"key_sha256": digest})
    return row


def _write_head(toml: _Toml, plan: GatewayPlan) -> None:
    anchors = gateway_dir(plan.name) / "anchors.pem"
    private_file_write(anchors, anchors_pem())
    secret_key("subject")  # made at first use; the gateway reads the file
    toml.table(
        "",
        name=plan.name,
        data_dir=gateway_dir(plan.name) / "data",
        control_url=control_url(),
        group_key=group_key_path(),
        authority=authority_path(),
        anchors=anchors,
        subject_key=Path(settings.SECRETS_DIR) / "subject.key",
    )
    toml.table(
        "[limits]",
        snapshot_poll_seconds=float(plan.snapshot_poll_s),
        shipping_poll_seconds=float(plan.shipping_poll_s),
    )
    if plan.health_listen:
        toml.table("[health]", listen=plan.health_listen)


def _write_peers(toml: _Toml, peers: Sequence[Peer], *, by: Actor) -> None:
    for peer in peers:
        certificate = certificate_ensure(peer.agency.code, by=by)
        toml.table(
            "[[peers]]",
            peer_id=peer.agency.peer_id,
            key=certificate.key_path,
            certificate=certificate.certificate_path,
        )


def _write_outway(toml: _Toml, plan: GatewayPlan) -> None:
    if not plan.outway_listen:
        return
    toml.table("[outway]", listen=plan.outway_listen)
    for agency_code, name in plan.applications:
        application = application_ensure(agency_code, name=name)
        toml.table(
            "[[outway.applications]]",
            name=name,
            key_sha256=application.key_sha256,
            peer_id=application.peer.agency.peer_id,
        )


def _write_fsc(toml: _Toml, plan: GatewayPlan, peers: Sequence[Peer]) -> None:
    if not plan.fsc_listen:
        return
    identity = fsc_identity(peers[0].agency.peer_id)
    toml.table(
        "[fsc]",
        listen=plan.fsc_listen,
        certificate=identity.certificate_path,
        key=identity.key_path,
    )


def _write_inway(toml: _Toml, plan: GatewayPlan, peers: Sequence[Peer]) -> None:
    if not plan.inway_listen:
        return
    toml.table("[inway]", listen=plan.inway_listen, private_networks=list(plan.private_networks))
    rows = Interface.objects.filter(peer__in=peers).exclude(base_url="").select_related("peer__agency")
    for row in rows.order_by("peer__agency__peer_id", "name"):
        toml.table(
            "[[inway.services]]",
            peer_id=row.peer.agency.peer_id,
            name=row.name,
            base_url=row.base_url,
            header_name=row.header_name,
            header_value_file=row.credential_path,
            **row.sign_in,
        )
