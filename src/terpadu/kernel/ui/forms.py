"""How every form is drawn: label, hint, error, field, in this order."""

from __future__ import annotations

from pathlib import Path

import django.forms
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as Engine
from django.utils.functional import cached_property

OURS = Path(__file__).resolve().parents[1] / "templates"
DJANGOS = Path(django.forms.__file__).resolve().parent / "templates"


class UiRenderer(DjangoTemplates):
    """Draw forms, fields and widgets with the kernel's templates first and Django's own after them."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    @cached_property
    def engine(self) -> Engine:
        """The engine that finds the templates, `{% load ui %}` included."""
        return Engine({"NAME": "ui-forms", "APP_DIRS": True, "DIRS": [OURS, DJANGOS], "OPTIONS": {}})
