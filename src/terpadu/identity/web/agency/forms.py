"""The form with which an agency describes an application, and the words for each thing that can be wrong in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from terpadu.identity.enums import ClientAuthMethod, ClientKind
from terpadu.identity.rules.provider.claims import CLAIMS, SCOPE_CLAIMS, ClaimUse
from terpadu.identity.rules.provider.metadata import ID_TOKEN_ALGS, ClientDraft, Fault
from terpadu.identity.web.forms import RefusableForm
from terpadu.kernel.ui.fields import WordsField

LARGEST_KEY_SET = 20_000  # bytes; ten RSA keys of 4096 bits have 8,000
CLAIM_WORDS: dict[str, str | Promise] = {
    "name": _("Full name"),
    "birthdate": _("Date of birth"),
    "gender": _("Sex"),
    "nik": _("NIK"),
    "verified_claims": _("How the identity was proofed"),
}
SCOPE_WORDS = {
    "profile": _("Profile: name, date of birth, sex (profile)"),
    "nik": _("NIK (nik)"),
    "proofing": _("How the identity was proofed (proofing)"),
    "offline_access": _("Access that outlives the sign-out (offline_access)"),
}
REASONS = {
    "length": _("Write between 3 and 80 characters for the name, at most 300 for the other texts."),
    "characters": _("The address holds characters that do not belong there, or is longer than 500."),
    "fragment": _("Leave out what begins with #."),
    "wildcard": _("Write each address in full; * is not allowed."),
    "userinfo": _("Leave out the user name before the @."),
    "form": _("This does not have the right form."),
    "host": _("Write the full host name in small letters, such as antrean.contoh.go.id."),
    "scheme": _("The address must begin with https://. Only this machine (localhost) may use http://."),
    "path": _("Leave out the .. in the path."),
    "too many": _("At most 20 addresses."),
    "missing": _("This is needed."),
    "not allowed": _(
        "Our server may not fetch from this host yet. Ask the operator to put it on your agency's list."
    ),
    "exception needed": _(
        "A client secret needs an exception with an end date. Save with a signed assertion first, then ask the operator."
    ),
    "public": _("Only phone applications and counters may be without authentication."),
    "private": _("This file holds a private key. Send public keys only, and make new ones now."),
    "kid": _("Each key needs a different kid."),
    "algorithm": _("Keys must be P-256, P-521, Ed25519, or RSA from 2048 bits."),
    "another site": _("This must be on the same site (scheme, host and port) as a redirect address."),
    "twice": _("Give either an address of the keys or a file, not both."),
    "purpose": _("Write purpose and legal basis for each piece of data."),
    "fixed": _("The kind cannot change. Register a new application."),
    "taken": _("This name is taken."),
    "does not list the redirect URIs": _("The list at this address does not name all redirect addresses."),
}


class LinesField(WordsField):
    """Addresses, one on each line."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "inputmode": "url"})
        super().__init__(max_length=12_000, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the lines that are not empty."""
        return tuple(line.strip() for line in str(super().clean(value)).splitlines() if line.strip())


def _text(label: Any, *, hint: Any = "", longest: int = 300, **kwargs: Any) -> WordsField:
    return WordsField(label=label, help_text=hint, max_length=longest, required=False, **kwargs)


class ClientForm(RefusableForm):
    """What an agency states of an application. Claims bring four fields each: purpose, in English, law, essential."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ClientKind.choices)
    name = WordsField(label=_("Name"), max_length=80, help_text=_("As people know it."))
    name_en = _text(_("Name in English"), longest=80)
    description = _text(_("What it is for"), hint=_("One sentence, shown when people sign in."))
    description_en = _text(_("What it is for, in English"))
    contact = _text(_("Who helps people"), hint=_("A telephone number or an address."), longest=200)
    home_uri = _text(_("First page"), hint=_("With it, the application appears in the portal."), longest=500)
    logo_uri = _text(
        _("Address of the logo"),
        hint=_("PNG or JPEG, 32 to 2048 pixels a side. We fetch it once, at approval."),
        longest=500,
    )
    policy_uri = _text(_("Privacy policy"), longest=500)
    redirect_uris = LinesField(
        label=_("Redirect addresses"),
        required=False,
        help_text=_(
            "Where people come back to, letter by letter; one on each line. Systems and counters need none."
        ),
    )
    post_logout_redirect_uris = LinesField(label=_("Addresses after sign-out"), required=False)
    backchannel_logout_uri = _text(
        _("Address that is told of a sign-out"), hint=_("Back-Channel Logout"), longest=500
    )
    frontchannel_logout_uri = _text(
        _("Or a page that signs out in the browser"),
        hint=_(
            "Front-Channel Logout, for programs that no server can tell. On the same site as a redirect address."
        ),
        longest=500,
    )
    auth_method = forms.ChoiceField(label=_("How it proves who it is"), choices=ClientAuthMethod.choices)
    id_token_alg = forms.ChoiceField(
        label=_("How we sign ID tokens for it"),
        choices=[(alg, alg) for alg in ID_TOKEN_ALGS],
        help_text=_("ES256, unless its library cannot read that."),
    )
    jwks_uri = _text(_("Address of its public keys (jwks_uri)"), longest=500)
    jwks = forms.FileField(
        label=_("Or a file with its public keys (JWKS)"),
        required=False,
        help_text=_("Left empty, the keys that are there stay."),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it asks for"),
        choices=list(SCOPE_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Only what the service cannot do without. Each piece of data needs a purpose and a law below."
        ),
    )

    def __init__(self, *args: Any, draft: ClientDraft | None = None, **kwargs: Any) -> None:
        self.draft = draft
        if draft:
            kwargs["initial"] = initial_of(draft)
        super().__init__(*args, **kwargs)
        for claim in CLAIMS:
            words: dict[str, Any] = {"claim": CLAIM_WORDS[claim]}
            self.fields[f"{claim}_purpose"] = _text(_("%(claim)s: purpose") % words)
            self.fields[f"{claim}_purpose_en"] = _text(_("%(claim)s: purpose in English") % words)
            self.fields[f"{claim}_legal_basis"] = _text(_("%(claim)s: legal basis") % words)
            self.fields[f"{claim}_essential"] = forms.BooleanField(
                label=_("%(claim)s: the service cannot be given without it") % words, required=False
            )

    def main_fields(self) -> list[forms.BoundField]:
        """Return the fields about the application itself."""
        return [self[name] for name in self.base_fields]

    def claim_groups(self) -> Iterator[tuple[str | Promise, bool, list[forms.BoundField]]]:
        """Yield each claim's words, whether something is there already, and its four fields."""
        for claim in CLAIMS:
            fields = [
                self[f"{claim}_{part}"] for part in ("purpose", "purpose_en", "legal_basis", "essential")
            ]
            yield CLAIM_WORDS[claim], any(one.value() or one.errors for one in fields), fields

    def clean_jwks(self) -> dict[str, Any] | None:
        """Return the uploaded key set, None when there is no file."""
        given = self.cleaned_data.get("jwks")
        if not given:
            return None
        if given.size > LARGEST_KEY_SET:
            raise ValidationError(_("A key set has at most 20 kB."), code="large")
        try:
            read = json.loads(given.read())
        except ValueError:
            raise ValidationError(_("This file is not JSON."), code="json") from None
        if not isinstance(read, dict):
            raise ValidationError(REASONS["form"], code="form")
        return read

    def to_draft(self) -> ClientDraft:
        """Return the draft that the typed fields state; what the form does not ask stays as it was."""
        said = self.cleaned_data
        base = self.draft or ClientDraft(kind=said["kind"], name=said["name"])
        plain = {name: said[name] for name in self.base_fields if name not in ("scopes", "jwks")}
        kept_keys = {} if said["jwks_uri"] else base.jwks
        others = tuple(one for one in base.scopes if one not in SCOPE_CLAIMS)
        return replace(
            base,
            **plain,
            jwks=kept_keys if said["jwks"] is None else said["jwks"],
            scopes=("openid", *said["scopes"], *others),
            claim_uses=tuple(self._uses()),
        )

    def _uses(self) -> Iterator[ClaimUse]:
        said = self.cleaned_data
        wanted = {claim for scope in said["scopes"] for claim in SCOPE_CLAIMS[scope]}
        for claim in CLAIMS:
            texts = [said[f"{claim}_{part}"].strip() for part in ("purpose", "purpose_en", "legal_basis")]
            if claim in wanted or any(texts):
                yield ClaimUse(claim, said[f"{claim}_essential"], *texts)

    def mark(self, faults: tuple[Fault, ...]) -> None:
        """Show what the service found wrong at the field it is about, in words."""
        for name, reason in faults:
            text = REASONS.get(reason, REASONS["form"])
            if name == "claim_uses":
                self._mark_claims()
            elif name == "sector_identifier_uri":
                self._mark_hosts()
            else:
                self.add_error(name if name in self.fields else None, ValidationError(text, code=reason))

    def _mark_hosts(self) -> None:
        """Without redirect addresses that is all there is to say; else they are on several hosts."""
        if "redirect_uris" not in self.errors:
            text = _("All addresses must be on one host. Register one application for each host.")
            self.add_error("redirect_uris", ValidationError(text, code="hosts"))

    def _mark_claims(self) -> None:
        for use in self._uses():
            if not use.purpose:
                self.add_error(f"{use.claim}_purpose", ValidationError(REASONS["purpose"], code="purpose"))
            if not use.legal_basis:
                self.add_error(
                    f"{use.claim}_legal_basis", ValidationError(REASONS["purpose"], code="purpose")
                )


def initial_of(draft: ClientDraft) -> dict[str, Any]:
    """Return what the form shows of an application that is there."""
    found: dict[str, Any] = {
        name: getattr(draft, name) for name in ClientForm.base_fields if name not in ("jwks", "scopes")
    }
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        found[name] = "\n".join(found[name])
    found["scopes"] = [one for one in draft.scopes if one in SCOPE_WORDS]
    for use in draft.claim_uses:
        found[f"{use.claim}_purpose"] = use.purpose
        found[f"{use.claim}_purpose_en"] = use.purpose_en
        found[f"{use.claim}_legal_basis"] = use.legal_basis
        found[f"{use.claim}_essential"] = use.is_essential
    return found
