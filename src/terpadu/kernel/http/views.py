"""Pages that belong to no domain: health, missing page, failure."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from terpadu.kernel.http.returning import page_of


def health(request: HttpRequest) -> JsonResponse:
    """Tell that this process answers and reaches the database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"status": "ok"})


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a page does not exist and where to go on."""
    return render(request, "ui/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke here, without touching the database."""
    return render(request, "ui/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was too old to be taken, and that nothing was lost."""
    return render(request, "ui/csrf.html", {"page": page_of(request)}, status=403)
