"""Forms are drawn as label, hint, error, field; a date in three boxes keeps what was typed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

import terpadu
from terpadu.kernel.ui.widgets import DayInput

SOURCES = Path(terpadu.__path__[0])
SUMMARY = '{% include "ui/error_summary.html" %}'


class Sample(forms.Form):
    name = forms.CharField(label="Nama", help_text="Seperti di KTP <b>")
    born = forms.DateField(label="Lahir", widget=DayInput())
    way = forms.ChoiceField(label="Cara", choices=[("a", "Satu"), ("b", "Dua")], widget=forms.RadioSelect)
    note = forms.CharField(label="Catatan", required=False)
    sure = forms.BooleanField(label="Saya yakin")


def positions(html: str, *parts: str) -> list[int]:
    found = [html.find(part) for part in parts]
    assert -1 not in found, [part for part, at in zip(parts, found, strict=True) if at == -1]
    return found


def test_field_is_drawn_as_label_hint_error_field() -> None:
    html = Sample({})["name"].as_field_group()

    order = positions(html, "<label", 'class="hint"', 'class="error"', "<input")
    assert order == sorted(order)


def test_field_hint_and_error_are_tied_to_the_input() -> None:
    html = str(Sample({}))

    described = re.search(r'<input[^>]*name="name"[^>]*aria-describedby="([^"]*)"', html)
    assert described is not None
    assert all(f'id="{part}"' in html for part in described[1].split())
    assert 'aria-invalid="true"' in html


def test_field_hint_is_escaped() -> None:
    assert "KTP &lt;b&gt;" in str(Sample())


def test_choices_are_cards_in_a_fieldset_with_a_legend() -> None:
    html = Sample()["way"].as_field_group()

    order = positions(html, "<fieldset", "<legend>Cara", '<label class="choice"', 'type="radio"')
    assert order == sorted(order)
    assert html.count('class="choice"') == 2


def test_optional_field_says_so_and_nothing_is_disabled() -> None:
    with translation.override("en"):
        html = str(Sample())

    assert html.count("(optional)") == 1
    assert "disabled" not in html


def test_lone_checkbox_is_a_card_with_its_text() -> None:
    html = Sample()["sure"].as_field_group()

    assert re.search(
        r'<label class="choice"><input type="checkbox"[^>]*><span>Saya yakin</span></label>', html
    )


def test_error_summary_links_lead_to_fields_that_exist() -> None:
    form = Sample({"born_day": "31", "born_month": "2", "born_year": "2022"})

    html = render_to_string("ui/error_summary.html", {"form": form}) + str(form)

    targets = re.findall(r'href="#([^"]+)"', html)
    assert len(targets) == 4
    assert all(f'id="{target}"' in html for target in targets)


def test_error_summary_is_plain_and_sets_no_colon_behind_a_question() -> None:
    class Asked(forms.Form):
        words = forms.CharField(label="What happened?")
        place = forms.CharField(label="Place")

    html = render_to_string("ui/error_summary.html", {"form": Asked({})})

    assert "What happened? Belum diisi." in html
    assert "Place: Belum diisi." in html


def test_error_summary_of_a_good_form_is_empty() -> None:
    assert render_to_string("ui/error_summary.html", {"form": Sample()}).strip() == ""


def test_error_of_the_whole_form_stands_once() -> None:
    form = Sample({})
    form.add_error(None, "Keduanya tidak cocok.")

    html = render_to_string("ui/error_summary.html", {"form": form}) + str(form)

    assert html.count("Keduanya tidak cocok.") == 1


def test_every_page_with_a_form_has_the_summary_of_its_errors() -> None:
    drawn = {path: path.read_text() for path in SOURCES.rglob("templates/**/*.html")}
    pages = {path.name for path, text in drawn.items() if "{{ form }}" in text and SUMMARY not in text}

    assert pages == {"check_form.html"}, (
        "a part of two pages: one has the summary, one a form that is always new"
    )


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_day_typed_in_three_boxes_is_that_day(day: date) -> None:
    class Ask(forms.Form):
        born = forms.DateField(widget=DayInput())

    form = Ask({"born_day": f" {day.day}", "born_month": f"{day.month:02}", "born_year": str(day.year)})

    assert form.is_valid()
    assert form.cleaned_data["born"] == day


@pytest.mark.parametrize(
    ("day", "month", "year"), [("31", "2", "2022"), ("", "3", "2022"), ("x", "<b>", "20")]
)
def test_day_that_cannot_be_is_kept_as_typed(day: str, month: str, year: str) -> None:
    form = Sample({"born_day": day, "born_month": month, "born_year": year})

    html = form["born"].as_field_group()

    assert "born" in form.errors
    assert [value for value in re.findall(r'value="([^"]*)"', html)] == [
        day,
        month.replace("<b>", "&lt;b&gt;"),
        year,
    ]


def test_day_left_empty_counts_as_empty() -> None:
    assert DayInput().value_from_datadict({"born_day": " ", "born_year": ""}, Sample().files, "born") == ""


def test_day_shows_the_date_that_is_known() -> None:
    form = Sample(initial={"born": date(2022, 3, 4)})

    assert re.findall(r'value="(\d+)"', form["born"].as_field_group()) == ["4", "3", "2022"]
