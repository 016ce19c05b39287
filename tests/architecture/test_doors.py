"""Another domain is entered by its door only: `public`, `events`, `errors` or `enums`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src" / "terpadu"
DOORS = {"public", "events", "errors", "enums"}
OPEN_TO_ALL = {"kernel"}
KNOWS_EVERYBODY = {"config"}
# A demo seeds its own domain from what the lower demo parts have made.
DEMO_MAY_ENTER = {"demo"}


def domain_modules() -> list[Path]:
    return sorted(path for path in SRC.rglob("*.py") if path.relative_to(SRC).parts[0] not in KNOWS_EVERYBODY)


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_back_door(module: str, *, inside: str, by_demo: bool) -> bool:
    parts = module.split(".")
    if parts[0] != "terpadu" or len(parts) < 3 or parts[1] in OPEN_TO_ALL | {inside}:
        return False
    return parts[2] not in (DOORS | DEMO_MAY_ENTER if by_demo else DOORS)


@pytest.mark.parametrize("path", domain_modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_imports_across_domains_land_on_a_door(path: Path) -> None:
    inside = path.relative_to(SRC).parts[0]

    found = [
        name
        for name in imported_modules(path)
        if is_back_door(name, inside=inside, by_demo=path.stem == "demo" or "demo" in path.parts)
    ]

    assert found == []
