"""The people who decide about the exchange of data, who run it and who supervise it, each living alone."""

from collections.abc import Callable
from datetime import date

from demo.population.cast_clearance import alone, official
from demo.population.records import Address, Household

NIKS = {"sekar": "3671024903900002", "indra": "3671011406870002", "kartika": "3671026104820003"}
"""NIK of everybody here whom the story calls by name."""


def household_sekar() -> Household:
    """Sekar Ayuningtyas (36), of Ditjen Dukcapil, decides who may read the population registry; lives alone."""
    home = Address("Jl. Kemuning No. 14", "002", "003", "36.71.01.1002", "15111")
    person = official(NIKS["sekar"], "Sekar Ayuningtyas", "P", date(1990, 3, 9), "3671010505160008")
    return alone(person, home, issued_on=date(2016, 5, 5), nip="199003092014032005", phone="+6281200900021")


def household_indra() -> Household:
    """Indra Gunawan (39), runs the exchange for the platform; lives alone."""
    home = Address("Jl. Teratai No. 5", "001", "002", "36.71.01.1003", "15119")
    person = official(NIKS["indra"], "Indra Gunawan", "L", date(1987, 6, 14), "3671011108140009")
    return alone(person, home, issued_on=date(2014, 8, 11), nip="198706142010011006", phone="+6281200900022")


def household_kartika() -> Household:
    """Kartika Dewanti (44), data protection supervisor, sees what no person is shown; lives alone."""
    home = Address("Jl. Anyelir No. 21", "003", "001", "36.71.01.1002", "15111")
    person = official(NIKS["kartika"], "Kartika Dewanti", "P", date(1982, 4, 21), "3671011709150010")
    return alone(person, home, issued_on=date(2015, 9, 17), nip="198204212008012007", phone="+6281200900023")


CAST: tuple[Callable[[], Household], ...] = (
    household_sekar,
    household_indra,
    household_kartika,
)
