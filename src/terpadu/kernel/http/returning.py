"""Where somebody comes back to who had to do something else first."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_of(request: HttpRequest) -> str:
    """Return the page of a request, as path and query, to which somebody can come back by GET.

    For a form it is the page on which the form stood, since many addresses of forms have no page of their own; the form's
    address when the browser does not tell.
    """
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    stood_on = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(stood_on, allowed_hosts={request.get_host()}):
        return request.path
    parts = urlsplit(stood_on)
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return page if page.startswith("/") else request.path
