"""The whole made-up country, household by household, so that memory does not grow with its size."""

from collections.abc import Iterator

from demo.population.cast import story_households
from demo.population.dice import Dice
from demo.population.families import KINDS, World, alone
from demo.population.numbers import NumberBook
from demo.population.records import Household
from demo.population.regions import city_districts, origin_districts

DEFAULT_SIZE = 5_000
DEFAULT_SEED = 3671


def households(*, size: int = DEFAULT_SIZE, seed: int = DEFAULT_SEED) -> Iterator[Household]:
    """Yield households with exactly `size` persons on record, the dead included.

    The households of the story come first. The same size and seed give the same country; a larger
    size only adds to it, but for the last few households.

    Args:
        size: persons on record.
        seed: any whole number.

    Raises:
        ValueError: `size` is too small for the people of the story.
    """
    world = World(Dice(seed), NumberBook(_districts()))
    left = size
    for household in _story(world.book):
        left -= len(household.everyone())
        if left < 0:
            raise ValueError(f"size must be at least {smallest_size()}, the people of the story")
        yield household
    while left > 0:
        for household in _family(world, most=left):
            left -= len(household.everyone())
            yield household


def smallest_size() -> int:
    """Return how many persons the story alone has."""
    return sum(len(household.everyone()) for household in story_households())


def _family(world: World, *, most: int) -> list[Household]:
    family = world.dice.draw(KINDS)(world)
    return family if sum(len(household.everyone()) for household in family) <= most else alone(world)


def _story(book: NumberBook) -> tuple[Household, ...]:
    story = story_households()
    for household in story:
        book.reserve_kk(household.kk)
        for person in household.everyone():
            book.reserve_nik(person.nik)
            for paper in (person.birth_deed, person.death_deed, person.kia_number):
                if paper is not None:
                    book.reserve_deed(paper)
    return story


def _districts() -> tuple[str, ...]:
    return city_districts() + tuple(code for code, _ in origin_districts())
