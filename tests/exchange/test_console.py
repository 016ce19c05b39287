"""The console of an agency, joining on one page, and the operator's page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, PORTAL
from terpadu.directory.models import Certificate
from terpadu.directory.public import certificate_get, certificate_list
from terpadu.exchange.demo.contracts import contract_contents
from terpadu.exchange.enums import OPERATOR
from terpadu.exchange.models import Orphan
from terpadu.exchange.public import (
    contract_accept,
    contract_get,
    contract_list,
    contract_propose,
    purpose_list,
)
from terpadu.exchange.selectors.priority import priority_integration, priority_list
from terpadu.exchange.selectors.registry import interface_get, snapshot_peers
from terpadu.exchange.services.anchors import anchor_trust
from terpadu.exchange.services.breaks import breaks_count
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu_wire.keys import generate_key, public_key_thumbprint
from tests.exchange.test_certificates import AUTHORITY, issued
from tests.exchange.test_enforcement import broken
from tests.exchange.test_pages import officer
from tests.gateway.processes import ROOT

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


def waiting_contract() -> str:
    """Propose a contract that Disdukcapil and the portal have signed, and Dukcapil has not."""
    content = contract_contents()[1]
    view = contract_propose(content, by=BY)
    for code in (DISDUKCAPIL, "portal"):
        contract_accept(view.content_hash, agency_code=code, by=BY)
    return view.content_hash


@pytest.mark.parametrize("lang", ["id", "en"])
def test_overview_shows_interfaces_readers_and_what_is_wrong(country: Path, lang: str) -> None:
    breaks_count([broken("answer /data/nik: pattern")])
    Orphan.objects.create(
        transaction_id=uuid7(), consumer="36710001", provider="00000002", kind="no_consumer", at=now()
    )
    Certificate.objects.filter(agency__code=DUKCAPIL).update(valid_to=now() + timedelta(days=3))
    page = officer("budi", DUKCAPIL, lang=lang).get("/pertukaran/").content.decode()
    assert "/pertukaran/antarmuka/kependudukan/" in page
    assert page.count('class="note late"') == 2
    assert 'class="note wait"' in page


def test_purpose_that_waits_is_approved_from_the_overview_with_one_tap(country: Path) -> None:
    client = officer("budi", DUKCAPIL)
    (waiting,) = purpose_list(DUKCAPIL, state="waiting")
    page = client.get("/pertukaran/").content.decode()
    assert waiting.content.legal_basis.article in page
    assert f'action="/pertukaran/tujuan/{waiting.id}/setujui/"' in page
    assert client.post(f"/pertukaran/tujuan/{waiting.id}/setujui/").status_code == 302
    assert purpose_list(DUKCAPIL, state="waiting") == []


def test_interface_page_says_who_reads_what_and_why(country: Path) -> None:
    page = officer("budi", DUKCAPIL, lang="en").get("/pertukaran/antarmuka/kependudukan/").content.decode()
    assert "Disdukcapil Kota Tangerang" in page
    assert "To check an application for a child identity card" in page
    assert "Permendagri 2/2016" in page
    assert "with the reference of a case" in page
    assert page.index("<table") < page.index('class="cols"'), "the readers have the page's whole width"
    assert officer("agus", KECAMATAN).get("/pertukaran/antarmuka/kependudukan/").status_code == 404


def test_agreement_is_signed_after_its_own_page_and_ended_again(country: Path) -> None:
    found = waiting_contract()
    iv = contract_get(found).content.iv
    client = officer("budi", DUKCAPIL, lang="en")
    assert f"/pertukaran/perjanjian/{iv}/tandatangani/" in client.get("/pertukaran/").content.decode()
    assert "Waiting for your signature" in client.get("/pertukaran/perjanjian/").content.decode()
    page = client.get(f"/pertukaran/perjanjian/{iv}/").content.decode()
    places = [page.index(one) for one in ("Not yet", "tandatangani/", "tolak/", "curl")]
    assert places == sorted(places), "the decision comes before the samples"

    asked = client.get(f"/pertukaran/perjanjian/{iv}/tandatangani/")
    assert "Sign this agreement?" in asked.content.decode()
    assert contract_get(found).state == "proposed"
    assert client.post(f"/pertukaran/perjanjian/{iv}/tandatangani/").status_code == 302
    assert contract_get(found).state == "valid"
    assert client.post(f"/pertukaran/perjanjian/{iv}/tolak/").status_code == 409
    client.post(f"/pertukaran/perjanjian/{iv}/akhiri/")
    assert contract_get(found).state == "revoked"


def test_agreement_can_be_refused(country: Path) -> None:
    found = waiting_contract()
    client = officer("budi", DUKCAPIL)
    client.post(f"/pertukaran/perjanjian/{contract_get(found).content.iv}/tolak/")
    assert contract_get(found).state == "rejected"


def test_agreement_of_others_is_not_shown(country: Path) -> None:
    theirs = next(one for one in contract_list() if "36710101" not in one.signers)
    client = officer("agus", KECAMATAN)
    assert client.get(f"/pertukaran/perjanjian/{theirs.content.iv}/").status_code == 404
    assert client.post(f"/pertukaran/perjanjian/{theirs.content.iv}/akhiri/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "membaca/",
        "lalu-lintas/",
        "lalu-lintas/?sisi=membaca&rentang=hari",
        "rekonsiliasi/",
        "perjanjian/",
    ],
)
def test_pages_of_the_console_are_drawn_for_a_reader_too(country: Path, path: str) -> None:
    assert officer("agus", KECAMATAN).get(f"/pertukaran/{path}").status_code == 200


NEW = {
    "name": "Dinas Kesehatan Kota Tangerang",
    "short_name": "Dinkes Kota Tangerang",
    "code": "dinkes.36.71",
    "peer_id": "36710009",
    "kind": "regional_office",
    "region_code": "36.71",
}
PAGE = "/pertukaran/gabung/"


def request_pem(key: object, algorithm: SHA256 | None = None) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, algorithm)
    return made.public_bytes(Encoding.PEM).decode()


def operator(lang: str = "en") -> Client:
    return officer("budi", PORTAL, kind=OPERATOR, lang=lang)


def test_agency_joins_from_nothing_to_a_call_in_the_sandbox(country: Path) -> None:
    client = operator()
    assert "Which agency joins" in client.get(PAGE).content.decode()
    added = client.post(f"{PAGE}instansi/", NEW)
    assert added["Location"] == f"{PAGE}?instansi=dinkes.36.71"
    assert "Make key and certificate" in client.get(added["Location"]).content.decode()

    client.post(f"{PAGE}kunci/", {"instansi": "dinkes.36.71"})
    assert certificate_get("dinkes.36.71").peer_id == "36710009"
    document = SimpleUploadedFile("sekolah.yaml", (ROOT / "demo" / "sekolah" / "openapi.yaml").read_bytes())
    given = {"instansi": "dinkes.36.71", "name": "sekolah", "document": document, "api_key": "rahasia-4711"}
    given["gateway"] = "agencies"
    published = client.post(f"{PAGE}antarmuka/", given | {"base_url": "http://127.0.0.1:9/api"})
    assert published.status_code == 302, published.content.decode()
    view = interface_get("dinkes.36.71/sekolah")
    toml = (country / "gateways" / "agencies" / "gateway.toml").read_text()
    assert 'name = "sekolah"' in toml
    assert "rahasia-4711" not in toml

    called = {"instansi": "dinkes.36.71", "antarmuka": "sekolah", "operation": view.operations[0].id}
    answer = client.post(f"{PAGE}coba/", called | {"body": '{"nik": "3671016005170002"}'}).content.decode()
    assert "both signatures hold" in answer
    assert "3671016005170002" in answer
    assert certificate_get("dinkes.36.71").public_key_thumbprint in answer


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"peer_id": "00000002"}, "already has this code"),
        ({"code": "Huruf Besar"}, "not well formed"),
        ({"name": ""}, "required"),
    ],
)
def test_agency_that_cannot_be_added_keeps_what_was_typed(
    country: Path, changes: dict[str, str], words: str
) -> None:
    page = operator().post(f"{PAGE}instansi/", NEW | changes).content.decode()
    assert words in page
    assert "Dinkes Kota Tangerang" in page


def test_only_the_operator_adds_agencies_and_joins_for_others(country: Path) -> None:
    client = officer("agus", DUKCAPIL)
    assert client.post(f"{PAGE}instansi/", NEW).status_code == 403
    page = client.get(f"{PAGE}?instansi=polri").content.decode()
    assert "Korlantas" not in page
    assert "Ditjen Dukcapil" in page or "Direktorat Jenderal" in page


def test_key_that_stays_with_the_agency_is_certified_and_believed(country: Path) -> None:
    client, own = officer("budi", DUKCAPIL), generate_key()
    hosted, before = certificate_get(DUKCAPIL).public_key_thumbprint, keys_of("00000002")
    answer = client.post(f"{PAGE}kunci/", {"request": request_pem(own)})
    certificate = x509.load_pem_x509_certificate(answer.content)
    assert certificate.public_key() == own.public_key()
    assert certificate.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)[0].value == "00000002"

    assert keys_of("00000002") == before | {public_key_thumbprint(own.public_key())}
    assert certificate_get(DUKCAPIL).public_key_thumbprint == hosted
    assert [one.is_external for one in certificate_list() if one.peer_id == "00000002"].count(True) == 1


def test_certificate_of_another_authority_is_taken_and_its_end_is_shown(country: Path) -> None:
    client, own = officer("budi", DUKCAPIL), generate_key()
    pem = issued("Dukcapil", own, serial="00000002", days=20).decode()
    refused = client.post(f"{PAGE}kunci/", {"request": pem}).content.decode()
    assert "certificate.untrusted" in refused

    anchor_trust(issued("Otoritas Lain", AUTHORITY, days=1000), by=Actor.system("tests"))
    assert client.post(f"{PAGE}kunci/", {"request": pem}).status_code == 302
    assert public_key_thumbprint(own.public_key()) in keys_of("00000002")
    page = client.get("/pertukaran/").content.decode()
    assert page.count("CN=Otoritas Lain") == 2  # where it stands, and that it ends soon


def keys_of(peer_id: str) -> set[str]:
    (peer,) = snapshot_peers({peer_id})
    return {key.thumbprint for key in peer.public_keys}


@pytest.mark.parametrize("kind", ["nonsense", "other", "taken"])
def test_request_that_cannot_be_used_is_refused_in_words(country: Path, kind: str) -> None:
    texts = {
        "nonsense": "-----BEGIN NOTHING-----",
        "other": request_pem(ec_key(SECP256R1()), SHA256()),
        "taken": request_pem(_hosted_key("kemenkes")),
    }
    reasons = {"nonsense": "request.unreadable", "other": "request.key_kind", "taken": "request.key_taken"}
    page = officer("budi", DUKCAPIL).post(f"{PAGE}kunci/", {"request": texts[kind]}).content.decode()
    assert reasons[kind] in page


def _hosted_key(agency_code: str) -> object:
    from terpadu.directory.public import agency_key

    return agency_key(agency_code)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Pilih berkas dokumen"),
        ({"name": ""}, "Pilih berkas dokumen"),
        ({"document_url": "file:///etc/passwd"}, "Tulis alamat yang lengkap"),
        ({"base_url": "http://169.254.169.254/", "document": b"openapi: 3.0.0"}, "bersifat privat"),
    ],
)
def test_interface_that_cannot_be_connected_says_why(
    country: Path, changes: dict[str, object], words: str
) -> None:
    given: dict[str, object] = {"name": "uji", "base_url": "http://127.0.0.1:9/"} | changes
    if isinstance(given.get("document"), bytes):
        given["document"] = SimpleUploadedFile("a.yaml", given["document"])
    answer = officer("budi", DUKCAPIL).post(f"{PAGE}antarmuka/", given)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.index('class="summary"') < page.index("<h1>")
    assert words in page
    assert "<title>Galat: " in page


@pytest.mark.parametrize(
    ("body", "words"),
    [('{"nik":\n x}', "Lihat baris 2, huruf ke-2."), ("[" * 19_000, "bertingkat terlalu dalam")],
)
def test_sandbox_body_that_is_no_json_is_refused_in_words(country: Path, body: str, words: str) -> None:
    called = {"antarmuka": "kependudukan", "operation": "cariKeluarga", "body": body}
    answer = officer("budi", DUKCAPIL).post(f"{PAGE}coba/", called)
    assert answer.status_code == 200
    assert words in answer.content.decode()


@pytest.mark.parametrize(("lang", "span"), [("id", ""), ("en", "?rentang=hari")])
def test_operators_page_shows_map_services_and_what_runs(country: Path, lang: str, span: str) -> None:
    page = operator(lang).get(f"/pertukaran/peta/{span}").content.decode()
    assert page.count('class="strand idle"') >= 8
    assert "Perpres 82/2023" in page
    assert "Satu Data Indonesia" in page or "One Data Indonesia" in page
    assert "127.0.0.1" in page
    assert officer("agus", DUKCAPIL).get("/pertukaran/peta/").status_code == 403


def test_stages_of_the_nine_are_facts_of_the_platform(country: Path) -> None:
    assert [one.number for one in priority_list().services] == list(range(1, 10))
    found = {one.service.number: one for one in priority_integration()}
    assert found[4].sources >= 2
    assert found[4].contracts > 5
    assert found[4].calls == 0
    assert (found[5].stage, found[5].sources, found[5].contracts) == (0, 0, 0)
    with override_settings(DEMO=False):
        assert found[9].sources == 1
