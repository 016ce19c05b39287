"""The forms of operators."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from terpadu.identity.enums import SignalKind
from terpadu.identity.rules.accounts import clean_nik, find_nik_fault
from terpadu.identity.rules.provider.addresses import is_fetch_host
from terpadu.identity.web.forms import RefusableForm
from terpadu.kernel.audit import AuditQuestion
from terpadu.kernel.clock import JAKARTA, today
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput

LOOK_BACK = timedelta(days=7)
LONGEST = 400


class ExceptionForm(RefusableForm):
    """Leave for plain OpenID Connect, until a day."""

    until = forms.DateField(label=_("Until and including"), widget=DayInput())
    reason = WordsField(label=_("Reason"), max_length=200)


class HostsForm(RefusableForm):
    """From which hosts the provider may fetch for an agency."""

    hosts = WordsField(
        label=_("Hosts"),
        required=False,
        max_length=6000,
        help_text=_(
            "One on each line, such as antrean.contoh.go.id. With its port (antrean.contoh.go.id:8443) the name "
            "may also lead into a private network."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean_hosts(self) -> frozenset[str]:
        """Return the hosts, refusing what is none."""
        found = frozenset(str(self.cleaned_data["hosts"]).split())
        wrong = sorted(host for host in found if not is_fetch_host(host))
        if wrong:
            raise ValidationError(
                _("This is no host: %(host)s. Leave out https:// and the path."), params={"host": wrong[0]}
            )
        return found


class PlanForm(RefusableForm):
    """When the keys rotate: a day, at three in the morning in Jakarta, when the fewest sign in."""

    on = forms.DateField(label=_("Which day"), widget=DayInput(), help_text=_("At 03.00 WIB."))

    @property
    def moment(self) -> datetime:
        """The moment of the day that was chosen."""
        return datetime.combine(self.cleaned_data["on"], time(3), JAKARTA)


class UrgentForm(RefusableForm):
    """Rotate now."""

    is_urgent = forms.BooleanField(
        label=_("It cannot wait: a key may be in wrong hands."),
        required=False,
        help_text=_(
            "Applications that keep our keys in memory may refuse sign-ins until they fetch them again."
        ),
    )


class LockForm(RefusableForm):
    """Whose account to lock, and why."""

    who = WordsField(
        label=_("NIK, or the person's code from a signal or the audit"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    signal = forms.ChoiceField(
        label=_("What was seen"), choices=[("", _("Something else")), *SignalKind.choices], required=False
    )
    reason = WordsField(
        label=_("Reason"),
        max_length=LONGEST,
        help_text=_("At least ten characters. The person finds it in the copy of their data."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_who(self) -> UUID | str:
        """Return a person's code, or the sixteen digits of a NIK."""
        typed = str(self.cleaned_data["who"]).strip()
        try:
            return UUID(typed)
        except ValueError:
            pass
        if fault := find_nik_fault(typed, today=today()):
            raise ValidationError(fault.label, code=fault.value)
        return clean_nik(typed)


class AuditForm(forms.Form):
    """What to look for in the audit trail; sent by GET, so that a page can be kept, and never with a NIK."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    actor = WordsField(
        label=_("Who"),
        required=False,
        max_length=60,
        help_text=_("Code of a person or position, or an agency's."),
    )
    event = WordsField(
        label=_("What"),
        required=False,
        max_length=80,
        help_text=_("How it begins, such as identity.account_"),
    )
    about_kind = WordsField(
        label=_("Kind of object"), required=False, max_length=40, help_text=_("Such as client, person, case.")
    )
    about_id = WordsField(label=_("Its identifier"), required=False, max_length=80)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, and a NIK."""
        said = super().clean() or {}
        since, until = self._days(said)
        if until < since:
            self.add_error("until", _("The last day lies before the first."))
        for name in ("actor", "about_id"):
            if not find_nik_fault(said.get(name) or "", today=today()):
                self.add_error(name, _("Never a NIK here: use the person's code."))
        return said

    def _days(self, said: dict[str, Any]) -> tuple[date, date]:
        until = said.get("until") or today()
        return said.get("since") or min(until, today()) - LOOK_BACK, until

    def question(self) -> AuditQuestion:
        """Return what is asked; without days the last seven."""
        said = self.cleaned_data
        first, last = self._days(said)
        words = {name: said[name].strip() for name in ("actor", "event", "about_kind", "about_id")}
        return AuditQuestion(
            since=datetime.combine(first, time(), JAKARTA),
            until=datetime.combine(last + timedelta(days=1), time(), JAKARTA),
            before=said["before"],
            **words,
        )

    def as_query(self) -> str:
        """Return the query string of the question, without the page."""
        asked = {name: self.data.get(name, "") for name in self.fields if name != "before"}
        return urlencode({name: value for name, value in asked.items() if value} | {"bentuk": "halaman"})
