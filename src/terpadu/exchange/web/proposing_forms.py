"""What is filled in when an agreement is proposed: which data of which operations, who calls, how often, until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from terpadu.exchange.selectors.offers import Offer, OfferedOperation
from terpadu.exchange.selectors.registry import utc_of
from terpadu.exchange.services.proposing import AgreementTerms, OperationTerms
from terpadu.exchange.web.words import name_of, text_of
from terpadu.kernel.clock import JAKARTA, now, today
from terpadu.kernel.ui.fields import WordsField
from terpadu_wire.properties import Text

OBJECTIONS: dict[str, Promise] = {
    "contract.subject_unknown": gettext_lazy(
        "Who agrees must be known: say where the request names the person."
    ),
    "contract.subject_in_url": gettext_lazy("The address of this operation would name a person."),
    "contract.properties_invalid": gettext_lazy(
        "This is no regular expression, or one that takes too long to check. Write it as in this example: KIA-[0-9-]+"
    ),
    "contract.other_interface_version": gettext_lazy(
        "The interface has changed meanwhile. Load the page again."
    ),
    "purpose.not_active": gettext_lazy("The purpose is not active any more."),
    "purpose.expired": gettext_lazy("The purpose ends before this day."),
}
"""What may be against a proposal, in words, with its code; other reasons are shown by their code alone."""
PLACES = {"contract.properties_invalid": "pattern", "purpose.expired": "until"}
"""The field that a reason is about, where it is about one."""
LIKELY = ("/nik", "/nik_anak", "/nikWajibBayar")


class DataChoice(forms.MultipleChoiceField):
    """Data of one operation: an agreement needs some of any of its operations, so none of them is called optional."""

    says_optional = False


class MadeChoice(forms.ChoiceField):
    """A choice that has "none" among its answers, so that it is never left open."""

    says_optional = False


class ProposalForm(forms.Form):
    """An agreement in the words of its agency. offer: what can be agreed on."""

    caller = forms.ChoiceField(
        label=gettext_lazy("Whose gateway calls"),
        help_text=gettext_lazy("An agency without a program of its own reads through the platform."),
    )
    needs_case = forms.BooleanField(
        label=gettext_lazy("Every call names a case"), required=False, initial=True
    )
    pattern = WordsField(
        label=gettext_lazy("Form of the case reference"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("A regular expression such as KIA-[0-9-]+. Empty: any reference."),
    )
    per_day = forms.IntegerField(label=gettext_lazy("Calls a day at most"), min_value=1, max_value=10_000_000)
    rps = forms.IntegerField(
        label=gettext_lazy("Calls a second at most"), min_value=1, max_value=10_000, initial=5
    )
    since = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, data: Any = None, *, offer: Offer) -> None:
        self._offer = offer
        self._last = utc_of(offer.purpose.content.not_after).astimezone(JAKARTA).date()
        super().__init__(data=data, initial=self._initial())
        caller = self.fields["caller"]
        if isinstance(caller, forms.ChoiceField):
            caller.choices = [(one.code, name_of(one)) for one in offer.callers]
        self.fields["until"].help_text = _("At most as long as the purpose.")
        for place, one in enumerate(offer.operations):
            self._add(place, one)

    def operations(self) -> Iterator[dict[str, object]]:
        """Yield each operation with its fields, and the fields of its words in pairs."""
        for place, one in enumerate(self._offer.operations):
            yield {
                "operation": one.operation,
                "items": self[f"items_{place}"],
                "subject": self[f"subject_{place}"],
                "match": self[f"match_{place}"],
                "words": [self._words(place, number) for number in range(len(one.items))],
                "query": one.query,
                "has_wrong_words": self._has_wrong_words(place),
                "is_open": self._is_open(place),
            }

    def object_to(self, reason: str, *, otherwise: Promise | str) -> None:
        """Say at its field what is against the proposal. reason: its code. otherwise: words where the code has none."""
        self.add_error(PLACES.get(reason), f"{OBJECTIONS.get(reason, otherwise)} ({reason})")

    def _has_wrong_words(self, place: int) -> bool:
        return any(name in self.errors for name in self.fields if name.startswith(f"words_{place}_"))

    def _is_open(self, place: int) -> bool:
        """Tell whether an operation is shown with all its data: the only one, or one of which something was chosen."""
        names = (f"items_{place}", f"subject_{place}", f"match_{place}")
        is_wrong = any(self[name].errors for name in names) or self._has_wrong_words(place)
        return len(self._offer.operations) == 1 or bool(self[names[0]].value()) or is_wrong

    def common(self) -> list[BoundField]:
        """Return the fields that are for the agreement as a whole."""
        return [self[name] for name in self.base_fields]

    def clean(self) -> dict[str, Any]:
        """Refuse a proposal without data, and dates in no order or beyond the purpose."""
        given: dict[str, Any] = super().clean() or {}
        if not any(given.get(f"items_{place}") for place in range(len(self._offer.operations))):
            only = "items_0" if len(self._offer.operations) == 1 else None
            self.add_error(only, _("Choose at least one piece of data."))
        since, until = given.get("since"), given.get("until")
        if since and until and not today() <= since < until:
            self.add_error("until", _("The last day comes after the first one, which is not past."))
        elif until and until > self._last:
            self.add_error("until", str(OBJECTIONS["purpose.expired"]))
        return given

    def terms(self) -> AgreementTerms:
        """Return what was filled in, in the form of the service."""
        given = self.cleaned_data
        last = utc_of(self._offer.purpose.content.not_after)
        return AgreementTerms(
            operations=tuple(self._operation_terms()),
            caller=given["caller"],
            per_day=given["per_day"],
            rps=given["rps"],
            not_before=max(datetime.combine(given["since"], time.min, JAKARTA), now()),
            not_after=min(datetime.combine(given["until"], time.max, JAKARTA), last),
            evidence=given["pattern"].strip() if given["needs_case"] else None,
        )

    def _initial(self) -> dict[str, Any]:
        content = self._offer.purpose.content
        until = min(today() + timedelta(days=730), self._last)
        return {"per_day": content.expected_calls, "since": today(), "until": until}

    def _add(self, place: int, one: OfferedOperation) -> None:
        self.fields[f"items_{place}"] = DataChoice(
            label=_("Data that the answer may hold"),
            required=False,
            choices=[(pointer, _label(text, pointer)) for pointer, text in one.items],
            widget=forms.CheckboxSelectMultiple,
        )
        asks = [(pointer, pointer) for pointer in one.asks]
        nobody = [] if asks and self._is_by_consent() else [("", _("It is about nobody"))]
        likely = next((pointer for pointer in LIKELY if pointer in one.asks), "")
        self.fields[f"subject_{place}"] = MadeChoice(
            label=_("Where the request names the person"),
            required=False,
            choices=[*nobody, *asks],
            initial=likely,
        )
        self.fields[f"match_{place}"] = MadeChoice(
            label=_("Where the answer must repeat them"),
            required=False,
            choices=[("", _("Nowhere")), *((pointer, pointer) for pointer, _text in one.items)],
        )
        for number, (_pointer, text) in enumerate(one.items):
            for lang, words in (("id", text.id), ("en", text.en)):
                self.fields[f"words_{place}_{number}_{lang}"] = WordsField(
                    label=_("In Indonesian") if lang == "id" else _("In English"),
                    max_length=100,
                    initial=words,
                    required=False,
                )

    def _is_by_consent(self) -> bool:
        return self._offer.purpose.content.legal_basis.kind == "consent"

    def _words(self, place: int, number: int) -> tuple[str, BoundField, BoundField]:
        pointer, _text = self._offer.operations[place].items[number]
        return pointer, self[f"words_{place}_{number}_id"], self[f"words_{place}_{number}_en"]

    def _operation_terms(self) -> Iterator[OperationTerms]:
        """Yield what was chosen of each operation of which anything was."""
        given = self.cleaned_data
        for place, one in enumerate(self._offer.operations):
            chosen = set(given[f"items_{place}"])
            items = {
                pointer: self._text(place, number, text)
                for number, (pointer, text) in enumerate(one.items)
                if pointer in chosen
            }
            if items:
                subject, match = given[f"subject_{place}"], given[f"match_{place}"]
                yield OperationTerms(one.operation, items, subject, match if subject else "", one.query)

    def _text(self, place: int, number: int, otherwise: Text) -> Text:
        """Return the words of a piece of data as they were changed; what was emptied stays as it was."""
        given = self.cleaned_data
        text_id, text_en = (given[f"words_{place}_{number}_{lang}"].strip() for lang in ("id", "en"))
        return Text(text_id or otherwise.id, text_en or otherwise.en)


def _label(text: Text, pointer: str) -> SafeString:
    """Return what a piece of data is called, and below it where it stands in the answer."""
    return format_html('{}<span class="hint num">{}</span>', text_of(text), pointer)
