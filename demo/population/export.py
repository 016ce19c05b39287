"""The population as files: one household per line, and the people of the story.

`keluarga.jsonl` holds the whole country, `tokoh.json` the personas by key. The same size and seed give
the same bytes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from demo.population.personas import personas
from demo.population.records import Household

HOUSEHOLDS = "keluarga.jsonl"
PERSONAS = "tokoh.json"
_HOUSEHOLD = TypeAdapter(Household)


def write_population(households: Iterable[Household], folder: Path) -> int:
    """Write the files into `folder` (made when missing) and return how many persons they hold."""
    folder.mkdir(parents=True, exist_ok=True)
    persons = 0
    with (folder / HOUSEHOLDS).open("wb") as file:
        for household in households:
            file.write(orjson.dumps(household, option=orjson.OPT_APPEND_NEWLINE))
            persons += len(household.everyone())
    story = orjson.dumps(dict(personas()), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    (folder / PERSONAS).write_bytes(story)
    return persons


def read_population(folder: Path) -> Iterator[Household]:
    """Yield the households of files written before.

    Raises:
        FileNotFoundError: the folder holds no population.
        pydantic.ValidationError: a line is no household.
    """
    with (folder / HOUSEHOLDS).open("rb") as file:
        for line in file:
            yield _HOUSEHOLD.validate_json(line)
