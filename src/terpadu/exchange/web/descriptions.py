"""What programs can ask of the control plane and of peers' managers, described as OpenAPI 3.1."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from ruamel.yaml import YAML

DATA = Path(__file__).parent.parent / "data"
SHARED = {"Cache-Control": "public, max-age=300"}


@cache
def description(name: str) -> dict[str, Any]:
    """Return a description by the name of its file in the data folder, "control_plane" or "peer_manager"."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(DATA / f"{name}.yaml")
    return found


@require_safe
def control_plane(request: HttpRequest) -> JsonResponse:
    """Describe the control plane's own addresses."""
    return JsonResponse(description("control_plane"), headers=SHARED)


@require_safe
def peer_manager(request: HttpRequest) -> JsonResponse:
    """Describe a peer's manager and transaction log after FSC."""
    return JsonResponse(description("peer_manager"), headers=SHARED)
