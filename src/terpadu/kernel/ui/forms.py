"""How every form is drawn: label, hint, error, field, in this order."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class UiRenderer(TemplatesSetting):
    """Draw forms and fields with the templates of `ui/forms`."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
