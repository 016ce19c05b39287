"""Addresses of the exchange: the control plane's own, pages for officers and persons, each peer's manager after FSC."""

from __future__ import annotations

from pathlib import Path

from django.urls import path, re_path

from terpadu.exchange.web import (
    agreements,
    closings,
    consents,
    console,
    control,
    events,
    explain,
    held_events,
    joining,
    joinings,
    log,
    manager,
    operations,
    proposing,
    purposes,
    sandbox,
    submissions,
    supervision,
)
from terpadu.exchange.web.messages import by_method
from terpadu.kernel.http.descriptions import described

app_name = "exchange"
DATA = Path(__file__).parent.parent / "data"
MANAGER = "fsc/v1/<str:peer_id>"

urlpatterns = [
    path("exchange/snapshot", control.snapshot, name="snapshot"),
    path("exchange/certificates", control.certificates, name="certificates"),
    path("exchange/records", control.records, name="records"),
    path("exchange/events", events.publish, name="events"),
    path("exchange/deliveries", events.deliveries, name="deliveries"),
    path("exchange/topics/<str:peer_id>/<str:service>/<path:path>", events.pull, name="topic"),
    path("exchange/received/<path:path>", events.receive, name="event_receive"),
    path("exchange/leases", control.leases, name="leases"),
    path("exchange/consents/<uuid:consent_id>", control.consent, name="consent"),
    path("exchange/openapi/<slug:sha256>", control.openapi, name="openapi"),
    path("exchange/purposes/<uuid:purpose_id>", control.purpose, name="purpose"),
    path("exchange/explain", control.explanation, name="explain"),
    path("exchange/openapi.json", described(DATA / "control_plane.yaml"), name="described"),
    path("exchange/sandbox/<str:peer_id>/<str:name>/<path:path>", sandbox.answer, name="sandbox"),
    path("pertukaran/", console.overview, name="console"),
    path("pertukaran/antarmuka/<slug:name>/", console.interface, name="interface"),
    path("pertukaran/membaca/", console.readings, name="readings"),
    path("pertukaran/lalu-lintas/", console.traffic, name="traffic"),
    path("pertukaran/rekonsiliasi/", console.reconciliation, name="reconciliation"),
    path("pertukaran/perjanjian/", agreements.overview, name="agreements"),
    path("pertukaran/perjanjian/usul/", proposing.choose, name="propose"),
    path("pertukaran/perjanjian/usul/<uuid:purpose_id>/<slug:name>/", proposing.propose, name="propose_for"),
    path("pertukaran/perjanjian/<uuid:iv>/", agreements.page, name="agreement"),
    path("pertukaran/perjanjian/<uuid:iv>/<slug:verb>/", agreements.sign, name="agreement_sign"),
    path("pertukaran/gabung/", joining.page, name="join"),
    path("pertukaran/gabung/instansi/", joining.agency, name="join_agency"),
    path("pertukaran/gabung/kunci/", joining.key, name="join_key"),
    path("pertukaran/gabung/antarmuka/", joining.interface, name="join_interface"),
    path("pertukaran/gabung/coba/", joining.sandbox, name="join_sandbox"),
    path("pertukaran/gabung/permintaan/", joinings.overview, name="joinings"),
    path(
        "pertukaran/gabung/permintaan/<uuid:request_id>/<slug:verb>/", joinings.decide, name="joining_decide"
    ),
    path("pertukaran/gabung/sertifikat/<uuid:request_id>/", joinings.certificate, name="joining_certificate"),
    path("pertukaran/peta/", operations.overview, name="operations"),
    path("pertukaran/perkara/", closings.cases, name="cases"),
    path("pertukaran/pengawas/", supervision.overview, name="supervision"),
    path("pertukaran/pengawas/perjanjian/<uuid:iv>/", supervision.agreement, name="supervision_agreement"),
    path("pertukaran/pengawas/orang/", supervision.person, name="supervision_person"),
    path("pertukaran/pengawas/catatan/", supervision.log, name="supervision_log"),
    path("pertukaran/tujuan/", purposes.overview, name="purposes"),
    path("pertukaran/tujuan/baru/", purposes.new, name="purpose_new"),
    path("pertukaran/tujuan/<uuid:purpose_id>/", purposes.page, name="purpose_page"),
    path("pertukaran/tujuan/<uuid:purpose_id>/ubah/", purposes.change, name="purpose_change"),
    path("pertukaran/tujuan/<uuid:purpose_id>/ajukan/", purposes.submit, name="purpose_submit"),
    path("pertukaran/tujuan/<uuid:purpose_id>/setujui/", purposes.approve, name="purpose_approve"),
    path("pertukaran/tujuan/<uuid:purpose_id>/<slug:verb>/", purposes.move, name="purpose_move"),
    path("pertukaran/periksa/", explain.question, name="explain_page"),
    path("pertukaran/pelanggaran/", explain.breaks, name="breaks"),
    path("pertukaran/peristiwa/", held_events.overview, name="events_page"),
    path("pertukaran/peristiwa/<uuid:held_id>/ulang/", held_events.retry, name="event_retry"),
    path("pertukaran/peristiwa/<uuid:held_id>/lepas/", held_events.drop, name="event_drop"),
    path("persetujuan-data/", consents.overview, name="consents"),
    path("persetujuan-data/<uuid:consent_id>/beri/", consents.give, name="consent_give"),
    path("persetujuan-data/<uuid:consent_id>/tolak/", consents.refuse, name="consent_refuse"),
    path("persetujuan-data/<uuid:consent_id>/tarik/", consents.withdraw, name="consent_withdraw"),
    path("exchange/log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("exchange/log/tile/<path:path>", log.tile, name="log_tile"),
    path("exchange/log/keys", log.keys, name="log_keys"),
    path("fsc/v1/openapi.json", described(DATA / "peer_manager.yaml"), name="manager_described"),
    path(f"{MANAGER}/token", manager.token, name="token"),
    path(f"{MANAGER}/announce", submissions.announce, name="announce"),
    path(
        f"{MANAGER}/contracts",
        by_method(GET=manager.contracts, POST=submissions.submit),
        name="contracts",
    ),
    re_path(
        r"^fsc/v1/(?P<peer_id>[^/]+)/contracts/(?P<content_hash>[^/]{1,200})/(?P<kind>accept|reject|revoke)$",
        submissions.sign,
        name="contract_sign",
    ),
    path(f"{MANAGER}/logs", manager.logs, name="logs"),
    path(f"{MANAGER}/health", manager.health, name="manager_health"),
    path(f"{MANAGER}/peer", manager.peer, name="peer"),
    path(f"{MANAGER}/peers", manager.peers, name="peers"),
    path(f"{MANAGER}/services", manager.services, name="services"),
    path(f"{MANAGER}/.well-known/jwks.json", manager.key_set, name="key_set"),
]
