"""Our own sentences in both languages at once, where a view must carry both."""

from __future__ import annotations

from django.utils.translation import gettext, override

from terpadu.casework.read_models import Texts


def both(message: str, **values: object) -> Texts:
    """Return a message (marked with gettext_noop) in Indonesian and English, with its values filled in."""
    texts: Texts = {}
    for language in ("id", "en"):
        with override(language):
            text = gettext(message)
            texts[language] = text % values if values else text
    return texts
