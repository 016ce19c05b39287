"""All addresses: each domain's web package brings its own under the prefix given here."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from terpadu.kernel.http import views

PREFIXES = {
    "": "portal",
    "masuk/": "identity",
    "petugas/": "casework",
    "v/": "documents",
    "kinerja/": "civil_service",
    "exchange/": "exchange",
}


def _domain_urls() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = []
    for prefix, domain in PREFIXES.items():
        module = f"terpadu.{domain}.web.urls"
        if find_spec(f"terpadu.{domain}") and find_spec(f"terpadu.{domain}.web") and find_spec(module):
            found.append(path(prefix, include(module)))
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    path("health", views.health, name="health"),
    path("bahasa/", include("django.conf.urls.i18n")),
    *_domain_urls(),
]
handler404 = "terpadu.kernel.http.views.page_not_found"
handler500 = "terpadu.kernel.http.views.server_error"
__all__ = ["settings", "urlpatterns"]
