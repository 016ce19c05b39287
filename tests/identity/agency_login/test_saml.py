"""An agency's SAML identity provider as the login of its officers, and everything that must not pass."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from lxml import etree

from terpadu.identity.enums import LoginProtocol
from terpadu.identity.models import Account, OfficerLink
from terpadu.identity.rules.agency_logins.saml import SamlFault, parse_xml
from terpadu.identity.rules.agency_logins.saml_metadata import read_metadata
from terpadu.identity.services.agency_logins.registration import login_approve, login_propose, login_register
from terpadu.kernel.actors import Actor
from tests.identity.agency_login.fake_identity_provider import (
    DSIG,
    SAML,
    FakeIdentityProvider,
    encoded,
    evil_copy,
    make_key,
    sign,
)
from tests.identity.provider.conftest import sign_in

pytestmark = pytest.mark.django_db
OFFICE = "/uji/petugas/"
GOOD, OTHER = make_key(), make_key()


@pytest.fixture
def idp() -> FakeIdentityProvider:
    """The agency's identity provider."""
    return FakeIdentityProvider(*GOOD)


@pytest.fixture
def saml_id(idp: FakeIdentityProvider, administrator: Actor, approver: Actor) -> UUID:
    """The agency's SAML login, approved."""
    made = login_register(LoginProtocol.SAML, name="AD Kota", by=administrator)
    levels = {"urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken": "loa2"}
    login_propose(made, read_metadata(idp.metadata(), levels=levels), by=administrator)
    login_approve(made, by=approver)
    return made


def posted(browser: Browser, saml_id: UUID, answer: etree._Element | bytes) -> HttpResponse:
    """Post an answer as a browser does that comes from elsewhere: without our cookie; then go on with it."""
    response = Browser().post(f"/masuk/instansi/{saml_id}/saml", {"SAMLResponse": encoded(answer)})
    return browser.get(response["Location"]) if response.status_code == 303 else response


def away(browser: Browser, saml_id: UUID) -> str:
    """Return where a browser is sent that wants to enter."""
    return str(browser.get(f"/masuk/instansi/{saml_id}/", {"next": OFFICE})["Location"])


@pytest.fixture
def link(own: Browser, saml_id: UUID, idp: FakeIdentityProvider) -> OfficerLink:
    """Siti's link."""
    sent = own.get(f"/akun/instansi/{saml_id}/tautkan/")["Location"]
    assert posted(own, saml_id, idp.response(sent)).status_code == 302
    assert idp.seen[0].get("ForceAuthn") == "true"
    return OfficerLink.objects.get()


def test_officer_enters_by_a_signed_assertion(
    link: OfficerLink, saml_id: UUID, idp: FakeIdentityProvider
) -> None:
    browser = Browser()
    idp.context = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
    idp.signed_in_ago = timedelta(hours=5)

    answer = posted(browser, saml_id, idp.response(away(browser, saml_id)))

    assert (answer.status_code, answer["Location"]) == (302, OFFICE)
    assert browser.get(OFFICE).status_code == 200
    assert browser.get("/uji/warga/").status_code == 302
    assert browser.session["identity.methods"][0]["level"] == "loa2"


def test_answer_with_a_signed_response_around_it_is_taken(
    link: OfficerLink, saml_id: UUID, idp: FakeIdentityProvider
) -> None:
    browser = Browser()
    response = idp.response(away(browser, saml_id))
    sign(response, *GOOD)

    assert posted(browser, saml_id, response).status_code == 302


CHANGES: dict[str, dict[str, Any]] = {
    "wrong issuer": {"entity_id": "https://lain.contoho.go.id"},
    "wrong audience": {"audience": "https://lain.contoho.go.id"},
    "wrong recipient": {"recipient": "https://lain.contoho.go.id/saml"},
    "wrong destination": {"destination": "https://lain.contoho.go.id/saml"},
    "not asked for": {"in_response_to": "_lain"},
    "stale": {"issued_ago": timedelta(minutes=10), "life": timedelta(hours=1)},
    "over": {"issued_ago": timedelta(minutes=4), "life": timedelta(minutes=1)},
    "not yet": {"starts_in": timedelta(minutes=5), "life": timedelta(minutes=10)},
    "another person": {"subject": "pegawai-002"},
    "transient name": {"name_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
    "mail address as name": {"name_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
    "no bearer": {"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"},
    "no success": {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"},
    "another key": dict(zip(("key", "certificate"), OTHER, strict=True)),
    "another key under our certificate": {"key": OTHER[0]},
}


def test_answer_spoiled_is_refused(link: OfficerLink, saml_id: UUID, idp: FakeIdentityProvider) -> None:
    """All in one test: the way there costs more than the check."""
    for name, changes in CHANGES.items():
        browser = Browser()
        answer = posted(browser, saml_id, replace(idp, **changes).response(away(browser, saml_id)))
        assert answer.status_code in (403, 410), name
        assert browser.get(OFFICE).status_code == 302, name


def _unsigned(response: etree._Element) -> None:
    assertion = response[-1]
    assertion.remove(assertion.find(f"{{{DSIG}}}Signature"))


def _only_response_signed(response: etree._Element) -> None:
    _unsigned(response)
    sign(response, *GOOD)


def _changed(response: etree._Element) -> None:
    response[-1].find(f".//{{{SAML}}}NameID").text = "pegawai-002"


def _evil_first(response: etree._Element) -> None:
    response.insert(2, evil_copy(response[-1], "pegawai-002"))


def _evil_around(response: etree._Element) -> None:
    good = response[-1]
    evil = evil_copy(good, "pegawai-002")
    response.remove(good)
    etree.SubElement(evil, f"{{{SAML}}}Advice").append(good)
    response.append(evil)


def _evil_with_its_signature(response: etree._Element) -> None:
    """The evil assertion carries the signature, which points to the good one kept elsewhere in the message."""
    good = response[-1]
    evil = evil_copy(good, "pegawai-002")
    signature = good.find(f"{{{DSIG}}}Signature")
    evil.insert(1, copy.deepcopy(signature))
    response.remove(good)
    extensions = etree.SubElement(response, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    good.remove(signature)
    extensions.append(good)
    response.append(evil)


def _good_inside_the_signature(response: etree._Element) -> None:
    good = response[-1]
    evil = evil_copy(good, "pegawai-002")
    signature = good.find(f"{{{DSIG}}}Signature")
    good.remove(signature)
    etree.SubElement(signature, f"{{{DSIG}}}Object").append(good)
    evil.insert(1, signature)
    response.remove(good) if good in list(response) else None
    response.append(evil)


def _same_id_twice(response: etree._Element) -> None:
    good = response[-1]
    evil = evil_copy(good, "pegawai-002")
    evil.set("ID", good.get("ID"))
    response.insert(2, evil)


def _encrypted(response: etree._Element) -> None:
    response[-1].tag = f"{{{SAML}}}EncryptedAssertion"


def _two_signatures(response: etree._Element) -> None:
    assertion = response[-1]
    assertion.append(copy.deepcopy(assertion.find(f"{{{DSIG}}}Signature")))


WRAPPINGS: list[Callable[[etree._Element], None]] = [
    _unsigned,
    _only_response_signed,
    _changed,
    _evil_first,
    _evil_around,
    _evil_with_its_signature,
    _good_inside_the_signature,
    _same_id_twice,
    _encrypted,
    _two_signatures,
]


def test_answer_wrapped_or_unsigned_is_refused(
    link: OfficerLink, saml_id: UUID, idp: FakeIdentityProvider
) -> None:
    for wrap in WRAPPINGS:
        browser = Browser()
        response = idp.response(away(browser, saml_id))
        wrap(response)
        assert posted(browser, saml_id, response).status_code == 403, wrap.__name__
        assert browser.get(OFFICE).status_code == 302, wrap.__name__


def test_comment_in_a_name_changes_nobody(
    link: OfficerLink, saml_id: UUID, idp: FakeIdentityProvider
) -> None:
    """A canonical form has no comments, so a name cut in two by one still reads as the whole name."""
    browser = Browser()
    whole = replace(idp, subject="pegawai-001.lain")
    text = etree.tostring(whole.response(away(browser, saml_id)))

    answer = posted(browser, saml_id, text.replace(b"pegawai-001.lain", b"pegawai-001<!-- x -->.lain"))

    assert answer.status_code == 403


def test_answer_twice_in_another_browser_or_at_another_login_is_refused(
    link: OfficerLink, saml_id: UUID, idp: FakeIdentityProvider, administrator: Actor, approver: Actor
) -> None:
    other = login_register(LoginProtocol.SAML, name="AD lain", by=administrator)
    login_propose(other, read_metadata(idp.metadata(), levels={}), by=administrator)
    login_approve(other, by=approver)
    browser, thief = Browser(), Browser()
    response = idp.response(away(browser, saml_id))
    away(thief, saml_id)

    assert posted(browser, other, response).status_code == 403
    assert posted(thief, saml_id, response).status_code == 410
    assert posted(browser, saml_id, response).status_code == 410
    assert browser.get("/masuk/instansi/selesai/").status_code == 302
    assert posted(browser, saml_id, response).status_code == 410


def test_link_with_an_old_sign_in_is_refused(
    account: Account, own: Browser, saml_id: UUID, idp: FakeIdentityProvider
) -> None:
    idp.signed_in_ago = timedelta(hours=1)
    sent = own.get(f"/akun/instansi/{saml_id}/tautkan/")["Location"]

    assert posted(own, saml_id, idp.response(sent)).status_code == 403
    assert OfficerLink.objects.count() == 0


def test_link_is_not_made_for_a_browser_that_did_not_begin_it(
    account: Account, own: Browser, saml_id: UUID, idp: FakeIdentityProvider
) -> None:
    cheat = sign_in(account)
    response = idp.response(cheat.get(f"/akun/instansi/{saml_id}/tautkan/")["Location"])

    assert posted(own, saml_id, response).status_code == 410
    assert OfficerLink.objects.count() == 0


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("text", [BOMB, FILE, b"<!DOCTYPE x><x/>", b"<x>", b"", b"\xff\xfe", b"x" * 300_000])
def test_answer_that_is_no_plain_xml_is_refused(saml_id: UUID, text: bytes) -> None:
    assert posted(Browser(), saml_id, text).status_code == 403
    assert Browser().post(f"/masuk/instansi/{saml_id}/saml", {"SAMLResponse": "%%%"}).status_code == 403
    assert Browser().post(f"/masuk/instansi/{saml_id}/saml").status_code == 403


@pytest.mark.parametrize("text", [BOMB, FILE])
def test_document_type_is_refused_before_it_is_read(text: bytes) -> None:
    with pytest.raises(SamlFault):
        parse_xml(text)


def test_metadata_without_what_is_needed_is_refused(idp: FakeIdentityProvider) -> None:
    good = idp.metadata()

    assert read_metadata(good, levels={}).sso_uri == "https://idp.contoho.go.id/sso"
    for broken in (
        good.replace(b"HTTP-Redirect", b"SOAP"),
        good.replace(b"https://idp.contoho.go.id/sso", b"http://idp.contoho.go.id/sso"),
        good.replace(b"IDPSSODescriptor", b"SPSSODescriptor"),
        good.replace(b"EntityDescriptor", b"EntitiesDescriptor"),
        good.replace(b'entityID="https://idp.contoho.go.id/entity"', b""),
        idp.metadata(certificate="AAAA"),
        b"<x/>",
    ):
        with pytest.raises(SamlFault):
            read_metadata(broken, levels={})


def test_own_metadata_says_where_and_that_assertions_are_signed(saml_id: UUID) -> None:
    answer = Browser().get(f"/masuk/instansi/{saml_id}/saml/metadata")

    assert b'WantAssertionsSigned="true"' in answer.content
    assert f"/masuk/instansi/{saml_id}/saml".encode() in answer.content
    assert Browser().get(f"/masuk/instansi/{UUID(int=0)}/saml/metadata").status_code == 404
