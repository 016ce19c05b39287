"""Addresses of overlaps, under /portofolio/tumpang-tindih/."""

from __future__ import annotations

from django.urls import path

from terpadu.portfolio.web import overlap_downloads as downloads
from terpadu.portfolio.web import overlap_views as views

urlpatterns = [
    path("", views.findings, name="overlaps"),
    path("keluarga/", views.families, name="overlap_families"),
    path("keluarga/<slug:key>/", views.family, name="overlap_family"),
    path("cara/", views.method, name="overlap_method"),
    path("laporan/", views.report, name="overlap_report"),
    path("unduh/temuan.<str:form>", downloads.findings, name="overlap_findings_export"),
    path("unduh/keluarga.<str:form>", downloads.families, name="overlap_families_export"),
    path("pasangan/<str:left>/<str:right>/", views.pair, name="overlap_pair"),
    path("pasangan/<str:left>/<str:right>/putusan/", views.judge, name="overlap_judge"),
    path("pasangan/<str:left>/<str:right>/tarik/", views.withdraw, name="overlap_withdraw"),
]
