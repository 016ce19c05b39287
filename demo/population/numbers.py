"""Numbers of people and papers: NIK, family card, deeds, telephone, each given out once.

Formats: `reference/indonesia.md` 2.1 (NIK), 2.2 (KK). The form of a deed number is assumed
(`3671-LU-04032022-0012`). The numbers are well-formed, so some real person may hold the same one by
chance; nothing here was taken from anybody.
"""

from array import array
from datetime import date

from demo.population.records import Sex

_DAYS = 100 * 12 * 31
_SERIALS = 9999
_MOBILE_PREFIXES = ("812", "813", "821", "822", "852", "853", "856", "857", "858", "877", "878", "895", "896")


class NumbersExhaustedError(RuntimeError):
    """Raise when a region has no serial left for one day."""


class NumberBook:
    """The book in which the registry notes which serials are used.

    Serials are counted in arrays whose length depends on regions and days, not on people, so memory
    does not grow with the population.
    """

    def __init__(self, districts: tuple[str, ...]) -> None:
        """Open an empty book for `districts` (codes `PP.KK.CC`)."""
        self._district = {code.replace(".", ""): index for index, code in enumerate(districts)}
        self._nik = _counters(len(districts) * 2 * _DAYS)
        self._kk = _counters(len(districts) * _DAYS)
        self._deed: dict[str, array[int]] = {}
        self._phones = 0

    def nik(self, district_code: str, *, birth_on: date, sex: Sex) -> str:
        """Return the next NIK of a district (code `PP.KK.CC`) for a birth date and sex."""
        region = district_code.replace(".", "")
        slot = (self._district[region] * 2 + (sex == "P")) * _DAYS + _day_slot(birth_on)
        return f"{region}{nik_day(birth_on, sex=sex)}{_next(self._nik, slot):04}"

    def kk(self, district_code: str, *, issued_on: date) -> str:
        """Return the next family card number of a district for a day of issue."""
        region = district_code.replace(".", "")
        serial = _next(self._kk, self._district[region] * _DAYS + _day_slot(issued_on))
        return f"{region}{issued_on:%d%m%y}{serial:04}"

    def deed(self, kind: str, regency_code: str, *, on: date) -> str:
        """Return the next deed number: `kind` LU (birth), LT (late birth), KM (death)."""
        office = f"{regency_code.replace('.', '')}-{kind}"
        counters = self._deed.setdefault(office, _counters(_DAYS))
        return f"{office}-{on:%d%m%Y}-{_next(counters, _day_slot(on)):04}"

    def phone(self) -> str:
        """Return the next mobile number (E.164); all lie in blocks starting 00, which hold no subscriber (assumed)."""
        self._phones += 1
        block, number = divmod(self._phones, len(_MOBILE_PREFIXES))
        return f"+62{_MOBILE_PREFIXES[number]}00{block:06}"

    def reserve_nik(self, nik: str) -> None:
        """Note that the serials up to that of `nik` are taken."""
        woman = int(nik[6:8]) > 40
        day = int(nik[6:8]) - 40 * woman
        slot = (self._district[nik[:6]] * 2 + woman) * _DAYS + _slot(day, int(nik[8:10]), int(nik[10:12]))
        self._nik[slot] = max(self._nik[slot], int(nik[12:]))

    def reserve_kk(self, kk: str) -> None:
        """Note that the serials up to that of the family card `kk` are taken."""
        slot = self._district[kk[:6]] * _DAYS + _slot(int(kk[6:8]), int(kk[8:10]), int(kk[10:12]))
        self._kk[slot] = max(self._kk[slot], int(kk[12:]))

    def reserve_deed(self, deed: str) -> None:
        """Note that the serials up to that of the deed number `deed` are taken."""
        region, kind, day, serial = deed.split("-")
        counters = self._deed.setdefault(f"{region}-{kind}", _counters(_DAYS))
        slot = _slot(int(day[:2]), int(day[2:4]), int(day[6:]))
        counters[slot] = max(counters[slot], int(serial))


def nik_day(birth_on: date, *, sex: Sex) -> str:
    """Return the six digits DDMMYY of a NIK, day plus 40 for a woman."""
    return f"{birth_on.day + 40 * (sex == 'P'):02}{birth_on:%m%y}"


def _counters(length: int) -> "array[int]":
    return array("H", bytes(2 * length))


def _day_slot(day: date) -> int:
    return _slot(day.day, day.month, day.year % 100)


def _slot(day: int, month: int, year: int) -> int:
    return (year * 12 + month - 1) * 31 + day - 1


def _next(counters: "array[int]", slot: int) -> int:
    if counters[slot] >= _SERIALS:
        raise NumbersExhaustedError("no serial left for this region and day; choose a smaller population")
    counters[slot] += 1
    return counters[slot]
