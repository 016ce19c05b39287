"""SOAP envelopes over the road: the system's own word in both directions, and nothing else than the contract's message."""

import re

import httpx
import pytest

from terpadu_wire.envelopes import SOAP_11, SOAP_12
from terpadu_wire.subjects import pseudonym
from tests.gateway.country import NIK, SUBJECT_KEY
from tests.gateway.registry import BROKEN, GARBAGE, HTML, SOAP_NAME, TWICE, UNKNOWN, WRONG
from tests.gateway.road import Road
from tests.gateway.segments import records_of

BOMB = '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
ELSEWHERE = '<a:ReplyTo xmlns:a="http://www.w3.org/2005/08/addressing"><a:Address>http://10.0.0.1/</a:Address></a:ReplyTo>'
ACTION = '<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">hapus</a:Action>'


def ask(
    road: Road,
    nik: str = NIK,
    *,
    path: str = "/soap",
    message: str = "Cari",
    before: str = "",
    header: str = "",
    space: str = SOAP_11,
    content_type: str = "text/xml; charset=utf-8",
    action: str = "cari",
    **further: str,
) -> httpx.Response:
    """Call as a SOAP client does: one address for all messages."""
    inside = f'<{message} xmlns="{SOAP_NAME}"><nik>{nik}</nik></{message}>'
    text = f'{before}<s:Envelope xmlns:s="{space}"><s:Header>{header}</s:Header><s:Body>{inside}</s:Body></s:Envelope>'
    headers = {"content_type": content_type, "soapaction": f'"{action}"', **further}
    return road.call(path=path, body=text.encode(), **headers)


def told(answer: httpx.Response) -> str:
    """Return the stable code that a fault of the gateway carries."""
    found = re.search(r"<code>([a-z_.]+)</code>", answer.text)
    return found[1] if found else ""


def test_envelope_passes_whole_and_is_recorded_about_its_person(road: Road) -> None:
    answer = ask(road)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert f"<nik>{NIK}</nik><nama>SITI</nama><aksi>cari</aksi>" in answer.text
    transaction = answer.headers["fsc-transaction-id"]
    records = records_of(road.portal.segments, transaction) + records_of(road.agency.segments, transaction)
    assert [one.operation for one in records] == ["soap.Cari"] * 4
    assert {one.subject for one in records} == {pseudonym(SUBJECT_KEY, NIK)}
    assert records[-1].fields == ("",)
    assert records[1].response_signature == records[-1].response_signature != ""


def test_fault_of_the_system_reaches_the_program_as_it_is(road: Road) -> None:
    answer = ask(road, UNKNOWN)

    assert answer.status_code == 500
    assert "<faultstring>tidak ada</faultstring>" in answer.text
    last = records_of(road.portal.segments, answer.headers["fsc-transaction-id"])[-1]
    assert (last.outcome, last.status, last.error_code) == ("answered", 500, "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nik": GARBAGE}, "system.not_soap"),
        ({"nik": TWICE}, "system.not_soap"),
        ({"nik": HTML}, "system.not_soap"),
        ({"nik": BROKEN}, "system.failed"),
        ({"nik": WRONG}, "subject.mismatch"),
        ({"nik": " "}, "subject.missing"),
        ({"before": BOMB}, "soap.invalid"),
        ({"header": ELSEWHERE}, "soap.reply_elsewhere"),
        ({"header": ACTION}, "soap.other_action"),
        ({"action": "hapus"}, "soap.other_action"),
        ({"message": "Hapus"}, "operation.not_in_contract"),
        ({"message": "Hapus", "path": "/soap/Cari"}, "soap.other_message"),
        ({"space": SOAP_12}, "soap.invalid"),
        ({"content_type": "application/soap+xml"}, "soap.invalid"),
        ({"nik": "1" * (1 << 20)}, "gateway.body_too_large"),
        ({"terpadu_purpose": "lain"}, "purpose.not_in_contract"),
        ({"authorization": "Bearer x"}, "application.unknown"),
    ],
)
def test_call_that_may_not_pass_ends_in_a_fault_with_its_code(
    road: Road, changes: dict[str, str], code: str
) -> None:
    answer = ask(road, **changes)

    assert answer.status_code in (400, 500)
    assert told(answer) == code
    assert NIK not in answer.text


def test_fault_in_soap_1_2_has_its_own_form(road: Road) -> None:
    answer = ask(road, message="Hapus", space=SOAP_12, content_type='application/soap+xml; action="cari"')

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/soap+xml; charset=utf-8"
    assert "<soap:Value>soap:Sender</soap:Value>" in answer.text
    assert told(answer) == "operation.not_in_contract"


def test_json_for_a_soap_operation_is_no_envelope(road: Road) -> None:
    answer = road.call(path="/soap/Cari")
    assert answer.json()["code"] == "soap.invalid"


def test_envelope_under_a_key_is_carried_out_once_and_answered_alike(road: Road) -> None:
    first, again = (ask(road, idempotency_key="amplop-1") for _ in range(2))
    assert first.content == again.content
    assert again.headers["content-type"] == "text/xml; charset=utf-8"
