"""Addresses of the exchange: the control plane's own, pages for officers and persons, each peer's manager after FSC."""

from __future__ import annotations

from django.urls import path

from terpadu.exchange.web import (
    agreements,
    consents,
    console,
    control,
    explain,
    joining,
    log,
    manager,
    operations,
    purposes,
    sandbox,
)

app_name = "exchange"
MANAGER = "fsc/v1/<str:peer_id>"

urlpatterns = [
    path("exchange/snapshot", control.snapshot, name="snapshot"),
    path("exchange/certificates", control.certificates, name="certificates"),
    path("exchange/records", control.records, name="records"),
    path("exchange/leases", control.leases, name="leases"),
    path("exchange/consents/<uuid:consent_id>", control.consent, name="consent"),
    path("exchange/openapi/<slug:sha256>", control.openapi, name="openapi"),
    path("exchange/purposes/<uuid:purpose_id>", control.purpose, name="purpose"),
    path("exchange/explain", control.explanation, name="explain"),
    path("exchange/sandbox/<str:peer_id>/<str:name>/<path:path>", sandbox.answer, name="sandbox"),
    path("pertukaran/", console.overview, name="console"),
    path("pertukaran/antarmuka/<slug:name>/", console.interface, name="interface"),
    path("pertukaran/membaca/", console.readings, name="readings"),
    path("pertukaran/lalu-lintas/", console.traffic, name="traffic"),
    path("pertukaran/rekonsiliasi/", console.reconciliation, name="reconciliation"),
    path("pertukaran/perjanjian/", agreements.overview, name="agreements"),
    path("pertukaran/perjanjian/<uuid:iv>/", agreements.page, name="agreement"),
    path("pertukaran/perjanjian/<uuid:iv>/<slug:verb>/", agreements.sign, name="agreement_sign"),
    path("pertukaran/gabung/", joining.page, name="join"),
    path("pertukaran/gabung/instansi/", joining.agency, name="join_agency"),
    path("pertukaran/gabung/kunci/", joining.key, name="join_key"),
    path("pertukaran/gabung/antarmuka/", joining.interface, name="join_interface"),
    path("pertukaran/gabung/coba/", joining.sandbox, name="join_sandbox"),
    path("pertukaran/peta/", operations.overview, name="operations"),
    path("pertukaran/tujuan/", purposes.overview, name="purposes"),
    path("pertukaran/tujuan/baru/", purposes.new, name="purpose_new"),
    path("pertukaran/tujuan/<uuid:purpose_id>/", purposes.page, name="purpose_page"),
    path("pertukaran/tujuan/<uuid:purpose_id>/ubah/", purposes.change, name="purpose_change"),
    path("pertukaran/tujuan/<uuid:purpose_id>/ajukan/", purposes.submit, name="purpose_submit"),
    path("pertukaran/tujuan/<uuid:purpose_id>/setujui/", purposes.approve, name="purpose_approve"),
    path("pertukaran/tujuan/<uuid:purpose_id>/<slug:verb>/", purposes.move, name="purpose_move"),
    path("pertukaran/periksa/", explain.question, name="explain_page"),
    path("pertukaran/pelanggaran/", explain.breaks, name="breaks"),
    path("persetujuan-data/", consents.overview, name="consents"),
    path("persetujuan-data/<uuid:consent_id>/beri/", consents.give, name="consent_give"),
    path("persetujuan-data/<uuid:consent_id>/tolak/", consents.refuse, name="consent_refuse"),
    path("persetujuan-data/<uuid:consent_id>/tarik/", consents.withdraw, name="consent_withdraw"),
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
