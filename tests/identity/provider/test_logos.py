"""Logos: fetched once at approval, drawn anew, served by us; the pictures that attack are refused."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client as Browser

from terpadu.directory.public import AgencyView
from terpadu.identity.errors import FetchRefused
from terpadu.identity.models import Client, ClientLogo
from terpadu.identity.rules.provider.pictures import find_picture_fault
from terpadu.identity.selectors.provider.clients import client_get, logo_digest
from terpadu.identity.services.provider.clients import (
    client_approve,
    client_register,
    client_request_production,
    client_update,
    draft_of,
)
from terpadu.identity.services.provider.fetching import LARGEST_BYTES
from terpadu.identity.services.provider.logos import logo_fetch
from tests.identity.conftest import SETUP
from tests.identity.provider.agency_server import AgencyServer
from tests.identity.provider.conftest import DRAFT
from tests.identity.provider.party import Party, make_key

JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
SOF = b"\xff\xc0\x00\x11\x08%b\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int = 64, height: int = 48, *, claimed: tuple[int, int] | None = None, tail: bytes = b""
) -> bytes:
    """Return a red picture with a text in it, and whatever follows its end."""
    size = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\xc0\x10\x10" * width for _ in range(height)))
    parts = chunk(b"IHDR", size) + chunk(b"tEXt", b"Comment\x00<script>alert(1)</script>")
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + tail


@pytest.mark.parametrize(
    ("body", "kind", "fault"),
    [
        (png(), "png", ""),
        (png(2048, 32), "png", ""),
        (png(31, 64), "png", "size"),
        (png(claimed=(60_000, 60_000)), "png", "size"),
        (png(claimed=(0, 0)), "png", "not a picture"),
        (png()[:20], "png", "not a picture"),
        (JPEG_HEAD + SOF % b"\x00\x40\x00\x60", "jpg", ""),
        (JPEG_HEAD + SOF % b"\xff\xff\xff\xff", "jpg", "size"),
        (JPEG_HEAD, "jpg", "not a picture"),
        (b"\xff\xd8\xff" + b"\xff" * 5000, "jpg", "not a picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "", "not a picture"),
        (b"GIF89a" + b"\x00" * 40, "", "not a picture"),
        (b"<html>" + png(), "", "not a picture"),
        (b"", "", "not a picture"),
    ],
)
def test_find_picture_fault_by_content(body: bytes, kind: str, fault: str) -> None:
    assert find_picture_fault(body) == (kind, fault)


@pytest.mark.django_db
def test_logo_is_drawn_anew_so_that_nothing_hidden_comes_along(server: AgencyServer) -> None:
    server.answers["/logo"] = (200, png(tail=b"<script>alert(2)</script>PK\x03\x04"))

    drawn = logo_fetch(server.url("/logo"), allowed={server.host})

    assert find_picture_fault(drawn) == ("png", "")
    assert struct.unpack(">II", drawn[16:24]) == (128, 128)
    assert b"script" not in drawn
    assert b"PK\x03\x04" not in drawn


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<svg onload=x>"),
        (200, b""),
        (200, png()[:70]),
        (200, png(claimed=(50, 2000))[:-30]),
        (200, png(claimed=(60_000, 60_000))),
        (200, JPEG_HEAD + SOF % b"\x00\x40\x00\x60"),
        (200, png(tail=b"x" * LARGEST_BYTES)),
        (404, png()),
        (302, b"http://169.254.169.254/latest/meta-data"),
    ],
)
def test_logo_that_attacks_or_is_broken_is_refused(server: AgencyServer, status: int, body: bytes) -> None:
    server.answers["/logo"] = (status, body)

    with pytest.raises(FetchRefused):
        logo_fetch(server.url("/logo"), allowed={server.host})


@pytest.mark.django_db
def test_logo_from_a_host_that_is_not_listed_is_refused(server: AgencyServer) -> None:
    server.answers["/logo"] = (200, png())

    with pytest.raises(FetchRefused) as refused:
        logo_fetch(server.url("/logo"), allowed=set())

    assert refused.value.facts["reason"] == "not allowed"


def register(server: AgencyServer, **changes: Any) -> str:
    draft = replace(
        DRAFT, jwks={"keys": [make_key().as_dict(private=False)]}, logo_uri=server.url("/logo"), **changes
    )
    made = client_register("disdukcapil.36.71", draft, by=SETUP)
    client_request_production(made.client.client_id, by=SETUP)
    return made.client.client_id


@pytest.mark.django_db
def test_approval_fetches_the_logo_and_people_get_it_from_us(
    server: AgencyServer, agency: AgencyView
) -> None:
    server.answers["/logo"] = (200, png())
    client_id = register(server)
    assert logo_digest(client_get(client_id)) == ""

    assert client_approve(client_id, by=SETUP).logo_fault == ""
    server.answers["/logo"] = (200, png(200, 200))
    digest = logo_digest(client_get(client_id))
    answer = Browser().get(f"/oidc/logo/{client_id}/{digest}.png")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "immutable" in answer["Cache-Control"]
    assert Browser().get(f"/oidc/logo/{client_id}/{'0' * 64}.png").status_code == 404
    assert Browser().get(f"/oidc/logo/lain/{digest}.png").status_code == 404


@pytest.mark.django_db
def test_approval_goes_on_without_a_logo_that_is_refused(server: AgencyServer, agency: AgencyView) -> None:
    server.answers["/logo"] = (200, b"<svg onload=x>")
    approved = client_approve(register(server), by=SETUP)

    assert approved.logo_fault == "not a picture"
    assert approved.client.stage == "production"
    assert logo_digest(approved.client) == ""


@pytest.mark.django_db
def test_another_logo_in_production_waits_for_approval(server: AgencyServer, agency: AgencyView) -> None:
    server.answers["/logo"] = server.answers["/lain"] = (200, png())
    client_id = register(server)
    client_approve(client_id, by=SETUP)
    before = logo_digest(client_get(client_id))
    changed = client_update(
        client_id, replace(draft_of(client_get(client_id)), logo_uri=server.url("/lain")), by=SETUP
    )
    server.answers["/lain"] = (200, png(40, 200))

    assert changed.proposed is not None
    assert logo_digest(changed) == before
    client_approve(client_id, by=SETUP)
    assert logo_digest(client_get(client_id)) not in ("", before)
    without = replace(draft_of(client_get(client_id)), logo_uri="")
    client_update(client_id, without, by=SETUP)
    client_approve(client_id, by=SETUP)
    assert not ClientLogo.objects.exists()


@pytest.mark.django_db
def test_consent_page_shows_the_logo_from_our_own_origin(server: AgencyServer, party: Party) -> None:
    address = server.url("/logo")
    Client.objects.filter(client_id=party.client_id).update(logo_uri=address, version=9)
    row = Client.objects.get(client_id=party.client_id)
    ClientLogo.objects.create(client=row, source=address, digest="a" * 64, body=png())

    page = party.visit(party.push())

    assert f"/oidc/logo/{party.client_id}/{'a' * 64}.png" in page.content.decode()
    assert address not in page.content.decode()
    assert "img-src 'self' data:;" in page["Content-Security-Policy"]
