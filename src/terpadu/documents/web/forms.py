"""The form that takes a file to check."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from terpadu.kernel.ui.widgets import LimitedFileInput

MAX_BYTES = 10 * 1024 * 1024


class FileForm(forms.Form):
    """One PDF of at most 10 MB; its name and declared type count for nothing."""

    file = forms.FileField(
        label=_("PDF file"),
        help_text=_("The file as you received it, at most 10 MB. We do not keep it."),
        widget=LimitedFileInput(accept=".pdf,application/pdf"),
        error_messages={
            "required": _("Choose a file first."),
            "missing": _("Choose a file first."),
            "invalid": _("The file did not arrive. Choose it again."),
            "empty": _("The file is empty (0 bytes). Choose the file that you received."),
        },
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse a file that is too large."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 10 MB. Our documents are much smaller."), code="size"
            )
        return file
