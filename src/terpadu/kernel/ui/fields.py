"""Form fields for what people write about themselves and others."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from terpadu.kernel.unseen import without_unseen

NAME = r"[A-Za-z]+( [A-Za-z]+)*"


class WordsField(forms.CharField):  # noqa: TID251 - this is the field that all others are made of
    """Words, without unseen marks that turn or hide letters: others read what was written.

    The field for every text that people write; the linter refuses Django's own but for secrets and the like.
    """

    def to_python(self, value: Any) -> str:
        """Return the words without those marks and without spaces around them."""
        return super().to_python(without_unseen(str(value)) if value else value) or ""


class NewNameField(WordsField):
    """A name to be registered: Latin letters, no digits and no signs (Permendagri 73/2022 art. 4 and 5; wording assumed).

    One word is accepted, since such names are registered; the office advises.
    """

    default_error_messages = {
        "letters": _("Write the name in letters from A to Z only, without digits, dots or other signs.")
    }

    def clean(self, value: Any) -> str:
        """Return the name with single spaces. Raises ValidationError when it holds anything but letters."""
        name = " ".join(str(super().clean(value)).split())
        if name and not re.fullmatch(NAME, name):
            raise forms.ValidationError(self.error_messages["letters"], code="letters")
        return name
