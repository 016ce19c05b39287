"""The forms of identity. Each asks for what its page needs and nothing more."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from terpadu.identity.errors import PasskeyRefused
from terpadu.identity.rules.accounts import NAME_MAX, PASSWORD_MAX, clean_nik, find_nik_fault
from terpadu.kernel.clock import today
from terpadu.kernel.errors import DomainError
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput

LONGEST_ANSWER = 20_000  # characters of a passkey's answer; real ones have 1,000 to 4,000


class NikField(WordsField):
    """Sixteen digits, typed with or without spaces; an error says which part is wrong."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "username", "spellcheck": "false"}
        super().__init__(label=_("NIK"), max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        """Return the sixteen digits."""
        typed = str(super().clean(value))
        fault = find_nik_fault(typed, today=today())
        if fault:
            raise ValidationError(fault.label, code=fault.value)
        return clean_nik(typed)


def password_field(label: Any, *, is_new: bool, hint: Any = "") -> forms.Field:
    """Return a password field that password managers understand."""
    attrs = {"autocomplete": "new-password" if is_new else "current-password"}
    widget = forms.PasswordInput(attrs=attrs)
    return forms.CharField(  # noqa: TID251 - a password is taken exactly as it was typed
        label=label, strip=False, max_length=PASSWORD_MAX, widget=widget, help_text=hint
    )


class RefusableForm(forms.Form):
    """A form that can show why a service refused it. refusal: shown above the form when nothing was typed into it."""

    refusal: DomainError | None = None

    def refuse(self, error: DomainError, *, field: str | None = None) -> None:
        """Show a domain error at the top, or at the field it is about."""
        if not self.is_bound:
            self.refusal = error
            return
        self.add_error(field, ValidationError(error.in_words, code=error.code))


class ReasonForm(RefusableForm):
    """Why something is sent back or stopped."""

    reason = WordsField(label=_("Reason"), max_length=200)


class SignInForm(RefusableForm):
    """NIK and password."""

    nik = NikField(help_text=_("The 16 digits on your identity card."))
    password = password_field(_("Password"), is_new=False)


class CodeForm(RefusableForm):
    """A code of the authenticator app, or a recovery code."""

    code = WordsField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class FirstCodeForm(CodeForm):
    """The first code of a new authenticator app, which proves that it works."""

    code = WordsField(
        label=_("The six digits that your app shows now"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class ParticularsForm(RefusableForm):
    """Who wants an account: checked against the population registry."""

    nik = NikField(help_text=_("The 16 digits on your identity card or family card."))
    name = WordsField(
        label=_("Full name"),
        max_length=NAME_MAX,
        help_text=_("As on your identity card, without titles. One word is fine."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    birth_on = forms.DateField(
        label=_("Date of birth"), help_text=_("For example: 14 6 1992."), widget=DayInput()
    )

    def clean_birth_on(self) -> date:
        """Refuse a day that has not come yet."""
        day: date = self.cleaned_data["birth_on"]
        if day > today():
            raise ValidationError(_("The date of birth cannot be in the future."), code="future")
        return day


class NewPasswordForm(RefusableForm):
    """A password typed twice."""

    password = password_field(
        _("New password"),
        is_new=True,
        hint=_("At least 8 characters. Three or four words in a row are strong and easy to remember."),
    )
    again = password_field(_("The same password again"), is_new=True)

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again") and not self.errors:
            self.add_error("again", ValidationError(_("The two passwords differ."), code="differ"))
        return cleaned


class PasswordForm(RefusableForm):
    """The present password, to confirm who is there."""

    password = password_field(_("Your password"), is_new=False)


class PasskeyNameForm(RefusableForm):
    """What the owner calls a passkey."""

    name = WordsField(
        label=_("Name of this passkey"),
        max_length=60,
        help_text=_("So that you recognise it, for example: my phone."),
    )


def passkey_answer(text: str) -> dict[str, Any]:
    """Read what the browser's passkey ceremony gave. Raises PasskeyRefused when it is no JSON object."""
    try:
        answer = json.loads(text) if len(text) <= LONGEST_ANSWER else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise PasskeyRefused(reason="unreadable")
    return answer
