"""WSDL from outside: no entities, no files of ours, no private addresses, not without end."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from demo.bansos.app import HERE
from terpadu_doors.fetching import Fetcher
from terpadu_doors.problems import DescribeError
from terpadu_doors.wsdl import MAX_DOCUMENTS, SavedWsdl, fetch_wsdl, make_client, read_saved, soap_ports
from terpadu_wire.addresses import Network
from tests.doors.fakes import LOOPBACK, FakeSystem

WSDL = (HERE / "service.wsdl").read_text()
XSD = (HERE / "service.xsd").read_text()
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def _fetch(place: str, *, allowed: tuple[Network, ...] = LOOPBACK) -> SavedWsdl:
    with Fetcher(allowed) as fetcher:
        return fetch_wsdl(place, fetcher=fetcher)


def test_wsdl_with_its_import_is_saved_and_read_without_any_network(fake: FakeSystem, tmp_path: Path) -> None:
    fake.answer = lambda asked: (200, {}, (XSD if "xsd" in asked.path else WSDL).encode())
    saved = _fetch(f"{fake.url}/service.wsdl")
    path = tmp_path / "saved.json"
    path.write_bytes(saved.to_json())
    fake.asked.clear()

    ports = soap_ports(make_client(read_saved(path)))

    assert list(ports) == [("DtsenService", "DtsenSoap11")]
    assert len(saved.documents) == 2
    assert not fake.asked


@pytest.mark.parametrize("prolog", [LAUGHS, OUTSIDE, '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'])
@pytest.mark.parametrize("where", ["wsdl", "xsd"])
def test_document_type_in_wsdl_or_schema_is_refused(fake: FakeSystem, prolog: str, where: str) -> None:
    def hostile(text: str) -> bytes:
        return text.replace("?>", f"?>{prolog}", 1).encode()

    fake.answer = lambda asked: (
        200,
        {},
        (hostile(XSD) if where == "xsd" else XSD.encode())
        if "xsd" in asked.path
        else (hostile(WSDL) if where == "wsdl" else WSDL.encode()),
    )

    with pytest.raises(DescribeError) as refused:
        _fetch(f"{fake.url}/service.wsdl")

    assert refused.value.code == "wsdl.xml"


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "/etc/passwd", "http://169.254.169.254/latest/meta-data", "http://10.1.2.3/x.xsd"],
)
def test_import_of_files_or_private_addresses_is_refused(fake: FakeSystem, target: str) -> None:
    fake.answer = lambda asked: (200, {}, WSDL.replace("service.xsd", target).encode())

    with pytest.raises(DescribeError) as refused:
        _fetch(f"{fake.url}/service.wsdl")

    assert refused.value.code in ("wsdl.imports", "wsdl.unreachable", "wsdl.xml", "wsdl.invalid")
    assert "root:" not in refused.value.text


def test_redirect_to_elsewhere_is_not_followed(fake: FakeSystem) -> None:
    fake.answer = lambda asked: (302, {"Location": "http://169.254.169.254/"}, b"")

    with pytest.raises(DescribeError) as refused:
        _fetch(f"{fake.url}/service.wsdl")

    assert refused.value.code == "wsdl.unreachable"
    assert len(fake.asked) == 1


def test_import_without_end_is_stopped(fake: FakeSystem) -> None:
    def answer(asked: object) -> tuple[int, dict[str, str], bytes]:
        number = len(fake.asked)
        schema = (
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:n{number}">'
            f'<xs:import namespace="urn:n{number + 1}" schemaLocation="{number + 1}.xsd"/></xs:schema>'
        )
        return 200, {}, (WSDL.replace("service.xsd", "1.xsd") if number == 1 else schema).encode()

    fake.answer = answer

    with pytest.raises(DescribeError):
        _fetch(f"{fake.url}/service.wsdl")

    assert len(fake.asked) <= MAX_DOCUMENTS


def test_file_imports_only_what_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / "secret.xsd").write_text(XSD)
    (folder / "a.wsdl").write_text(WSDL.replace("service.xsd", "../secret.xsd"))

    with pytest.raises(DescribeError) as refused:
        _fetch(str(folder / "a.wsdl"))

    assert refused.value.code == "wsdl.imports"


def test_private_wsdl_address_needs_the_operators_word(fake: FakeSystem) -> None:
    fake.says(WSDL.encode())

    with pytest.raises(DescribeError) as refused:
        _fetch(f"{fake.url}/service.wsdl", allowed=(ip_network("10.0.0.0/8"),))

    assert refused.value.code == "wsdl.unreachable"
    assert not fake.asked


@pytest.mark.parametrize("raw", [b"", b"<html/>", b"<<<", WSDL.replace("DtsenPort", "Other", 1).encode()])
def test_what_is_no_wsdl_is_refused(fake: FakeSystem, raw: bytes) -> None:
    fake.answer = lambda asked: (200, {}, XSD.encode() if "xsd" in asked.path else raw)

    with pytest.raises(DescribeError):
        _fetch(f"{fake.url}/service.wsdl")


def test_wsdl_larger_than_the_limit_is_refused(fake: FakeSystem) -> None:
    fake.says(WSDL.encode() + b" " * (5 << 20))

    with pytest.raises(DescribeError) as refused:
        _fetch(f"{fake.url}/service.wsdl")

    assert refused.value.code == "wsdl.unreachable"
