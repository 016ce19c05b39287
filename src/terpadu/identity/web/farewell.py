"""The last page of a session: it signs out, in frames, of applications that no server can tell (Front-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from terpadu.identity.rules.provider.addresses import site_of
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.services.provider.logout import Farewell
from terpadu.kernel.http.middleware import CONTENT_SECURITY_POLICY

FRAMES_S = 3
"""How long frames may take before the browser goes on to where the application wants."""


def farewell_page(
    request: HttpRequest, left: Sequence[Farewell], *, client: ClientView | None = None, address: str = ""
) -> HttpResponse:
    """Say that somebody is signed out, with a frame and a link for each application that is left.

    client, address: who asked for the sign-out and where they want the browser afterwards, "" for nowhere.
    """
    context = {"left": left, "client": client, "address": address}
    response = render(request, "identity/signed_out.html", context)
    if left:
        sites = " ".join(sorted({site_of(one.address) for one in left}))
        response["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src {sites}"
    if address:
        response["Refresh"] = f"{FRAMES_S};url={address}"
    response["Referrer-Policy"] = "no-referrer"
    return response
