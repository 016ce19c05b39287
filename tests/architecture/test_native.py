"""What the native build translates keeps clear of what mypyc gets wrong without a word."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _modules() -> Iterator[Path]:
    """Yield the source of every module that is translated, as setup.py says."""
    for statement in ast.parse((ROOT / "setup.py").read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "NATIVE":
            for package, names in ast.literal_eval(statement.value).items():
                yield from (ROOT / "src" / package / f"{name}.py" for name in names.split())


@pytest.mark.parametrize("module", list(_modules()), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_native_module_has_no_slice_whose_bounds_do_something(module: Path) -> None:
    bounds = [
        part
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Slice)
        for part in ast.walk(node)
        if isinstance(part, ast.Call | ast.Await | ast.NamedExpr)
    ]

    # They are evaluated twice.
    assert [text for text in map(ast.unparse, bounds) if not text.startswith("len(")] == []
