"""Forms of an agency's administrator: people and positions, directory, login."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from terpadu.directory.public import PositionView
from terpadu.identity.enums import AuthenticationLevel, LoginProtocol
from terpadu.identity.rules.accounts import NAME_MAX
from terpadu.identity.rules.agency_logins.connection import OIDC_METHODS, Connection, OidcConnection
from terpadu.identity.rules.agency_logins.saml import SamlFault
from terpadu.identity.rules.agency_logins.saml_metadata import LARGEST, read_metadata
from terpadu.identity.rules.provider.metadata import Fault
from terpadu.identity.web.agency.forms import LARGEST_KEY_SET, REASONS
from terpadu.identity.web.forms import NikField, RefusableForm
from terpadu.kernel.clock import today
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput

LOGIN_REASONS = {
    **REASONS,
    "own": _("This is our own address. Name your agency's."),
    "too high": _("At most loa2: a passkey with us is proved with us alone."),
    "missing": _("Save the client secret first."),
    "large": _("The metadata have at most 200 kB, and no document type."),
    "entity": _("This is not the metadata of one entity with its entityID."),
    "provider": _("These metadata describe no identity provider."),
    "redirect": _("We need a SingleSignOnService with HTTP-Redirect at an https address."),
    "certificate": _("We need one to four signing certificates."),
    "key": _("Signing keys must be RSA from 2048 bits."),
    "not plain XML": _("This is not plain XML."),
}
METHOD_WORDS = {
    "private_key_jwt": _("Signed assertion, checked with our published keys (private_key_jwt)"),
    "client_secret_basic": _("Secret in the header (client_secret_basic)"),
    "client_secret_post": _("Secret in the form (client_secret_post)"),
}


class AppointForm(RefusableForm):
    """Who is given which position from when to when."""

    nik = NikField(help_text=_("The person needs an account. They see the position there."))
    name = WordsField(label=_("Full name"), max_length=NAME_MAX, help_text=_("As on the identity card."))
    position = forms.ChoiceField(label=_("Position"))
    first_day = forms.DateField(label=_("First day"), widget=DayInput)
    last_day = forms.DateField(
        label=_("Last day"), widget=DayInput, required=False, help_text=_("Left empty: until further notice.")
    )

    def __init__(self, *args: Any, positions: list[PositionView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["first_day"] = today()
        self.fields["position"].choices = [  # type: ignore[attr-defined]  # a ChoiceField, as declared above
            (str(one.id), f"{one.title}, {one.unit_name}" if one.unit_name else one.title)
            for one in positions
        ]


class EndForm(RefusableForm):
    """The last day of a position."""

    last_day = forms.DateField(
        label=_("Last day"), widget=DayInput, required=False, help_text=_("Left empty: it ends now.")
    )


class DirectoryForm(RefusableForm):
    """The system of the agency that keeps its directory here."""

    name = WordsField(label=_("Name of the directory"), max_length=80, min_length=3)
    jwks = forms.FileField(
        label=_("File with its public keys (JWKS)"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("With them it proves who it is. Keep the private keys where they are."),
    )

    def clean_jwks(self) -> dict[str, Any]:
        """Return the uploaded key set."""
        given = self.cleaned_data["jwks"]
        if given.size > LARGEST_KEY_SET:
            raise ValidationError(_("A key set has at most 20 kB."), code="large")
        try:
            read = json.loads(given.read())
        except ValueError:
            raise ValidationError(_("This file is not JSON."), code="json") from None
        if not isinstance(read, dict):
            raise ValidationError(REASONS["form"], code="form")
        return read

    def mark(self, faults: tuple[Fault, ...]) -> None:
        """Show what the service found wrong."""
        for name, reason in faults:
            text = REASONS.get(reason, REASONS["form"])
            self.add_error(name if name in self.fields else None, ValidationError(text, code=reason))


class NewLoginForm(RefusableForm):
    """The first words about a login."""

    name = WordsField(label=_("Name"), max_length=80, min_length=3, help_text=_("As your officers know it."))
    protocol = forms.ChoiceField(label=_("Protocol"), choices=LoginProtocol.choices, widget=forms.RadioSelect)


class LevelsField(WordsField):
    """Levels, one on each line: theirs = ours."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Agreed levels"),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
            help_text=_(
                "One on each line, such as: urn:contoho:dua-faktor = loa2. Everything else counts as loa1."
            ),
        )

    def clean(self, value: Any) -> Any:
        """Return the levels by their name at the agency."""
        lines = [line for line in str(super().clean(value)).splitlines() if line.strip()]
        parts = [line.rpartition("=") for line in lines]
        found = {theirs.strip(): ours.strip() for theirs, _sign, ours in parts}
        if any(not theirs or ours not in AuthenticationLevel.values for theirs, ours in found.items()):
            raise ValidationError(_("Write each line as: level of the agency = loa1 or loa2."), code="form")
        return found


class LoginForm(RefusableForm):
    """What both protocols share."""

    levels = LevelsField()

    def to_connection(self) -> Connection:
        """Return what was typed."""
        raise NotImplementedError

    def mark(self, faults: tuple[Fault, ...]) -> None:
        """Show what the service found wrong at the field it is about."""
        for name, reason in faults:
            text = LOGIN_REASONS.get(reason, REASONS["form"])
            self.add_error(name if name in self.fields else None, ValidationError(text, code=reason))


class OidcLoginForm(LoginForm):
    """Where an OpenID Provider is."""

    issuer = WordsField(label=_("Issuer"), max_length=500, help_text=_("The address before /.well-known/."))
    client_id = WordsField(
        label="client_id", max_length=300, help_text=_("Under which your provider knows us.")
    )
    auth_method = forms.ChoiceField(
        label=_("How we prove who we are"), choices=[(name, METHOD_WORDS[name]) for name in OIDC_METHODS]
    )
    field_order = ("issuer", "client_id", "auth_method", "levels")

    def to_connection(self) -> Connection:
        """Return what was typed."""
        said = self.cleaned_data
        return OidcConnection(
            said["issuer"].strip(), said["client_id"].strip(), said["auth_method"], said["levels"]
        )


class SamlLoginForm(LoginForm):
    """The metadata of an identity provider."""

    metadata = forms.FileField(
        label=_("Metadata of your identity provider"),
        widget=forms.FileInput(attrs={"accept": ".xml,application/xml,application/samlmetadata+xml"}),
        help_text=_("An XML file. Addresses and certificates are taken from it."),
    )
    field_order = ("metadata", "levels")

    def clean(self) -> dict[str, Any]:
        """Read the file."""
        said = super().clean() or self.cleaned_data
        given = said.get("metadata")
        if given is None or "levels" not in said:
            return dict(said)
        try:
            said["connection"] = read_metadata(given.read(LARGEST + 1), levels=said["levels"])
        except SamlFault as fault:
            text = LOGIN_REASONS.get(str(fault), REASONS["form"])
            self.add_error("metadata", ValidationError(text, code=str(fault)))
        return dict(said)

    def to_connection(self) -> Connection:
        """Return what the file says."""
        found: Connection = self.cleaned_data["connection"]
        return found


class SecretForm(RefusableForm):
    """The client secret that the agency's provider gave."""

    secret = forms.CharField(  # noqa: TID251 - a secret is taken exactly as it was given
        label=_("Client secret"),
        min_length=16,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept sealed and never shown. It counts at once."),
    )
