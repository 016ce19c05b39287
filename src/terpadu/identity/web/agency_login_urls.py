"""Addresses of agencies' own logins."""

from __future__ import annotations

from django.urls import path

from terpadu.identity.web import agency_login

urlpatterns = [
    path("masuk/instansi/", agency_login.choose_page, name="agency_logins"),
    path("masuk/instansi/selesai/", agency_login.arrived, name="agency_login_arrived"),
    path("masuk/instansi/<uuid:login_id>/", agency_login.begin, name="agency_login"),
    path("masuk/instansi/<uuid:login_id>/balik", agency_login.oidc_return, name="agency_login_oidc"),
    path("masuk/instansi/<uuid:login_id>/saml", agency_login.saml_return, name="agency_login_saml"),
    path(
        "masuk/instansi/<uuid:login_id>/saml/metadata",
        agency_login.saml_metadata,
        name="agency_login_metadata",
    ),
    path("akun/instansi/", agency_login.links_page, name="agency_links"),
    path("akun/instansi/<uuid:login_id>/tautkan/", agency_login.link, name="agency_link"),
    path("akun/instansi/<uuid:link_id>/lepas/", agency_login.unlink, name="agency_unlink"),
]
