"""All addresses, with the one-tap sign-in and two pages that only officers may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from terpadu.config import urls
from terpadu.identity.public import (
    current_actor,
    current_person,
    current_position,
    officer_required,
    signed_in_required,
)


@officer_required()
def any_officer(request: HttpRequest) -> HttpResponse:
    """Say in which position the officer acts."""
    actor = current_actor(request)
    return HttpResponse(f"{actor.kind} {actor.agency} {current_position(request).kind}")


@officer_required("kepala_dinas")
def head_only(request: HttpRequest) -> HttpResponse:
    """Say in which position the head acts."""
    return HttpResponse(current_position(request).kind)


@signed_in_required
def citizen(request: HttpRequest) -> HttpResponse:
    """Say who acts."""
    assert current_actor(request).person_id == current_person(request)
    return HttpResponse(current_actor(request).kind)


demo = include(([path("", include("terpadu.identity.web.demo.urls"))], "identity_demo"))
urlpatterns = [
    path("demo/masuk/", demo),
    path("uji/petugas/", any_officer),
    path("uji/kepala/", head_only),
    path("uji/warga/", citizen),
    *urls.urlpatterns,
]
handler404 = urls.handler404
