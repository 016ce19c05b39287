"""Pure rules: what a NIK, a name, a password and a network are. No database, clock or settings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address, ip_network
from typing import Any

from terpadu.identity.enums import NikFault, PasswordFault, Sex

PASSWORD_MIN = 8  # beside a second factor: NIST SP 800-63B-4, 3.1.1
PASSWORD_MIN_ALONE = 15  # without one: the same section
PASSWORD_MAX = 128
NAME_MAX = 60  # Permendagri 73/2022, art. 4

_NIK_NOISE = re.compile(r"[\s.\-]")
_NOT_LETTERS = re.compile(r"[^\w\s]|\d|_")
APOSTROPHES = frozenset("'`´’‘ʼ")  # Ma'ruf is Maruf

TITLES = frozenset(
    {"dr", "drg", "drh", "prof", "ir", "drs", "dra", "h", "hj", "kh", "ust", "bapak", "ibu", "bpk", "sdr"}
)
"""Titles and forms of address that stand before a name; nobody is told apart by them."""

_COMMON = (
    "password password1 passw0rd password123 12345678 123456789 1234567890 11111111 00000000 88888888 87654321 "
    "qwertyui qwerty123 qwertyuiop asdfghjkl zxcvbnm1 iloveyou sayangku sayang123 indonesia indonesia1 indonesia123 "
    "jakarta1 jakarta123 bismillah bismillah1 bismillah123 alhamdulillah rahasia1 rahasia123 katasandi katasandi1 "
    "merdeka45 merdeka1945 garuda123 pancasila admin123 administrator terpadu1 terpadu123 abcd1234 abcdefgh 1q2w3e4r "
    "q1w2e3r4 1qaz2wsx letmein1 welcome1 sunshine football superman persib1933 persija1928 doraemon semangat "
    "cintaku1 selamatdatang masukaja tangerang tangerang1 123123123 121212121 asdasdasd qweqweqwe 12341234"
)
COMMON_PASSWORDS = frozenset(_COMMON.split())
"""Passwords that leaked lists show often, with Indonesian favourites; a small list by intention (assumed)."""


@dataclass(frozen=True)
class NikFacts:
    """A well-formed NIK. number: 16 digits. sex and birth_on as the number encodes them (the century is a guess)."""

    number: str
    sex: Sex
    birth_on: date


def clean_nik(typed: str) -> str:
    """Strip spaces, dots and hyphens that people type between the digits."""
    return _NIK_NOISE.sub("", unicodedata.normalize("NFKC", typed))


def find_nik_fault(typed: str, *, today: date) -> NikFault | None:
    """Say which part of a NIK is wrong, or None when it is well formed. The structure proves no registration."""
    parsed = _parsed(typed, today=today)
    return NikFault(parsed.errors[0].code) if parsed.errors else None


def read_nik(typed: str, *, today: date) -> NikFacts:
    """Read a NIK. Raises ValueError, without the number in its text, when it is not well formed."""
    parsed = _parsed(typed, today=today)
    if parsed.errors or parsed.birth_date is None or parsed.gender is None or parsed.nik is None:
        raise ValueError("not a NIK")
    return NikFacts(parsed.nik, Sex(parsed.gender), date.fromisoformat(parsed.birth_date))


def _parsed(typed: str, *, today: date) -> Any:
    from lokal import parse_nik  # here, not above: it takes 0.4 s

    return parse_nik(clean_nik(typed), reference_date=today)


def tidy_name(typed: str) -> str:
    """Collapse spaces of a name as typed; case and titles stay."""
    return " ".join(unicodedata.normalize("NFC", typed).split())


def name_words(name: str) -> tuple[str, ...]:
    """Reduce a name to the words by which it is compared: no case, accents, punctuation, titles or degrees.

    Degrees stand after a comma ("Budi Santoso, S.T., M.T."), titles before the name ("Dr. Budi Santoso"). The last
    word always stays, since "Ir" may be somebody's only name.
    """
    flat = unicodedata.normalize("NFKD", name.partition(",")[0].casefold())
    flat = "".join(mark for mark in flat if not unicodedata.combining(mark) and mark not in APOSTROPHES)
    words = _NOT_LETTERS.sub(" ", flat).split()
    while len(words) > 1 and words[0] in TITLES:
        words.pop(0)
    return tuple(words)


def names_match(one: str, other: str) -> bool:
    """Tell whether two spellings are the same name: same words in the same order. One-word names are normal."""
    return bool(name_words(one)) and name_words(one) == name_words(other)


def find_password_fault(password: str, *, nik: str, name: str, birth_on: date) -> PasswordFault | None:
    """Say why a password cannot be used, or None. Composition is no reason (NIST SP 800-63B-4, 3.1.1)."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < PASSWORD_MIN:
        return PasswordFault.SHORT
    if len(plain) > PASSWORD_MAX:
        return PasswordFault.LONG
    squeezed = "".join(plain.casefold().split())
    if squeezed in COMMON_PASSWORDS or len(set(squeezed)) < 4:
        return PasswordFault.COMMON
    dates = {f"{birth_on:%d%m%Y}", f"{birth_on:%Y%m%d}", f"{birth_on:%d%m%y}"}
    digits = "".join(mark for mark in squeezed if mark.isdigit())
    own_names = {"".join(name_words(name)), "".join(tidy_name(name).casefold().split())}
    rest = squeezed.strip("0123456789")
    if nik in squeezed or (digits in dates and len(rest) < PASSWORD_MIN) or rest in own_names:
        return PasswordFault.PERSONAL
    return None


def is_password_enough_alone(password: str) -> bool:
    """Tell whether a password may be the only sign-in method."""
    return len(unicodedata.normalize("NFKC", password)) >= PASSWORD_MIN_ALONE


def network_of(address: str) -> str:
    """Return the network by which tries are counted: an IPv4 address itself, the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{parsed}/64", strict=False))


def device_of(user_agent: str) -> str:
    """Describe a device in two words, such as "Chrome, Android": enough to recognise one's own, no fingerprint."""
    browsers = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("UCBrowser", "UC Browser"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    )
    found = [next((name for mark, name in table if mark in user_agent), "") for table in (browsers, systems)]
    return ", ".join(word for word in found if word)
