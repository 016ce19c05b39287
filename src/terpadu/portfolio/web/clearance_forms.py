"""Forms of clearance. What they check is only the form of the input; rules and services judge the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput, LimitedFileInput
from terpadu.portfolio.clearance_wording import DOCUMENTS, explain_fault
from terpadu.portfolio.enums import DecisionKind, Funding, Opinion, RequestKind
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.rules.cells import Unreadable, read_rupiah
from terpadu.portfolio.rules.clearance.uploads import ENDINGS
from terpadu.portfolio.services.clearance.drafts import DraftValues

LIST_HINT = _("Part several with a semicolon.")


class RupiahField(WordsField):
    """An amount as people write it, as whole rupiah."""

    def clean(self, value: Any) -> Any:
        """Return the amount, None for nothing. Raises ValidationError for what is no amount."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_rupiah(text)
        except Unreadable:
            raise forms.ValidationError(_("Write an amount such as 400.000.000 or Rp1,2 M.")) from None


class ListField(WordsField):
    """Several short texts in one line."""

    def clean(self, value: Any) -> Any:
        """Return the texts without blanks and doubles."""
        parts = (part.strip() for part in super().clean(value).replace("\n", ";").split(";"))
        return tuple(dict.fromkeys(part for part in parts if part))


def long_text(label: Any, *, hint: Any = "", rows: int = 4, required: bool = False) -> WordsField:
    """Return a field for more than one line."""
    return WordsField(
        label=label, help_text=hint, required=required, widget=forms.Textarea(attrs={"rows": rows})
    )


class RequestForm(forms.Form):
    """Everything that a proposer writes. Nothing but the name is demanded before it is sent in."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    agency = forms.ChoiceField(label=_("For which agency?"))
    kind = forms.ChoiceField(
        label=_("What do you ask for?"), choices=RequestKind.choices, widget=forms.RadioSelect
    )
    title = WordsField(label=_("Name of the application"), max_length=200)
    function = long_text(
        _("What should it do?"), hint=_("In plain words: for whom, which task, with which result.")
    )
    subject = WordsField(
        label=_("Code of the application that exists"),
        help_text=_("For everything but a new application. Such as APL-000123; find it in the inventory."),
        required=False,
        max_length=20,
    )
    need = long_text(
        _("Which need is behind it?"), hint=_("What does not work today, and for how many people.")
    )
    rab_codes = ListField(
        label=_("Business process (RAB)"),
        help_text=_("Such as RAB.09.06; part several with a semicolon."),
        required=False,
    )
    ral_codes = ListField(label=_("Service (RAL)"), help_text=LIST_HINT, required=False)
    rad_codes = ListField(label=_("Data (RAD)"), help_text=LIST_HINT, required=False)
    user_groups = ListField(label=pgettext_lazy("request", "Users"), help_text=LIST_HINT, required=False)
    users_target = forms.IntegerField(
        label=_("Users planned"), min_value=0, max_value=400_000_000, required=False
    )
    rupiah = RupiahField(
        label=_("Contract value"),
        help_text=_("All parts of the work together. Such as 400.000.000 or Rp1,2 M."),
        required=False,
    )
    yearly_rupiah = RupiahField(
        label=_("Running cost in a year"), help_text=_("Licences, hosting, operation."), required=False
    )
    fiscal_year = forms.IntegerField(label=_("Budget year"), required=False)
    funding = forms.ChoiceField(
        label=_("Where the money comes from"), choices=[("", "–"), *Funding.choices], required=False
    )
    interfaces_plan = long_text(
        _("Interfaces on the exchange"),
        hint=_("Which it will offer and which it will use. Integration comes first."),
    )
    why_not_existing = long_text(
        _("Why none of the existing applications will do"),
        hint=_("Needed when the page names a strong overlap."),
    )
    ends_on = forms.DateField(label=_("Last day (for an end)"), widget=DayInput, required=False)

    def __init__(self, *args: Any, agencies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"] = forms.ChoiceField(label=_("For which agency?"), choices=agencies)
        if len(agencies) == 1:
            self.fields["agency"].widget = forms.HiddenInput()
            self.fields["agency"].initial = agencies[0][0]

    def values(self) -> DraftValues:
        """Return what was written. Call after `is_valid`."""
        data = self.cleaned_data
        named = {
            name: data[name] for name in DraftValues.__dataclass_fields__ if name not in ("kind", "subject")
        }
        return DraftValues(kind=RequestKind(data["kind"]), subject=data["subject"].strip().upper(), **named)


class DocumentForm(forms.Form):
    """A file and what it is."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=list(DOCUMENTS.items()))
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPG or PNG, at most 5 MB."),
        allow_empty_file=True,
        widget=LimitedFileInput(accept=",".join(ENDINGS)),
    )


class WordsForm(forms.Form):
    """One text. Its label says what for."""

    text = WordsField(widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, label: Any, hint: Any = "", required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = long_text(label, hint=hint, rows=5, required=required)


class CommentForm(forms.Form):
    """Something said about a request. Only desks and deciders can keep it among themselves."""

    text = long_text(_("Your comment"), rows=3, required=True)
    is_internal = forms.BooleanField(label=_("Only for desks and deciders"), required=False)

    def __init__(self, *args: Any, may_hide: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_hide:
            del self.fields["is_internal"]


class ReviewForm(forms.Form):
    """What a desk says."""

    opinion = forms.ChoiceField(
        label=_("Your desk's opinion"), choices=Opinion.choices, widget=forms.RadioSelect
    )
    text = long_text(_("Reasons"), hint=_("Needed when you object."))
    conditions = long_text(
        pgettext_lazy("review", "Conditions"), hint=_("Needed when you support it under conditions."), rows=3
    )


class DecisionForm(forms.Form):
    """A decision. Everything in it is public."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    kind = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    target = WordsField(
        label=_("Application named"),
        help_text=_("Its code, to use, connect with or extend."),
        required=False,
        max_length=20,
    )
    reason = long_text(_("Reasons"), hint=_("Public. The proposer can appeal against them."), required=True)
    why_not_reuse = long_text(
        _("Why the strong candidates will not do"),
        hint=_("Needed for a new application by exception."),
        rows=3,
    )
    conditions = long_text(pgettext_lazy("review", "Conditions"), rows=3)
    expires_on = forms.DateField(label=_("The approval holds until"), widget=DayInput, required=False)

    def __init__(self, *args: Any, kinds: Iterable[DecisionKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["kind"] = forms.ChoiceField(
            label=_("Decision"), choices=choices, widget=forms.RadioSelect
        )


class AppealForm(forms.Form):
    """Grounds of an appeal, and the findings that are said to be wrong."""

    grounds = long_text(
        _("Your grounds"),
        hint=_("What is wrong with the decision, or with a finding of the overlap report."),
        rows=6,
        required=True,
    )

    def __init__(self, *args: Any, candidates: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if candidates:
            self.fields["contested"] = forms.MultipleChoiceField(
                label=_("Findings that do not overlap, in your view"),
                choices=candidates,
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )


def take_faults(form: forms.Form, faults: Iterable[object]) -> None:
    """Put faults of the rules onto the fields that they name; what has no field here goes to the top."""
    for fault in faults:
        if isinstance(fault, Fault):
            form.add_error(fault.column if fault.column in form.fields else None, explain_fault(fault))
