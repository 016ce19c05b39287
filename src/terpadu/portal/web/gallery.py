"""Every piece of the look in every state, on one page. Only with the demo: it is for those who build pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from terpadu.kernel.errors import NotFound
from terpadu.kernel.ui.fields import WordsField
from terpadu.kernel.ui.widgets import DayInput, LimitedFileInput

READ_AT = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
LIFE_EVENTS = ("child", "move", "school", "car", "health", "aid", "shop", "flower")


class SampleForm(forms.Form):
    """One field of every kind."""

    name = WordsField(label=gettext_lazy("Full name"), help_text=gettext_lazy("As on the family card."))
    nik = WordsField(
        label=gettext_lazy("NIK"),
        help_text=gettext_lazy("16 digits, on the identity card."),
        min_length=16,
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    born = forms.DateField(
        label=gettext_lazy("Date of birth"),
        help_text=gettext_lazy("For example: 4 3 2022."),
        widget=DayInput(),
    )
    receive = forms.ChoiceField(
        label=gettext_lazy("How do you want to receive the card?"),
        choices=[
            ("digital", gettext_lazy("Digital only")),
            ("office", gettext_lazy("Collect at the district office")),
        ],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What help do you need?"),
        choices=[("sign", gettext_lazy("Sign language")), ("wheelchair", gettext_lazy("Wheelchair access"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    district = forms.ChoiceField(
        label=gettext_lazy("District"),
        choices=[("", gettext_lazy("Choose")), ("1", "Cipondoh"), ("2", "Karawaci")],
    )
    reason = WordsField(label=gettext_lazy("Reason"), widget=forms.Textarea, required=False)
    proof = forms.FileField(
        label=gettext_lazy("Photo of the family card"),
        help_text=gettext_lazy("PDF or JPG, at most 5 MB."),
        widget=LimitedFileInput(accept=".pdf,.jpg"),
    )
    sure = forms.BooleanField(label=gettext_lazy("I declare that these answers are true."))


def gallery(request: HttpRequest) -> HttpResponse:
    """Show the gallery. Raises NotFound without the demo."""
    if not settings.DEMO:
        raise NotFound
    return render(request, "portal/gallery.html", _pieces())


def _pieces() -> dict[str, object]:
    wrong = {"name": "Siti", "nik": "36710", "born_day": "31", "born_month": "2", "born_year": "2022"}
    return {
        "blank": SampleForm(auto_id="blank_%s", initial={"receive": "digital", "born": date(2022, 3, 4)}),
        "wrong": SampleForm(
            wrong, MultiValueDict({"proof": [SimpleUploadedFile("kk.pdf", b"")]}), auto_id="wrong_%s"
        ),
        "notices": [
            Message(constants.INFO, _("Your draft was found again. You can go on where you stopped.")),
            Message(constants.SUCCESS, _("Saved.")),
            Message(
                constants.WARNING, _("The register does not answer. You can go on by declaring the data.")
            ),
            Message(constants.ERROR, _("The file is empty. Choose it again.")),
        ],
        "facts": [
            (_("Name"), "Alya Kirana"),
            (_("Born"), "Tangerang, 4-3-2022"),
            (_("Birth deed"), "3671-LU-11032022-0107"),
            (_("Parent"), ""),
        ],
        "steps": [
            {"state": "done", "title": _("Sent"), "note": "21-11-2026"},
            {"state": "now", "title": _("Checked by an officer"), "note": _("at most 1 working day")},
            {"state": "next", "title": _("Signed and issued"), "note": ""},
        ],
        "read_at": READ_AT,
        "page": Paginator(range(50), 10).page(2),
        "events": LIFE_EVENTS,
        "crumbs": [(_("Start"), "/"), (_("Services"), "/layanan/")],
    }
