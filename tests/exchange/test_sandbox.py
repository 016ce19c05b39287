"""The sandbox: every published interface answers with made-up data that keeps to its document and the contract."""

from __future__ import annotations

from pathlib import Path

import httpx
import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu.directory.demo import DISDUKCAPIL, KECAMATAN, PORTAL, PUPR
from terpadu.exchange.errors import InterfaceUnknown, SandboxRefused
from terpadu.exchange.models import DeliveredRecord, Interface
from terpadu.exchange.rules.interfaces import answer_schema
from terpadu.exchange.rules.patterns import fits_pattern, text_of_pattern
from terpadu.exchange.rules.samples import request_schema, sample_of
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.selectors.registry import interface_list
from terpadu.exchange.services.sandbox import SandboxCall, enveloped, sandbox_call
from terpadu_client import CallRefused
from terpadu_client import Client as RoadClient
from terpadu_wire.envelopes import SOAP_11, read_envelope
from terpadu_wire.openapi import OpenApiChecker
from tests.gateway.processes import ROOT
from tests.wire.test_patterns import ended_after

DOCUMENTS = sorted({*(ROOT / "demo").glob("*/openapi.json"), *(ROOT / "demo").glob("*/interface.json")})


def call(**changes: object) -> SandboxCall:
    """Return a call of Disdukcapil for a family, as its contract allows it."""
    interface = next(one for one in interface_list() if one.service == "00000002/kependudukan")
    operation = interface.operation("cariKeluarga")
    members = {
        "reader": DISDUKCAPIL,
        "service": interface.service,
        "method": operation.method,
        "path": operation.path,
        "body": {"nik": "3671010403220001"},
        "purpose": "kia.verifikasi",
        "evidence": "KIA-2026-000001",
    }
    return SandboxCall(**(members | changes))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_samples_keep_to_the_documents_of_all_demo_systems(path: Path) -> None:
    document: JsonValue = orjson.loads(path.read_bytes())
    checker = OpenApiChecker(document)
    operations = [raw["operationId"] for item in document["paths"].values() for raw in item.values()]
    assert operations
    for operation in operations:
        asked, answer = request_schema(document, operation), answer_schema(document, operation)
        body = sample_of(asked, document=document) if asked else None
        given = body if isinstance(body, dict) else {}
        if answer is not None:
            made = sample_of(answer, document=document, given=given)
            found = checker.answer_break(operation, status=200, body=made, has_body=True)
            assert found is None or found.keyword == "status", f"{operation}: {found}"
        if asked is not None:
            validator = checker.request_break(operation, path="", query=(), body=body, has_body=True)
            assert validator is None or "parameter" in str(validator) or "path" in str(validator), validator


@pytest.mark.django_db
def test_every_published_interface_answers_at_once_without_a_contract(country: Path) -> None:
    for interface in interface_list():
        operation = interface.operations[0]
        document = orjson.loads(Interface.objects.get(openapi_sha256=interface.openapi_sha256).openapi)
        asked = request_schema(document, operation.id)
        body = sample_of(asked, document=document) if asked else None
        found = sandbox_call(
            SandboxCall("satpolpp.36.71", interface.service, operation.method, operation.path, body)
        )
        assert found.basis == "open"
        assert found.raw
    assert not DeliveredRecord.objects.exists()


@pytest.mark.django_db
def test_answer_repeats_who_was_asked_for_and_keeps_to_the_contracts_fields(country: Path) -> None:
    found = sandbox_call(call())
    assert found.basis == "contract"
    assert isinstance(found.body, dict)
    open_answer = sandbox_call(call(reader=KECAMATAN, purpose="domisili.surat"))
    assert set(open_answer.passed) < set(found.passed)
    assert found.receipt.response["signature"]


@pytest.mark.django_db
def test_contract_that_is_only_proposed_gives_its_fields_too(country: Path) -> None:
    interface = next(one for one in interface_list() if one.service == "00000002/kependudukan")
    operation = interface.operation("verifikasiPenduduk")
    document = orjson.loads(Interface.objects.get(openapi_sha256=interface.openapi_sha256).openapi)
    body = sample_of(request_schema(document, operation.id) or {}, document=document)
    found = sandbox_call(
        call(
            reader=PUPR,
            purpose="reklame.izin",
            path=operation.path,
            method=operation.method,
            body=body,
            evidence="RKL-2026-1",
        )
    )
    assert found.basis == "draft"
    assert found.passed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"evidence": ""}, "evidence.required"),
        ({"evidence": "bukan nomor"}, "evidence.malformed"),
        ({"body": {"nik": 5}}, "request.breaks_openapi"),
        ({"body": None}, "request.breaks_openapi"),
    ],
)
def test_rules_of_the_contract_and_the_document_hold_in_the_sandbox(
    country: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(SandboxRefused) as refused:
        sandbox_call(call(**changes))
    assert refused.value.reason == reason


@pytest.mark.django_db
def test_unknown_operation_is_not_found(country: Path) -> None:
    with pytest.raises(InterfaceUnknown):
        sandbox_call(call(path="/tidak/ada"))


@pytest.mark.django_db
def test_program_calls_the_sandbox_with_the_key_of_its_gateway(country: Path, client: Client) -> None:
    wanted = call()
    address = f"/exchange/sandbox/{wanted.service}{wanted.path}"
    key = application_key_path(PORTAL, "terpadu").read_text().strip()
    headers = {"authorization": f"Bearer {key}"}
    found = client.post(address, wanted.body, content_type="application/json", headers=headers)
    assert found.status_code == 200
    assert found["Terpadu-Sandbox"] == "contract"
    assert found["Signature"]

    unknown = client.post(address, wanted.body, content_type="application/json")
    assert (unknown.status_code, unknown["Fsc-Error-Code"]) == (401, "application.unknown")
    garbled = client.post(address, b"{", content_type="application/json", headers=headers)
    assert garbled.status_code == 422


@pytest.mark.django_db
def test_soap_client_gets_an_envelope_made_up_from_the_wsdls_types(country: Path, client: Client) -> None:
    interface = next(one for one in interface_list() if one.name == "dtsen")
    message = '<CekKepesertaan xmlns="http://siks.contoh.go.id/ws/dtsen"><nik>3671010403220001</nik></CekKepesertaan>'
    text = f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body>{message}</s:Body></s:Envelope>'
    key = application_key_path(KECAMATAN, "padanan").read_text().strip()
    told = {
        "authorization": f"Bearer {key}",
        "Terpadu-Purpose": "dtsen.pemadanan",
        "Terpadu-Evidence": "PADAN-2026-000001",
    }
    address = f"/exchange/sandbox/{interface.service}/soap"

    found = client.post(address, text.encode(), content_type="text/xml; charset=utf-8", headers=told)

    assert (found.status_code, found["Terpadu-Sandbox"]) == (200, "contract")
    assert found["Content-Type"] == "text/xml; charset=utf-8"
    answer = read_envelope(found.content, is_request=False)
    assert answer.element == "{http://siks.contoh.go.id/ws/dtsen}CekKepesertaanResponse"
    value = answer.value()
    assert isinstance(value, dict)
    assert value["nik"] == "3671010403220001"
    garbled = client.post(address, b"<a", content_type="text/xml", headers=told)
    assert garbled.status_code == 422


@pytest.mark.django_db
def test_page_tries_a_soap_operation_with_json_written_as_its_envelope(country: Path) -> None:
    interface = next(one for one in interface_list() if one.name == "dtsen")
    wanted = SandboxCall(
        KECAMATAN, interface.service, "POST", "/soap/CekKepesertaan", {"nik": "3671010403220001"},
        purpose="dtsen.pemadanan", evidence="PADAN-2026-000001",
    )  # fmt: skip
    assert b"<nik>3671010403220001</nik>" in sandbox_call(enveloped(wanted)).raw
    with pytest.raises(SandboxRefused):
        sandbox_call(wanted)


@given(
    st.lists(
        st.sampled_from([r"\d{4}", "[A-Z]{2,6}", "-", "(KK|KTP)", "[0-9]+", r"\.", "a?", "(?:x|y){2}"]),
        min_size=1,
        max_size=5,
    )
)
def test_text_of_pattern_fits_its_pattern(parts: list[str]) -> None:
    pattern = f"^{''.join(parts)}$"
    assert fits_pattern(pattern, text_of_pattern(pattern))


@pytest.mark.parametrize("pattern", ["(?=a)b", "[^a]", "(", "a{999999}", "*", "(a+)+$" * 90])
def test_text_of_pattern_gives_up_on_hard_ones(pattern: str) -> None:
    assert text_of_pattern(pattern) == ""


def test_no_text_fits_a_pattern_that_one_pass_does_not_decide() -> None:
    with ended_after(seconds=20):
        assert not fits_pattern("(?=a)(.{0,100}){0,100}x", "a" * 2_000)


@pytest.mark.django_db
def test_client_calls_the_sandbox_as_it_would_call_a_gateway(country: Path, client: Client) -> None:
    def pass_on(request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        answer = client.generic(
            request.method, request.url.path, request.content, headers["content-type"], headers=headers
        )
        return httpx.Response(answer.status_code, headers=dict(answer.items()), content=answer.content)

    key = application_key_path(PORTAL, "terpadu").read_text()
    with RoadClient(
        "http://control.test/exchange/sandbox", key=key, transport=httpx.MockTransport(pass_on)
    ) as calls:
        members = {"purpose": "kia.verifikasi", "body": {"nik": "3671015406920003"}, "is_safe": True}
        answer = calls.call("00000002/kependudukan", "POST", "/v1/keluarga/cari", **members)
        assert answer.body["data"]["nik"] == "3671015406920003"
        assert answer.transaction_id
        with pytest.raises(CallRefused) as refused:
            calls.call("00000002/kependudukan", "POST", "/v1/keluarga/cari", **(members | {"body": {}}))
        assert refused.value.code == "request.breaks_openapi"
