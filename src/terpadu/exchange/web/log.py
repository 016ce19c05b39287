"""The transparency log as static files (C2SP tlog-tiles) and its keys; anyone may read, nothing in it is personal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from terpadu.exchange.errors import LogEmpty
from terpadu.exchange.selectors.log import checkpoint_newest, log_policy_text, tile_get
from terpadu.exchange.web.messages import problem
from terpadu_wire.errors import LogError
from terpadu_wire.tlog.tiles import parse_tile_path

TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"


@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the newest signed state of the log."""
    try:
        newest = checkpoint_newest()
    except LogEmpty as error:
        return problem(error)
    return HttpResponse(newest.signed_note, content_type=TEXT, headers={"Cache-Control": "no-cache"})


@require_GET
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """Give a tile of hashes or a bundle of entries, as wide as the address says."""
    try:
        content = tile_get(parse_tile_path(path))
    except LogError:
        content = None
    if content is None:
        return HttpResponse(status=404, content_type=TEXT)
    return HttpResponse(content, content_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Give the keys of the log and of its witnesses, as `terpadu verify` takes them."""
    return HttpResponse(log_policy_text(), content_type=TEXT)
