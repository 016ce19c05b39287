"""SAML 2.0 web browser single sign-on: our request, and what an answer must prove (SAML Profiles, 4.1.4.3).

Only a signed assertion counts, and only what was signed is read: the signature check gives back the signed element as it
was digested, so that nothing wrapped around it or beside it is seen (signature wrapping).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.x509 import Certificate
from defusedxml.ElementTree import fromstring as parse_hardened
from lxml import etree
from lxml.builder import ElementMaker
from minisignxml.config import VerifyConfig
from minisignxml.errors import MiniSignXMLError
from minisignxml.verify import extract_verified_element_and_certificate

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
NS = {"saml": SAML, "samlp": SAMLP, "ds": DSIG}
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
LARGEST = 200_000  # bytes
SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=5)  # how long ago an assertion may have been issued
LINK_MAX_AGE = timedelta(minutes=5)  # how long ago somebody may have proved who they are, when they link


class SamlFault(Exception):
    """An answer cannot be trusted. The text says why, without anything of the answer."""


@dataclass(frozen=True)
class Expected:
    """What an answer must be about. audience: our entity id. address: where it was to be sent."""

    entity_id: str
    audience: str
    address: str
    certificates: Collection[Certificate]
    must_be_fresh: bool


@dataclass(frozen=True)
class Assertion:
    """What a signed assertion proved. subject: NameID with its qualifiers. context: AuthnContextClassRef."""

    id: str
    request_id: str
    subject: str
    context: str


def build_request(
    *, request_id: str, audience: str, address: str, destination: str, now: datetime, must_be_fresh: bool
) -> str:
    """Return an AuthnRequest, deflated and in base64 for the redirect binding (SAML Bindings, 3.4.4.1)."""
    samlp, saml = (ElementMaker(namespace=uri, nsmap={"samlp": SAMLP, "saml": SAML}) for uri in (SAMLP, SAML))
    request = samlp.AuthnRequest(
        saml.Issuer(audience),
        samlp.NameIDPolicy(Format=PERSISTENT, AllowCreate="true"),
        ID=request_id,
        Version="2.0",
        IssueInstant=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        Destination=destination,
        ProtocolBinding=POST,
        AssertionConsumerServiceURL=address,
    )
    if must_be_fresh:
        request.set("ForceAuthn", "true")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(etree.tostring(request)) + packer.flush()
    return base64.b64encode(packed).decode()


def read_answer(text: str, *, expected: Expected, now: datetime) -> Assertion:
    """Check the answer of an identity provider; replay is the caller's to check. Raises SamlFault."""
    response = parse_xml(_decoded(text))
    _check_envelope(response, expected)
    assertion = _signed_assertion(response, expected)
    _check_assertion(assertion, expected, now)
    return Assertion(
        id=_attribute(assertion, "ID"),
        request_id=_request_id(assertion, expected, now),
        subject=_subject(assertion),
        context=_context(assertion, expected, now),
    )


def _decoded(text: str) -> bytes:
    try:
        xml = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise SamlFault("not base64") from None
    if not 0 < len(xml) <= LARGEST:
        raise SamlFault("too large")
    return xml


def parse_xml(xml: bytes) -> etree._Element:
    """Parse XML from outside: no document type, no entities, no network. Raises SamlFault."""
    try:
        parse_hardened(xml, forbid_dtd=True)  # refuses what the parser below would only ignore
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        return etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError, SyntaxError):
        raise SamlFault("not plain XML") from None


def _check_envelope(response: etree._Element, expected: Expected) -> None:
    """Check what stands around the assertion: not signed, so only ever a reason to refuse."""
    if response.tag != f"{{{SAMLP}}}Response":
        raise SamlFault("no Response")
    status = response.find("samlp:Status/samlp:StatusCode", NS)
    if status is None or status.get("Value") != SUCCESS:
        raise SamlFault("no success")
    if response.get("Destination", expected.address) != expected.address:
        raise SamlFault("another destination")
    issuer = response.findtext("saml:Issuer", expected.entity_id, NS)
    if issuer != expected.entity_id:
        raise SamlFault("another issuer")


def _signed_assertion(response: etree._Element, expected: Expected) -> etree._Element:
    """Return the one assertion as it was signed."""
    if response.find(".//saml:EncryptedAssertion", NS) is not None:
        raise SamlFault("encrypted")
    found = list(response.iter(f"{{{SAML}}}Assertion"))
    if len(found) != 1 or found[0].getparent() is not response:
        raise SamlFault("not exactly one assertion")
    [assertion] = found
    signatures = list(assertion.iter(f"{{{DSIG}}}Signature"))
    if len(signatures) != 1 or signatures[0].getparent() is not assertion:
        raise SamlFault("the assertion is not signed")
    reference = signatures[0].find("ds:SignedInfo/ds:Reference", NS)
    if reference is None or reference.get("URI") != f"#{assertion.get('ID')}":
        raise SamlFault("the signature is about something else")
    assertion.tail = None
    try:
        element, _ = extract_verified_element_and_certificate(
            xml=etree.tostring(assertion),
            certificates=set(expected.certificates),
            config=VerifyConfig.default(),
        )
    except (MiniSignXMLError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise SamlFault("the signature is not the provider's") from None
    if element.tag != f"{{{SAML}}}Assertion" or element.get("ID") != assertion.get("ID"):
        raise SamlFault("the signature is about something else")
    return element


def _check_assertion(assertion: etree._Element, expected: Expected, now: datetime) -> None:
    if assertion.get("Version") != "2.0" or _text(assertion, "saml:Issuer") != expected.entity_id:
        raise SamlFault("another issuer")
    if not now - OLDEST <= _moment(_attribute(assertion, "IssueInstant")) <= now + SKEW:
        raise SamlFault("not issued just now")
    conditions = _one(assertion, "saml:Conditions")
    _check_window(conditions, now)
    audiences = conditions.findall("saml:AudienceRestriction", NS)
    named = [{one.text for one in audience.findall("saml:Audience", NS)} for audience in audiences]
    if not named or not all(expected.audience in one for one in named):
        raise SamlFault("another audience")


def _check_window(element: etree._Element, now: datetime) -> None:
    before, after = element.get("NotBefore"), element.get("NotOnOrAfter")
    if before is not None and _moment(before) > now + SKEW:
        raise SamlFault("not yet")
    if after is not None and _moment(after) <= now - SKEW:
        raise SamlFault("over")


def _request_id(assertion: etree._Element, expected: Expected, now: datetime) -> str:
    """Return to which request the assertion answers, as its bearer confirmation says."""
    for confirmation in assertion.findall("saml:Subject/saml:SubjectConfirmation", NS):
        told = confirmation.find("saml:SubjectConfirmationData", NS)
        if confirmation.get("Method") != BEARER or told is None:
            continue
        if told.get("Recipient") != expected.address or told.get("NotOnOrAfter") is None:
            continue
        _check_window(told, now)
        return _attribute(told, "InResponseTo")
    raise SamlFault("no bearer confirmation for us")


def _subject(assertion: etree._Element) -> str:
    name = _one(assertion, "saml:Subject/saml:NameID")
    if name.get("Format") != PERSISTENT:
        raise SamlFault("the NameID is not persistent")
    if not (name.text or "").strip():
        raise SamlFault("no NameID")
    return "\0".join((name.get("NameQualifier", ""), name.get("SPNameQualifier", ""), str(name.text).strip()))


def _context(assertion: etree._Element, expected: Expected, now: datetime) -> str:
    statement = _one(assertion, "saml:AuthnStatement")
    at = _moment(_attribute(statement, "AuthnInstant"))
    oldest = now - LINK_MAX_AGE - SKEW if expected.must_be_fresh else datetime.min.replace(tzinfo=UTC)
    if not oldest <= at <= now + SKEW:
        raise SamlFault("not signed in just now")
    end = statement.get("SessionNotOnOrAfter")
    if end is not None and _moment(end) <= now - SKEW:
        raise SamlFault("over")
    return statement.findtext("saml:AuthnContext/saml:AuthnContextClassRef", "", NS).strip()


def _one(element: etree._Element, path: str) -> etree._Element:
    found = element.findall(path, NS)
    if len(found) != 1:
        raise SamlFault(f"not exactly one {path.rpartition(':')[2]}")
    return found[0]


def _text(element: etree._Element, path: str) -> str:
    return (_one(element, path).text or "").strip()


def _attribute(element: etree._Element, name: str) -> str:
    value = element.get(name, "")
    if not 0 < len(value) <= 300:
        raise SamlFault(f"no {name}")
    return value


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SamlFault("a time is none") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
