"""FakeIdentityProvider: stands where an agency's SAML identity provider would be. It signs with cryptography and lxml alone.

`sign` implements enveloped XML signatures (RSA with SHA-256, exclusive canonicalization) without the library that checks them.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from terpadu.kernel.clock import now

SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
DSIG, C14N = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/10/xml-exc-c14n#"
ENTITY, SSO = "https://idp.contoho.go.id/entity", "https://idp.contoho.go.id/sso"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"


def make_key() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """Return a key and its self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "IdP")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def canonical(element: etree._Element) -> bytes:
    """Return the exclusive canonical form."""
    return etree.tostring(element, method="c14n", exclusive=True)


def sign(element: etree._Element, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    """Put an enveloped signature into an element, after its issuer."""
    digest = base64.b64encode(hashlib.sha256(canonical(element)).digest()).decode()
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"/>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<ds:Reference URI="#{element.get("ID")}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DSIG}enveloped-signature"/><ds:Transform Algorithm="{C14N}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        f"<ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate>"
        f"</ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    value = key.sign(canonical(signature[0]), padding.PKCS1v15(), hashes.SHA256())
    signature[1].text = base64.b64encode(value).decode()
    element.insert(1, signature)


def stamp(moment: datetime) -> str:
    """Return a time as SAML writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class FakeIdentityProvider:
    """A SAML identity provider. Fields are what its next answer says; tests change them."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    entity_id: str = ENTITY
    subject: str = "pegawai-001"
    name_format: str = PERSISTENT
    method: str = BEARER
    status: str = SUCCESS
    context: str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    audience: str = ""
    recipient: str = ""
    destination: str = ""
    in_response_to: str = ""
    issued_ago: timedelta = timedelta()
    signed_in_ago: timedelta = timedelta()
    life: timedelta = timedelta(minutes=3)
    starts_in: timedelta = timedelta()
    seen: list[etree._Element] = field(default_factory=list)

    def metadata(self, *, certificate: str = "") -> bytes:
        """Return the metadata."""
        text = certificate or base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
        return (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="{DSIG}" '
            f'entityID="{self.entity_id}"><md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">'
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}'
            f"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{SSO}"/>'
            f"</md:IDPSSODescriptor></md:EntityDescriptor>"
        ).encode()

    def request(self, address: str) -> etree._Element:
        """Read our request, as a provider would."""
        assert address.startswith(f"{SSO}?")
        packed = base64.b64decode(dict(parse_qsl(urlsplit(address).query))["SAMLRequest"])
        request = etree.fromstring(zlib.decompress(packed, -zlib.MAX_WBITS))
        self.seen.append(request)
        return request

    def response(self, address: str, *, is_signed: bool = True) -> etree._Element:
        """Answer our request with a response around a signed assertion."""
        asked = self.request(address)
        here = asked.get("AssertionConsumerServiceURL", "")
        audience = self.audience or asked.findtext(f"{{{SAML}}}Issuer", "")
        about = self.in_response_to or asked.get("ID", "")
        issued = now() - self.issued_ago
        end = stamp(issued + self.life)
        response = etree.fromstring(
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r{secrets.token_hex(8)}" Version="2.0" '
            f'IssueInstant="{stamp(issued)}" InResponseTo="{about}" Destination="{self.destination or here}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status><samlp:StatusCode "
            f'Value="{self.status}"/></samlp:Status>'
            f'<saml:Assertion ID="_a{secrets.token_hex(8)}" Version="2.0" IssueInstant="{stamp(issued)}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><saml:Subject>"
            f'<saml:NameID Format="{self.name_format}">{self.subject}</saml:NameID>'
            f'<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData '
            f'InResponseTo="{about}" Recipient="{self.recipient or here}" NotOnOrAfter="{end}"/>'
            f"</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{stamp(issued + self.starts_in)}" NotOnOrAfter="{end}">'
            f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
            f"</saml:Conditions><saml:AuthnStatement AuthnInstant="
            f'"{stamp(now() - self.signed_in_ago)}"><saml:AuthnContext><saml:AuthnContextClassRef>{self.context}'
            f"</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion></samlp:Response>"
        )
        if is_signed:
            sign(response[-1], self.key, self.certificate)
        return response


def encoded(response: etree._Element | bytes) -> str:
    """Return an answer as a browser posts it."""
    text = response if isinstance(response, bytes) else etree.tostring(response)
    return base64.b64encode(text).decode()


def evil_copy(assertion: etree._Element, subject: str) -> etree._Element:
    """Return an unsigned assertion like another one, about somebody else."""
    made = copy.deepcopy(assertion)
    made.set("ID", "_evil")
    for signature in made.findall(f"{{{DSIG}}}Signature"):
        made.remove(signature)
    name = made.find(f".//{{{SAML}}}NameID")
    assert name is not None
    name.text = subject
    return made
