"""The population as files: one household per line, and the people of the story.

`keluarga.jsonl` holds the whole country, `tokoh.json` the personas by key. The same size and seed give
the same bytes.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

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
    with (folder / HOUSEHOLDS).open("w", encoding="utf-8") as file:
        for household in households:
            file.write(_json(asdict(household)) + "\n")
            persons += len(household.everyone())
    story = {key: asdict(person) for key, person in personas().items()}
    (folder / PERSONAS).write_text(_json(story) + "\n", encoding="utf-8")
    return persons


def read_population(folder: Path) -> Iterator[Household]:
    """Yield the households of files written before.

    Raises:
        FileNotFoundError: the folder holds no population.
        pydantic.ValidationError: a line is no household.
    """
    with (folder / HOUSEHOLDS).open(encoding="utf-8") as file:
        for line in file:
            yield _HOUSEHOLD.validate_json(line)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=date.isoformat)
