"""Homes: an address with its family card, and the move that led there, if one did."""

from dataclasses import dataclass
from datetime import date, timedelta

from faker.providers.address.id_ID import Provider

from demo.population.dice import Dice, Weighted
from demo.population.numbers import NumberBook
from demo.population.records import AS_OF, Address, Move
from demo.population.regions import city_districts, origin_districts, villages

_STREETS = tuple(
    dict.fromkeys(
        (
            *Provider.streets,
            "Kenanga",
            "Mawar",
            "Anggrek",
            "Dahlia",
            "Flamboyan",
            "Kamboja",
            "Teratai",
            "Bougenville",
        )
    )
)
_FIRST_CARD = date(2008, 1, 1)
_ELSEWHERE = Weighted(origin_districts())
_MOVED = Weighted((("stayed", 0.86), ("in", 0.06), ("within", 0.05), ("out", 0.03)))


@dataclass(frozen=True, slots=True)
class Home:
    """Where a family lives and the number and day of its card."""

    kk: str
    issued_on: date
    address: Address
    move: Move | None

    def district_on(self, day: date) -> str:
        """Return the kecamatan code in which the family lived on that day."""
        if self.move is not None and day < self.move.on:
            return self.move.from_code
        return self.address.village_code[:8]


def new_home(dice: Dice, book: NumberBook, *, since: date) -> Home:
    """Return a home whose card was issued on or after `since`; some families moved in, about or away."""
    issued_on = dice.day(max(since, _FIRST_CARD), AS_OF)
    moved = dice.draw(_MOVED)
    here = dice.pick(city_districts())
    district = dice.draw(_ELSEWHERE) if moved == "out" else here
    move = None
    if moved != "stayed":
        before = {"in": dice.draw(_ELSEWHERE), "within": dice.pick(city_districts()), "out": here}[moved]
        move = Move(issued_on - timedelta(days=dice.between(1, 30)), before, district)
    return Home(book.kk(district, issued_on=issued_on), issued_on, _address(dice, district), move)


def _address(dice: Dice, district: str) -> Address:
    village = dice.pick(villages(district))
    way = "Jl." if dice.chance(0.75) else "Gg."
    return Address(
        street=f"{way} {dice.pick(_STREETS)} No. {dice.between(1, 180)}",
        rt=f"{dice.between(1, 12):03}",
        rw=f"{dice.between(1, 15):03}",
        village_code=village.code,
        postal_code=village.postal_code,
    )
