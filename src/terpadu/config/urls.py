"""All addresses: each domain's web package brings its own under the prefix given here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from terpadu.kernel.http import metrics, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", views.health, name="health"),
    path("metrics", metrics.page, name="metrics"),
    path("bahasa/", include("django.conf.urls.i18n")),
    # Identity first: programs ask at its addresses hundreds of times a second, and each tries the patterns in turn.
    path("", include("terpadu.identity.web.urls")),
    path("", include("terpadu.portal.web.urls")),
    path("", include("terpadu.exchange.web.urls")),
    path("", include("terpadu.maturity.web.urls")),
    path("portofolio/", include("terpadu.portfolio.web.urls")),
    path("petugas/", include("terpadu.casework.web.urls")),
    path("v/", include("terpadu.documents.web.urls")),
    path("kinerja/", include("terpadu.civil_service.web.urls")),
]
handler404 = "terpadu.kernel.http.views.page_not_found"
handler500 = "terpadu.kernel.http.views.server_error"
