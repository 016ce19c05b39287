"""Addresses for programs, described as OpenAPI 3.1 in YAML files beside the code that answers them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from ruamel.yaml import YAML

SHARED = {"Cache-Control": "public, max-age=300"}


@cache
def description(file: Path) -> dict[str, Any]:
    """Return the description that a file holds. Read once in the life of a process; do not change what you get."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(file)
    return found


def described(file: Path) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view that tells a file's description as JSON."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return JsonResponse(description(file), headers=SHARED)

    return view
