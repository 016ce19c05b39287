"""What a cell of somebody's list means: days as they are written here, money as it is spoken, codes, choices, lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from terpadu.portfolio.rules.fields import Field, Kind, Value

BLANKS = frozenset(
    {"", "-", "--", "n/a", "na", "null", "none", "nihil", "tidak ada", "belum ada", "#n/a", "#ref!"}
)
LONGEST_BLANK = 40  # with the spaces around it
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan", "februari february pebruari feb peb", "maret march mar", "april apr", "mei may",
            "juni june jun", "juli july jul", "agustus august agu ags aug agt", "september sept sep",
            "oktober october okt oct", "november nopember nov nop", "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
SCALES = {
    "ribu": 3, "rb": 3, "k": 3, "juta": 6, "jt": 6, "million": 6, "miliar": 9, "milyar": 9, "m": 9, "mlr": 9,
    "billion": 9, "b": 9, "triliun": 12, "trilyun": 12, "t": 12, "trillion": 12,
}  # fmt: skip
"""Powers of ten behind an amount. "M" is miliar here, as in every budget; English lists write "million"."""

LARGEST_COUNT = 2_000_000_000
LARGEST_RUPIAH = 10**15
LONGEST_HOST = 253
FIRST_YEAR, LAST_YEAR = 1980, 2100
EXCEL_FIRST_DAY = date(1899, 12, 30)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_WORDS = re.compile(r"(?:(\d{1,2})[ -]+)?([A-Za-z]+)[ ,.-]+(\d{4})")
_YEAR = re.compile(r"(?:tahun |thn |th\.? )?((?:19|20)\d\d)")
_MONEY = re.compile(r"(?:rp|idr)?[\s.]*([\d.,]+)\s*([a-z]*)[\s.]*(?:,-|rupiah)?", re.IGNORECASE)
_CODE = re.compile(r"(RA[BLDAIK])[\s._-]*((?:\d{1,2}[.\s]*){1,3})", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
_NO_TEXT = re.compile("[\ud800-\udfff]")
_ADDRESS = re.compile(
    r"(?:https?://)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)(:\d+)?(/\S*)?",
    re.IGNORECASE,
)


class Unreadable(Exception):
    """A cell that cannot be read; `code` says why, `values` what the sentence names."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Vocabulary:
    """What words mean. choices: by field the key of each written form. codes: every code of the reference lists."""

    choices: Mapping[str, Mapping[str, str]]
    codes: frozenset[str]


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing: empty, a dash, "nihil", an error of the spreadsheet."""
    return len(text) <= LONGEST_BLANK and text.strip().lower() in BLANKS if text else True


def read_cell(text: str, *, field: Field, words: Vocabulary) -> Value:
    """Return the value of a cell, None or () for a blank one. Raises Unreadable."""
    return field.blank if is_blank(text) else read_said(text, field=field, words=words)


def read_said(text: str, *, field: Field, words: Vocabulary) -> Value:
    """Return the value of a cell that is not blank. Raises Unreadable."""
    text = " ".join(text.split()) if field.kind is not Kind.LONG else text.strip()
    return _READERS[field.kind](text, field, words)


def _text(text: str, field: Field, words: Vocabulary) -> str:
    if (not text.isascii() and _NO_TEXT.search(text)) or "\x00" in text:
        raise Unreadable("text_binary")
    if len(text) > field.longest:
        raise Unreadable("text_long", longest=str(field.longest), length=str(len(text)))
    return text


def _list(text: str, field: Field, words: Vocabulary) -> tuple[str, ...]:
    separator = ";" if ";" in text else "|" if "|" in text else ","
    if separator not in text:
        return (_text(text, field, words),)
    parts = (part.strip() for part in text.split(separator))
    return tuple(dict.fromkeys(_text(part, field, words) for part in parts if not is_blank(part)))


def _choice(text: str, field: Field, words: Vocabulary) -> str:
    forms = words.choices[field.name]
    key = forms.get(plain(text))
    if key is None:
        raise Unreadable("choice_unknown", given=text[:60], field=field.name)
    return key


def _choices(text: str, field: Field, words: Vocabulary) -> tuple[str, ...]:
    parts = [part for part in re.split(r"[;,|/&+]| dan ", text) if not is_blank(part)]
    return tuple(dict.fromkeys(_choice(part.strip(), field, words) for part in parts))


def _codes(text: str, field: Field, words: Vocabulary) -> tuple[str, ...]:
    found = _said_codes(text)
    if not found:
        raise Unreadable("code_form", given=text[:60], example=f"{field.prefix}.01.02")
    for code in found:
        if not code.startswith(field.prefix):
            raise Unreadable("code_elsewhere", given=code, prefix=field.prefix)
        if code not in words.codes:
            raise Unreadable("code_unknown", given=code, prefix=field.prefix)
    return found


@lru_cache(maxsize=4_000)
def _said_codes(text: str) -> tuple[str, ...]:
    """Return the codes that a text names in their common form, each once; a list names the same few again and again."""
    said = (
        ".".join([match[1].upper(), *(f"{int(part):02}" for part in re.findall(r"\d{1,2}", match[2]))])
        for match in _CODE.finditer(text)
    )
    return tuple(dict.fromkeys(said))


def _code(text: str, field: Field, words: Vocabulary) -> str:
    found = _codes(text, field, words)
    if len(found) > 1:
        raise Unreadable("code_many", given=text[:60])
    return found[0]


def _date(text: str, field: Field, words: Vocabulary) -> date:
    found = read_day(text)
    if found is None:
        raise Unreadable("date_form", given=text[:40])
    return found


@lru_cache(maxsize=20_000)
def read_day(text: str) -> date | None:
    """Return the day that a text names; a month alone is its first day, a year alone its first.

    Reads 2024-12-31, 31/12/2024 (day first), 31 Desember 2024, Des 2024, 2024, and a spreadsheet's day number. None
    when it is no day, or one before 1980 or after 2100.
    """
    if match := _YEAR.fullmatch(text.lower()):
        return _day(int(match[1]), 1, 1)
    for pattern, build in ((_ISO, _from_iso), (_DAY_FIRST, _from_day_first), (_WORDS, _from_words)):
        if match := pattern.fullmatch(text):
            return build(match)
    number = text.removesuffix(".0")
    if number.isascii() and number.isdigit() and len(number) == 5:
        return _inside(EXCEL_FIRST_DAY + timedelta(days=int(number)))
    return None


def _from_iso(match: re.Match[str]) -> date | None:
    return _day(int(match[1]), int(match[2]), int(match[3]))


def _from_day_first(match: re.Match[str]) -> date | None:
    year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
    return _day(year, int(match[2]), int(match[1]))


def _from_words(match: re.Match[str]) -> date | None:
    month = MONTHS.get(match[2].lower())
    return _day(int(match[3]), month, int(match[1] or 1)) if month else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return _inside(date(year, month, day))
    except ValueError:
        return None


def _inside(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _count(text: str, field: Field, words: Vocabulary) -> int:
    number = _number(text)
    if number is None or number != number.to_integral_value() or not 0 <= number <= LARGEST_COUNT:
        raise Unreadable("count_form", given=text[:40])
    return int(number)


def _money(text: str, field: Field, words: Vocabulary) -> int:
    return read_rupiah(text)


def read_rupiah(text: str) -> int:
    """Return whole rupiah of an amount as people write it: "Rp1,2 M", "47.135.000", "1.5 juta", "Rp 20.000.000,-".

    Raises Unreadable when it is no amount, is negative or beyond 10^15, or is finer than a rupiah after its scale.
    """
    amount = _number(text)
    if amount is None:
        raise Unreadable("money_form", given=text[:40])
    if not 0 <= amount <= LARGEST_RUPIAH:
        raise Unreadable("money_range", given=text[:40])
    return int(amount.to_integral_value(rounding="ROUND_HALF_UP"))


def _number(text: str) -> Decimal | None:
    match = _MONEY.fullmatch(text.strip())
    scale = SCALES.get(match[2].lower()) if match and match[2] else 0
    if match is None or scale is None:
        return None
    try:
        return Decimal(_plain_digits(match[1].rstrip(",."), scaled=bool(scale))).scaleb(scale)
    except InvalidOperation:
        return None


def _plain_digits(digits: str, *, scaled: bool) -> str:
    """Return digits with "." as decimal mark: the last mark is decimal when it stands alone or differs from the others.

    A single mark before three digits parts thousands ("12.000"), unless a scale follows ("1.250 M" is rare, "1,25 M" common).
    """
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    mark, other = digits[last], "," if digits[last] == "." else "."
    behind = len(digits) - last - 1
    is_thousands = digits.count(mark) > 1 or (
        behind == 3 and other not in digits and not (scaled and mark == ",")
    )
    if is_thousands:
        return digits.replace(mark, "") if _GROUPED.fullmatch(digits) else ""
    return digits[:last].replace(other, "").replace(mark, "") + "." + digits[last + 1 :]


def _address(text: str, field: Field, words: Vocabulary) -> str:
    _text(text, field, words)
    match = _ADDRESS.fullmatch(text)
    if match is None or len(match[1]) > LONGEST_HOST:
        raise Unreadable("address_form", given=text[:60])
    return text if "://" in text else f"https://{text}"


def host_of(address: str) -> str:
    """Return the host of a web address in lower case without "www."; "" when there is none."""
    match = _ADDRESS.fullmatch(address)
    return match[1].lower().removeprefix("www.") if match else ""


def plain(text: str) -> str:
    """Return a text as vocabularies hold it: lower case, only letters and digits, one space between words."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def from_spreadsheet(value: object) -> str:
    """Return a cell of a spreadsheet or a JSON value as the text that a person would have typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(str(value)):f}".replace(".", ",")
    if isinstance(value, list | tuple):
        return "; ".join(from_spreadsheet(part) for part in value)
    return value.isoformat() if isinstance(value, date) else str(value)


_READERS: dict[Kind, Callable[[str, Field, Vocabulary], Value]] = {
    Kind.TEXT: _text,
    Kind.LONG: _text,
    Kind.REFERENCE: _text,
    Kind.LIST: _list,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.CODES: _codes,
    Kind.CODE: _code,
    Kind.DATE: _date,
    Kind.COUNT: _count,
    Kind.MONEY: _money,
    Kind.ADDRESS: _address,
}
