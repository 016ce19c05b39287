"""Events of the demo country: a birth is recorded, and the health insurer and the family's portal learn of it.

Articles marked "(diasumsikan)" were not read in the law's own text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from django.conf import settings

from terpadu.directory.demo import BPJS, DUKCAPIL, PORTAL
from terpadu.directory.public import agency_get
from terpadu.exchange.demo import words
from terpadu.exchange.demo.contracts import BIRTH_RECORDS, CONTRACT_LIFE
from terpadu.exchange.demo.purposes import purpose_ensure, purpose_reference
from terpadu.exchange.public import InterfaceView, interface_connect, interface_get, interface_publish
from terpadu.exchange.selectors.places import control_url
from terpadu.exchange.services.drafting import connection_grant, content_of
from terpadu.exchange.services.events import events_key_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.contracts import ConnectionGrant, ContractContent
from terpadu_wire.properties import (
    FieldRules,
    Operation,
    Properties,
    Purpose,
    Quota,
    Subject,
    Text,
    Topic,
    properties_to_json,
)

NOTICES = "peristiwa"
"""How the interfaces are called that events come from and go to."""
BIRTH = "id.demo.kelahiran.tercatat.v1"
KEY_HEADER = "X-Events-Key"
BY = Actor.system("demo")
_BASIS = "UU 24/2013 ps. 58 ayat (4) huruf a; UU 27/2022 ps. 20 ayat (2) huruf e"
_NOTICE = {"/events": Text("Pemberitahuan bahwa kelahiran dicatat", "A notice that a birth was recorded")}
_WHO = Text("NIK ibu dan ayah", "NIK of mother and father")


@dataclass(frozen=True)
class Subscriber:
    """An agency that takes notices of births and then fetches what it may. taken: pointer of its system's answer."""

    code: str
    operation: str
    taken: str
    purpose: Purpose
    data_items: Mapping[str, Text]


SUBSCRIBERS = (
    Subscriber(
        BPJS,
        "terimaKelahiran",
        "/diterima",
        Purpose(
            "jkn.bayi",
            Text("Mendaftarkan bayi baru lahir ke JKN", "To register a newborn with the health insurance"),
            f"{_BASIS}; Perpres 82/2018 ps. 16 (diasumsikan)",
            "Selama bayi menjadi peserta (diasumsikan)",
        ),
        {
            name: words.BIRTH_DEED[name]
            for name in ("/nik_anak", "/nama_anak", "/jenis_kelamin", "/tanggal_lahir")
        }
        | {"/nik_ibu": _WHO, "/nik_ayah": _WHO},
    ),
    Subscriber(
        PORTAL,
        "takeBirth",
        "/taken",
        Purpose(
            "keluarga.kelahiran",
            Text(
                "Memberi tahu orang tua layanan apa yang tersedia bagi bayi mereka",
                "To tell parents which services there are for their newborn",
            ),
            f"{_BASIS} (diasumsikan)",
            "Hanya nama anak, di kotak pesan orang tuanya",
        ),
        {"/nik_anak": words.BIRTH_DEED["/nik_anak"], "/nama_anak": words.BIRTH_DEED["/nama_anak"]}
        | {"/nik_ibu": _WHO, "/nik_ayah": _WHO},
    ),
)


def publish_event_interfaces() -> None:
    """Publish where notices come from and where they go, and connect the systems behind."""
    events_key = events_key_ensure()
    _publish(DUKCAPIL, _publisher_document())
    peer_id = agency_get(DUKCAPIL).peer_id
    interface_connect(
        f"{DUKCAPIL}/{NOTICES}",
        base_url=f"{control_url()}/exchange/topics/{peer_id}/{NOTICES}",
        header_name=KEY_HEADER,
        credential_path=events_key,
        by=BY,
    )
    _publish(PORTAL, _portal_document())
    interface_connect(
        f"{PORTAL}/{NOTICES}",
        base_url=f"{control_url()}/exchange/received",
        header_name=KEY_HEADER,
        credential_path=events_key,
        by=BY,
    )


def publish_insurer(credential: Path) -> None:
    """Publish and connect the insurer's system. credential: file of the key that it shares with its gateway."""
    document: Path = settings.PROJECT_ROOT / "demo" / "bpjs" / "openapi.json"
    _publish(BPJS, document.read_bytes())
    port = settings.DEMO_PORTS["bpjs"]
    interface_connect(
        f"{BPJS}/{NOTICES}",
        base_url=f"http://127.0.0.1:{port}",
        header_name="X-Kunci",
        credential_path=credential,
        by=BY,
    )


def agree_on_event_purposes() -> None:
    """Make one purpose for each subscriber; it covers the notice and what is fetched after it."""
    for one in SUBSCRIBERS:
        items = tuple(dict.fromkeys(text.id for text in (*_NOTICE.values(), *one.data_items.values())))
        services = (NOTICES, BIRTH_RECORDS)
        purpose_ensure(one.code, services, one.purpose, data_items=items, by_consent=False, by=BY)


def event_contracts() -> list[ContractContent]:
    """Return one contract for each subscriber: notices are pushed, or pulled, and the deed of a notice is fetched."""
    return [_contract(one) for one in SUBSCRIBERS]


def _contract(one: Subscriber) -> ContractContent:
    grants = (_push(one), _pull(one), _fetch(one))
    return content_of(grants, not_before=now(), not_after=now() + CONTRACT_LIFE)


def _push(one: Subscriber) -> ConnectionGrant:
    interface = interface_get(f"{one.code}/{NOTICES}")
    found = interface.operation(one.operation)
    rule = Operation(
        id=found.id,
        method=found.method,
        path=found.path,
        fields=FieldRules((one.taken,)),
        data_items={"/subject": _NOTICE["/events"]},
        topic=Topic(NOTICES, BIRTH),
    )
    subject = Subject("request", "/subject", form="pseudonym")
    return _grant(DUKCAPIL, interface, _properties(one, interface, rule, subject))


def _pull(one: Subscriber) -> ConnectionGrant:
    interface = interface_get(f"{DUKCAPIL}/{NOTICES}")
    found = interface.operation("kelahiranTercatat")
    rule = Operation(found.id, found.method, found.path, FieldRules(("/events", "/next")), _NOTICE)
    subject = Subject("response", "/events/*/subject", form="pseudonym")
    return _grant(one.code, interface, _properties(one, interface, rule, subject))


def _fetch(one: Subscriber) -> ConnectionGrant:
    interface = interface_get(f"{DUKCAPIL}/{BIRTH_RECORDS}")
    found = interface.operation("aktaPeristiwa")
    items = dict(one.data_items)
    rule = Operation(found.id, found.method, found.path, FieldRules(tuple(items)), items)
    return _grant(one.code, interface, _properties(one, interface, rule, Subject("response", "/nik_anak")))


def _properties(one: Subscriber, interface: InterfaceView, rule: Operation, subject: Subject) -> Properties:
    purpose_id, digest = purpose_reference(one.code, one.purpose.code)
    return Properties(
        purpose=replace(one.purpose, id=purpose_id, digest=digest),
        operations=(rule,),
        openapi_sha256=interface.openapi_sha256,
        subject=subject,
        quota=Quota(rps=200, per_day=500_000),
    )


def _grant(caller_code: str, interface: InterfaceView, properties: Properties) -> ConnectionGrant:
    rules = properties_to_json(properties)
    return connection_grant(caller_code, reader=caller_code, interface=interface, properties=rules)


def _publish(agency_code: str, document: bytes) -> None:
    interface_publish(agency_code, name=NOTICES, openapi=document, directory_code=PORTAL, by=BY)


def _publisher_document() -> bytes:
    events = {"type": "array", "items": {"type": "object"}}
    asked = {"type": "object", "properties": {"after": {"type": "integer"}, "limit": {"type": "integer"}}}
    given = {"type": "object", "properties": {"events": events, "next": {"type": "integer"}}}
    operation = _operation("kelahiranTercatat", "application/json", asked, given) | {"x-topic": BIRTH}
    return _document("Peristiwa kependudukan", {"/kelahiran": {"post": operation}})


def _portal_document() -> bytes:
    given = {"type": "object", "properties": {"taken": {"type": "boolean"}}}
    operation = _operation("takeBirth", "application/cloudevents+json", {"type": "object"}, given)
    return _document("Peristiwa untuk portal", {"/births": {"post": operation}})


def _operation(
    name: str, content_type: str, asked: Mapping[str, object], given: Mapping[str, object]
) -> dict[str, object]:
    return {
        "operationId": name,
        "requestBody": {"required": True, "content": {content_type: {"schema": asked}}},
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": given}}}},
    }


def _document(title: str, paths: Mapping[str, object]) -> bytes:
    info = {"title": title, "version": "1.0.0"}
    return orjson.dumps({"openapi": "3.0.3", "info": info, "paths": paths}, option=orjson.OPT_SORT_KEYS)
