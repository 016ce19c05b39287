"""All addresses, with the one-tap sign-in of demo mode."""

from __future__ import annotations

from django.urls import include, path

from terpadu.config import urls

demo = include(([path("", include("terpadu.identity.web.demo.urls"))], "identity_demo"))
urlpatterns = [path("demo/masuk/", demo), *urls.urlpatterns]
handler404 = urls.handler404
handler500 = urls.handler500
