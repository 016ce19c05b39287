"""Addresses of maturity, mounted at the root: /indeks/ for everyone, /maturitas/ for the people of a round."""

from __future__ import annotations

from django.urls import path

from terpadu.maturity.web import evidence_views as evidence
from terpadu.maturity.web import index_views as index
from terpadu.maturity.web import open_data
from terpadu.maturity.web import people_views as people
from terpadu.maturity.web import preparation_views as preparation
from terpadu.maturity.web import stage_views as stages
from terpadu.maturity.web import work_views as work

app_name = "maturity"
urlpatterns = [
    path("indeks/", index.overview, name="overview"),
    path("indeks/metode/", index.method, name="method"),
    path("indeks/metode/<slug:code>/", index.method, name="method_of"),
    path("indeks/data/", index.data, name="data"),
    path("indeks/data/openapi.json", open_data.api, name="data_api"),
    path("indeks/data/tahun.json", open_data.years_json, name="data_years"),
    path("indeks/data/<int:year>.csv", open_data.data_csv, name="data_csv"),
    path("indeks/data/<int:year>.json", open_data.data_json, name="data_json"),
    path("indeks/<int:year>/", index.overview, name="overview_of"),
    path("indeks/<int:year>/peringkat/", index.ranking, name="ranking"),
    path("indeks/<int:year>/bandingkan/", index.compare, name="compare"),
    path("indeks/instansi/<str:code>/", index.agency, name="agency"),
    path("indeks/instansi/<str:code>/<int:year>/", index.agency, name="agency_of"),
    path("indeks/instansi/<str:code>/<int:year>/laporan.pdf", index.report, name="report"),
    path("maturitas/", work.home, name="home"),
    path("maturitas/bukti/<uuid:evidence_id>/", evidence.evidence_file, name="evidence_file"),
    path("maturitas/bukti/<uuid:evidence_id>/tarik/", evidence.evidence_remove, name="evidence_remove"),
    path("maturitas/putaran/baru/", preparation.round_new, name="round_new"),
    path("maturitas/putaran/<uuid:round_id>/", stages.round_board, name="round"),
    path("maturitas/putaran/<uuid:round_id>/instansi/", preparation.agencies, name="agencies"),
    path("maturitas/putaran/<uuid:round_id>/instansi.csv", preparation.agencies_file, name="agencies_file"),
    path("maturitas/putaran/<uuid:round_id>/mulai/", preparation.start, name="start"),
    path("maturitas/putaran/<uuid:round_id>/orang/", people.round_people, name="round_people"),
    path(
        "maturitas/penunjukan/<uuid:appointment_id>/akhiri/",
        people.appointment_remove,
        name="appointment_remove",
    ),
    path("maturitas/putaran/<uuid:round_id>/bagi/", stages.distribute, name="distribute"),
    path("maturitas/putaran/<uuid:round_id>/terbitkan/", stages.publish, name="publish"),
    path("maturitas/<uuid:locus_id>/", work.board, name="board"),
    path("maturitas/<uuid:locus_id>/orang/", people.agency_people, name="agency_people"),
    path("maturitas/<uuid:locus_id>/bawa/", evidence.carry_over, name="carry_over"),
    path("maturitas/<uuid:locus_id>/tugas/", stages.tasks, name="tasks"),
    path("maturitas/<uuid:locus_id>/lembar/", stages.sheet, name="sheet"),
    path("maturitas/<uuid:locus_id>/lembar.csv", stages.sheet_file, name="sheet_file"),
    path("maturitas/<uuid:locus_id>/lembar.xlsx", stages.workbook_file, name="workbook_file"),
    path("maturitas/<uuid:locus_id>/kirim/", stages.submit, name="submit"),
    path("maturitas/<uuid:locus_id>/persetujuan/", stages.consent, name="consent"),
    path("maturitas/<uuid:locus_id>/umumkan/", stages.announce, name="announce"),
    path("maturitas/<uuid:locus_id>/final/", stages.finalise, name="finalise"),
    path("maturitas/<uuid:locus_id>/keberatan/", stages.objections, name="objections"),
    path(
        "maturitas/<uuid:locus_id>/keberatan/<uuid:objection_id>/",
        stages.objection_decide,
        name="objection_decide",
    ),
    path("maturitas/<uuid:locus_id>/temuan/<str:aspect>/", stages.findings, name="findings"),
    path("maturitas/<uuid:locus_id>/i/<str:number>/", work.indicator, name="indicator"),
    path("maturitas/<uuid:locus_id>/i/<str:number>/bukti/", evidence.evidence_add, name="evidence_add"),
    path("maturitas/<uuid:locus_id>/i/<str:number>/nilai-sendiri/", work.rate, name="rate"),
    path("maturitas/<uuid:locus_id>/i/<str:number>/keberatan/", stages.objection, name="objection"),
]
