"""The gateway's configuration file (TOML), read once at start."""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from terpadu_wire.addresses import Network
from terpadu_wire.contracts import PeerId, ServiceName, Thumbprint
from terpadu_wire.records import GatewayName
from terpadu_wire.snapshot_wire import LONGEST_POLL
from terpadu_wire.systems import HttpUrl, SystemAccess


def split_listen(listen: str) -> tuple[str, int]:
    """Return (host, port) of a listen address."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def _checked_listen(listen: str) -> str:
    host, port = split_listen(listen)
    ip_address(host)
    if not 0 < port < 65_536:
        raise ValueError("the port is not between 1 and 65535")
    return listen


Listen: TypeAlias = Annotated[str, AfterValidator(_checked_listen)]
"""An IP address and port, such as ``127.0.0.1:8011`` or ``[::1]:8011``."""


def _soon_enough(seconds: float) -> float:
    if not 0 < seconds <= LONGEST_POLL:
        raise ValueError(
            f"must be above 0 and at most {LONGEST_POLL:g}, so that a revoked contract is refused within 5 seconds"
        )
    return seconds


class ConfigError(Exception):
    """Say in one line what is wrong with the configuration and where."""


class Strict(BaseModel):
    """Every table of the file: unknown keys are mistakes, and so are limits without end."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PeerConfig(Strict):
    """An agency that this gateway acts for."""

    peer_id: PeerId
    key: Path
    certificate: Path


class ApplicationConfig(Strict):
    """An application that may call out through this gateway, and the agency it calls for."""

    name: str
    key_sha256: Thumbprint
    peer_id: PeerId


class OutwayConfig(Strict):
    """The consumer side: plain HTTP for the agency's own applications."""

    listen: Listen
    applications: tuple[ApplicationConfig, ...] = ()


class ServiceConfig(SystemAccess):
    """An agency's system behind this gateway."""

    peer_id: PeerId
    name: ServiceName


class InwayConfig(Strict):
    """The provider side: mTLS, client certificates of the group's trust anchors only.

    ``private_networks`` are those private, loopback or link-local networks in which systems may stand, such as
    ``10.20.0.0/16``. Without it the gateway calls public addresses alone, so that nobody who may name a system's
    address can make it call what stands beside it.
    """

    listen: Listen
    services: tuple[ServiceConfig, ...] = ()
    private_networks: tuple[Network, ...] = ()


class FscConfig(Strict):
    """Where foreign peers call after FSC core: mutual TLS, client certificates of the group's trust anchors.

    ``certificate`` and ``key`` are what this listener shows; the same address takes calls and leads to the managers of
    the agencies behind this gateway.
    """

    listen: Listen
    certificate: Path
    key: Path


class HealthConfig(Strict):
    """A listener for health alone, for a gateway without an outway."""

    listen: Listen


class TracingConfig(Strict):
    """Where traces go (OTLP over HTTP); without this table none are made."""

    endpoint: HttpUrl


class Limits(Strict):
    """What one gateway process takes on. ``processor``: the only core it runs on, where it has one of its own."""

    in_flight: Annotated[int, Field(ge=1)] = 512
    default_deadline_ms: Annotated[int, Field(ge=50)] = 10_000
    max_deadline_ms: Annotated[int, Field(ge=50)] = 30_000
    drain_seconds: Annotated[float, Field(ge=0)] = 15.0
    snapshot_poll_seconds: Annotated[float, AfterValidator(_soon_enough)] = 2.0
    shipping_poll_seconds: Annotated[float, Field(gt=0)] = 1.0
    lease_renew_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    event_poll_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    consent_seconds: Annotated[float, Field(gt=0, le=60)] = 60.0
    segment_bytes: Annotated[int, Field(ge=4096)] = 64 << 20
    processor: Annotated[int, Field(ge=0, lt=4096)] | None = None


class GatewayConfig(Strict):
    """The whole file. ``anchors``: every trust anchor of the group, where there are others than our authority."""

    name: GatewayName
    data_dir: Path
    control_url: HttpUrl
    group_key: Path
    authority: Path
    anchors: Path | None = None
    subject_key: Path
    peers: Annotated[tuple[PeerConfig, ...], Field(min_length=1)]
    outway: OutwayConfig | None = None
    inway: InwayConfig | None = None
    fsc: FscConfig | None = None
    health: HealthConfig | None = None
    tracing: TracingConfig | None = None
    limits: Limits = Limits()

    @property
    def segments(self) -> Path:
        """Folder of the records."""
        return self.data_dir / "segments"


def load_config(path: Path) -> GatewayConfig:
    """Return the configuration in a file.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a setting is missing, unknown or wrong.
    """
    try:
        config = GatewayConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {place}: {first['msg']}") from error
    _check_peers(path, config)
    _check_loopback(path, config)
    return config


def _check_loopback(path: Path, config: GatewayConfig) -> None:
    for name, listener in (("outway", config.outway), ("health", config.health)):
        if listener is not None and not ip_address(split_listen(listener.listen)[0]).is_loopback:
            raise ConfigError(f"{path}: {name}.listen must be a loopback address, since it speaks plain HTTP")


def _check_peers(path: Path, config: GatewayConfig) -> None:
    known = {peer.peer_id for peer in config.peers}
    used = {application.peer_id for application in config.outway.applications} if config.outway else set()
    used |= {service.peer_id for service in config.inway.services} if config.inway else set()
    if not used <= known:
        raise ConfigError(f"{path}: peer {sorted(used - known)[0]} is used but not listed under [[peers]]")
    if config.fsc is not None and (config.inway is None or config.anchors is None):
        raise ConfigError(f"{path}: [fsc] needs [inway] and anchors")
    if not (config.outway or config.inway):
        raise ConfigError(f"{path}: neither [outway] nor [inway] is set, so there is nothing to do")
