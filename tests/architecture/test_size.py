"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 50


def sources(*places: str) -> list[Path]:
    return sorted(p for place in places for p in (ROOT / place).rglob("*.py") if "migrations" not in p.parts)


@pytest.mark.parametrize(
    "path", sources("src", "demo", "bench", "tools"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_source_file_and_its_functions_are_short(path: Path) -> None:
    text = path.read_text()
    functions = [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    too_long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES]

    assert too_long == []
    assert text.count("\n") <= FILE_LINES


@pytest.mark.parametrize("path", sources("tests"), ids=lambda p: str(p.relative_to(ROOT)))
def test_test_file_is_short(path: Path) -> None:
    assert path.read_text().count("\n") <= TEST_FILE_LINES
