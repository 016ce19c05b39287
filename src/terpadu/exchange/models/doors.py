"""Doors: programs beside an agency's gateway that make its existing systems speak REST; and X-Road's names for callers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.exchange.models.peers import Interface, Peer
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class DoorHost(models.Model):
    """One program that runs doors. listen: its loopback address. networks: private networks it may call.

    outway_url: gateway that its X-Road clients call through, "" for none. xroad_instance: first part of X-Road ids.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=63, unique=True)
    listen = models.CharField(max_length=60)
    networks = models.JSONField(default=list)
    outway_url = models.CharField(max_length=300, blank=True)
    xroad_instance = models.CharField(max_length=64, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "name": Privacy.INTERNAL,
        "listen": Privacy.INTERNAL,
        "networks": Privacy.INTERNAL,
        "outway_url": Privacy.INTERNAL,
        "xroad_instance": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return self.name


class Door(models.Model):
    """The door of one interface. kind, settings: as the doors' configuration has them; secrets are files named there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.ForeignKey(DoorHost, on_delete=models.PROTECT, related_name="doors")
    interface = models.OneToOneField(Interface, on_delete=models.PROTECT, related_name="door")
    kind = models.CharField(max_length=20)
    settings = models.JSONField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "host": Privacy.INTERNAL,
        "interface": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "settings": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return f"{self.kind} door"


class XroadSubsystem(models.Model):
    """A program made for X-Road that calls out for an agency. code: last part of its X-Road id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.ForeignKey(DoorHost, on_delete=models.PROTECT, related_name="subsystems")
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="xroad_subsystems")
    code = models.CharField(max_length=64)
    member_class = models.CharField(max_length=64, default="GOV")
    application = models.CharField(max_length=60)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "host": Privacy.INTERNAL,
        "peer": Privacy.INTERNAL,
        "code": Privacy.INTERNAL,
        "member_class": Privacy.INTERNAL,
        "application": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "code"], name="xroad_subsystem_once")]

    def __str__(self) -> str:
        return self.code
