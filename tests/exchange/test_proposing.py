"""An agreement proposed in the browser: what can be chosen, what is signed, and who finds it waiting."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terpadu.directory.demo import DUKCAPIL, KECAMATAN, POLRI
from terpadu.directory.public import position_create
from terpadu.exchange.events import ContractProposed
from terpadu.exchange.models import Grant
from terpadu.exchange.public import PurposeView, contract_list, purpose_list, purpose_move
from terpadu.exchange.rules.interfaces import JsonObject, operation_in, schema_at
from terpadu.exchange.rules.leaves import DEEPEST, leaves, words_of_leaf
from terpadu.exchange.selectors.console import contracts_waiting
from terpadu.exchange.selectors.offers import offer_get, offers_of
from terpadu.exchange.selectors.registry import interface_row
from terpadu.exchange.services.peers import interface_publish
from terpadu.exchange.web.proposing_forms import ProposalForm
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.messaging.about_exchange import tell_of_agreement
from terpadu.messaging.public import inbox_for
from terpadu_wire.properties import parse_properties
from tests.exchange.test_pages import officer, person

BY = Actor.system("tests")
PAGE = "/pertukaran/perjanjian/usul/"
OPERATION = "cariKeluarga"

leaf: st.SearchStrategy[JsonObject] = st.just({"type": "string"})
schemas = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.dictionaries(st.text("ab/~", min_size=1, max_size=3), inner, min_size=1, max_size=3).map(
            lambda members: {"type": "object", "properties": members}
        ),
        inner.map(lambda one: {"type": "array", "items": one}),
    ),
    max_leaves=12,
)


@given(schemas)
def test_leaves_all_lead_somewhere(schema: JsonObject) -> None:
    for pointer, _ in leaves(schema, document=schema):
        assert schema_at(schema, pointer, document=schema) is not None


def test_leaves_of_a_schema_that_refers_to_itself_end() -> None:
    document: JsonObject = {"Node": {"properties": {"name": {"title": "Nama"}, "next": {"$ref": "#/Node"}}}}
    found = leaves({"$ref": "#/Node"}, document=document)
    assert found[0][0] == "/name"
    assert len(found) < DEEPEST
    assert words_of_leaf(*found[0]).id == "Nama"
    assert words_of_leaf("/data/tanggal_lahir", {}).en == "Tanggal lahir"


def active(agency_code: str, code: str) -> PurposeView:
    found = purpose_list(agency_code, state="active")
    return next(one for one in found if one.content.code == code)


def filled(purpose: PurposeView, *pointers: str, **changes: str) -> dict[str, object]:
    """Return what a browser sends when these pieces of data of one operation are chosen."""
    offer = offer_get(purpose.consumer.code, purpose.id, "kependudukan")
    place = next(n for n, one in enumerate(offer.operations) if one.operation.id == OPERATION)
    numbers = {pointer: number for number, (pointer, _) in enumerate(offer.operations[place].items)}
    given: dict[str, object] = {
        "caller": offer.callers[0].code,
        "needs_case": "on",
        "per_day": "120",
        "rps": "2",
        "since": today().isoformat(),
        "until": (today() + timedelta(days=60)).isoformat(),
        f"items_{place}": list(pointers),
        f"subject_{place}": "/nik",
        f"match_{place}": "/data/anggota/*/nik",
    }
    if "/data/alamat" in numbers:
        given[f"words_{place}_{numbers['/data/alamat']}_id"] = "Alamat rumah"
    return given | changes


@pytest.mark.django_db
def test_agreement_is_chosen_signed_and_found_waiting_by_the_other_agency(country: Path) -> None:
    client, purpose = officer("agus", KECAMATAN, lang="en"), active(KECAMATAN, "domisili.surat")
    address = f"{PAGE}{purpose.id}/kependudukan/"
    assert address in client.get(PAGE).content.decode()
    form = client.get(address).content.decode()
    assert "Alamat" in form or "Address" in form
    before = {one.content_hash for one in contract_list()}

    sent = client.post(address, filled(purpose, "/data/alamat", "/data/nik"))

    assert sent.status_code == 302, sent.content.decode()
    [view] = [one for one in contract_list() if one.content_hash not in before]
    assert (view.state, list(view.signatures.accept)) == ("proposed", [purpose.consumer.peer_id])
    rules = parse_properties(Grant.objects.get(contract__content_hash=view.content_hash).properties)
    [rule] = rules.operations
    assert set(rule.fields.allow) == {"/data/alamat", "/data/nik"}
    assert rule.data_items["/data/alamat"].id == "Alamat rumah"
    assert (rules.quota.per_day if rules.quota else 0, rules.evidence.required) == (120, True)
    assert rules.purpose.id == str(purpose.id)
    assert view.content_hash in {one.content_hash for one in contracts_waiting("00000002")}
    page = client.get(sent["Location"]).content.decode()
    assert "contract.not_valid" in page  # though another agreement answers such a call already
    waiting = officer("budi", DUKCAPIL, lang="en").get("/pertukaran/").content.decode()
    assert f"/pertukaran/perjanjian/{view.content.iv}/tandatangani/" in waiting
    tell_of_agreement(ContractProposed(view.content_hash, view.signers))
    found = [(one.template, one.link) for one in inbox_for(person("budi"))]
    assert found == [("agreement_waiting", f"/pertukaran/perjanjian/{view.content.iv}/")]
    assert inbox_for(person("agus")) == []


@pytest.mark.django_db
def test_form_calls_no_data_optional_and_opens_what_was_chosen(country: Path) -> None:
    client, purpose = officer("agus", KECAMATAN, lang="en"), active(KECAMATAN, "domisili.surat")
    address = f"{PAGE}{purpose.id}/kependudukan/"

    form = client.get(address).content.decode()
    again = client.post(address, filled(purpose, "/data/nik", per_day="0")).content.decode()

    for label in ("Data that the answer may hold", "Where the request names the person"):
        assert re.findall(rf"{label}([^/]*)</", form) == [""] * form.count(label)
    assert (form.count('class="card next" open'), again.count('class="card next" open')) == (0, 1)


@pytest.mark.django_db
def test_person_who_agrees_must_be_named_by_the_request(country: Path) -> None:
    client, purpose = officer("agus", KECAMATAN, lang="en"), active(KECAMATAN, "domisili.surat")
    offer = offer_get(purpose.consumer.code, purpose.id, "kependudukan")
    basis = purpose.content.legal_basis
    content = replace(purpose.content, legal_basis=replace(basis, kind="consent"))
    by_consent = replace(offer, purpose=replace(purpose, content=content))

    assert "It is about nobody" in client.get(f"{PAGE}{purpose.id}/kependudukan/").content.decode()
    assert "It is about nobody" not in str(ProposalForm(offer=by_consent)["subject_0"])


@pytest.mark.django_db
def test_agreement_that_waits_shows_what_explain_says(country: Path) -> None:
    waiting = next(one for one in contract_list() if one.state == "proposed")
    client = officer("budi", DUKCAPIL, lang="en")
    page = client.get(f"/pertukaran/perjanjian/{waiting.content.iv}/").content.decode()
    assert "A call would be refused now" in page
    assert "contract.not_valid" in page
    concluded = Grant.objects.get(purpose="domisili.surat").contract
    page = client.get(f"/pertukaran/perjanjian/{concluded.iv}/").content.decode()
    assert "A call would be answered now" in page


@pytest.mark.django_db
def test_agreement_of_a_purpose_that_hides_carries_its_class(country: Path) -> None:
    purpose = active(POLRI, "pidana.penyelidikan")
    position_create(agency_code=POLRI, kind="penyidik", title="Penyidik", by=BY)
    client = officer("budi", POLRI, lang="en")
    sent = client.post(f"{PAGE}{purpose.id}/kependudukan/", filled(purpose, "/data/nik"))
    assert sent.status_code == 302
    page = client.get(sent["Location"]).content.decode()
    assert "Never; only the data protection supervisor sees it" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pointers", "changes", "words"),
    [
        ((), {}, "Choose at least one piece of data"),
        (("/data/nowhere",), {}, "nowhere"),
        (("/data/nik",), {"until": "2020-01-01"}, "comes after the first one"),
        (("/data/nik",), {"until": "2099-01-01"}, "The purpose ends before this day"),
        (("/data/nik",), {"per_day": "0"}, "per_day"),
        (("/data/nik",), {"caller": "pupr.36.71"}, "pupr"),
        (("/data/nik",), {"pattern": "KIA-["}, "contract.properties_invalid"),
    ],
)
def test_proposal_form_says_what_is_wrong_and_signs_nothing(
    country: Path, pointers: tuple[str, ...], changes: dict[str, str], words: str
) -> None:
    client, purpose = officer("agus", KECAMATAN, lang="en"), active(KECAMATAN, "domisili.surat")
    before = len(contract_list())
    answer = client.post(f"{PAGE}{purpose.id}/kependudukan/", filled(purpose, *pointers, **changes))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert len(contract_list()) == before


@pytest.mark.django_db
def test_proposal_form_says_all_that_is_wrong_at_once_and_at_its_field(country: Path) -> None:
    purpose = active(KECAMATAN, "domisili.surat")
    offer = offer_get(purpose.consumer.code, purpose.id, "kependudukan")
    client, address = officer("agus", KECAMATAN), f"{PAGE}{purpose.id}/kependudukan/"
    [long] = [name for name in ProposalForm(offer=offer).fields if name.startswith("words_1_0_id")]

    page = client.post(address, filled(purpose, per_day="0", until="2020-01-01", **{long: "a" * 101}))
    malformed = client.post(address, filled(purpose, "/data/nik", pattern="KIA-["))

    assert set(page.context["form"].errors) == {"__all__", "per_day", "until", long}
    assert "<title>Galat: " in page.content.decode()
    assert "Panggilan per hari paling banyak: Paling sedikit 1." in page.content.decode()
    assert page.content.decode().count("<details open>") == 1  # where the words that are too long stand
    assert list(malformed.context["form"].errors) == ["pattern"]


@pytest.mark.django_db
def test_proposing_is_for_the_agency_of_an_active_purpose(country: Path) -> None:
    purpose = active(KECAMATAN, "domisili.surat")
    address = f"{PAGE}{purpose.id}/kependudukan/"
    stranger: Client = officer("budi", DUKCAPIL)
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, filled(purpose, "/data/nik")).status_code == 404
    client = officer("agus", KECAMATAN)
    assert client.get(f"{PAGE}{purpose.id}/akta-kelahiran/").status_code == 404
    purpose_move(purpose.id, "suspend", reason="Sedang diperiksa ulang", by=BY)
    assert client.get(address).status_code == 404
    assert address not in client.get(PAGE).content.decode()
    assert all(one.state == "active" for one, _ in offers_of(KECAMATAN))


@pytest.mark.django_db
def test_agreement_opens_the_query_parameters_that_name_nobody(country: Path) -> None:
    document = orjson.loads(interface_row(f"{DUKCAPIL}/kependudukan").openapi)
    path, raw = operation_in(document, OPERATION)
    raw["parameters"] = [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("halaman", "nik")
    ]
    interface_publish(
        DUKCAPIL, name="kependudukan", openapi=orjson.dumps(document), directory_code="portal", by=BY
    )
    client, purpose = officer("agus", KECAMATAN, lang="id"), active(KECAMATAN, "domisili.surat")
    address = f"{PAGE}{purpose.id}/kependudukan/"
    assert (
        'Parameter alamat yang boleh diberikan: <span class="num">halaman</span>'
        in client.get(address).content.decode()
    )

    sent = client.post(address, filled(purpose, "/data/alamat"))

    assert sent.status_code == 302, sent.content.decode()
    row = Grant.objects.order_by("id").last()
    assert row is not None
    [rule] = parse_properties(row.properties).operations
    assert (rule.path, rule.query) == (path, ("halaman",))
