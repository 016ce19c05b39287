"""Addresses of an agency's applications and of the operator's queue."""

from __future__ import annotations

from django.urls import path

from terpadu.identity.web.agency import applications, approval, logins, people

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
    path("instansi/petugas/", people.people_page, name="agency_people"),
    path("instansi/petugas/angkat/", people.appoint_page, name="agency_appoint"),
    path("instansi/petugas/<uuid:assignment_id>/akhiri/", people.end_page, name="agency_officer_end"),
    path("instansi/direktori/", people.directory_page, name="agency_directory"),
    path("instansi/direktori/<uuid:group_id>/", people.group_page, name="agency_group"),
    path("instansi/login/", logins.list_page, name="agency_own_logins"),
    path("instansi/login/<uuid:login_id>/", logins.login_page, name="agency_own_login"),
    path("instansi/login/<uuid:login_id>/rahasia/", logins.secret, name="agency_own_login_secret"),
    path("instansi/login/<uuid:login_id>/akhiri/", logins.end_page, name="agency_own_login_end"),
    path("operator/identitas/", approval.queue_page, name="operator_clients"),
    path("operator/identitas/login/", logins.queue_page, name="operator_logins"),
]
