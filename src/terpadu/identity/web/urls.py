"""Addresses of identity."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from terpadu.identity.web import account, person_urls, registration, sign_in

app_name = "identity"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("terpadu.identity.web.provider_urls")),
    path("masuk/", sign_in.sign_in_page, name="sign_in"),
    path("masuk/kode/", sign_in.code_page, name="code"),
    path("masuk/ulang/", sign_in.confirm_page, name="confirm"),
    path("masuk/passkey/", sign_in.passkey_sign_in, name="passkey_sign_in"),
    path("masuk/passkey/mulai/", sign_in.passkey_begin, name="passkey_begin"),
    path("keluar/", sign_in.sign_out, name="sign_out"),
    path("daftar/", registration.particulars_page, name="register"),
    path("daftar/sandi/", registration.password_page, name="register_password"),
    path("daftar/pengaman/", registration.factor_page, name="register_factor"),
    path("daftar/passkey/", registration.passkey_finish, name="register_passkey"),
    path("daftar/passkey/mulai/", registration.passkey_begin, name="register_passkey_begin"),
    path("akun/", account.account_page, name="account"),
    path("akun/sandi/", account.password_page, name="password"),
    path("akun/aplikasi/", account.totp_page, name="totp"),
    path("akun/aplikasi/hapus/", account.totp_remove, name="totp_remove"),
    path("akun/passkey/", account.passkey_page, name="passkey"),
    path("akun/passkey/mulai/", account.passkey_begin, name="account_passkey_begin"),
    path("akun/passkey/<int:passkey_id>/", account.passkey_rename, name="passkey_rename"),
    path("akun/passkey/<int:passkey_id>/hapus/", account.passkey_remove, name="passkey_remove"),
    path("akun/kode-pemulihan/", account.codes_page, name="codes"),
    path("akun/sesi/keluar/", account.sessions_end, name="sessions_end"),
    path("akun/jabatan/", account.position_page, name="position"),
    path("", include("terpadu.identity.web.agency.urls")),
    path("", include("terpadu.identity.web.operator.urls")),
    path("", include("terpadu.identity.web.scim.urls")),
    path("", include("terpadu.identity.web.agency_login_urls")),
    *person_urls.urlpatterns,
]
if settings.DEMO:
    urlpatterns.append(path("demo/masuk/", include("terpadu.identity.web.demo.urls")))
