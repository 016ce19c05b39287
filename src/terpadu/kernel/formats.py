"""How dates, times, numbers and money are written, in Indonesian and English."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import get_language

from terpadu.kernel.clock import JAKARTA

MONTHS = {
    "id": [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
DAYS = {
    "id": ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}


def language() -> str:
    """Return the language in force: "id" or "en"."""
    return "en" if (get_language() or "id").startswith("en") else "id"


def format_date(day: date, *, weekday: bool = False, lang: str | None = None) -> str:
    """Write a day as "21 November 2026", with `weekday` as "Sabtu, 21 November 2026"."""
    lang = lang or language()
    text = f"{day.day} {MONTHS[lang][day.month - 1]} {day.year}"
    return f"{DAYS[lang][day.weekday()]}, {text}" if weekday else text


def format_moment(at: datetime, *, lang: str | None = None) -> str:
    """Write a moment in Jakarta time as "21 November 2026 pukul 14.30 WIB"; English "21 November 2026, 14.30 WIB"."""
    lang = lang or language()
    local = at.astimezone(JAKARTA)
    joint = ", " if lang == "en" else " pukul "
    return f"{format_date(local.date(), lang=lang)}{joint}{local:%H.%M} WIB"


def format_number(value: int | float | Decimal, *, decimals: int = 0, lang: str | None = None) -> str:
    """Write a number with its language's separators: "1.234.567,89" or "1,234,567.89"."""
    text = f"{value:,.{decimals}f}"
    if (lang or language()) == "en":
        return text
    return text.translate(str.maketrans(",.", ".,"))


def format_rupiah(amount: int) -> str:
    """Write whole rupiah as "Rp1.500.000", the official spelling without a space, in both languages."""
    from lokal import format_rupiah as lokal_rupiah  # here, not above: it takes 0.4 s

    return str(lokal_rupiah(amount))
