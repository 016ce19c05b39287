"""SOAP envelopes: what is read of them, and what is refused since two readers could read it differently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu_wire.envelopes import (
    MEDIA_TYPES,
    SOAP_11,
    SOAP_12,
    action_of,
    media_type_of,
    read_envelope,
    write_envelope,
)
from terpadu_wire.errors import ContractError, EnvelopeError
from terpadu_wire.properties import FieldRules, Operation, Soap, parse_soap

WSA = "http://www.w3.org/2005/08/addressing"
MESSAGE = '<c:Cek xmlns:c="urn:c"><c:nik>3671</c:nik><c:daftar><c:kode>A</c:kode></c:daftar></c:Cek>'


def envelope(body: str = MESSAGE, *, header: str = "", before: str = "", space: str = SOAP_11) -> bytes:
    """Return an envelope as text would have it."""
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'{before}<s:Envelope xmlns:s="{space}">{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()


def address(name: str, to: str) -> str:
    return f'<a:{name} xmlns:a="{WSA}"><a:Address>{to}</a:Address></a:{name}>'


@pytest.mark.parametrize(("media_type", "space"), MEDIA_TYPES.items())
def test_envelope_of_both_versions_is_read(media_type: str, space: str) -> None:
    found = read_envelope(envelope(space=space), is_request=True)

    assert (found.media_type, found.element, found.name) == (media_type, "{urn:c}Cek", "Cek")
    assert found.value() == {"nik": "3671", "daftar": {"kode": "A"}}
    assert found.value(("/daftar/*/kode",)) == {"nik": "3671", "daftar": [{"kode": "A"}]}
    assert not found.is_fault


def test_element_that_stands_twice_is_an_array_so_no_pointer_finds_one_of_them() -> None:
    twice = '<c:Cek xmlns:c="urn:c" xmlns:x="urn:x"><c:nik>1</c:nik><x:nik>2</x:nik></c:Cek>'
    assert read_envelope(envelope(twice), is_request=True).value() == {"nik": ["1", "2"]}


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
DEEP = "<c>" * 200 + "</c>" * 200


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (envelope(before=BOMB), "soap.invalid"),
        (envelope(before='<!DOCTYPE b SYSTEM "http://127.0.0.1/b.dtd">'), "soap.invalid"),
        (envelope(before='<?xml version="1.0" encoding="ISO-8859-1"?>'), "soap.invalid"),
        (envelope().decode().encode("utf-16"), "soap.invalid"),
        (envelope(before="<?xml-stylesheet href='a'?>"), "soap.invalid"),
        (envelope(MESSAGE.replace("3671", "36<!-- -->71")), "soap.invalid"),
        (envelope(MESSAGE.replace("3671", "36<![CDATA[71]]>")), "soap.invalid"),
        (envelope(MESSAGE * 2), "soap.invalid"),
        (envelope(""), "soap.invalid"),
        (envelope(DEEP), "soap.invalid"),
        (envelope(space="urn:other"), "soap.invalid"),
        (b"", "soap.invalid"),
        (b'{"nik": 1}', "soap.invalid"),
        (b"<a>" * 100_000, "soap.invalid"),
        (envelope(header=address("ReplyTo", "http://elsewhere.example/")), "soap.reply_elsewhere"),
        (envelope(header=address("FaultTo", "http://elsewhere.example/")), "soap.reply_elsewhere"),
    ],
)
def test_envelope_that_two_readers_could_read_differently_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(EnvelopeError) as refused:
        read_envelope(raw, is_request=True)
    assert refused.value.code == code


def test_answer_may_have_comments_and_the_usual_reply_address_is_no_detour() -> None:
    assert read_envelope(envelope(MESSAGE.replace("3671", "36<!-- -->71")), is_request=False).value()
    anonymous = envelope(header=address("ReplyTo", f"{WSA}/anonymous"))
    assert read_envelope(anonymous, is_request=True).name == "Cek"


def test_action_is_found_wherever_an_envelope_names_it() -> None:
    named = envelope(header=f'<a:Action xmlns:a="{WSA}"> urn:c/Cek </a:Action>')
    assert read_envelope(named, is_request=True).actions == ("urn:c/Cek",)
    assert action_of("text/xml", '"urn:c/Cek"') == "urn:c/Cek"
    assert action_of('application/soap+xml; charset=utf-8; action="urn:c/Cek"', "") == "urn:c/Cek"
    assert action_of("text/xml; charset=utf-8", '""') == ""
    assert media_type_of("Text/XML; charset=utf-8") == "text/xml"
    assert media_type_of("application/xml") == ""


def test_fault_is_told_from_an_answer() -> None:
    fault = "<s:Fault><s:Code/></s:Fault>"
    assert read_envelope(envelope(fault, space=SOAP_12), is_request=False).is_fault
    assert not read_envelope(envelope("<Fault/>"), is_request=False).is_fault


NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).map(str.strip)
VALUES: st.SearchStrategy[JsonValue] = st.dictionaries(
    NAMES, TEXTS | st.dictionaries(NAMES, TEXTS, min_size=1), min_size=1
)  # type: ignore[assignment]  # a strategy of objects is one of JSON values


@given(VALUES, st.sampled_from(sorted(MEDIA_TYPES)), st.booleans())
def test_written_envelope_is_read_as_it_was(value: JsonValue, media_type: str, is_qualified: bool) -> None:
    raw = write_envelope("{urn:c}Cek", value, media_type=media_type, is_qualified=is_qualified)
    found = read_envelope(raw, is_request=True)
    assert (found.element, found.media_type, found.value()) == ("{urn:c}Cek", media_type, value)


@pytest.mark.parametrize("rules", [("/nik",), ("", "/nik"), ()])
def test_contract_with_field_rules_for_an_envelope_is_no_contract(rules: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="passes whole"):
        Operation("soap.Cek", "POST", "/soap/Cek", FieldRules(rules), soap=Soap("{urn:c}Cek"))
    with pytest.raises(ValueError, match="is a POST"):
        Operation("soap.Cek", "GET", "/soap/Cek", FieldRules(("",)), soap=Soap("{urn:c}Cek"))


@pytest.mark.parametrize("element", ["{urn:c}", "a b", "{urn c}Cek", "Cek/../x", "Cék"])
def test_soap_message_needs_a_usable_name(element: str) -> None:
    with pytest.raises(ContractError):
        parse_soap({"element": element})
