"""How values and texts are written on pages, in the language in force."""

from __future__ import annotations

from decimal import Decimal

from terpadu.kernel.formats import format_number, language
from terpadu.maturity.rules.instrument import Text


def said(text: Text) -> str:
    """Return a text in the language in force."""
    return text.en if language() == "en" else text.id


def value(number: Decimal | str) -> str:
    """Write a published value with two decimals: "2,95", in English "2.95"."""
    return format_number(float(number), decimals=2)


def signed(number: Decimal) -> str:
    """Write a change with its sign: "+0,12", "-0,05", "0,00"."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{value(abs(number))}"


def province_name(code: str) -> str:
    """Return the name of a province by Kemendagri's code; the code itself when the list has none."""
    from lokal import wilayah  # here, not above: it takes 0.4 s

    return str(wilayah.wilayah_name(code) or code)
