"""Peers with their gateways, applications and interfaces."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class Peer(models.Model):
    """An agency that joined the exchange; its manager is hosted here, unless it has a `ForeignPeer`.

    inway_url: "" until a gateway hosts it. fsc_url: where its gateway takes foreign peers, "" when it takes none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.OneToOneField("directory.Agency", on_delete=models.PROTECT, related_name="+")
    inway_url = models.CharField(max_length=300, blank=True)
    fsc_url = models.CharField(max_length=255, blank=True)
    joined_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "agency": Privacy.PUBLIC,
        "inway_url": Privacy.INTERNAL,
        "fsc_url": Privacy.PUBLIC,
        "joined_at": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"peer {self.agency_id}"


class Gateway(models.Model):
    """A gateway that the control plane provisioned. peer_ids: the agencies it acts for and may deliver records of.

    plan: members of the `GatewayPlan` it was last provisioned with, so that it can be provisioned again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=63, unique=True)
    peer_ids = models.JSONField(default=list)
    plan = models.JSONField(default=dict)
    provisioned_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "name": Privacy.INTERNAL,
        "peer_ids": Privacy.INTERNAL,
        "plan": Privacy.INTERNAL,
        "provisioned_at": Privacy.INTERNAL,
    }

    def __str__(self) -> str:
        return self.name


class Application(models.Model):
    """An application that may call out through a gateway for its agency; its key is a file, here is its SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="applications")
    name = models.CharField(max_length=60)
    key_sha256 = models.CharField(max_length=64)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "peer": Privacy.INTERNAL,
        "name": Privacy.INTERNAL,
        "key_sha256": Privacy.INTERNAL,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "name"], name="application_once")]

    def __str__(self) -> str:
        return self.name


class Interface(models.Model):
    """An API that a peer's system offers. openapi: the document as delivered; operations: what was read out of it.

    base_url, credential_path and sign_in say how the peer's own gateway reaches the system; none leaves that gateway.
    sign_in: members of `SignIn` that are set; secrets are files named there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="interfaces")
    name = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    openapi = models.TextField()
    openapi_sha256 = models.CharField(max_length=64)
    operations = models.JSONField()
    base_url = models.CharField(max_length=300, blank=True)
    header_name = models.CharField(max_length=100, blank=True)
    credential_path = models.CharField(max_length=500, blank=True)
    sign_in = models.JSONField(default=dict)
    published_at = models.DateTimeField(default=now)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.PUBLIC,
        "peer": Privacy.PUBLIC,
        "name": Privacy.PUBLIC,
        "title": Privacy.PUBLIC,
        "openapi": Privacy.PUBLIC,
        "openapi_sha256": Privacy.PUBLIC,
        "operations": Privacy.PUBLIC,
        "base_url": Privacy.INTERNAL,
        "header_name": Privacy.INTERNAL,
        "credential_path": Privacy.INTERNAL,
        "sign_in": Privacy.INTERNAL,
        "published_at": Privacy.PUBLIC,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "name"], name="interface_once")]

    def __str__(self) -> str:
        return self.name
