"""What is filled in while an agency joins: who it is, its key, its first interface, and a call to try."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from pydantic import JsonValue

from terpadu.directory.enums import AgencyKind
from terpadu.kernel.ui.fields import WordsField

MAX_DOCUMENT = 4 << 20


class AgencyForm(forms.Form):
    """A new agency."""

    name = WordsField(label=_("Full name"), max_length=200)
    short_name = WordsField(label=_("What people call it"), max_length=60)
    code = WordsField(
        label=_("Code"), max_length=60, help_text=_("Stable and readable, such as dinkes.36.71.")
    )
    peer_id = WordsField(
        label=_("Number on the exchange"), max_length=20, help_text=_("At most 20 letters and digits.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=AgencyKind.choices)
    region_code = WordsField(
        label=_("Region code"), max_length=13, required=False, help_text=_("Empty for a national agency.")
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data=data, auto_id="agency_%s")  # the page holds another form that asks for a name


class KeyForm(forms.Form):
    """A certificate request for a key that the agency keeps itself, or another authority's certificate of it."""

    request = WordsField(
        label=_("Certificate request, or certificate of another authority (PEM)"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "A request is PKCS#10 with an Ed25519 key; only its key is taken. A certificate must be of an authority that "
            "the operator trusts, and name your number on the exchange as serialNumber."
        ),
    )


class DocumentField(forms.FileField):
    """A document that may be given by its address instead, so that neither of the two is called optional."""

    says_optional = False


class AddressField(forms.URLField):
    """The address of a document that may be given as a file instead."""

    says_optional = False


class InterfaceForm(forms.Form):
    """An interface from its OpenAPI document, and how the gateway reaches the system."""

    name = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,62}$",
        label=_("Short name"),
        help_text=_("How calls name it, such as kependudukan."),
        error_messages={"invalid": _("Use small letters, digits and hyphens.")},
    )
    title = WordsField(label=_("What people call it"), max_length=200, required=False)
    document = DocumentField(
        label=_("OpenAPI document"), required=False, help_text=_("3.0 or 3.1, JSON or YAML, at most 4 MB.")
    )
    document_url = AddressField(
        label=_("Or its address"), required=False, max_length=300, assume_scheme="https"
    )
    base_url = forms.URLField(
        label=_("Where the system stands"),
        max_length=300,
        assume_scheme="https",
        help_text=_("As your gateway reaches it. It is told to nobody else."),
    )
    header_name = forms.RegexField(
        r"^[A-Za-z0-9-]{1,100}$", label=_("Header for the key"), initial="X-API-Key", required=False
    )
    api_key = forms.CharField(  # noqa: TID251 - a secret is taken exactly as it was given
        label=_("Key of the system"),
        max_length=1000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept in a file that the gateway alone reads. Empty when the system wants none."),
    )
    gateway = forms.ChoiceField(label=_("Gateway"), help_text=_("The one that shall act for the agency."))

    def __init__(self, data: Any = None, files: Any = None, *, gateways: list[str]) -> None:
        super().__init__(data=data, files=files)
        field = self.fields["gateway"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(name, name) for name in gateways]
        if len(gateways) == 1:
            field.widget, field.initial, field.required = forms.HiddenInput(), gateways[0], False
        self._first = gateways[0] if gateways else ""

    def clean(self) -> dict[str, Any]:
        """Ask for one of file and address."""
        given: dict[str, Any] = super().clean() or {}
        given["gateway"] = given.get("gateway") or self._first
        is_readable = not {"document", "document_url"} & self.errors.keys()
        if is_readable and bool(given.get("document")) == bool(given.get("document_url")):
            self.add_error("document", _("Choose the file of the document, or give its address."))
        elif given.get("document") and given["document"].size > MAX_DOCUMENT:
            self.add_error("document", _("The document is larger than 4 MB."))
        return given


class SandboxForm(forms.Form):
    """A call to try in the sandbox. operations: (id, words) of what can be called."""

    operation = forms.ChoiceField(label=_("Operation"))
    body = forms.CharField(  # noqa: TID251 - a call is sent exactly as it was written
        label=_("Body (JSON)"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def __init__(
        self, data: Any = None, *, operations: list[tuple[str, str]], initial: dict[str, Any]
    ) -> None:
        super().__init__(data=data, initial=initial)
        field = self.fields["operation"]
        if isinstance(field, forms.ChoiceField):
            field.choices = operations

    def clean_body(self) -> JsonValue:
        """Return the body as JSON, None when there is none."""
        text = self.cleaned_data["body"].strip()
        try:
            value: JsonValue = json.loads(text) if text else None
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            words = _("This is not JSON. Look at line %(line)s, character %(column)s.")
            raise ValidationError(words % place) from error
        except RecursionError as error:
            raise ValidationError(_("This is nested too deeply.")) from error
        return value


class RefusalForm(forms.Form):
    """Why an agency may not join; nothing to fill in when it may."""

    reason = WordsField(
        label=_("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The agency reads this."),
        error_messages={"min_length": _("Write at least ten characters, so that it can be understood.")},
    )

    def __init__(self, data: Any = None, *, needs_reason: bool) -> None:
        super().__init__(data=data)
        if not needs_reason:
            del self.fields["reason"]
