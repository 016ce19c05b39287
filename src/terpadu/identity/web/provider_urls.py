"""Addresses of the OpenID Provider."""

from __future__ import annotations

from django.urls import path

from terpadu.identity.selectors.reference import DATA
from terpadu.identity.web.provider import authorize, devices, logout, protocol
from terpadu.kernel.http.descriptions import described

urlpatterns = [
    path(".well-known/openid-configuration", protocol.discovery, name="provider_discovery"),
    path(".well-known/oauth-authorization-server", protocol.discovery, name="provider_server_metadata"),
    path("oidc/jwks", protocol.jwks, name="provider_jwks"),
    path("oidc/par", protocol.par, name="provider_par"),
    path("oidc/authorize", authorize.authorize, name="provider_authorize"),
    path("oidc/continue", authorize.resume, name="provider_continue"),
    path("oidc/decide", authorize.decide, name="provider_decide"),
    path("oidc/token", protocol.token, name="provider_token"),
    path("oidc/userinfo", protocol.userinfo, name="provider_userinfo"),
    path("oidc/introspect", protocol.introspect, name="provider_introspect"),
    path("oidc/revoke", protocol.revoke, name="provider_revoke"),
    path("oidc/device", protocol.device_authorization, name="provider_device"),
    path("oidc/logo/<str:client_id>/<slug:digest>.png", protocol.logo, name="provider_logo"),
    path("oidc/openapi.json", described(DATA / "provider_api.yaml"), name="provider_described"),
    path("oidc/logout", logout.logout, name="provider_logout"),
    path("oidc/logout/confirm", logout.logout_confirm, name="provider_logout_confirm"),
    path("perangkat/", devices.device_page, name="provider_device_page"),
]
