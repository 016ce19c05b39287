"""The dated data that comes with the exchange: law, templates, lists and the descriptions of its addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DATA = Path(__file__).parents[1] / "data"


def read_data(name: str) -> Any:
    """Return what a YAML file of the data folder holds. name: such as "disclosure.yaml"."""
    return YAML(typ="safe").load((DATA / name).read_text("utf-8"))
