"""Addresses of an agency's applications."""

from __future__ import annotations

from django.urls import path

from terpadu.identity.web.agency import applications

urlpatterns = [
    path("instansi/aplikasi/", applications.list_page, name="agency_clients"),
    path("instansi/aplikasi/baru/", applications.new_page, name="agency_client_new"),
    path("instansi/aplikasi/<str:client_id>/", applications.detail_page, name="agency_client"),
    path("instansi/aplikasi/<str:client_id>/ubah/", applications.edit_page, name="agency_client_edit"),
    path(
        "instansi/aplikasi/<str:client_id>/produksi/",
        applications.ask_production,
        name="agency_client_production",
    ),
    path(
        "instansi/aplikasi/<str:client_id>/rahasia/", applications.renew_secret, name="agency_client_secret"
    ),
    path("instansi/aplikasi/<str:client_id>/akhiri/", applications.end_page, name="agency_client_end"),
    path(
        "instansi/aplikasi/<str:client_id>/konfigurasi/",
        applications.configuration_page,
        name="agency_client_configuration",
    ),
]
