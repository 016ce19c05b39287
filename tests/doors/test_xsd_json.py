"""XML of a service as .NET makes it, as JSON: attributes, moments without an offset, bytes, parts that are left out."""

from pathlib import Path

import pytest
from lxml import etree
from pydantic import JsonValue
from zeep import Client
from zeep.xsd.context import XmlParserContext

from terpadu_doors.problems import DoorProblem
from terpadu_doors.xsd_json import JsonTypes, to_json
from terpadu_wire.openapi import OpenApiChecker

SPACE = "http://pajak.contoh.go.id/"
WSDL = f"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:t="{SPACE}" targetNamespace="{SPACE}"
  xmlns:x="http://www.w3.org/2001/XMLSchema"><w:types>
  <x:schema targetNamespace="{SPACE}" elementFormDefault="qualified">
    <x:complexType name="Objek"><x:sequence>
      <x:element name="Luas" type="x:decimal" nillable="true"/>
      <x:element name="Terbit" type="x:dateTime" minOccurs="0"/>
      <x:element name="Foto" type="x:base64Binary" minOccurs="0"/>
      <x:choice><x:element name="Nama" type="x:string"/><x:element name="Badan" type="x:string"/></x:choice>
      <x:element name="Induk" type="t:Objek" minOccurs="0"/>
    </x:sequence><x:attribute name="id" type="x:int" use="required"/><x:attribute name="kode" type="x:string"/>
    </x:complexType>
    <x:element name="Jawaban"><x:complexType><x:sequence>
      <x:element name="Hasil" type="t:Objek" minOccurs="0"/>
    </x:sequence></x:complexType></x:element>
  </x:schema></w:types></w:definitions>"""
FULL = """<Hasil id="5" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Luas i:nil="true"/>
  <Terbit>2026-01-02T03:04:05</Terbit><Foto>AAEC/w==</Foto><Badan>PT X</Badan>
  <Induk id="6" kode="K"><Luas>12.50</Luas><Nama>Y</Nama></Induk></Hasil>"""
PARENT: JsonValue = {
    "Luas": 12.5, "Terbit": None, "Foto": None, "Nama": "Y", "Badan": None, "Induk": None, "id": 6, "kode": "K",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """zeep's reading of the WSDL."""
    path = tmp_path_factory.mktemp("wsdl") / "service.wsdl"
    Path(path).write_text(WSDL)
    return Client(str(path))


def _read(client: Client, inside: str) -> JsonValue:
    """Return an answer as JSON, held against the schema that the door's document gives for it."""
    element = client.get_element(f"{{{SPACE}}}Jawaban")
    node = etree.fromstring(f'<Jawaban xmlns="{SPACE}">{inside}</Jawaban>')
    context = XmlParserContext(settings=client.settings)
    found = to_json(
        element.type, element.type.parse_xmlelement(node, client.wsdl.types, context=context), node
    )
    types = JsonTypes()
    content: JsonValue = {"application/json": {"schema": types.schema_of(element.type, is_answer=True)}}
    operation: JsonValue = {"operationId": "x", "responses": {"200": {"content": content}}}
    checker = OpenApiChecker(
        {"openapi": "3.0.3", "paths": {"/x": {"post": operation}}, "components": {"schemas": types.schemas}}
    )
    assert checker.answer_break("x", status=200, body=found, has_body=True) is None
    return found


def test_attributes_bytes_and_moments_are_answered_as_they_are(client: Client) -> None:
    assert _read(client, FULL) == {
        "Hasil": {
            "Luas": None,
            "Terbit": "2026-01-02T03:04:05",
            "Foto": "AAEC/w==",
            "Nama": None,
            "Badan": "PT X",
            "Induk": PARENT,
            "id": 5,
            "kode": None,
        }
    }


def test_part_that_is_left_out_is_null_and_keeps_to_the_document(client: Client) -> None:
    assert _read(client, "") == {"Hasil": None}


def test_attribute_that_the_wsdl_demands_is_missed(client: Client) -> None:
    with pytest.raises(DoorProblem) as refused:
        _read(client, "<Hasil><Luas>1</Luas><Nama>Y</Nama></Hasil>")

    assert refused.value.detail == "the answer has no id, which its WSDL demands"
