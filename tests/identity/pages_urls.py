"""All addresses, with the one-tap sign-in and two pages that only officers may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from terpadu.config import urls
from terpadu.identity.public import (
    authentication_of,
    current_actor,
    current_person,
    current_position,
    officer_required,
    signed_in_required,
    step_up_required,
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


@step_up_required(authentication="loa2")
def strong(request: HttpRequest) -> HttpResponse:
    """Say how strongly the person is signed in, and what was sent."""
    return HttpResponse(f"{authentication_of(request).level.value} {request.POST.get('jawaban', '')}")


@step_up_required(authentication="loa3")
def strongest(request: HttpRequest) -> HttpResponse:
    """Say that the passkey was used."""
    return HttpResponse("ok")


@step_up_required(authentication="loa1", proofing="confirmed")
def sure(request: HttpRequest) -> HttpResponse:
    """Say that the identity is confirmed."""
    return HttpResponse("ok")


demo = include(([path("", include("terpadu.identity.web.demo.urls"))], "identity_demo"))
urlpatterns = [
    path("demo/masuk/", demo),
    path("uji/petugas/", any_officer),
    path("uji/kepala/", head_only),
    path("uji/warga/", citizen),
    path("uji/kuat/", strong),
    path("uji/terkuat/", strongest),
    path("uji/pasti/", sure),
    *urls.urlpatterns,
]
handler404 = urls.handler404
