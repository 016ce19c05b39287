"""Addresses of the portfolio, mounted at /portofolio/: dashboards and search for everyone, /kerja/ and /impor/ for managers.

Overlap stands under tumpang-tindih/, clearance under izin/, rationalisation under penataan/.
"""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from terpadu.portfolio.web import dashboard_views as dashboards
from terpadu.portfolio.web import data_views as data
from terpadu.portfolio.web import entry_views as entries
from terpadu.portfolio.web import import_views as imports
from terpadu.portfolio.web import record_views as records
from terpadu.portfolio.web import search_views as searches

app_name = "portfolio"
ROOMS = {"tumpang-tindih/": "overlap_urls", "izin/": "clearance_urls", "penataan/": "rationalisation_urls"}
"""Parts of the domain with addresses of their own; each is mounted when its module is there."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboards.overview, name="overview"),
    path("cari/", searches.results, name="search"),
    path("fungsi/", dashboards.tree, name="tree"),
    path("metode/", dashboards.method, name="method"),
    path("instansi/", dashboards.agencies, name="agencies"),
    path("instansi/<str:code>/", dashboards.agency, name="agency"),
    path("aplikasi/baru/", entries.enter, name="enter"),
    path("aplikasi/baru/lihat/", entries.look, name="enter_look"),
    path("aplikasi/<str:code>/", records.record, name="record"),
    path("aplikasi/<str:code>/ubah/", entries.edit, name="edit"),
    path("aplikasi/<str:code>/publiccode.yml", data.publiccode, name="publiccode"),
    path("data/", data.data, name="data"),
    path("data/angka.csv", data.figures, name="figures"),
    path("data/aplikasi.<str:form>", data.export, name="export"),
    path("kerja/", imports.work, name="work"),
    path("impor/", imports.start, name="import"),
    path("impor/<uuid:run_id>/", imports.run, name="import_run"),
    path("impor/<uuid:run_id>/tulis/", imports.apply, name="import_apply"),
    path("impor/<uuid:run_id>/tolakan.csv", imports.rejects, name="import_rejects"),
    path("api/v1/", include("terpadu.portfolio.api.urls")),
    *(
        path(prefix, include(f"terpadu.portfolio.web.{module}"))
        for prefix, module in ROOMS.items()
        if find_spec(f"terpadu.portfolio.web.{module}")
    ),
]
