"""Addresses of the exchange: the control plane's own, and each peer's manager after FSC's manager.yaml."""

from __future__ import annotations

from django.urls import path

from terpadu.exchange.web import control, log, manager

app_name = "exchange"
MANAGER = "fsc/v1/<str:peer_id>"

urlpatterns = [
    path("exchange/snapshot", control.snapshot, name="snapshot"),
    path("exchange/records", control.records, name="records"),
    path("exchange/log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("exchange/log/tile/<path:path>", log.tile, name="log_tile"),
    path("exchange/log/keys", log.keys, name="log_keys"),
    path(f"{MANAGER}/token", manager.token, name="token"),
    path(f"{MANAGER}/contracts", manager.contracts, name="contracts"),
    path(f"{MANAGER}/peer", manager.peer, name="peer"),
    path(f"{MANAGER}/peers", manager.peers, name="peers"),
    path(f"{MANAGER}/services", manager.services, name="services"),
    path(f"{MANAGER}/.well-known/jwks.json", manager.key_set, name="key_set"),
]
