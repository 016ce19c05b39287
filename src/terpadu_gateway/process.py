"""The gateway process: puts its parts together, serves until told to stop, drains and ends."""

import asyncio
import gc
import signal
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from terpadu_gateway.clients import Clients
from terpadu_gateway.config import ConfigError, FscConfig, GatewayConfig, InwayConfig
from terpadu_gateway.consents import ConsentDesk
from terpadu_gateway.couriers import ControlPlane, Courier, Publisher
from terpadu_gateway.health import Health
from terpadu_gateway.idempotency import Outcomes
from terpadu_gateway.identities import Secrets, load_secrets
from terpadu_gateway.interactions import Interactions
from terpadu_gateway.interfaces import Shelf
from terpadu_gateway.inway import Inway
from terpadu_gateway.journal import Journal
from terpadu_gateway.listeners import Gate, Handler, Listening, Watcher, exchange_handler, make_server
from terpadu_gateway.logs import trace_of
from terpadu_gateway.metrics import PATH as METRICS_PATH
from terpadu_gateway.metrics import Metrics
from terpadu_gateway.outway import Outway
from terpadu_gateway.quotas import Quotas
from terpadu_gateway.reloading import ConfigKeeper
from terpadu_gateway.renewal import Renewal
from terpadu_gateway.rules import Rules
from terpadu_gateway.shipping import Shipper
from terpadu_gateway.snapshots import SnapshotKeeper
from terpadu_gateway.tokens import TokenOffice
from terpadu_wire.errors import RecordError

if TYPE_CHECKING:
    from terpadu_gateway.tracing import Tracer

log = structlog.get_logger()
_RENEWAL_SECONDS = 6 * 3600.0
_CANCEL_AGAIN_SECONDS = 0.1
_NEW_OBJECTS = 20_000
"""New objects after which the collector looks at them; a call makes a few hundred, and hardly any in a circle."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What both sides of a gateway share."""

    secrets: Secrets
    clients: Clients
    journal: Journal
    snapshots: SnapshotKeeper
    shipper: Shipper
    gate: Gate
    health: Health
    rules: Rules
    outcomes: Outcomes
    interactions: Interactions
    watchers: "Watchers"
    renewal: Renewal


class Watchers(NamedTuple):
    """Who is told of every answer: the metrics, and the tracer when there is one."""

    metrics: Metrics
    tracer: "Tracer | None"

    @property
    def present(self) -> tuple[Watcher, ...]:
        """Those that are there."""
        return (self.metrics,) if self.tracer is None else (self.metrics, self.tracer)


@dataclass(frozen=True, slots=True)
class Roles:
    """The sides that a gateway has."""

    inway: Inway | None
    outway: Outway | None
    courier: Courier
    publisher: Publisher | None


class PartFailedError(Exception):
    """Say that a part of the gateway ended by itself; the process ends too, so that its supervisor starts it anew."""


async def run(config: GatewayConfig, *, path: Path) -> None:
    """Serve until SIGTERM or SIGINT; then finish the calls in hand and end.

    Args:
        config: what to serve.
        path: the file that it stands in, which is looked at again while the gateway runs.

    Raises:
        ConfigError: a key file or a port cannot be used.
        PartFailedError: a listener or a background task ended by itself.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parts = _make_parts(config)
    roles = _make_roles(config, parts)
    servers = _make_servers(config, parts, roles)
    keeper = ConfigKeeper(
        path, secrets=parts.secrets, clients=parts.clients, inway=roles.inway, outway=roles.outway
    )
    await parts.snapshots.start()
    keeping = [
        asyncio.create_task(
            parts.snapshots.keep(every=config.limits.snapshot_poll_seconds), name="snapshots"
        ),
        asyncio.create_task(parts.shipper.keep(every=config.limits.shipping_poll_seconds), name="shipper"),
        asyncio.create_task(keeper.keep(), name="configuration"),
        asyncio.create_task(parts.rules.quotas.keep(every=config.limits.lease_renew_seconds), name="quotas"),
        asyncio.create_task(parts.outcomes.keep_clean(), name="outcomes"),
        asyncio.create_task(parts.interactions.keep_clean(), name="interactions"),
        asyncio.create_task(parts.renewal.keep(every=_RENEWAL_SECONDS), name="certificates"),
        asyncio.create_task(parts.rules.shelf.keep(parts.snapshots), name="openapi"),
        asyncio.create_task(roles.courier.keep(every=config.limits.event_poll_seconds), name="events"),
    ]
    # What was made so far stays: the collector need not walk it again and again under load.
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 100)
    gc.enable()
    serving = [asyncio.create_task(server.serve(), name=f"listener {server.bind_port}") for server in servers]
    log.info("gateway.ready", listeners=[f"{server.bind_addr}:{server.bind_port}" for server in servers])
    try:
        await until_stopped(stop, [*serving, *keeping])
    finally:
        log.info("gateway.draining")
        await parts.gate.drain(seconds=config.limits.drain_seconds)
        await _end(parts, servers, serving, keeping)
        log.info("gateway.stopped")


async def until_stopped(stop: asyncio.Event, tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Return when told to stop.

    Raises:
        PartFailedError: one of the tasks ended before that.
    """
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done & set(tasks):
        log.error("gateway.part_failed", part=task.get_name(), **trace_of(task.exception()))
        raise PartFailedError


async def end_tasks(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel tasks until each has ended.

    Once is not enough: the HTTP client hands out an answer that arrives in the moment of a cancellation and forgets the
    cancellation, so a task that asks for ever would go on asking.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=_CANCEL_AGAIN_SECONDS)


async def _end(
    parts: Parts,
    servers: list[Listening],
    serving: list[asyncio.Task[None]],
    keeping: list[asyncio.Task[None]],
) -> None:
    for server in servers:
        server.stop()
    await end_tasks(keeping)
    await asyncio.gather(*serving, return_exceptions=True)
    await parts.journal.close()
    await parts.clients.close()
    if parts.watchers.tracer is not None:
        await asyncio.to_thread(parts.watchers.tracer.close)


def _make_parts(config: GatewayConfig) -> Parts:
    secrets = load_secrets(config)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    clients, clock, limits = Clients(secrets), time.time, config.limits
    control = config.control_url.rstrip("/")
    metrics = Metrics()
    journal = Journal(
        config.segments, segment_bytes=limits.segment_bytes, clock=clock, seen=metrics.note_record
    )
    snapshots = SnapshotKeeper(
        f"{control}/exchange/snapshot",
        copy=config.data_dir / "snapshot.jws",
        group_key=secrets.group_key,
        client=clients.snapshots,
        clock=clock,
    )
    shipper = Shipper(
        config.name,
        folder=config.data_dir,
        url=f"{control}/exchange/records",
        client=clients.control,
        identity=secrets.identities[config.peers[0].peer_id],
        journal=journal,
        clock=clock,
    )
    gate = Gate(limits.in_flight)
    health = Health(
        config.name, snapshots=snapshots, journal=journal, shipper=shipper, gate=gate, clock=clock
    )
    renewal = _make_renewal(config, secrets, clients)
    metrics.gauges = lambda: health.gauges() | {"certificate_seconds": renewal.seconds_left}
    health.add_page(METRICS_PATH, metrics.page)
    rules = _make_rules(config, secrets, clients)
    watchers = Watchers(metrics, _make_tracer(config))
    outcomes = Outcomes(config.data_dir / "outcomes", secret=secrets.subject_key, clock=clock)
    return Parts(
        secrets,
        clients,
        journal,
        snapshots,
        shipper,
        gate,
        health,
        rules,
        outcomes,
        Interactions(config.data_dir / "interactions", clock=clock),
        watchers,
        renewal,
    )


def _make_renewal(config: GatewayConfig, secrets: Secrets, clients: Clients) -> Renewal:
    return Renewal(
        config.control_url,
        certificates={peer.peer_id: peer.certificate for peer in config.peers},
        identities=dict(secrets.identities),
        authority_pem=secrets.authority_pem,
        clients=clients,
        clock=time.time,
    )


def _make_tracer(config: GatewayConfig) -> "Tracer | None":
    if config.tracing is None:
        return None
    # Only now: who traces nothing need not hold the libraries in memory.
    from terpadu_gateway.tracing import Tracer

    return Tracer(config.name, endpoint=config.tracing.endpoint)


def _make_rules(config: GatewayConfig, secrets: Secrets, clients: Clients) -> Rules:
    control, client = config.control_url.rstrip("/"), clients.control
    quotas = Quotas(
        config.name,
        url=f"{control}/exchange/leases",
        copy=config.data_dir / "leases.json",
        client=client,
        identity=secrets.identities[config.peers[0].peer_id],
        clock=time.time,
    )
    consents = ConsentDesk(
        f"{control}/exchange/consents/",
        group_key=secrets.group_key,
        client=client,
        seconds=config.limits.consent_seconds,
        clock=time.time,
    )
    services = config.inway.services if config.inway is not None else ()
    shelf = Shelf(
        f"{control}/exchange/openapi",
        folder=config.data_dir / "openapi",
        client=client,
        hosted=[(service.peer_id, service.name) for service in services],
    )
    return Rules(quotas, consents, shelf, secrets.identities, time.time)


def _make_roles(config: GatewayConfig, parts: Parts) -> Roles:
    """Return the sides of a gateway; its courier calls out even when no application does."""
    outway = _make_outway(config, parts)
    plane = ControlPlane(config.control_url, client=parts.clients.control, clock=time.time)
    first = parts.secrets.identities[config.peers[0].peer_id]
    courier = Courier(config.name, plane, identity=first, secrets=parts.secrets, outway=outway)
    publisher = Publisher(plane, outway=outway, secrets=parts.secrets, wake=courier.wake)
    return Roles(
        inway=_make_inway(config, config.inway, parts) if config.inway else None,
        outway=outway if config.outway else None,
        courier=courier,
        publisher=publisher if config.outway else None,
    )


def _make_servers(config: GatewayConfig, parts: Parts, roles: Roles) -> list[Listening]:
    servers: list[Listening] = []
    watchers = parts.watchers.present
    if config.outway is not None and roles.outway is not None and roles.publisher is not None:
        exchanges = exchange_handler(roles.outway, parts.gate, *watchers)
        handler = parts.health.beside(roles.publisher.beside(exchanges))
        servers.append(make_server(handler, config.outway.listen))
    if config.inway is not None and roles.inway is not None:
        first = config.peers[0]
        tls = (first.certificate, first.key, config.anchors or config.authority)
        office = TokenOffice(parts.secrets, snapshots=parts.snapshots, clock=time.time)
        handler = office.beside(exchange_handler(roles.inway, parts.gate, *watchers))
        servers.append(make_server(handler, config.inway.listen, tls=tls))
    if config.fsc is not None and config.anchors is not None and roles.inway is not None:
        foreign = _foreign_handler(config, roles.inway, parts)
        servers.append(_make_foreign(config.fsc, foreign, anchors=config.anchors))
    if config.health is not None:
        servers.append(make_server(parts.health.handle, config.health.listen))
    return servers


def _foreign_handler(config: GatewayConfig, inway: Inway, parts: Parts) -> Handler:
    # Only now: a gateway that takes no foreign peers need not hold the library in memory.
    from terpadu_gateway.foreign import ForeignInway, ManagerRelay

    secrets, clock = parts.secrets, time.time
    role = ForeignInway(inway, secrets=secrets, snapshots=parts.snapshots, limits=config.limits, clock=clock)
    relay = ManagerRelay(
        config.control_url,
        hosted=secrets.identities.keys(),
        secrets=secrets,
        clients=parts.clients,
        clock=clock,
    )
    return relay.beside(exchange_handler(role, parts.gate, *parts.watchers.present))


def _make_foreign(fsc: FscConfig, handler: Handler, *, anchors: Path) -> Listening:
    from terpadu_gateway.mutual import MutualListener

    try:
        return MutualListener(handler, fsc, anchors=anchors)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{fsc.certificate}: certificate, key or anchors cannot be used") from error


def _make_outway(config: GatewayConfig, parts: Parts) -> Outway:
    return Outway(
        config,
        secrets=parts.secrets,
        snapshots=parts.snapshots,
        clients=parts.clients,
        journal=parts.journal,
        rules=parts.rules,
        interactions=parts.interactions,
        clock=time.time,
    )


def _make_inway(config: GatewayConfig, inway: InwayConfig, parts: Parts) -> Inway:
    try:
        return Inway(
            config,
            inway,
            secrets=parts.secrets,
            snapshots=parts.snapshots,
            journal=parts.journal,
            outcomes=parts.outcomes,
            rules=parts.rules,
            interactions=parts.interactions,
            clock=time.time,
        )
    except (OSError, RecordError) as error:
        raise ConfigError(f"{config.segments}: the records of the last minute cannot be read") from error
