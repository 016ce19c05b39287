"""Families of every kind: each function makes the households of people who belong together."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from demo.population.dice import Dice, Weighted
from demo.population.homes import Home, new_home
from demo.population.names import new_name
from demo.population.numbers import NumberBook
from demo.population.people import Parents, adult, child, drawn_religion
from demo.population.records import AS_OF, Household, Person, Sex, UnregisteredChild, age_on, anniversary

_OLDEST = date(1930, 1, 1)
_CHILDREN = Weighted(((0, 0.10), (1, 0.26), (2, 0.38), (3, 0.19), (4, 0.07)))
_TWINS = 0.012
_GROWN = 25


@dataclass(frozen=True, slots=True)
class World:
    """What every family is made with: chance, and the book of numbers."""

    dice: Dice
    book: NumberBook


@dataclass(frozen=True, slots=True)
class Couple:
    """Two married people on one card, and the home they share."""

    husband: Person
    wife: Person
    wed: date
    home: Home


def nuclear(world: World) -> list[Household]:
    """Make a couple with their children, if any."""
    couple = _couple(world, born=(date(1958, 1, 1), date(2005, 1, 1)))
    return [_household(couple.home, couple.husband, couple.wife, *_children(world, couple))]


def widowed(world: World) -> list[Household]:
    """Make a parent whose spouse has died and stays on record, with the children."""
    couple = _couple(world, born=(date(1955, 1, 1), date(1996, 1, 1)))
    children = _children(world, couple)
    since = max([couple.wed, *(born.birth_on for born in children)])
    late, left = (couple.wife, couple.husband) if world.dice.chance(0.35) else (couple.husband, couple.wife)
    head = replace(left, relation="Kepala Keluarga", marital_status="Cerai Mati")
    return [_household(couple.home, head, *children, deceased=(_death(world, late, since=since),))]


def divorced(world: World) -> list[Household]:
    """Make a mother with the children on one card and their father on another."""
    couple = _couple(world, born=(date(1970, 1, 1), date(2002, 1, 1)))
    children = _children(world, couple)
    apart = new_home(world.dice, world.book, since=couple.wed)
    mother = replace(couple.wife, relation="Kepala Keluarga", marital_status="Cerai Hidup")
    father = replace(couple.husband, kk=apart.kk, marital_status="Cerai Hidup")
    return [_household(couple.home, mother, *children), _household(apart, father)]


def mother_alone(world: World) -> list[Household]:
    """Make an unmarried mother with children whose deeds name no father."""
    dice = world.dice
    home = new_home(dice, world.book, since=date(2010, 1, 1))
    birth_on = dice.day(date(1980, 1, 1), date(2004, 1, 1))
    mother = adult(
        dice,
        world.book,
        sex="P",
        birth_on=birth_on,
        kk=home.kk,
        relation="Kepala Keluarga",
        religion=drawn_religion(dice),
    )
    parents = Parents(mother, None)
    first = dice.day(anniversary(birth_on, 19), min(anniversary(birth_on, 30), AS_OF))
    return [_household(home, mother, *_born(world, parents, home, first=first, most=dice.between(1, 2)))]


def old_couple(world: World) -> list[Household]:
    """Make two old people whose children have left, or the one who is left of them."""
    couple = _couple(world, born=(date(1938, 1, 1), date(1964, 1, 1)))
    if world.dice.chance(0.45):
        return [_household(couple.home, couple.husband, couple.wife)]
    late, left = (couple.husband, couple.wife) if world.dice.chance(0.7) else (couple.wife, couple.husband)
    head = replace(left, relation="Kepala Keluarga", marital_status="Cerai Mati")
    since = max(couple.wed, date(1995, 1, 1))
    return [_household(couple.home, head, deceased=(_death(world, late, since=since),))]


def alone(world: World) -> list[Household]:
    """Make one grown-up on a card of their own."""
    dice = world.dice
    home = new_home(dice, world.book, since=date(2010, 1, 1))
    person = adult(
        dice,
        world.book,
        sex="L" if dice.chance(0.55) else "P",
        birth_on=dice.day(date(1965, 1, 1), date(2005, 1, 1)),
        kk=home.kk,
        relation="Kepala Keluarga",
        religion=drawn_religion(dice),
    )
    return [_household(home, person)]


def three_generations(world: World) -> list[Household]:
    """Make a couple with children and the wife's widowed mother."""
    couple = _couple(world, born=(date(1962, 1, 1), date(2002, 1, 1)))
    grandmother = _grandmother(world, couple.wife, kk=couple.home.kk, relation="Mertua")
    wife = replace(couple.wife, mother_nik=grandmother.nik, mother_name=grandmother.name)
    return [_household(couple.home, couple.husband, wife, *_children(world, couple), grandmother)]


def split(world: World) -> list[Household]:
    """Make parents who work elsewhere, and the grandmother on whose card their children stand."""
    couple = _couple(world, born=(date(1975, 1, 1), date(2002, 1, 1)))
    apart = new_home(world.dice, world.book, since=couple.wed)
    grandmother = _grandmother(world, couple.wife, kk=apart.kk, relation="Kepala Keluarga")
    wife = replace(couple.wife, mother_nik=grandmother.nik, mother_name=grandmother.name)
    children = (replace(born, kk=apart.kk, relation="Cucu") for born in _children(world, couple))
    return [_household(couple.home, couple.husband, wife), _household(apart, grandmother, *children)]


def orphans(world: World) -> list[Household]:
    """Make children whose parents died, with the guardian on whose card they stand now."""
    lost = _couple(world, born=(date(1978, 1, 1), date(1996, 1, 1)))
    children = [born for born in _children(world, lost) if age_on(born.birth_on) < 18]
    since = max([lost.wed, *(born.birth_on for born in children)])
    late = tuple(_death(world, person, since=since) for person in (lost.husband, lost.wife))
    family = _couple(world, born=(date(1970, 1, 1), date(1994, 1, 1)))
    wards = (
        replace(born, kk=family.home.kk, relation="Famili Lain", guardian_nik=family.husband.nik)
        for born in children
    )
    return [
        _household(lost.home, deceased=late),
        _household(family.home, family.husband, family.wife, *wards),
    ]


def unregistered_baby(world: World) -> list[Household]:
    """Make a couple whose first child is not in the registry yet."""
    couple = _couple(world, born=(date(1994, 1, 1), date(2003, 1, 1)))
    sex: Sex = "L" if world.dice.chance(0.5) else "P"
    born = world.dice.day(max(couple.wed + timedelta(days=1), date(2026, 8, 1)), AS_OF)
    name = new_name(world.dice, sex=sex, birth_on=born)
    baby = UnregisteredChild(name, sex, born, couple.wife.nik)
    return [replace(_household(couple.home, couple.husband, couple.wife), unregistered=(baby,))]


KINDS: Weighted[Callable[[World], list[Household]]] = Weighted(
    (
        (nuclear, 0.58),
        (widowed, 0.06),
        (divorced, 0.05),
        (mother_alone, 0.02),
        (old_couple, 0.07),
        (alone, 0.09),
        (three_generations, 0.07),
        (split, 0.03),
        (orphans, 0.01),
        (unregistered_baby, 0.02),
    )
)
"""The kinds of family with their share (assumed, not measured)."""


def _couple(world: World, *, born: tuple[date, date]) -> Couple:
    dice, book = world.dice, world.book
    wife_birth = dice.day(*born)
    wed = dice.day(anniversary(wife_birth, 19), min(anniversary(wife_birth, 31), AS_OF))
    husband_birth = wife_birth - timedelta(days=dice.between(-3 * 365, 9 * 365))
    husband_birth = max(min(husband_birth, anniversary(wed, -19)), _OLDEST)
    home, religion = new_home(dice, book, since=wed), drawn_religion(dice)

    def spouse(sex: Sex, birth_on: date, relation: str) -> Person:
        person = adult(
            dice, book, sex=sex, birth_on=birth_on, kk=home.kk, relation=relation, religion=religion
        )
        return replace(person, marital_status="Kawin", married_on=wed)

    return Couple(spouse("L", husband_birth, "Kepala Keluarga"), spouse("P", wife_birth, "Istri"), wed, home)


def _children(world: World, couple: Couple) -> list[Person]:
    parents = Parents(couple.wife, couple.husband)
    first = couple.wed + timedelta(days=world.dice.between(280, 1500))
    return _born(world, parents, couple.home, first=first, most=world.dice.draw(_CHILDREN))


def _born(world: World, parents: Parents, home: Home, *, first: date, most: int) -> list[Person]:
    """Return up to `most` births from `first` on, twins counted once; the grown ones have left home."""
    dice, last = world.dice, min(anniversary(parents.mother.birth_on, 43), AS_OF)
    children: list[Person] = []
    day, order = first, 1
    for _ in range(most):
        if day > last:
            break
        births = 2 if dice.chance(_TWINS) else 1
        if age_on(day) <= _GROWN:
            children += [_birth(world, parents, home, day, order + twin) for twin in range(births)]
        order += births
        day += timedelta(days=dice.between(400, 2200))
    return children


def _birth(world: World, parents: Parents, home: Home, day: date, order: int) -> Person:
    sex: Sex = "L" if world.dice.chance(0.512) else "P"
    district = home.district_on(day)
    return child(world.dice, world.book, parents, sex=sex, birth_on=day, order=order, district=district)


def _grandmother(world: World, daughter: Person, *, kk: str, relation: str) -> Person:
    youngest = anniversary(daughter.birth_on, -19)
    person = adult(
        world.dice,
        world.book,
        sex="P",
        birth_on=max(_OLDEST, world.dice.day(anniversary(daughter.birth_on, -32), youngest)),
        kk=kk,
        relation=relation,
        religion=daughter.religion,
    )
    return replace(person, marital_status="Cerai Mati", occupation="Mengurus Rumah Tangga")


def _death(world: World, person: Person, *, since: date) -> Person:
    died = world.dice.day(since, AS_OF)
    reported = min(died + timedelta(days=world.dice.between(1, 30)), AS_OF)
    return replace(person, died_on=died, death_deed=world.book.deed("KM", "36.71", on=reported))


def _household(home: Home, *members: Person, deceased: tuple[Person, ...] = ()) -> Household:
    return Household(
        kk=home.kk,
        issued_on=home.issued_on,
        address=home.address,
        members=members,
        deceased=deceased,
        move=home.move,
    )
