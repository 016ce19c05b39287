"""A made-up population of Kota Tangerang (36.71): coherent families, the same in every run of a seed.

`persona("siti")` gives one of the people of the story without any file; `country.households()` streams
the whole population; `python -m demo.population` writes it down.
"""

from demo.population.personas import Persona, persona, personas

__all__ = ["Persona", "persona", "personas"]
