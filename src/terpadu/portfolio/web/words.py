"""How values are written on pages, in the language in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import pgettext

from terpadu.kernel.formats import format_date, format_number, format_rupiah, language
from terpadu.portfolio.enums import CHOICES
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.rules.fields import FIELDS, Kind, Value

STATE_TAGS = {"planned": "info", "building": "wait", "live": "ok", "retiring": "late", "ended": "info"}
MILLION, BILLION, TRILLION = 10**6, 10**9, 10**12


def said(name: str, value: Value) -> str:
    """Write the value of a field as people read it; "" when it says nothing."""
    if value is None or value in ("", ()):
        return ""
    if name in CHOICES:
        parts = value if isinstance(value, tuple) else (value,)
        return ", ".join(str(CHOICES[name](str(part)).label) for part in parts)
    kind = FIELDS[name].kind
    if kind in (Kind.CODES, Kind.CODE):
        return code_words(value if isinstance(value, tuple) else (str(value),))
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, int):
        return format_rupiah(value) if kind is Kind.MONEY else format_number(value)
    return ", ".join(value) if isinstance(value, tuple) else value


def code_words(codes: Iterable[str]) -> str:
    """Write reference codes with their names."""
    return ", ".join(f"{code} {reference_architecture().name(code)}" for code in codes)


def short_rupiah(rupiah: float) -> str:
    """Write an amount briefly: "1,2 T", "340 M", "25 jt"; in English "1.2 tn", "340 bn", "25 mn"."""
    units = ("tn", "bn", "mn") if language() == "en" else ("T", "M", "jt")
    for size, unit in zip((TRILLION, BILLION, MILLION), units, strict=True):
        if rupiah >= size:
            number = rupiah / size
            return f"{format_number(number, decimals=1 if number < 100 else 0)} {unit}"
    return format_number(rupiah)


def short_number(number: float) -> str:
    """Write a count briefly, for labels over columns."""
    if number < 10_000:
        return format_number(number)
    return pgettext("thousands", "%(number)s k") % {"number": format_number(number / 1000, decimals=1)}


def list_name(one: Any) -> str:
    """Return the name of a reference list in the language in force."""
    return str(one.name_en if language() == "en" else one.name_id)
